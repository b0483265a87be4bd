package window

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/record"
)

func TestAccumulator(t *testing.T) {
	nines := strings.Repeat("9", 18)
	for _, c := range []struct {
		name, values  string // separated by spaces, _ for a record without value
		count         int64
		sum, min, max string
	}{
		{"no value leaves sum, min and max absent", "_ _", 2, "", "", ""},
		{"a record without value counts and adds nothing", "_ 3 _ -4", 4, "-1", "-4", "3"},
		{"zero is a value", "0", 1, "0", "0", "0"},
		{"negative zero is zero", "-0 -0.0", 2, "0", "0", "0"},
		{"a tenth thrice is exactly three tenths", "0.1 0.1 0.1", 3, "0.3", "0.1", "0.1"},
		{"scales mix", "1 0.25 -0.125", 3, "1.125", "-0.125", "1"},
		{"exponents", "1e3 2.5E-1 5e+0", 3, "1005.25", "0.25", "1000"},
		{"an int64 overflows into a long sum", strings.Repeat(nines+" ", 10), 10, "9999999999999999990", nines, nines},
		{"and comes back from it", "9223372036854775807 1 -9223372036854775808", 3, "0", "-9223372036854775808", "9223372036854775807"},
		{"far scales", "1e37 0.5 -1e37", 3, "0.5", "-1" + strings.Repeat("0", 37), "1" + strings.Repeat("0", 37)},
		{"equal values of different scale are one value", "1.0 1 1.00", 3, "3", "1", "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var a Accumulator
			for value := range strings.FieldsSeq(c.values) {
				if err := a.Add(strings.TrimPrefix(value, "_")); err != nil {
					t.Fatal(err)
				}
			}
			var row record.Row
			a.Fill(&row)
			want := record.Row{Count: c.count, Sum: c.sum, Min: c.min, Max: c.max}
			if diff := cmp.Diff(want, row); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSumBeyond38DigitsIsAbsentAndTheRestIsThere(t *testing.T) {
	var a Accumulator
	for _, value := range []string{"1e38", "0.1"} {
		if err := a.Add(value); err != nil {
			t.Fatal(err)
		}
	}
	var row record.Row
	a.Fill(&row)
	if diff := cmp.Diff(record.Row{Count: 2, Min: "0.1", Max: "1" + strings.Repeat("0", 38)}, row); diff != "" {
		t.Error(diff)
	}
}

func TestUnusableValueLeavesTheAccumulatorAsItWas(t *testing.T) {
	for _, value := range []string{"x", "1.", ".5", "+1", "-", "NaN", "1e400", "0x1", "1_0", strings.Repeat("1", 39)} {
		var a Accumulator
		if err := a.Add(value); err == nil || a != (Accumulator{}) {
			t.Errorf("Add(%q) gave %v, %+v", value, err, a)
		}
	}
}

// anyNumber draws numbers around every border of the short form: sign, scale, exponent, 18 digits.
func anyNumber(t *rapid.T) string {
	digits := rapid.StringMatching(`-?(0|[1-9][0-9]{0,19})(\.[0-9]{1,12})?`).Draw(t, "number")
	if rapid.Bool().Draw(t, "exponent") {
		return fmt.Sprintf("%se%d", digits, rapid.IntRange(-20, 20).Draw(t, "e"))
	}
	return digits
}

func TestSumIsExactInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Custom(anyNumber), 1, 12).Draw(t, "values")
		var a, b Accumulator
		sum, low, high := new(big.Rat), rational(t, values[0]), rational(t, values[0])
		for _, value := range values {
			if err := a.Add(value); err != nil {
				t.Skip(err)
			}
			n := rational(t, value)
			sum.Add(sum, n)
			if n.Cmp(low) < 0 {
				low = n
			}
			if n.Cmp(high) > 0 {
				high = n
			}
		}
		for _, value := range rapid.Permutation(values).Draw(t, "permuted") {
			if err := b.Add(value); err != nil {
				t.Fatal(err)
			}
		}
		var row, permuted record.Row
		a.Fill(&row)
		b.Fill(&permuted)
		if row != permuted {
			t.Fatalf("%+v, and permuted %+v", row, permuted)
		}
		if row.Sum == "" {
			t.Skip("beyond 38 digits")
		}
		for _, c := range []struct {
			text string
			want *big.Rat
		}{{row.Sum, sum}, {row.Min, low}, {row.Max, high}} {
			if rational(t, c.text).Cmp(c.want) != 0 {
				t.Fatalf("%v: %+v, want %s", values, row, c.want)
			}
		}
	})
}

// A part of the values in one accumulator and the rest in another are as all of them in one, and what was written and read again is as it was.
func TestMergedAndRestoredIsAsIfNothingHadHappened(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var whole, left, right Accumulator
		for _, value := range rapid.SliceOfN(rapid.OneOf(rapid.Just(""), rapid.Custom(anyNumber)), 0, 12).Draw(t, "values") {
			if whole.Add(value) != nil {
				continue
			}
			part := &left
			if rapid.Bool().Draw(t, "right") {
				part = &right
			}
			if err := part.Add(value); err != nil {
				t.Fatal(err)
			}
		}
		var restored Accumulator
		rest, err := restored.Read(append(right.Append(nil), "rest"...))
		if err != nil || string(rest) != "rest" {
			t.Fatalf("%v, and %q is left", err, rest)
		}
		if err := left.Merge(&restored); err != nil {
			t.Fatal(err)
		}
		var want, got record.Row
		whole.Fill(&want)
		whole.FillMean(&want, 3)
		left.Fill(&got)
		left.FillMean(&got, 3)
		if want != got {
			t.Fatalf("%+v, want %+v", got, want)
		}
	})
}

func TestBytesThatAreNoStateAreRefused(t *testing.T) {
	var whole Accumulator
	for _, value := range []string{"1.5", "99999999999999999999"} {
		if err := whole.Add(value); err != nil {
			t.Fatal(err)
		}
		state := whole.Append(nil)
		for n := range state {
			if _, err := new(Accumulator).Read(state[:n]); err == nil {
				t.Errorf("%d of %d bytes passed", n, len(state))
			}
		}
	}
	for _, state := range [][]byte{{1, 2, 0, 0, 0, 0}, {1, 1, 3, 0, 0, 0}, {1, 1, 1, 1, 'x', 1, '1', 1, '1'}, {1, 1, 100, 0, 0, 0}} {
		if _, err := new(Accumulator).Read(state); err == nil {
			t.Errorf("%v passed", state)
		}
	}
}

func TestTheMeanIsOfTheValuesAndRoundedHalfAwayFromZero(t *testing.T) {
	for _, c := range []struct {
		values   string
		decimals int
		mean     string
	}{
		{"_ _", 2, ""},
		{"1 2 _", 2, "1.5"},
		{"1 1 2", 3, "1.333"},
		{"1 2 2", 3, "1.667"},
		{"1 2", 0, "2"},
		{"-1 -2", 0, "-2"},
		{"0.1 0.2 0.2", 1, "0.2"},
		{"0.004 0.005", 2, "0"},
		{"-0.004 -0.006", 2, "-0.01"},
		{"1e37 2e37", 0, "15" + strings.Repeat("0", 36)},
		{"1e37 2e37 1e37", 6, ""}, // 44 digits
		{"1e38 0.1", 0, "5" + strings.Repeat("0", 37)},
		{"99999999999999999999 1", 6, "50000000000000000000"},
	} {
		var a Accumulator
		for value := range strings.FieldsSeq(c.values) {
			if err := a.Add(strings.TrimPrefix(value, "_")); err != nil {
				t.Fatal(err)
			}
		}
		var row record.Row
		if a.FillMean(&row, c.decimals); row.Mean != c.mean {
			t.Errorf("the mean of %s to %d decimals is %q, want %q", c.values, c.decimals, row.Mean, c.mean)
		}
	}
}

func rational(t *rapid.T, text string) *big.Rat {
	n, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is not a number", text)
	}
	return n
}

func BenchmarkAccumulator(b *testing.B) {
	for _, c := range []struct{ name, value string }{{"short", "-17"}, {"scaled", "39.02"}, {"long", "12345678901234567890.5"}} {
		b.Run(c.name, func(b *testing.B) {
			var a Accumulator
			for b.Loop() {
				if err := a.Add(c.value); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/record")
		})
	}
}
