package table

import (
	"testing"

	"pgregory.net/rapid"

	"weir/record"
)

func TestTheBytesOfARowAreThoseOfItsItem(t *testing.T) {
	number := rapid.SampledFrom([]string{"", "0", "-7.5", "12345678901234567890.123", "-0.000001"})
	rapid.Check(t, func(t *rapid.T) {
		start := rapid.OneOf(rapid.Int64Range(year0-3, year0+3), rapid.Int64Range(year10000-3, year10000+3), rapid.Int64Range(0, 2e12)).Draw(t, "start")
		row := record.Row{
			RowID: record.RowID{
				Kind: rapid.StringOfN(rapid.SampledFrom([]rune(`a#\|ä`)), 0, 6, -1).Draw(t, "kind"),
				Key:  rapid.StringOfN(rapid.SampledFrom([]rune(`a#\|ä`)), 0, 9, -1).Draw(t, "key"), WindowStart: start,
			},
			WindowEnd: start + rapid.SampledFrom([]int64{1, 999, 1000, 60_000}).Draw(t, "size"), Count: rapid.Int64().Draw(t, "count"),
			Sum: number.Draw(t, "sum"), Min: number.Draw(t, "min"), Max: number.Draw(t, "max"), Mean: number.Draw(t, "mean"),
		}
		_, it, err := newItem(&row)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := ItemBytes(&row), itemBytes(it); got != want {
			t.Errorf("%+v: %d bytes, and its item has %d", row, got, want)
		}
	})
}

func BenchmarkItemBytes(b *testing.B) {
	row := departure()
	b.ReportAllocs()
	for b.Loop() {
		_ = ItemBytes(&row)
	}
}
