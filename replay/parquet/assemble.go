package parquet

import "weir/record"

// appendObject appends the object of a row, or of a group.
func (n *node) appendObject(to []byte) ([]byte, error) {
	to = append(to, '{')
	for i, child := range n.below {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(to, child.name...)
		var err error
		if to, err = child.appendValue(to); err != nil {
			return to, err
		}
	}
	return append(to, '}'), nil
}

// appendValue appends what a row, or an element, has of the node.
func (n *node) appendValue(to []byte) ([]byte, error) {
	if n.repeated { // without a list around it
		return n.appendArray(to, n)
	}
	if n.shape == scalar {
		return n.appendScalar(to)
	}
	if n.optional {
		if there, err := n.there(n.definition); err != nil || !there {
			return append(to, "null"...), err
		}
	}
	switch n.shape {
	case array:
		return n.appendArray(to, n.below[0])
	case mapping:
		return n.appendMapping(to, n.below[0])
	}
	return n.appendObject(to)
}

// there says whether the next value of the node's columns reaches a level of definition. If not, the value is passed over in each of them.
func (n *node) there(definition byte) (bool, error) {
	value, ok, err := n.first.peek()
	if err != nil {
		return false, err
	}
	if !ok {
		n.first.busy = true
		return false, errLevels
	}
	if byte(value.DefinitionLevel()) >= definition {
		return true, nil
	}
	return false, n.pass()
}

// pass passes over a value of every column of the node.
func (n *node) pass() error {
	if n.shape == scalar {
		_, ok, err := n.column.peek()
		if err != nil || !ok {
			n.column.busy = true
			return orLevels(err)
		}
		n.column.read++
		return nil
	}
	for _, child := range n.below {
		if err := child.pass(); err != nil {
			return err
		}
	}
	return nil
}

func orLevels(err error) error {
	if err == nil {
		return errLevels
	}
	return err
}

func (n *node) appendScalar(to []byte) ([]byte, error) {
	value, ok, err := n.column.peek()
	if err != nil || !ok {
		n.column.busy = true
		return to, orLevels(err)
	}
	n.column.read++
	if byte(value.DefinitionLevel()) < n.definition || value.IsNull() {
		return append(to, "null"...), nil
	}
	return n.append(to, value), nil
}

// appendArray appends the elements of a repeated node.
func (n *node) appendArray(to []byte, element *node) ([]byte, error) {
	to = append(to, '[')
	err := element.each(func(i int) (err error) {
		if i > 0 {
			to = append(to, ',')
		}
		to, err = element.appendElement(to)
		return err
	})
	return append(to, ']'), err
}

// each calls do for every element that a repeated node has next.
func (n *node) each(do func(i int) error) error {
	if there, err := n.there(n.definition); err != nil || !there {
		return err
	}
	for i := 0; ; i++ {
		if err := do(i); err != nil {
			return err
		}
		value, ok, err := n.first.peek()
		if err != nil {
			return err
		}
		if !ok || byte(value.RepetitionLevel()) < n.repetition {
			return nil
		}
	}
}

// appendElement appends an element of a repeated node.
func (n *node) appendElement(to []byte) ([]byte, error) {
	switch n.shape {
	case scalar:
		return n.appendScalar(to)
	case array:
		return n.below[0].appendValue(to)
	case mapping:
		return n.appendMapping(to, n.below[0])
	}
	return n.appendObject(to)
}

// appendMapping appends the entries of a map as members, in their order.
func (n *node) appendMapping(to []byte, entry *node) ([]byte, error) {
	to = append(to, '{')
	err := entry.each(func(i int) (err error) {
		if i > 0 {
			to = append(to, ',')
		}
		start := len(to)
		if to, err = entry.below[0].appendValue(to); err != nil {
			return err
		}
		to = asName(to, start)
		to = append(to, ':')
		to, err = entry.below[1].appendValue(to)
		return err
	})
	return append(to, '}'), err
}

// asName makes a value from start on a member's name: what is no string becomes one.
func asName(to []byte, start int) []byte {
	if to[start] == '"' {
		return to
	}
	key := string(to[start:])
	return record.AppendString(to[:start], key)
}
