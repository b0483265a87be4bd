package table

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"weir/limits"
	"weir/record"
)

// The attributes of an item. Sum, min, max and mean are absent where the window had no value.
const (
	attributePK          = "pk"           // S, hash key: kind#key
	attributeWindowStart = "window_start" // S, range key: RFC 3339 in UTC
	attributeWindowEnd   = "window_end"   // S
	attributeKind        = "kind"         // S
	attributeKey         = "key"          // L of S
	attributeCount       = "count"        // N
	attributeSum         = "sum"          // N
	attributeMin         = "min"          // N
	attributeMax         = "max"          // N
	attributeMean        = "mean"         // N
)

type item = map[string]types.AttributeValue

// itemKey is what DynamoDB tells items apart by.
type itemKey struct{ pk, windowStart string }

func (k itemKey) String() string { return fmt.Sprintf("pk %q, window_start %q", k.pk, k.windowStart) }

// kindEscaper keeps the first bare "#" of a pk the end of its kind, so that two rows of different kind or key never share an item.
var kindEscaper = strings.NewReplacer(`\`, `\\`, `#`, `\#`)

func keyOf(row *record.Row) itemKey {
	return itemKey{kindEscaper.Replace(row.Kind) + "#" + row.Key, row.Time(row.WindowStart)}
}

// newItem is a row as an item. The error says that no item can hold it: DynamoDB would refuse the whole batch and not say why.
func newItem(row *record.Row) (itemKey, item, error) {
	key := keyOf(row)
	if len(key.pk) > limits.PartitionKeyBytes {
		return key, nil, fmt.Errorf("row %.200s: its pk of %d bytes exceeds %d", row.RowID, len(key.pk), limits.PartitionKeyBytes)
	}
	parts := record.SplitKey(row.Key)
	list := make([]types.AttributeValue, len(parts))
	for i, part := range parts {
		list[i] = text(part)
	}
	it := item{
		attributePK:          text(key.pk),
		attributeWindowStart: text(key.windowStart),
		attributeWindowEnd:   text(row.Time(row.WindowEnd)),
		attributeKind:        text(row.Kind),
		attributeKey:         &types.AttributeValueMemberL{Value: list},
		attributeCount:       &types.AttributeValueMemberN{Value: strconv.FormatInt(row.Count, 10)},
	}
	for _, n := range [...]struct{ name, value string }{{attributeSum, row.Sum}, {attributeMin, row.Min}, {attributeMax, row.Max}, {attributeMean, row.Mean}} {
		if n.value == "" {
			continue
		}
		if _, err := record.CanonicalNumber(n.value); err != nil {
			return key, nil, fmt.Errorf("row %s: %s: %w", row.RowID, n.name, err)
		}
		it[n.name] = &types.AttributeValueMemberN{Value: n.value}
	}
	return key, it, nil
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// itemKeyOf is the key of any item, well formed or not.
func itemKeyOf(it item) itemKey {
	pk, _ := textOf(it, attributePK)
	windowStart, _ := textOf(it, attributeWindowStart)
	return itemKey{pk, windowStart}
}

// rowOf is the inverse of newItem. It lets attributes be that a row does not have, such as a time to live.
func rowOf(it item) (record.Row, error) {
	var row record.Row
	var err error
	if row.Kind, err = textOf(it, attributeKind); err != nil {
		return row, err
	}
	if row.Key, err = keyPartsOf(it); err != nil {
		return row, err
	}
	if row.WindowStart, err = timeOf(it, attributeWindowStart); err != nil {
		return row, err
	}
	if row.WindowEnd, err = timeOf(it, attributeWindowEnd); err != nil {
		return row, err
	}
	if row.Count, err = countOf(it); err != nil {
		return row, err
	}
	for _, n := range [...]struct {
		name string
		to   *string
	}{{attributeSum, &row.Sum}, {attributeMin, &row.Min}, {attributeMax, &row.Max}, {attributeMean, &row.Mean}} {
		if _, there := it[n.name]; !there {
			continue
		}
		if *n.to, err = numberOf(it, n.name); err != nil {
			return row, err
		}
	}
	if keyOf(&row) != itemKeyOf(it) {
		return row, fmt.Errorf("kind, key and window belong under %s", keyOf(&row))
	}
	return row, nil
}

func textOf(it item, name string) (string, error) {
	s, ok := it[name].(*types.AttributeValueMemberS)
	if !ok {
		return "", fmt.Errorf("%s is not a string", name)
	}
	return s.Value, nil
}

func keyPartsOf(it item) (string, error) {
	list, ok := it[attributeKey].(*types.AttributeValueMemberL)
	if !ok || len(list.Value) == 0 {
		return "", errors.New("key is not a list of strings")
	}
	parts := make([]string, len(list.Value))
	for i, value := range list.Value {
		part, ok := value.(*types.AttributeValueMemberS)
		if !ok {
			return "", errors.New("key is not a list of strings")
		}
		parts[i] = part.Value
	}
	return record.JoinKey(parts), nil
}

func timeOf(it item, name string) (int64, error) {
	s, err := textOf(it, name)
	if err != nil {
		return 0, err
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return at.UnixMilli(), nil
}

func numberOf(it item, name string) (string, error) {
	n, ok := it[name].(*types.AttributeValueMemberN)
	if !ok {
		return "", fmt.Errorf("%s is not a number", name)
	}
	number, err := record.CanonicalNumber(n.Value)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return number, nil
}

func countOf(it item) (int64, error) {
	number, err := numberOf(it, attributeCount)
	if err != nil {
		return 0, err
	}
	count, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	return count, nil
}
