package filter

import (
	"fmt"
	"math"
	"strconv"
)

// operator compiles an object with one name, that of an operator.
func (c *compiler) operator(at string, operator map[string]any) (test, error) {
	if len(operator) != 1 {
		return test{}, fmt.Errorf("%s: {%s} is no operator: it has to have one name", at, operatorName(operator))
	}
	name := operatorName(operator)
	operand := operator[name]
	switch at := at + "." + name; name {
	case "prefix":
		return c.text(at, operand, prefix, prefixIgnoreCase)
	case "suffix":
		return c.text(at, operand, suffix, suffixIgnoreCase)
	case "equals-ignore-case":
		s, ok := operand.(string)
		if !ok {
			return test{}, fmt.Errorf("%s: %v is not a string", at, operand)
		}
		return test{operator: ignoreCase, texts: []string{s}}, nil
	case "anything-but":
		return c.anythingBut(at, operand)
	case "numeric":
		return numericTest(at, operand)
	case "exists":
		there, ok := operand.(bool)
		if !ok {
			return test{}, fmt.Errorf("%s: %v is neither true nor false", at, operand)
		}
		if there {
			return test{operator: existence}, nil
		}
		return test{operator: absence}, nil
	case "wildcard", "cidr":
		return test{}, fmt.Errorf("%s: it is an operator of EventBridge's, and none of Lambda's", at)
	}
	return test{}, fmt.Errorf("%s: %s is no operator: they are prefix, suffix, equals-ignore-case, anything-but, numeric and exists", at, name)
}

// text compiles prefix and suffix, which EventBridge can have ignore the case.
func (c *compiler) text(at string, operand any, exact, folded operator) (test, error) {
	switch operand := operand.(type) {
	case string:
		return test{operator: exact, texts: []string{operand}}, nil
	case map[string]any:
		if s, ok := operand["equals-ignore-case"].(string); ok && len(operand) == 1 {
			c.doubt(at, "equals-ignore-case within another operator")
			return test{operator: folded, texts: []string{s}}, nil
		}
	}
	return test{}, fmt.Errorf("%s: %v is not a string", at, operand)
}

// anythingBut compiles the operator's values, or the one operator that EventBridge has in it.
func (c *compiler) anythingBut(at string, operand any) (test, error) {
	if within, ok := operand.(map[string]any); ok {
		name := operatorName(within)
		inner, known := map[string]operator{
			"prefix": anythingButPrefix, "suffix": anythingButSuffix, "equals-ignore-case": anythingButIgnoreCase,
		}[name]
		if !known {
			return test{}, fmt.Errorf("%s: it takes values, prefix, suffix or equals-ignore-case, and not {%s}", at, name)
		}
		c.doubt(at, name+" within anything-but")
		t, err := values(at+"."+name, within[name])
		if err == nil && t.kind != text {
			err = fmt.Errorf("%s.%s: it takes strings", at, name)
		}
		t.operator = inner
		return t, err
	}
	t, err := values(at, operand)
	t.operator = anythingBut
	return t, err
}

// values are a string or number, or several of one kind.
func values(at string, operand any) (test, error) {
	list, ok := operand.([]any)
	if !ok {
		list = []any{operand}
	}
	if len(list) == 0 {
		return test{}, fmt.Errorf("%s: an empty array is not allowed", at)
	}
	var t test
	for i, item := range list {
		v, ok := valueOf(item)
		if !ok || v.kind != text && v.kind != number {
			return test{}, fmt.Errorf("%s: %v is neither a string nor a number", at, item)
		}
		if i > 0 && v.kind != t.kind {
			return test{}, fmt.Errorf("%s: strings and numbers stand together: it takes the one or the other", at)
		}
		t.kind = v.kind
		t.texts = append(t.texts, string(v.text))
	}
	return t, nil
}

// numericTest compiles one comparison, or a range from below to above.
func numericTest(at string, operand any) (test, error) {
	list, ok := operand.([]any)
	if !ok || len(list) != 2 && len(list) != 4 {
		return test{}, fmt.Errorf(`%s: it has to be an array such as [">", 0] or [">", 0, "<=", 5]`, at)
	}
	t := test{operator: numeric, low: bound{at: math.Inf(-1)}, high: bound{at: math.Inf(1)}}
	for i := 0; i < len(list); i += 2 {
		if err := t.bound(at, list[i], list[i+1], i > 0); err != nil {
			return test{}, err
		}
	}
	if len(list) == 4 && (list[0] == "=" || math.IsInf(t.low.at, -1) || math.IsInf(t.high.at, 1)) {
		return test{}, fmt.Errorf("%s: a range goes from > or >= to < or <=, in this order", at)
	}
	if t.low.at > t.high.at || t.low.at == t.high.at && !(t.low.closed && t.high.closed) {
		return test{}, fmt.Errorf("%s: no number is in the range: its end is not above its beginning", at)
	}
	return t, nil
}

// bound takes one comparison of a numeric test.
func (t *test) bound(at string, comparison, with any, second bool) error {
	v, ok := valueOf(with)
	x, err := strconv.ParseFloat(string(v.text), 64)
	if !ok || v.kind != number || err != nil {
		return fmt.Errorf("%s: %v is not a number", at, with)
	}
	if x < -maxNumeric || x > maxNumeric {
		return fmt.Errorf("%s: %v is not between -5e9 and 5e9", at, with)
	}
	switch comparison {
	case "=":
		if second {
			return fmt.Errorf("%s: = stands alone", at)
		}
		t.low, t.high = bound{x, true}, bound{x, true}
	case ">", ">=":
		t.low = bound{x, comparison == ">="}
		if second {
			return fmt.Errorf("%s: a range goes from > or >= to < or <=, in this order", at)
		}
	case "<", "<=":
		t.high = bound{x, comparison == "<="}
	default:
		return fmt.Errorf("%s: %v is none of = < <= > >=", at, comparison)
	}
	return nil
}
