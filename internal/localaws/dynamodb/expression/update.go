package expression

import (
	"weir/internal/localaws/dynamodb/attribute"
)

// Update is an update expression. Each section stands at most once.
//
//	update  = section { section }
//	section = SET assignment { "," assignment } | REMOVE path { "," path }
//	        | ADD path :value { "," path :value } | DELETE path :value { "," path :value }
//	assignment = path "=" source
//	source  = part [ ( "+" | "-" ) part ]
//	part    = path | :value | if_not_exists "(" source "," source ")" | list_append "(" source "," source ")"
//	        | "(" source ")"
type Update struct {
	assignments []assignment // SET, ADD and DELETE, as their paths' order in lists asks
	removals    []Path       // REMOVE, the last index of a list first
	names       []string
	touched     *Projection
	makesNone   bool // changes an item that is there, and makes none
}

// assignment gives a place a value, or removes it where the source gives nil.
type assignment struct {
	path Path
	from source
}

// Update reads the update expression in a request's parameter; nil where the request does not have it.
func (s *Scope) Update(parameter string, text *string) (*Update, error) {
	p, ok, err := s.parser(parameter, text)
	if !ok {
		return nil, err
	}
	u := &Update{}
	var paths []Path
	seen := map[string]bool{}
	for first := true; first || p.peek().kind != end; first = false {
		paths = append(paths, p.section(u, seen)...)
	}
	p.disjoint(paths)
	if err := p.finish(); err != nil {
		return nil, err
	}
	for _, path := range paths {
		u.names = append(u.names, path.Attribute())
	}
	u.touched = newProjection(paths)
	u.order()
	return u, nil
}

// Names are the attributes that the update gives a value, changes or removes.
func (u *Update) Names() []string {
	if u == nil {
		return nil
	}
	return u.names
}

// Touched takes of an item, as it was or as it is, what the update gives a value, changes or removes.
func (u *Update) Touched(item attribute.Map) attribute.Map {
	if u == nil || item == nil {
		return nil
	}
	return u.touched.Of(item)
}

// MakesNone says that the update changes an item that is there, and makes none where there is none.
func (u *Update) MakesNone() bool { return u != nil && u.makesNone }

// section reads one section and gives its paths.
func (p *parser) section(u *Update, seen map[string]bool) (paths []Path) {
	var keyword string
	var action func(*Update) Path
	switch {
	case p.take("SET"):
		keyword, action = "SET", p.set
	case p.take("REMOVE"):
		keyword, action = "REMOVE", p.remove
	case p.take("ADD"):
		keyword, action = "ADD", p.addTo
	case p.take("DELETE"):
		keyword, action = "DELETE", p.deleteFrom
	default:
		p.unexpected()
		return nil
	}
	if seen[keyword] {
		p.refuse("The %q section can only be used once in an update expression;", keyword)
	}
	seen[keyword] = true
	paths = append(paths, action(u))
	for p.take(",") {
		paths = append(paths, action(u))
	}
	return paths
}

func (p *parser) set(u *Update) Path {
	path := p.path()
	p.want("=")
	from, _ := p.source()
	u.assignments = append(u.assignments, assignment{path, from})
	return path
}

func (p *parser) remove(u *Update) Path {
	path := p.path()
	u.removals = append(u.removals, path)
	return path
}

func (p *parser) addTo(u *Update) Path {
	path := p.path()
	v := p.literal()
	p.wantSection("ADD", v, attribute.TypeNumber, attribute.TypeStringSet, attribute.TypeNumberSet, attribute.TypeBinarySet)
	u.assignments = append(u.assignments, assignment{path, added{path, v.Value}})
	return path
}

func (p *parser) deleteFrom(u *Update) Path {
	path := p.path()
	v := p.literal()
	p.wantSection("DELETE", v, attribute.TypeStringSet, attribute.TypeNumberSet, attribute.TypeBinarySet)
	set, _ := v.Value.(attribute.Set)
	u.assignments = append(u.assignments, assignment{path, deleted{path, set}})
	return path
}

// wantSection refuses a value of a type that ADD or DELETE does not take; AWS words it unlike the same fault elsewhere.
func (p *parser) wantSection(section string, v literal, types ...attribute.Type) {
	for _, t := range types {
		if v.Type() == t {
			return
		}
	}
	long := map[attribute.Type]string{
		attribute.TypeString: "STRING", attribute.TypeNumber: "NUMBER", attribute.TypeBinary: "BINARY", attribute.TypeBool: "BOOLEAN",
		attribute.TypeNull: "NULL", attribute.TypeList: "LIST", attribute.TypeMap: "MAP",
	}[v.Type()]
	p.refuse("Incorrect operand type for operator or function; operator: %s, operand type: %s, typeSet: ALLOWED_FOR_%s_OPERAND", section, long, section)
}

// source reads what an assignment takes its value from, and says whether it stands in parentheses.
func (p *parser) source() (s source, parenthesised bool) {
	left, parenthesised := p.part()
	operator := p.peek()
	if !operator.is("+") && !operator.is("-") {
		return left, parenthesised
	}
	p.next()
	right, _ := p.part()
	p.wantType(operator.text, left, attribute.TypeNumber)
	p.wantType(operator.text, right, attribute.TypeNumber)
	return sum{left, right, operator.text == "-"}, false
}

func (p *parser) part() (s source, parenthesised bool) {
	t := p.peek()
	switch {
	case p.take("("):
		inner, again := p.source()
		p.want(")")
		if again {
			p.refuse("The expression has redundant parentheses;")
		}
		return inner, true
	case t.kind == value:
		return p.literal(), false
	case t.kind == word && p.peekAfter().is("("):
		return p.updateCall(), false
	case p.atPath():
		return p.path(), false
	}
	p.unexpected()
	return literal{attribute.Null{}}, false
}

func (p *parser) updateCall() source {
	called := p.next().text
	p.want("(")
	var operands []source
	for first := true; first || p.take(","); first = false {
		s, _ := p.source()
		operands = append(operands, s)
	}
	p.want(")")
	if !p.function(called, len(operands), inUpdate) {
		return literal{attribute.Null{}}
	}
	if called == "if_not_exists" {
		return ifNotExists{p.wantPath(called, operands[0]), operands[1]}
	}
	p.wantType(called, operands[0], attribute.TypeList)
	p.wantType(called, operands[1], attribute.TypeList)
	return listAppend{operands[0], operands[1]}
}
