package record

import (
	"encoding/json"
	"errors"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCanonicalNumberIsTheOnePlainForm(t *testing.T) {
	for text, want := range map[string]string{
		"0":                            "0",
		"-0":                           "0",
		"-0.000e-7":                    "0",
		"0e125":                        "0",
		"7":                            "7",
		"-1.50":                        "-1.5",
		"100":                          "100",
		"1.0":                          "1",
		"0.10":                         "0.1",
		"12e-1":                        "1.2",
		"12E+2":                        "1200",
		"-12e-5":                       "-0.00012",
		"0.0012e3":                     "1.2",
		"1e125":                        "1" + strings.Repeat("0", 125),
		"1e-130":                       "0." + strings.Repeat("0", 129) + "1",
		"1000e-133":                    "0." + strings.Repeat("0", 129) + "1",
		strings.Repeat("9", 38):        strings.Repeat("9", 38),
		strings.Repeat("9", 38) + "00": strings.Repeat("9", 38) + "00",
		"1." + strings.Repeat("0", 99): "1",
		"1e0000000000000000000000001":  "10",
	} {
		if got, err := CanonicalNumber(text); err != nil || got != want {
			t.Errorf("%s is %s, %v; want %s", text, got, err, want)
		}
	}
}

func TestCanonicalNumberRefusesWhatATableCannotHold(t *testing.T) {
	for _, text := range []string{
		"", "-", "+1", "01", "-01", ".5", "1.", "1.e3", "1e", "1e+", "1e+-3", "1e--3", "1e1.5", "0x10", "1_000", " 1", "1 ", "NaN", "Infinity", "1,5", "١",
		"1e126", "10e125", "-1e126", "9e-131", "0.1e-130", "1e999999999", "1e-999999999",
		"1e9223372036854775807", "1.5e-9223372036854775808", "1.000e-9223372036854775808", "1e99999999999999999999",
		strings.Repeat("9", 39), "1." + strings.Repeat("0", 37) + "1",
	} {
		if got, err := CanonicalNumber(text); !errors.Is(err, ErrBadValue) {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
}

// plainForm is what canonical numbers look like.
var plainForm = regexp.MustCompile(`^(0|-?([1-9][0-9]*|(0|[1-9][0-9]*)\.[0-9]*[1-9]))$`)

// checkNumber holds CanonicalNumber against math/big: what is taken has the same value in the plain form, and what is refused does not
// fit. Exponents beyond four digits are left out, for big numbers of them are slow to make.
func checkNumber(t interface{ Fatalf(string, ...any) }, text string) {
	got, err := CanonicalNumber(text)
	isNumber := json.Valid([]byte(text)) && strings.ContainsRune("-0123456789", rune(text[0])) && strings.TrimSpace(text) == text
	if !isNumber {
		if err == nil {
			t.Fatalf("%q is no number, and became %s", text, got)
		}
		return
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 && len(strings.TrimLeft(text[i+1:], "+-0")) > 4 {
		return
	}
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("math/big does not know %q", text)
	}
	if fits := fitsTable(value); fits != (err == nil) {
		t.Fatalf("%q fits: %v, error %v", text, fits, err)
	}
	if err != nil {
		return
	}
	if same, _ := new(big.Rat).SetString(got); same == nil || same.Cmp(value) != 0 || !plainForm.MatchString(got) {
		t.Fatalf("%q became %q", text, got)
	}
	if again, err := CanonicalNumber(got); err != nil || again != got {
		t.Fatalf("%q became %q, then %q, %v", text, got, again, err)
	}
}

// fitsTable says whether a number has at most 38 significant digits, is below 1E+126 and, if not zero, at least 1E-130.
func fitsTable(value *big.Rat) bool {
	size := new(big.Rat).Abs(value)
	if size.Sign() == 0 {
		return true
	}
	power := func(n int64) *big.Rat {
		return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil))
	}
	if size.Cmp(power(126)) >= 0 || size.Cmp(new(big.Rat).Inv(power(130))) < 0 {
		return false
	}
	digits := size.FloatString(130 + 40)
	return len(strings.Trim(strings.Replace(digits, ".", "", 1), "0")) <= 38
}

func TestCanonicalNumberKeepsTheValue(t *testing.T) {
	number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,42})(\.[0-9]{1,42})?([eE][+-]?[0-9]{1,3})?`)
	small := rapid.StringMatching(`-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?`)
	rapid.Check(t, func(t *rapid.T) { checkNumber(t, rapid.OneOf(number, small).Draw(t, "number")) })
}

func FuzzCanonicalNumberAgreesWithMathBig(f *testing.F) {
	for _, seed := range []string{"0", "-0.0", "12.50", "1e125", "1e126", "1e-130", "9.9e-131", "01", "1.", "-", "1e+-1", strings.Repeat("9", 39)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" || len(text) > 1000 {
			return
		}
		checkNumber(t, text)
	})
}

func BenchmarkCanonicalNumber(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := CanonicalNumber("-1234.50"); err != nil {
			b.Fatal(err)
		}
	}
}
