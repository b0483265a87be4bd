package expression

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/internal/localaws/dynamodb/attribute"
)

const keyValues = `{":a":{"S":"b"},":1":{"N":"1"},":2":{"N":"2"}}`

func TestKeyConditionsNameAPartitionAndARange(t *testing.T) {
	one, two := attribute.Number("1"), attribute.Number("2")
	for text, want := range map[string]SortCondition{
		"p = :a":                         {},
		"(p = :a)":                       {},
		":a = p":                         {},
		"p = :a and r = :1":              {"=", one, nil},
		"r = :1 and p = :a":              {"=", one, nil},
		"(p = :a) AND (r < :1)":          {"<", one, nil},
		"p = :a and r <= :1":             {"<=", one, nil},
		"p = :a and r > :1":              {">", one, nil},
		"p = :a and :1 < r":              {">", one, nil},
		"p = :a and :1 >= r":             {"<=", one, nil},
		"p = :a and r between :1 and :2": {"BETWEEN", one, two},
		"p = :a and begins_with(r, :a)":  {"begins_with", attribute.String("b"), nil},
	} {
		c, err := newScope(t, keyValues).KeyCondition("KeyConditionExpression", &text, "p", "r")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(&KeyCondition{Hash: attribute.String("b"), Sort: want}, c); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", text, diff)
		}
	}
}

func TestBadKeyConditionsAreRefusedInAWSsWords(t *testing.T) {
	const (
		operator = "Invalid operator used in KeyConditionExpression: "
		scalars  = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: p"
		nested   = "KeyConditionExpressions cannot contain nested operations"
		several  = "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"
		once     = "KeyConditionExpressions must only contain one condition per key"
	)
	for text, want := range map[string]string{
		"":                                   "Invalid KeyConditionExpression: The expression can not be empty;",
		"p":                                  `Invalid KeyConditionExpression: Syntax error; token: "<EOF>", near: "p"`,
		"p = :a and r <> :1":                 operator + "<>",
		"p = :a or r = :1":                   operator + "OR",
		"not p = :a":                         operator + "NOT",
		"p = :a and r in (:1)":               operator + "IN",
		"p = :a and attribute_exists(r)":     operator + "attribute_exists",
		"p = :a and attribute_not_exists(r)": operator + "attribute_not_exists",
		"p = :a and contains(r, :1)":         operator + "contains",
		"p > :a":                             "Query key condition not supported",
		"begins_with(p, :a)":                 "Query key condition not supported",
		"r = :1":                             "Query condition missed key schema element: p",
		"p = :a and n = :1":                  "Query condition missed key schema element: r",
		"p = :a and p = :a":                  once,
		"p = :a and r > :1 and r < :2":       once,
		"p = :a and r = :1 and n = :1":       "Conditions can be of length 1 or 2 only",
		"p.x = :a":                           scalars,
		"p[0] = :a":                          scalars,
		"p = r":                              several,
		"p = :a and begins_with(r, p)":       several,
		"size(p) = :1":                       nested,
		"p = :a and r = size(n)":             nested,
		":a = :a":                            "Invalid condition in KeyConditionExpression: No key attribute specified",
		"p = :a and begins_with(r, :1)":      "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
		"p = :a and r between :2 and :1":     "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}",
	} {
		_, err := newScope(t, keyValues).KeyCondition("KeyConditionExpression", &text, "p", "r")
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}
