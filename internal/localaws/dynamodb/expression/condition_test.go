package expression

import (
	"encoding/json"
	"testing"

	"weir/internal/localaws/dynamodb/attribute"
)

// item is what the tests' conditions and updates look at.
const item = `{"p":{"S":"a"},"r":{"N":"1"},"n":{"N":"5"},"s":{"S":"xé"},"l":{"L":[{"N":"1"},{"S":"b"}]},"m":{"M":{"a":{"N":"1"}}},
	"ss":{"SS":["b","a"]},"ns":{"NS":["10","9","1.50"]},"b":{"B":"AQID"},"t":{"BOOL":true},"z":{"NULL":true}}`

func values(t testing.TB, text string) attribute.Given {
	t.Helper()
	var given attribute.Given
	if err := json.Unmarshal([]byte(text), &given); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return given
}

func itemOf(t testing.TB, text string) attribute.Map {
	t.Helper()
	m, err := values(t, text).Map()
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return m
}

// names are defined in every test.
var names = map[string]string{"#n": "n", "#dot": "a.b"}

func newScope(t testing.TB, given string) *Scope {
	t.Helper()
	scope, err := NewScope(names, values(t, given))
	if err != nil {
		t.Fatal(err)
	}
	return scope
}

func TestConditionsHoldAsInDynamoDBLocal(t *testing.T) {
	const given = `{":1":{"N":"1"},":2":{"N":"2"},":5":{"N":"5.0"},":9":{"N":"9"},":a":{"S":"a"},":x":{"S":"x"},":e":{"S":""},":N":{"S":"N"},":L":{"S":"L"},
		":b":{"B":"AQ=="},":ss":{"SS":["a","b"]},":l":{"L":[{"N":"1"},{"S":"b"}]},":t":{"BOOL":true},":z":{"NULL":true}}`
	for text, want := range map[string]bool{
		"n = :5": true, "#n = :5": true, "n <> :5": false, "n > :1": true, "n >= :5": true, "n < :9": true, "n <= :1": false,
		"n > :a": false, "n < :a": false, "n <> :a": true, "n = :a": false, "s > :a": true, "b > :b": true,
		"nope <> :a": true, "nope = nothing": false, "nope <> nothing": true, "not nope = nothing": true, "nope < :a": false,
		"t = :t": true, "z = :z": true, "l = :l": true, "ss = :ss": true,
		"n between :1 and :9": true, "n between :1 and s": false, "r between :1 and n": true, "r BETWEEN :2 AND :9": false,
		"n in (:1, :5)": true, "n IN (:1)": false, "nope in (:1)": false,
		"attribute_exists(n)": true, "attribute_exists(m.a)": true, "attribute_exists(l[1])": true, "attribute_exists(l[2])": false,
		"attribute_exists(m.b)": false, "attribute_exists(l.a)": false, "attribute_exists(m[0])": false, "attribute_exists((n))": true,
		"attribute_not_exists(#dot)": true, "attribute_not_exists(n)": false, "attribute_not_exists(n.a.b)": true,
		"attribute_type(n, :N)": true, "attribute_type(s, :N)": false, "attribute_type(nope, :N)": false, "attribute_type(l[0], :N)": true, "attribute_type(l, :L)": true,
		"begins_with(s, :x)": true, "begins_with(s, :e)": true, "begins_with(b, :b)": true, "begins_with(b, :x)": false, "begins_with(n, :x)": false, "begins_with(nope, :x)": false,
		"contains(s, :x)": true, "contains(s, :e)": true, "contains(s, :a)": false, "contains(ss, :a)": true, "contains(ns, :9)": true, "contains(ns, :a)": false,
		"contains(l, :1)": true, "contains(l, :a)": false, "contains(b, :b)": true, "contains(n, :1)": false, "contains(s, nope)": false, "contains(:x, s)": false,
		"size(s) = :2": true, "size(l) = :2": true, "size(m) = :1": true, "size(ss) = :2": true, "size(b) > :2": true, "size(n) > :1": false, "size(nope) <> :1": true,
		"size(:x) = :1": true, "size(s) between :1 and :2": true, "size(s) in (:1, :2)": true, "size = :1": false,
		"n = :5 and r = :1": true, "n = :5 and r = :2": false, "n = :1 or r = :1": true, "n = :1 or r = :2": false,
		"n = :5 or nope = :1 and r = :2": true, "(n = :5 or nope = :1) and r = :2": false, "not n = :1 and r = :1": true, "not (n = :1 and r = :1)": true,
		"not not n = :5": true, "n = :5 and not (r = :2 or r = :9)": true, "(n) = (:5)": true, ":1 < n": true, ":1 = :1": true, "n=:5 AND r=:1": true,
	} {
		c, err := newScope(t, given).Condition("ConditionExpression", &text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := c.Holds(itemOf(t, item)); got != want {
			t.Errorf("%s is %t, want %t", text, got, want)
		}
	}
}

func TestBadConditionsAreRefusedInAWSsWords(t *testing.T) {
	const given = `{":1":{"N":"1"},":a":{"S":"a"},":b":{"S":"b"},":t":{"BOOL":true},":l":{"L":[]},":ss":{"SS":["x"]}}`
	for text, want := range map[string]string{
		"":                              `The expression can not be empty;`,
		" ":                             `Syntax error; token: "<EOF>", near: " "`,
		"a b":                           `Syntax error; token: "b", near: "a b"`,
		"a =":                           `Syntax error; token: "<EOF>", near: "="`,
		"a = = b":                       `Syntax error; token: "=", near: "= = b"`,
		"a ! b":                         `Syntax error; token: "!", near: "a ! b"`,
		"a != b":                        `Syntax error; token: "!", near: "a !="`,
		"a == b":                        `Syntax error; token: "=", near: "== b"`,
		"a":                             `Syntax error; token: "<EOF>", near: "a"`,
		"a = :a and":                    `Syntax error; token: "<EOF>", near: "and"`,
		":a and a = b":                  `Syntax error; token: "and", near: ":a and a"`,
		"(:a) and a = b":                `Syntax error; token: "and", near: ") and a"`,
		"a[0 = b":                       `Syntax error; token: "=", near: "0 = b"`,
		"a[-1] = b":                     `Syntax error; token: "-", near: "[-1"`,
		"a[01] = b":                     `Syntax error; token: "1", near: "01]"`,
		"a[x] = b":                      `Syntax error; token: "x", near: "[x]"`,
		"a[99999999999] = b":            `List index is not within the allowable range; index: [99999999999]`,
		"a. = b":                        `Syntax error; token: "=", near: ". = b"`,
		".a = b":                        `Syntax error; token: ".", near: ".a"`,
		"1a = b":                        `Syntax error; token: "1", near: "1a"`,
		"_a = b":                        `Syntax error; token: "_", near: "_a"`,
		"a-b = c":                       `Syntax error; token: "-", near: "a-b"`,
		"a = 5":                         `Syntax error; token: "5", near: "= 5"`,
		"a + b = c":                     `Syntax error; token: "+", near: "a + b"`,
		"# = b":                         `Syntax error; token: "#", near: "# ="`,
		": = b":                         `Syntax error; token: ":", near: ": ="`,
		"a = b c":                       `Syntax error; token: "c", near: "b c"`,
		"a = :a)":                       `Syntax error; token: ")", near: ":a)"`,
		"(a = :a":                       `Syntax error; token: "<EOF>", near: ":a"`,
		"a in ()":                       `Syntax error; token: ")", near: "()"`,
		"a in :a":                       `Syntax error; token: ":a", near: "in :a"`,
		"a in (:a,)":                    `Syntax error; token: ")", near: ",)"`,
		"not":                           `Syntax error; token: "<EOF>", near: "not"`,
		"or a = b":                      `Syntax error; token: "or", near: "or a"`,
		"and.b = c":                     `Syntax error; token: "and", near: "and."`,
		"a.and = c":                     `Syntax error; token: "and", near: ".and ="`,
		"set = :a":                      `Syntax error; token: "set", near: "set ="`,
		"attribute_exists(a":            `Syntax error; token: "<EOF>", near: "a"`,
		"attribute_exists a":            `Syntax error; token: "a", near: "attribute_exists a"`,
		"foo(a b":                       `Syntax error; token: "b", near: "a b"`,
		"size() = :a":                   `Syntax error; token: ")", near: "() ="`,
		"a = :u and foo(a":              `Syntax error; token: "<EOF>", near: "a"`,
		"a = :u":                        `An expression attribute value used in expression is not defined; attribute value: :u`,
		"#u = :a":                       `An expression attribute name used in the document path is not defined; attribute name: #u`,
		"foo(a)":                        `Invalid function name; function: foo`,
		"foo (a)":                       `Invalid function name; function: foo`,
		"foo(a) = b":                    `Invalid function name; function: foo`,
		"SIZE(a) = :1":                  `Invalid function name; function: SIZE`,
		"n < size(foo(:a))":             `Invalid function name; function: foo`,
		"size(a, b) = :1":               `Incorrect number of operands for operator or function; operator or function: size, number of operands: 2`,
		"attribute_exists(a,b)":         `Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2`,
		"size(a)":                       `The function is not allowed to be used this way in an expression; function: size`,
		"attribute_exists(a) = :a":      `The function is not allowed to be used this way in an expression; function: attribute_exists`,
		"attribute_exists(a) in (:a)":   `The function is not allowed to be used this way in an expression; function: attribute_exists`,
		"if_not_exists(a, :a) = :a":     `The function is not allowed in a condition expression; function: if_not_exists`,
		"attribute_exists(:a)":          `Operator or function requires a document path; operator or function: attribute_exists`,
		"attribute_exists(size(a))":     `Operator or function requires a document path; operator or function: attribute_exists`,
		"size(:1) = :1":                 `Incorrect operand type for operator or function; operator or function: size, operand type: N`,
		"size(size(a)) = :1":            `Incorrect operand type for operator or function; operator or function: size, operand type: N`,
		"begins_with(a, :1)":            `Incorrect operand type for operator or function; operator or function: begins_with, operand type: N`,
		"begins_with(size(a), :a)":      `Incorrect operand type for operator or function; operator or function: begins_with, operand type: N`,
		"attribute_type(a, :1)":         `Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N`,
		"attribute_type(a, :a)":         `Invalid attribute type name found; type: a, valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}`,
		"a < :t":                        `Incorrect operand type for operator or function; operator or function: <, operand type: BOOL`,
		"a >= :ss":                      `Incorrect operand type for operator or function; operator or function: >=, operand type: SS`,
		"a between :l and b":            `Incorrect operand type for operator or function; operator or function: BETWEEN, operand type: L`,
		"a between :b and :a":           `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {S:b}, upper bound operand: AttributeValue: {S:a}`,
		"a between :1 and :a":           `The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:a}`,
		"a = a":                         `The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]`,
		"a[1].b = a[1].b":               `The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a, [1], b]`,
		"a in (b, a)":                   `The first operand must be distinct from the remaining operands for this operator or function; operator: IN, first operand: [a]`,
		"begins_with(a, a)":             `The first operand must be distinct from the remaining operands for this operator or function; operator: begins_with, first operand: [a]`,
		"((a = b))":                     `The expression has redundant parentheses;`,
		"a = ((:a))":                    `The expression has redundant parentheses;`,
		string(make([]byte, maxText+1)): `Expression size has exceeded the maximum allowed size; expression size: 4097`,
	} {
		_, err := newScope(t, given).Condition("ConditionExpression", &text)
		if err == nil || err.Error() != "Invalid ConditionExpression: "+want {
			t.Errorf("%.60q:\n got %v\nwant Invalid ConditionExpression: %s", text, err, want)
		}
	}
}

func TestPlaceholdersHaveToBeWellFormedAndUsed(t *testing.T) {
	used := "a = :a"
	tests := []struct {
		about  string
		names  map[string]string
		values string
		text   *string
		want   string
	}{
		{"all used", nil, `{":a":{"S":"a"}}`, &used, ""},
		{"unused values", nil, `{":a":{"S":"a"},":c":{"S":"a"},":b":{"S":"a"}}`, &used, "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b, :c}"},
		{"unused name", map[string]string{"#a": "a"}, `{":a":{"S":"a"}}`, &used, "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}"},
		{"no names", map[string]string{}, `null`, &used, "ExpressionAttributeNames must not be empty"},
		{"no values", nil, `{}`, &used, "ExpressionAttributeValues must not be empty"},
		{"bad name key", map[string]string{"#a-b": "a"}, `null`, &used, `ExpressionAttributeNames contains invalid key: Syntax error; key: "#a-b"`},
		{"bad value key", nil, `{"a":{"S":"a"}}`, &used, `ExpressionAttributeValues contains invalid key: Syntax error; key: "a"`},
		{"empty name", map[string]string{"#a": ""}, `null`, &used, "ExpressionAttributeNames contains invalid value: Empty attribute name for key #a"},
		{"bad value", nil, `{":a":{}}`, &used, "ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key :a"},
		{"names without expression", map[string]string{"#a": "a"}, `null`, nil, "ExpressionAttributeNames can only be specified when using expressions"},
		{"values without expression", nil, `{":a":{"S":"a"}}`, nil, "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null"},
		{"nothing", nil, `null`, nil, ""},
	}
	for _, test := range tests {
		if got := scoped(t, test.names, test.values, test.text); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.about, got, test.want)
		}
	}
}

func scoped(t *testing.T, names map[string]string, given string, text *string) string {
	scope, err := NewScope(names, values(t, given))
	if err != nil {
		return err.Error()
	}
	if _, err := scope.Condition("ConditionExpression", text); err != nil {
		return err.Error()
	}
	if err := scope.Close(); err != nil {
		return err.Error()
	}
	return ""
}
