package dynamodb

import (
	"maps"
	"slices"
	"strings"

	"weir/internal/localaws/dynamodb/attribute"
)

// definedTypes are the types of the attributes that a table or an index may have as keys.
type definedTypes map[string]attribute.Type

func attributeTypes(definitions []attributeDefinition) (definedTypes, error) {
	types := definedTypes{}
	for _, d := range definitions {
		if d.AttributeType == "" {
			return nil, invalid("1 validation error detected: Value null at 'attributeDefinitions.member.attributeType' failed to satisfy constraint: Member must not be null")
		}
		if err := oneOf("attributeDefinitions.member.attributeType", string(d.AttributeType), "B", "N", "S"); err != nil {
			return nil, err
		}
		if _, twice := types[d.AttributeName]; twice {
			return nil, invalid("Cannot have two attributes with the same name")
		}
		types[d.AttributeName] = d.AttributeType
	}
	return types, nil
}

// schema is the keys that a request names.
func (types definedTypes) schema(elements []keySchemaElement) (schema, error) {
	var keys []keyAttribute
	for i, k := range elements {
		if want := [...]string{"HASH", "RANGE"}[min(i, 1)]; k.KeyType != want {
			return schema{}, invalid("Invalid KeySchema: The %s KeySchemaElement is not a %s key type", [...]string{"first", "second"}[min(i, 1)], want)
		}
		kind, ok := types[k.AttributeName]
		if !ok {
			return schema{}, invalid("One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [%s]", k.AttributeName)
		}
		keys = append(keys, keyAttribute{k.AttributeName, kind})
	}
	switch {
	case len(keys) == 0 || len(keys) > 2:
		return schema{}, invalid("1 validation error detected: Value at 'keySchema' failed to satisfy constraint: Member must have length between 1 and 2")
	case len(keys) == 2 && keys[0].name == keys[1].name:
		return schema{}, invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")
	case len(keys) == 1:
		return schema{hash: keys[0]}, nil
	}
	return schema{keys[0], keys[1]}, nil
}

// allUsed refuses definitions of attributes that are no keys.
func (types definedTypes) allUsed(schemas []schema) error {
	used := make(map[string]bool)
	for _, s := range schemas {
		for _, k := range s.attributes() {
			used[k.name] = true
		}
	}
	switch {
	case len(used) == len(types):
		return nil
	case len(schemas) == 1:
		return invalid("One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
	}
	return invalid("One or more parameter values were invalid: Some AttributeDefinitions are not used. AttributeDefinitions: %s, keys used: %s", names(types), names(used))
}

func names[V any](of map[string]V) string {
	return "[" + strings.Join(slices.Sorted(maps.Keys(of)), ", ") + "]"
}
