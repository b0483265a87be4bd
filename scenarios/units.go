package scenarios

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// unit is a value that is written as one word, most with their unit. Set reads the word, and its error says how one looks;
// String writes it so that Set reads the same again.
type unit interface {
	fmt.Stringer
	Set(text string) error
}

// How the units are written; the schema says the same. A decimal stands in front of its unit, or without one.
const (
	decimalPattern  = `[0-9]+(\.[0-9]+)?`
	numberPattern   = `-?` + decimalPattern
	durationPattern = `(` + decimalPattern + `(ns|us|µs|ms|s|m|h))+`
	sizePattern     = `[0-9]+(B|KiB|MiB|GiB)`
	countPattern    = decimalPattern + `[kM]?`
	sharePattern    = decimalPattern + `%`
	ratePattern     = decimalPattern + `[kM]?/(s|min|h)`
)

var (
	decimalText  = whole(decimalPattern)
	numberText   = whole(numberPattern)
	durationText = whole(durationPattern)
)

// whole matches a whole text.
func whole(pattern string) *regexp.Regexp { return regexp.MustCompile(`^(` + pattern + `)$`) }

// thousands are the letters that stand for powers of ten in counts and rates.
var thousands = map[string]string{"": "", "k": "e3", "M": "e6"}

// parseThousands reads 2000, 2k, 1.5M. The power of ten goes into the text, so that the result is rounded once.
func parseThousands(text string) (float64, bool) {
	number := strings.TrimRight(text, "kM")
	exponent, ok := thousands[text[len(number):]]
	if !ok || !decimalText.MatchString(number) {
		return 0, false
	}
	x, err := strconv.ParseFloat(number+exponent, 64)
	return x, err == nil
}

// formatThousands writes a number with the largest letter that leaves it whole.
func formatThousands(x float64) string {
	for _, letter := range []struct {
		name string
		is   float64
	}{{"M", 1e6}, {"k", 1e3}} {
		if whole := x / letter.is; whole >= 1 && whole == float64(int64(whole)) && whole*letter.is == x {
			return strconv.FormatInt(int64(whole), 10) + letter.name
		}
	}
	return formatNumber(x)
}

func formatNumber(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// Duration is written with its unit: 10s, 250ms, 1h30m. None is below zero.
type Duration time.Duration

// String leaves out the parts that are zero: 1h and not 1h0m0s.
func (d Duration) String() string {
	text := time.Duration(d).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Set reads a duration.
func (d *Duration) Set(text string) error {
	parsed, err := time.ParseDuration(text)
	if err != nil || !durationText.MatchString(text) {
		return fmt.Errorf("%q is not a duration such as 10s, 250ms or 1h30m", text)
	}
	*d = Duration(parsed)
	return nil
}

// Type names the flag's value in the help.
func (Duration) Type() string { return "duration" }

// Size is a number of bytes, written with a binary unit where it divides: 64MiB, 200B.
type Size int64

type sizeUnit struct {
	name  string
	bytes Size
}

// sizeUnits go from the largest to the smallest; "B" comes last, for every other name ends in it.
var sizeUnits = [...]sizeUnit{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}

// String is the size in the largest unit that divides it.
func (s Size) String() string {
	for _, unit := range sizeUnits {
		if s >= unit.bytes && s%unit.bytes == 0 {
			return strconv.FormatInt(int64(s/unit.bytes), 10) + unit.name
		}
	}
	return "0B"
}

// Set reads a size: a whole number and a unit out of B, KiB, MiB and GiB.
func (s *Size) Set(text string) error {
	for _, unit := range sizeUnits {
		number, ok := strings.CutSuffix(text, unit.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 62)
		if err != nil || Size(n) > (1<<62)/unit.bytes {
			break
		}
		*s = Size(n) * unit.bytes
		return nil
	}
	if decimalUnit.MatchString(text) {
		return fmt.Errorf("%q has a unit of a thousand bytes; sizes are in B, KiB, MiB and GiB, as AWS's limits are", text)
	}
	return fmt.Errorf("%q is not a size such as 64MiB, 16KiB or 200B", text)
}

// decimalUnit tells a size in units of 1,000, or in none that is clear.
var decimalUnit = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?([kKMGT][bB]|[kKMGT])$`)

// Count is a whole number, written with k for thousands and M for millions where they divide: 500, 2k, 1M.
type Count int64

// String is the count with the largest letter that divides it.
func (c Count) String() string {
	switch {
	case c != 0 && c%1_000_000 == 0:
		return strconv.FormatInt(int64(c/1_000_000), 10) + "M"
	case c != 0 && c%1000 == 0:
		return strconv.FormatInt(int64(c/1000), 10) + "k"
	}
	return strconv.FormatInt(int64(c), 10)
}

// maxCount is where a float64 stops telling whole numbers apart.
const maxCount = 1 << 53

// Set reads a count: 1.5k is one, and 1.5 is none.
func (c *Count) Set(text string) error {
	x, ok := parseThousands(text)
	if !ok || x != float64(int64(x)) || x > maxCount {
		return fmt.Errorf("%q is not a count such as 500, 2k or 1M", text)
	}
	*c = Count(x)
	return nil
}

// Number is a number without a unit: a weight, a factor, a value.
type Number float64

// String is the shortest text that reads as the same number, without an exponent.
func (n Number) String() string { return formatNumber(float64(n)) }

// Set reads a number. There is neither an infinite one nor an exponent.
func (n *Number) Set(text string) error {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !numberText.MatchString(text) {
		return fmt.Errorf("%q is not a number such as 3, 0.5 or -1.25", text)
	}
	*n = Number(x)
	return nil
}

// Share is a part of a whole, written in percent: 1%, 0.5%. Its value is the fraction, 0.01 for 1%.
type Share float64

// String is the share in percent.
func (s Share) String() string {
	whole, fraction, _ := strings.Cut(formatNumber(float64(s)), ".")
	fraction += strings.Repeat("0", max(0, 2-len(fraction)))
	whole = strings.TrimLeft(whole+fraction[:2], "0")
	if whole == "" {
		whole = "0"
	}
	if fraction = fraction[2:]; fraction != "" {
		whole += "." + fraction
	}
	return whole + "%"
}

// Set reads a share. As in the other units, the power of ten goes into the text, so that the result is rounded once.
func (s *Share) Set(text string) error {
	number, ok := strings.CutSuffix(text, "%")
	if !ok || !decimalText.MatchString(number) {
		return fmt.Errorf("%q is not a share such as 1%% or 0.5%%", text)
	}
	x, err := strconv.ParseFloat(number+"e-2", 64)
	if err != nil {
		return fmt.Errorf("%q is not a share such as 1%% or 0.5%%", text)
	}
	*s = Share(x)
	return nil
}

// Type names the flag's value in the help.
func (Share) Type() string { return "share" }

// Laps is how often something is gone through: a whole number from 1, or forever.
type Laps int

// Forever is without end.
const Forever Laps = -1

// String is the number of laps, or forever.
func (l Laps) String() string {
	if l == Forever {
		return "forever"
	}
	return strconv.Itoa(int(l))
}

// Set reads a number of laps.
func (l *Laps) Set(text string) error {
	if text == "forever" {
		*l = Forever
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || n == 0 {
		return fmt.Errorf("%q is not a number of laps such as 1 or 10, or forever", text)
	}
	*l = Laps(n)
	return nil
}

// Type names the flag's value in the help.
func (Laps) Type() string { return "laps" }

// Rate is a number of records in a time: 10k/s, 600k/min, 0/min.
type Rate struct {
	Records float64
	// Per is a second, a minute or an hour; zero stands for a second.
	Per time.Duration
}

// rateUnits are the times that a rate can be in.
var rateUnits = map[string]time.Duration{"s": time.Second, "min": time.Minute, "h": time.Hour}

// PerSecond is the rate in records a second.
func (r Rate) PerSecond() float64 {
	if r.Per == 0 {
		return r.Records
	}
	return r.Records / r.Per.Seconds()
}

// String is the rate in its own unit of time.
func (r Rate) String() string {
	for name, per := range rateUnits {
		if r.Per == per {
			return formatThousands(r.Records) + "/" + name
		}
	}
	return formatThousands(r.Records) + "/s"
}

// Set reads a rate.
func (r *Rate) Set(text string) error {
	number, name, _ := strings.Cut(text, "/")
	per, known := rateUnits[name]
	records, ok := parseThousands(number)
	if !known || !ok {
		return fmt.Errorf("%q is not a rate such as 10k/s, 600k/min or 0/min", text)
	}
	*r = Rate{Records: records, Per: per}
	return nil
}
