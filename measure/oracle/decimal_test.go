package oracle

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDecimalText(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"0", "0"},
		{"-0", "0"},
		{"0.000", "0"},
		{"-0.0e5", "0"},
		{"1", "1"},
		{"-1.50", "-1.5"},
		{"100", "100"},
		{"0.001", "0.001"},
		{"-0.05", "-0.05"},
		{"12e3", "12000"},
		{"12E-3", "0.012"},
		{"1.5e+2", "150"},
		{"999999999999999999", "999999999999999999"},
		{"9223372036854775807", "9223372036854775807"},
		{"99999999999999999999999999999999999999", "99999999999999999999999999999999999999"},
		{"1e-130", "0." + strings.Repeat("0", 129) + "1"},
		{"1e125", "1" + strings.Repeat("0", 125)},
	} {
		d, ok := parseDecimal(test.text)
		if !ok || d.String() != test.want {
			t.Errorf("%s is %s (%v), want %s", test.text, d, ok, test.want)
		}
	}
	for _, text := range []string{"", "-", ".5", "1.", "1e", "1e9999", "--1", "1.-2", "+1", "1_0", "x", "1 ", "0x10", "NaN"} {
		if d, ok := parseDecimal(text); ok {
			t.Errorf("%q is read as %s", text, d)
		}
	}
}

func number() *rapid.Generator[string] {
	return rapid.StringMatching(`-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,12})?([eE][-+]?[0-9]{1,2})?`)
}

func rational(t *rapid.T, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%s is no rational", text)
	}
	return r
}

// Sums and comparisons are those of the rationals, in whatever order.
func TestDecimalsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(number(), 1, 8).Draw(t, "numbers")
		sum, exact := decimal{}, new(big.Rat)
		for i, text := range texts {
			d, ok := parseDecimal(text)
			if !ok {
				t.Fatalf("%s is not read", text)
			}
			r := rational(t, text)
			if i > 0 {
				other, _ := parseDecimal(texts[i-1])
				if got, want := d.compare(other), r.Cmp(rational(t, texts[i-1])); got != want {
					t.Fatalf("%s against %s is %d, want %d", text, texts[i-1], got, want)
				}
			}
			sum, exact = sum.plus(d), exact.Add(exact, r)
		}
		if got := rational(t, sum.String()); got.Cmp(exact) != 0 {
			t.Fatalf("the sum of %v is %s, want %s", texts, sum, exact.RatString())
		}
		if text := sum.String(); strings.Contains(text, ".") && strings.HasSuffix(text, "0") {
			t.Fatalf("the sum is written as %s", text)
		}
	})
}
