package dynamodb

import (
	"crypto/md5"
	"encoding/binary"

	"weir/internal/localaws/dynamodb/attribute"
	"weir/limits"
)

// schema says which attributes are a table's keys.
type schema struct {
	hash, sort keyAttribute // sort has no name where the table has no sort key
}

type keyAttribute struct {
	name string
	kind attribute.Type // S, N or B
}

func (s schema) attributes() []keyAttribute {
	if s.sort.name == "" {
		return []keyAttribute{s.hash}
	}
	return []keyAttribute{s.hash, s.sort}
}

func (s schema) isKey(name string) bool { return name == s.hash.name || name == s.sort.name }

// key is the part of an item that identifies it.
func (s schema) key(item attribute.Map) attribute.Map {
	key := attribute.Map{}
	for _, k := range s.attributes() {
		key[k.name] = item[k.name]
	}
	return key
}

// ofItem is the place of an item that is to be put.
func (s schema) ofItem(item attribute.Map) (place, error) {
	for _, k := range s.attributes() {
		v, ok := item[k.name]
		if !ok {
			return place{}, invalid("One or more parameter values were invalid: Missing the key %s in the item", k.name)
		}
		if v.Type() != k.kind {
			return place{}, invalid("One or more parameter values were invalid: Type mismatch for key %s expected: %s actual: %s", k.name, k.kind, v.Type())
		}
	}
	return s.place(item)
}

// ofKey is the place of a key that a request gives: exactly the key attributes.
func (s schema) ofKey(key attribute.Map) (place, error) {
	if !s.matches(key) {
		return place{}, invalid("The provided key element does not match the schema")
	}
	return s.place(key)
}

func (s schema) matches(key attribute.Map) bool {
	for _, k := range s.attributes() {
		if v, ok := key[k.name]; !ok || v.Type() != k.kind {
			return false
		}
	}
	return len(key) == len(s.attributes())
}

// place is where an item with these key attributes stands; they have the right types.
func (s schema) place(item attribute.Map) (place, error) {
	pk, err := keyText(s.hash, item[s.hash.name], limits.PartitionKeyBytes,
		"One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of%d bytes")
	if err != nil {
		return place{}, err
	}
	at := startOf(pk)
	if s.sort.name != "" {
		at.order, err = keyText(s.sort, item[s.sort.name], limits.SortKeyBytes,
			"One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of %d bytes")
	}
	return at, err
}

// keyText checks the value of a key attribute, and gives it the form that sorts.
func keyText(k keyAttribute, v attribute.Value, most int, tooLong string) (string, error) {
	text, ok := attribute.SortKey(v)
	if !ok || v.Type() != k.kind {
		return "", invalid("The provided key element does not match the schema")
	}
	if v.Size() > most {
		return "", invalid(tooLong, most)
	}
	if text == "" {
		empty := "string"
		if k.kind == attribute.TypeBinary {
			empty = "binary"
		}
		return "", invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", empty, k.name)
	}
	return text, nil
}

// startOf is the first place of a partition. Partitions stand in the order of the MD5 of their keys, so that a scan meets
// them in an order that has nothing to do with the keys', as in AWS, and segments divide a table evenly.
func startOf(pk string) place {
	sum := md5.Sum([]byte(pk))
	return place{hash: binary.BigEndian.Uint64(sum[:]), pk: pk}
}

// endOf is the first place after a partition.
func endOf(pk string) place {
	end := startOf(pk)
	end.pk += "\x00"
	return end
}

// checkSize refuses an item over 400 KB (developer guide, "Service, account, and table quotas", item size).
//
// D13: An item has up to 400 KB (Developer Guide, "Quotas in Amazon DynamoDB")
func checkSize(size int, what string) error {
	if size > limits.ItemBytes {
		return invalid("Item size %shas exceeded the maximum allowed size", what)
	}
	return nil
}
