package table

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"weir/record"
)

var ignoreUnexported = cmpopts.IgnoreUnexported(types.AttributeValueMemberS{}, types.AttributeValueMemberN{}, types.AttributeValueMemberL{})

func number(n string) types.AttributeValue { return &types.AttributeValueMemberN{Value: n} }

func list(values ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: values}
}

func departure() record.Row {
	return record.Row{
		RowID: record.RowID{Kind: "depart#ure", Key: `JFK|gate\|4`, WindowStart: 1357020000000}, WindowEnd: 1357020060000,
		Count: 3, Sum: "-7.5", Min: "-9", Max: "1.5", Mean: "-2.5",
	}
}

func TestItemHasTheLayoutThatUsersRead(t *testing.T) {
	row := departure()
	_, got, err := newItem(&row)
	if err != nil {
		t.Fatal(err)
	}
	want := item{
		"pk":           text(`depart\#ure#JFK|gate\|4`),
		"window_start": text("2013-01-01T06:00:00Z"),
		"window_end":   text("2013-01-01T06:01:00Z"),
		"kind":         text("depart#ure"),
		"key":          list(text("JFK"), text("gate|4")),
		"count":        number("3"),
		"sum":          number("-7.5"),
		"min":          number("-9"),
		"max":          number("1.5"),
		"mean":         number("-2.5"),
	}
	if diff := cmp.Diff(want, got, ignoreUnexported); diff != "" {
		t.Error(diff)
	}
}

func TestItemWithoutValuesHasNoSumMinMax(t *testing.T) {
	row := departure()
	row.Sum, row.Min, row.Max, row.Mean = "", "", "", ""
	_, it, err := newItem(&row)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sum", "min", "max", "mean"} {
		if _, there := it[name]; there {
			t.Errorf("%s is there", name)
		}
	}
}

func anyRow(t *rapid.T) record.Row {
	name := rapid.StringOfN(rapid.SampledFrom([]rune{'a', '#', '\\', '|', 'ä'}), 0, 6, -1)
	value := rapid.SampledFrom([]string{"", "0", "-1", "12.5", "0.001", "99999999999999999999999999999999999999"})
	size := rapid.SampledFrom([]int64{1, 500, 1000, 60_000}).Draw(t, "size")
	start := rapid.Int64Range(-60_000_000, 60_000_000).Draw(t, "start") * size
	return record.Row{
		RowID: record.RowID{
			Kind: name.Draw(t, "kind"), WindowStart: start,
			Key: record.JoinKey(rapid.SliceOfN(name, 1, 3).Draw(t, "key")),
		},
		WindowEnd: start + size, Count: rapid.Int64().Draw(t, "count"),
		Sum: value.Draw(t, "sum"), Min: value.Draw(t, "min"), Max: value.Draw(t, "max"), Mean: value.Draw(t, "mean"),
	}
}

func TestEveryRowSurvivesItsItem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := anyRow(t)
		_, it, err := newItem(&row)
		if err != nil {
			t.Fatal(err)
		}
		got, err := rowOf(it)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(row, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestTwoRowsNeverShareAnItem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyRow(t), anyRow(t)
		b.WindowStart, b.WindowEnd = a.WindowStart, a.WindowEnd
		if (keyOf(&a) == keyOf(&b)) != (a.RowID == b.RowID) {
			t.Fatalf("%q %q and %q %q: %s, %s", a.Kind, a.Key, b.Kind, b.Key, keyOf(&a), keyOf(&b))
		}
	})
}

func TestKeysSortAsTheirWindowsDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyRow(t), anyRow(t)
		size := a.WindowEnd - a.WindowStart
		b.WindowStart -= (b.WindowStart%size + size) % size
		b.WindowEnd = b.WindowStart + size
		if (keyOf(&a).windowStart < keyOf(&b).windowStart) != (a.WindowStart < b.WindowStart) {
			t.Fatalf("%s, %s", keyOf(&a), keyOf(&b))
		}
	})
}

func TestRowOfTakesWhatMeansTheSame(t *testing.T) {
	row := departure()
	_, it, _ := newItem(&row)
	it["ttl"] = number("1357020000")
	it["sum"] = number("-75E-1")
	it["count"] = number("3.0")
	it["window_end"] = text("2013-01-01T07:01:00+01:00")
	got, err := rowOf(it)
	if diff := cmp.Diff(row, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestRowOfSaysWhyAnItemIsNoRow(t *testing.T) {
	for _, c := range []struct {
		attribute string
		value     types.AttributeValue
		want      string
	}{
		{"kind", nil, "kind is not a string"},
		{"kind", text("arrival"), "belong under"},
		{"pk", text("depart#ure#JFK"), "belong under"},
		{"key", text("JFK"), "key is not a list of strings"},
		{"key", list(), "key is not a list of strings"},
		{"key", list(number("1")), "key is not a list of strings"},
		{"window_start", text("2013-01-01T06:00:00.000Z"), "belong under"},
		{"window_start", text("noon"), "window_start: "},
		{"window_end", nil, "window_end is not a string"},
		{"count", nil, "count is not a number"},
		{"count", number("1.5"), "count: "},
		{"count", number("9223372036854775808"), "count: "},
		{"sum", text("1"), "sum is not a number"},
		{"max", number("NaN"), "max: "},
	} {
		row := departure()
		_, it, _ := newItem(&row)
		it[c.attribute] = c.value
		if c.value == nil {
			delete(it, c.attribute)
		}
		if _, err := rowOf(it); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %v: error %v, want %s", c.attribute, c.value, err, c.want)
		}
	}
}
