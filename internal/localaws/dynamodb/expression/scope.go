// Package expression reads and evaluates DynamoDB's expressions: conditions, filters, key conditions, projections and
// updates (developer guide, "Expressions reference"). Errors are [attribute.Invalid], in AWS's words; the texts were
// compared with those of DynamoDB Local.
//
// It deviates from AWS in that the number of operators is bounded only by the size of the text, 4 KB.
package expression

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"weir/internal/localaws/dynamodb/attribute"
)

// maxText is the size of an expression in bytes (developer guide, "Service, account, and table quotas").
const maxText = 4 << 10

// Scope is what the expressions of one request share: the names and values that placeholders stand for. It remembers
// which of them were used, since DynamoDB refuses a request that gives any other.
type Scope struct {
	names      map[string]string
	values     attribute.Map
	usedNames  map[string]bool
	usedValues map[string]bool
	// given and absent are the request's expression parameters, by name.
	given, absent []string
}

// NewScope takes a request's ExpressionAttributeNames, nil if it has none, and its ExpressionAttributeValues.
func NewScope(names map[string]string, values attribute.Given) (*Scope, error) {
	if names != nil && len(names) == 0 {
		return nil, attribute.Invalid("ExpressionAttributeNames must not be empty")
	}
	for _, placeholder := range slices.Sorted(maps.Keys(names)) {
		if !isPlaceholder(placeholder, '#') {
			return nil, attribute.Invalid(fmt.Sprintf("ExpressionAttributeNames contains invalid key: Syntax error; key: %q", placeholder))
		}
		if names[placeholder] == "" {
			return nil, attribute.Invalid("ExpressionAttributeNames contains invalid value: Empty attribute name for key " + placeholder)
		}
	}
	if key, problem := values.Problem(); problem != nil {
		return nil, attribute.Invalid(fmt.Sprintf("ExpressionAttributeValues contains invalid value: %s for key %s", problem, key))
	}
	given, _ := values.Map()
	if !values.Absent() && len(given) == 0 {
		return nil, attribute.Invalid("ExpressionAttributeValues must not be empty")
	}
	for _, placeholder := range slices.Sorted(maps.Keys(given)) {
		if !isPlaceholder(placeholder, ':') {
			return nil, attribute.Invalid(fmt.Sprintf("ExpressionAttributeValues contains invalid key: Syntax error; key: %q", placeholder))
		}
	}
	return &Scope{names: names, values: given, usedNames: map[string]bool{}, usedValues: map[string]bool{}}, nil
}

// Close is called after all expressions of the request were read: it refuses placeholders that none of them used.
func (s *Scope) Close() error {
	if len(s.given) == 0 {
		return s.withoutExpressions()
	}
	if unused := unusedKeys(s.names, s.usedNames); len(unused) > 0 {
		return attribute.Invalid(fmt.Sprintf("Value provided in ExpressionAttributeNames unused in expressions: keys: {%s}", strings.Join(unused, ", ")))
	}
	if unused := unusedKeys(s.values, s.usedValues); len(unused) > 0 {
		return attribute.Invalid(fmt.Sprintf("Value provided in ExpressionAttributeValues unused in expressions: keys: {%s}", strings.Join(unused, ", ")))
	}
	return nil
}

func (s *Scope) withoutExpressions() error {
	if s.names != nil {
		return attribute.Invalid("ExpressionAttributeNames can only be specified when using expressions")
	}
	if s.values == nil {
		return nil
	}
	text := "ExpressionAttributeValues can only be specified when using expressions"
	switch len(s.absent) {
	case 0:
	case 1:
		text += ": " + s.absent[0] + " is null"
	default:
		text += ": " + strings.Join(s.absent, " and ") + " are null"
	}
	return attribute.Invalid(text)
}

// parser starts on one expression of the request; ok is false where the request does not have it.
func (s *Scope) parser(parameter string, text *string) (p *parser, ok bool, err error) {
	if text == nil {
		s.absent = append(s.absent, parameter)
		return nil, false, nil
	}
	s.given = append(s.given, parameter)
	p = &parser{scope: s, parameter: parameter, text: *text}
	if *text == "" {
		return nil, false, p.invalid("The expression can not be empty;")
	}
	if len(*text) > maxText {
		return nil, false, p.invalid(fmt.Sprintf("Expression size has exceeded the maximum allowed size; expression size: %d", len(*text)))
	}
	p.tokens = scan(*text)
	return p, true, nil
}

func isPlaceholder(text string, first byte) bool {
	return len(text) > 1 && text[0] == first && wordLength(text[1:]) == len(text)-1
}

func unusedKeys[V any](given map[string]V, used map[string]bool) []string {
	var unused []string
	for key := range given {
		if !used[key] {
			unused = append(unused, key)
		}
	}
	slices.Sort(unused)
	return unused
}
