package replay

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Pace says how fast a recording is replayed: at a multiple of its own timing, at a fixed rate, or as fast as its records
// are taken. The zero value is the recording's own timing.
type Pace struct {
	kind paceKind
	// mul/div is a whole fraction in lowest terms: nanoseconds of due time a millisecond of event time, or a record.
	mul, div uint64
	text     string
}

type paceKind uint8

const (
	bySpeed paceKind = iota
	byRate
	unpaced
)

const (
	nanosPerMilli  = 1_000_000
	nanosPerSecond = 1_000_000_000
	// maxDigits and the bounds on decimals below keep every product of ParseSpeed and ParseRate within 64 bits.
	maxDigits     = 12
	speedDecimals = 9
	rateDecimals  = 6
)

// ParseSpeed reads a multiple of the recording's own timing, as "1", "60x" or "0.5x", or "max", which has no schedule.
// It takes up to 12 digits, 9 of them after the point.
func ParseSpeed(text string) (Pace, error) {
	if text == "max" {
		return Pace{kind: unpaced, text: text}, nil
	}
	number := strings.TrimSuffix(text, "x")
	n, decimals, ok := parseDecimal(number)
	if !ok || n == 0 || decimals > speedDecimals {
		return Pace{}, fmt.Errorf("speed %q is neither a factor such as 1, 60x or 0.5x nor max", text)
	}
	return newPace(bySpeed, nanosPerMilli*pow10(decimals), n, number+"x"), nil
}

// ParseRate reads a fixed number of records a second, minute or hour, as "100/s", "10k/s", "600k/min" or "1.5M/h".
// It takes up to 12 digits, 6 of them after the point.
func ParseRate(text string) (Pace, error) {
	count, unit, _ := strings.Cut(text, "/")
	seconds, ok := map[string]uint64{"s": 1, "min": 60, "h": 3600}[unit]
	number := strings.TrimRight(count, "kM")
	times, scaled := map[string]uint64{"": 1, "k": 1_000, "M": 1_000_000}[count[len(number):]]
	n, decimals, numeric := parseDecimal(number)
	if !ok || !scaled || !numeric || n == 0 || decimals > rateDecimals {
		return Pace{}, fmt.Errorf("rate %q is not a number of records such as 100/s, 10k/s or 600k/min", text)
	}
	return newPace(byRate, nanosPerSecond*seconds*pow10(decimals), n*times, text), nil
}

func newPace(kind paceKind, mul, div uint64, text string) Pace {
	common := gcd(mul, div)
	return Pace{kind: kind, mul: mul / common, div: div / common, text: text}
}

// Max says that there is no schedule: every record is due when it is handed over.
func (p Pace) Max() bool { return p.kind == unpaced }

// String is the pace as it was written.
func (p Pace) String() string {
	if p.text == "" {
		return "1x"
	}
	return p.text
}

// at is floor(x·mul/div) ns, computed in 128 bits; what does not fit a Duration (292 years) is its maximum.
func (p Pace) at(x uint64) time.Duration {
	if p.div == 0 {
		p.mul, p.div = nanosPerMilli, 1
	}
	hi, lo := bits.Mul64(x, p.mul)
	if hi >= p.div {
		return math.MaxInt64
	}
	nanos, _ := bits.Div64(hi, lo, p.div)
	return time.Duration(min(nanos, math.MaxInt64))
}

// parseDecimal reads digits with at most one point between them as n/10^decimals.
func parseDecimal(text string) (n uint64, decimals int, ok bool) {
	whole, fraction, point := strings.Cut(text, ".")
	if whole == "" || (point && fraction == "") || len(whole)+len(fraction) > maxDigits {
		return 0, 0, false
	}
	for _, c := range whole + fraction {
		if c < '0' || c > '9' {
			return 0, 0, false
		}
	}
	n, err := strconv.ParseUint(whole+fraction, 10, 64)
	return n, len(fraction), err == nil
}

func pow10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
