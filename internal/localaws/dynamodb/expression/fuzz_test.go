package expression

import (
	"errors"
	"strings"
	"testing"

	"weir/internal/localaws/dynamodb/attribute"
)

// FuzzExpression reads any text as every kind of expression. Each either fails in AWS's words or can be evaluated, on an
// item that it leaves as it was, and to the same end when written in other white space.
func FuzzExpression(f *testing.F) {
	for _, text := range []string{
		"n = :1 and not (s <> :a or begins_with(#n, :a))", "size(l) between :1 and n", "attribute_type(m.a, :a) OR l[0] in (:1, :a)",
		"set a = if_not_exists(n, :1) + :1, l[3] = list_append(l, :l) remove m.a add ns :1 delete ss :ss", "p, m.a, l[1]", "((a))", "a[", "#", "not",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		check(t, text, func(s *Scope, text string) (string, error) {
			c, err := s.Condition("ConditionExpression", &text)
			if err != nil {
				return "", err
			}
			return map[bool]string{true: "holds"}[c.Holds(itemOf(t, item))], nil
		})
		check(t, text, func(s *Scope, text string) (string, error) {
			u, err := s.Update("UpdateExpression", &text)
			if err != nil {
				return "", err
			}
			before := itemOf(t, item)
			after, err := u.Apply(before)
			if !attribute.Equal(before, itemOf(t, item)) {
				t.Fatalf("%q changed the item that it was given", text)
			}
			return written(t, after), err
		})
		check(t, text, func(s *Scope, text string) (string, error) {
			p, err := s.Projection("ProjectionExpression", &text)
			if err != nil {
				return "", err
			}
			return written(t, p.Of(itemOf(t, item))), nil
		})
		check(t, text, func(s *Scope, text string) (string, error) {
			_, err := s.KeyCondition("KeyConditionExpression", &text, "p", "r")
			return "", err
		})
	})
}

func check(t *testing.T, text string, read func(s *Scope, text string) (string, error)) {
	const given = `{":1":{"N":"1"},":a":{"S":"a"},":l":{"L":[{"S":"z"}]},":ss":{"SS":["a"]}}`
	result, err := read(newScope(t, given), text)
	var invalid attribute.Invalid
	if err != nil && !errors.As(err, &invalid) {
		t.Fatalf("%q: %v is not in AWS's words", text, err)
	}
	if err != nil || len(text) > maxText/2 {
		return
	}
	spaced, err := read(newScope(t, given), "\n"+strings.ReplaceAll(text, " ", "\t ")+" ")
	if err != nil || spaced != result {
		t.Fatalf("%q gives %q, and spaced otherwise %q, %v", text, result, spaced, err)
	}
}

func BenchmarkUpdate(b *testing.B) {
	text := "SET n = if_not_exists(n, :1) + :1, s = :a ADD r :1"
	m := itemOf(b, item)
	given := values(b, `{":1":{"N":"1"},":a":{"S":"a"}}`)
	b.ReportAllocs()
	for b.Loop() {
		scope, err := NewScope(nil, given)
		if err != nil {
			b.Fatal(err)
		}
		u, err := scope.Update("UpdateExpression", &text)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := u.Apply(m); err != nil {
			b.Fatal(err)
		}
	}
}
