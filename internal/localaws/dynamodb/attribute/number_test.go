package attribute

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNumbersTakeTheirCanonicalForm(t *testing.T) {
	for given, want := range map[string]string{
		"1": "1", "1.0": "1", "-0": "0", "0.0": "0", "1e5": "100000", "1E+5": "100000", "+5": "5", ".5": "0.5", "5.": "5",
		"00012": "12", "1.10": "1.1", "0e999": "0", "0e99999999999": "0", "-1.50E-3": "-0.0015",
		"1e125":                                        "1" + strings.Repeat("0", 125),
		"1e-130":                                       "0." + strings.Repeat("0", 129) + "1",
		strings.Repeat("1", 38):                        strings.Repeat("1", 38),
		"1" + strings.Repeat("0", 45):                  "1" + strings.Repeat("0", 45),
		"0." + strings.Repeat("0", 20) + "1":           "0." + strings.Repeat("0", 20) + "1",
		"123456789012345678901234567890.12345678":      "123456789012345678901234567890.12345678",
		strings.Repeat("0", 1e6) + "7":                 "7",
		"7." + strings.Repeat("0", 1e6):                "7",
		"0." + strings.Repeat("0", 1e6) + "12e1000001": "1.2",
		"12" + strings.Repeat("0", 1e6) + "e-1000001":  "1.2",
		"0e-99999999999999999999":                      "0",
	} {
		got, err := ParseNumber(given)
		if err != nil || string(got) != want {
			t.Errorf("ParseNumber(%q) = %q, %v; want %q", given, got, err, want)
		}
	}
}

func TestNumbersOutsideTheirBoundsAreRefused(t *testing.T) {
	for given, want := range map[string]error{
		strings.Repeat("1", 39):   errDigits,
		"1e126":                   errOverflow,
		"-1e126":                  errOverflow,
		"1e99999999999":           errOverflow,
		"1e-131":                  errUnderflow,
		"-1e-99999999999":         errUnderflow,
		"1e99999999999999999999":  errOverflow,
		"1e-99999999999999999999": errUnderflow,
		"0." + strings.Repeat("0", 100_100) + "1": errUnderflow,
		"1" + strings.Repeat("0", 100_000):        errOverflow,
		strings.Repeat("7", 1_600_000):            errOverflow,
		"0." + strings.Repeat("7", 1_600_000):     errDigits,
	} {
		if _, err := ParseNumber(given); !errors.Is(err, want) {
			t.Errorf("ParseNumber(%q): %v, want %v", given, err, want)
		}
	}
	for _, given := range []string{"", " 1", "1 ", "abc", "NaN", "Infinity", "1_0", "0x1", "1e", "-", "1e+", "--1", ".", "1.2.3", "e5", "٣"} {
		want := notNumeric(given)
		if _, err := ParseNumber(given); !errors.Is(err, want) {
			t.Errorf("ParseNumber(%q): %v, want %v", given, err, want)
		}
	}
}

func TestArithmeticIsExactToThirtyEightDigits(t *testing.T) {
	tests := []struct {
		a, b Number
		sum  string
		err  error
	}{
		{"5", "1", "6", nil},
		{"0.1", "0.2", "0.3", nil},
		{"5", "-5", "0", nil},
		{"99999999999999999999999999999999999999", "1", "1" + strings.Repeat("0", 38), nil},
		{"99999999999999999999999999999999999998", "0.1", "", errDigits},
		{Number("9" + strings.Repeat("0", 125)), Number("9" + strings.Repeat("0", 125)), "", errOverflow},
		{Number("1" + strings.Repeat("0", 125)), Number("0." + strings.Repeat("0", 129) + "1"), "", errDigits},
	}
	for _, test := range tests {
		got, err := Add(test.a, test.b)
		if string(got) != test.sum || !errors.Is(err, test.err) {
			t.Errorf("%s + %s = %q, %v; want %q, %v", test.a, test.b, got, err, test.sum, test.err)
		}
	}
	if got, err := Subtract("0.3", "0.1"); got != "0.2" || err != nil {
		t.Errorf("0.3 - 0.1 = %q, %v", got, err)
	}
}

// anyNumber draws a number that DynamoDB takes, as it may be written.
func anyNumber(t *rapid.T) string {
	digits := rapid.StringMatching(`[0-9]{1,38}`).Draw(t, "digits")
	sign := rapid.SampledFrom([]string{"", "-", "+"}).Draw(t, "sign")
	exponent := rapid.IntRange(-130, 87).Draw(t, "exponent")
	return fmt.Sprintf("%s%se%d", sign, digits, exponent)
}

func rational(t *rapid.T, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return r
}

func TestCanonicalFormKeepsTheValueAndIsItsOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyNumber(t)
		n, err := ParseNumber(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if rational(t, text).Cmp(rational(t, string(n))) != 0 {
			t.Fatalf("%q became %q", text, n)
		}
		if again, err := ParseNumber(string(n)); again != n || err != nil {
			t.Fatalf("%q, canonical, became %q, %v", n, again, err)
		}
	})
}

func TestSortKeysOfNumbersSortAsTheirValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyNumber(t), anyNumber(t)
		x, err := ParseNumber(a)
		y, err2 := ParseNumber(b)
		if err != nil || err2 != nil {
			t.Fatalf("%q, %q: %v, %v", a, b, err, err2)
		}
		want := rational(t, a).Cmp(rational(t, b))
		if got, ok := Compare(x, y); got != want || !ok {
			t.Fatalf("Compare(%q, %q) = %d, %t; want %d", a, b, got, ok, want)
		}
	})
}

func BenchmarkParseNumber(b *testing.B) {
	for _, text := range []string{"1234.5", "1.50"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				if _, err := ParseNumber(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
