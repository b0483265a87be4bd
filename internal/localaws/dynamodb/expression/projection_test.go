package expression

import (
	"testing"

	"weir/internal/localaws/dynamodb/attribute"
)

func TestProjectionsTakeWhatTheirPathsLeadTo(t *testing.T) {
	const nested = `{"p":{"S":"a"},"n":{"N":"5"},"a.b":{"N":"7"},"m":{"M":{"a":{"N":"1"},"b":{"N":"2"},"c":{"L":[{"M":{"x":{"S":"1"},"y":{"S":"2"}}},{"N":"3"}]}}},"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"}]}}`
	for text, want := range map[string]string{
		"p":                `{"p":{"S":"a"}}`,
		"p, #n":            `{"p":{"S":"a"},"n":{"N":"5"}}`,
		"#dot":             `{"a.b":{"N":"7"}}`,
		"m.a, m.b":         `{"m":{"M":{"a":{"N":"1"},"b":{"N":"2"}}}}`,
		"l[2], l[0]":       `{"l":{"L":[{"N":"0"},{"N":"2"}]}}`,
		"m.c[0].x":         `{"m":{"M":{"c":{"L":[{"M":{"x":{"S":"1"}}}]}}}}`,
		"m.c[1], m.c[0].y": `{"m":{"M":{"c":{"L":[{"M":{"y":{"S":"2"}}},{"N":"3"}]}}}}`,
		"zz":               `{}`,
		"m.zz":             `{}`,
		"l[9], l[0].x":     `{}`,
		"m[0], p.x":        `{}`,
	} {
		p, err := newScope(t, `null`).Projection("ProjectionExpression", &text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := p.Of(itemOf(t, nested)); !attribute.Equal(got, itemOf(t, want)) {
			t.Errorf("%s takes %s, want %s", text, written(t, got), want)
		}
	}
}

func TestBadProjectionsAreRefusedInAWSsWords(t *testing.T) {
	for text, want := range map[string]string{
		"":        `The expression can not be empty;`,
		"p,":      `Syntax error; token: "<EOF>", near: ","`,
		"p p":     `Syntax error; token: "p", near: "p p"`,
		"size(p)": `Syntax error; token: "(", near: "size(p"`,
		":a":      `Syntax error; token: ":a", near: ":a"`,
		"#q":      `An expression attribute name used in the document path is not defined; attribute name: #q`,
		"m, m.a":  `Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m], path two: [m, a]`,
	} {
		_, err := newScope(t, `null`).Projection("ProjectionExpression", &text)
		if err == nil || err.Error() != "Invalid ProjectionExpression: "+want {
			t.Errorf("%q:\n got %v\nwant Invalid ProjectionExpression: %s", text, err, want)
		}
	}
}
