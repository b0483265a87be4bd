package expression

import (
	"encoding/json"
	"maps"
	"testing"

	"weir/internal/localaws/dynamodb/attribute"
)

const updateValues = `{":1":{"N":"1"},":q":{"S":"q"},":l":{"L":[{"S":"z"}]},":ss":{"SS":["a","z"]},":all":{"SS":["a","b"]},":ns":{"NS":["9.0"]},":big":{"N":"1E40"}}`

func TestUpdatesApplyAsInDynamoDBLocal(t *testing.T) {
	for text, want := range map[string]string{ // the attributes that differ afterwards, null where one is gone
		"set a = :1":                        `{"a":{"N":"1"}}`,
		"SET a = :1, n = n + :1":            `{"a":{"N":"1"},"n":{"N":"6"}}`,
		"set a = n - :1":                    `{"a":{"N":"4"}}`,
		"set a=n-:1":                        `{"a":{"N":"4"}}`,
		"set a = (n + :1)":                  `{"a":{"N":"6"}}`,
		"set a = b":                         `{"a":{"B":"AQID"}}`,
		"set a = s, s = n":                  `{"a":{"S":"xé"},"s":{"N":"5"}}`,
		"set a = m.a, m.a = n":              `{"a":{"N":"1"},"m":{"M":{"a":{"N":"5"}}}}`,
		"set m = m.a":                       `{"m":{"N":"1"}}`,
		"set m.z = :1":                      `{"m":{"M":{"a":{"N":"1"},"z":{"N":"1"}}}}`,
		"set #dot = :1":                     `{"a.b":{"N":"1"}}`,
		"set l[5] = :1":                     `{"l":{"L":[{"N":"1"},{"S":"b"},{"N":"1"}]}}`,
		"set l[5] = :1, l[9] = n, l[1] = s": `{"l":{"L":[{"N":"1"},{"S":"xé"},{"N":"1"},{"N":"5"}]}}`,
		"set a = if_not_exists(zz, :1)":     `{"a":{"N":"1"}}`,
		"set a = if_not_exists(n, :1) + :1": `{"a":{"N":"6"}}`,
		"set a = if_not_exists(n, zz)":      `{"a":{"N":"5"}}`,
		"set a = if_not_exists(y, if_not_exists(zz, :1))": `{"a":{"N":"1"}}`,
		"set l = list_append(l, :l)":                      `{"l":{"L":[{"N":"1"},{"S":"b"},{"S":"z"}]}}`,
		"set l = list_append(:l, l)":                      `{"l":{"L":[{"S":"z"},{"N":"1"},{"S":"b"}]}}`,
		"set a = list_append(if_not_exists(a,:l),:l)":     `{"a":{"L":[{"S":"z"},{"S":"z"}]}}`,
		"remove zz":                       `{}`,
		"remove n, s":                     `{"n":null,"s":null}`,
		"remove l[0]":                     `{"l":{"L":[{"S":"b"}]}}`,
		"remove l[0], l[1]":               `{"l":{"L":[]}}`,
		"remove l[7]":                     `{}`,
		"remove m.a, m.b":                 `{"m":{"M":{}}}`,
		"remove n set s = n":              `{"n":null,"s":{"N":"5"}}`,
		"remove l[0] set l[1] = :1":       `{"l":{"L":[{"N":"1"}]}}`,
		"remove l[0], l[1] set l[5] = :1": `{"l":{"L":[{"N":"1"}]}}`,
		"add n :1":                        `{"n":{"N":"6"}}`,
		"add zz :1":                       `{"zz":{"N":"1"}}`,
		"add ss :ss":                      `{"ss":{"SS":["a","b","z"]}}`,
		"add zz :ss":                      `{"zz":{"SS":["a","z"]}}`,
		"add m.a :1, l[0] :1":             `{"m":{"M":{"a":{"N":"2"}}},"l":{"L":[{"N":"2"},{"S":"b"}]}}`,
		"add l[9] :1":                     `{"l":{"L":[{"N":"1"},{"S":"b"},{"N":"1"}]}}`,
		"delete ss :ss":                   `{"ss":{"SS":["b"]}}`,
		"delete ss :all":                  `{"ss":null}`,
		"delete zz :ss":                   `{}`,
		"delete ns :ns":                   `{"ns":{"NS":["1.5","10"]}}`,
	} {
		before := itemOf(t, item)
		u, err := newScope(t, updateValues).Update("UpdateExpression", &text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		after, err := u.Apply(before)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !attribute.Equal(before, itemOf(t, item)) {
			t.Errorf("%s changed the item that it was given", text)
		}
		if want := patched(t, want); !attribute.Equal(after, want) {
			t.Errorf("%s gives %s\nwant %s", text, written(t, after), written(t, want))
		}
	}
}

// patched is the tests' item with some attributes changed or, where null, removed.
func patched(t *testing.T, patch string) attribute.Map {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal([]byte(patch), &parts); err != nil {
		t.Fatal(err)
	}
	m := itemOf(t, item)
	for name, text := range parts {
		if string(text) == "null" {
			delete(m, name)
			continue
		}
		maps.Copy(m, itemOf(t, `{"`+name+`":`+string(text)+`}`))
	}
	return m
}

func written(t *testing.T, m attribute.Map) string {
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestBadUpdatesAreRefusedInAWSsWords(t *testing.T) {
	const prefix = "Invalid UpdateExpression: "
	for text, want := range map[string]string{
		"":                             prefix + `The expression can not be empty;`,
		"set":                          prefix + `Syntax error; token: "<EOF>", near: "set"`,
		"set a":                        prefix + `Syntax error; token: "<EOF>", near: "a"`,
		"foo a = :1":                   prefix + `Syntax error; token: "foo", near: "foo a"`,
		"set a = :1,":                  prefix + `Syntax error; token: "<EOF>", near: ","`,
		"set a = :1 remove":            prefix + `Syntax error; token: "<EOF>", near: "remove"`,
		"set a = :1 b = :1":            prefix + `Syntax error; token: "b", near: ":1 b ="`,
		"set a = n + :1 + :1":          prefix + `Syntax error; token: "+", near: ":1 + :1"`,
		"set a = n +":                  prefix + `Syntax error; token: "<EOF>", near: "+"`,
		"set a = -:1":                  prefix + `Syntax error; token: "-", near: "= -:1"`,
		"set (a) = :1":                 prefix + `Syntax error; token: "(", near: "set (a"`,
		"set :1 = n":                   prefix + `Syntax error; token: ":1", near: "set :1 ="`,
		"remove :1":                    prefix + `Syntax error; token: ":1", near: "remove :1"`,
		"remove size(a)":               prefix + `Syntax error; token: "(", near: "size(a"`,
		"add n n":                      prefix + `Syntax error; token: "n", near: "n n"`,
		"set a = ((:1))":               prefix + `The expression has redundant parentheses;`,
		"set a = :1 set b = :1":        prefix + `The "SET" section can only be used once in an update expression;`,
		"set a = :1, a = :1":           prefix + `Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]`,
		"set m.a = :1, m = :1":         prefix + `Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m, a], path two: [m]`,
		"set l[0] = :1, l[0].x=n":      prefix + `Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [l, [0]], path two: [l, [0], x]`,
		"remove n set n = :1":          prefix + `Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [n], path two: [n]`,
		"set m.a = :1, m[0] = :1":      prefix + `Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [m, a], path two: [m, [0]]`,
		"set a = :q + :1":              prefix + `Incorrect operand type for operator or function; operator or function: +, operand type: S`,
		"set a = list_append(l, :1)":   prefix + `Incorrect operand type for operator or function; operator or function: list_append, operand type: N`,
		"set a = list_append(l)":       prefix + `Incorrect number of operands for operator or function; operator or function: list_append, number of operands: 1`,
		"set a = if_not_exists(:1, n)": prefix + `Operator or function requires a document path; operator or function: if_not_exists`,
		"set a = size(n)":              prefix + `The function is not allowed in an update expression; function: size`,
		"set a = foo(n)":               prefix + `Invalid function name; function: foo`,
		"add n :q":                     prefix + `Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND`,
		"add n :l":                     prefix + `Incorrect operand type for operator or function; operator: ADD, operand type: LIST, typeSet: ALLOWED_FOR_ADD_OPERAND`,
		"delete ss :q":                 prefix + `Incorrect operand type for operator or function; operator: DELETE, operand type: STRING, typeSet: ALLOWED_FOR_DELETE_OPERAND`,
		"delete ss :1":                 prefix + `Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND`,
		"set a = :u":                   prefix + `An expression attribute value used in expression is not defined; attribute value: :u`,
		"set x.y = :1":                 string(errUpdatePath),
		"set m[0] = :1":                string(errUpdatePath),
		"set l.z = :1":                 string(errUpdatePath),
		"set n.z = :1":                 string(errUpdatePath),
		"set l[7].x = :1":              string(errUpdatePath),
		"remove x.y":                   string(errUpdatePath),
		"remove s.y":                   string(errUpdatePath),
		"remove s[0]":                  string(errUpdatePath),
		"add x.y :1":                   string(errUpdatePath),
		"set a = zz":                   string(errNoAttribute),
		"set a = zz + :1":              string(errNoAttribute),
		"set a = if_not_exists(y, zz)": string(errNoAttribute),
		"set a = list_append(zz, :l)":  string(errNoAttribute),
		"set a = s + :1":               string(errOperandType),
		"set a = n + s":                string(errOperandType),
		"set a = list_append(s, :l)":   string(errOperandType),
		"add s :1":                     string(errOperandType),
		"add ns :ss":                   string(errOperandType),
		"delete s :ss":                 string(errOperandType),
		"delete ns :ss":                string(errOperandType),
		"set n = n + :big":             "Attempting to store more than 38 significant digits in a Number",
	} {
		u, err := newScope(t, updateValues).Update("UpdateExpression", &text)
		if err == nil {
			_, err = u.Apply(itemOf(t, item))
		}
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestNoUpdateLeavesTheItem(t *testing.T) {
	u, err := newScope(t, `null`).Update("UpdateExpression", nil)
	if u != nil || err != nil {
		t.Fatalf("%v, %v", u, err)
	}
	m := itemOf(t, item)
	if after, err := u.Apply(m); err != nil || !attribute.Equal(after, m) {
		t.Errorf("%v, %v", after, err)
	}
}

func TestTwoUpdatesOfOneItemDoNotMeet(t *testing.T) {
	before := itemOf(t, `{"l":{"L":[{"N":"1"},{"N":"2"},{"N":"3"}]}}`)
	grown := func(text string) attribute.Map {
		u, err := newScope(t, updateValues).Update("UpdateExpression", &text)
		if err != nil {
			t.Fatal(err)
		}
		after, err := u.Apply(before)
		if err != nil {
			t.Fatal(err)
		}
		return after
	}
	first := grown("set l[3] = :1")
	grown("set l[3] = :q")
	if want := itemOf(t, `{"l":{"L":[{"N":"1"},{"N":"2"},{"N":"3"},{"N":"1"}]}}`); !attribute.Equal(first, want) {
		t.Errorf("the first is now %s", written(t, first))
	}
}
