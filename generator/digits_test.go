package generator

import (
	"fmt"
	"math"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestNumbersAreWrittenAsFmtDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, width := rapid.Uint64().Draw(t, "n"), rapid.IntRange(1, 19).Draw(t, "width")
		if got, want := string(appendPadded([]byte("x"), n, width)), fmt.Sprintf("x%0*d", width, n); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		decimals := rapid.IntRange(0, maxDecimals).Draw(t, "decimals")
		// Up to 2^53, so that float64 holds the number exactly, and the nearest decimal is its own.
		value := rapid.Int64Range(-exactInteger, exactInteger).Draw(t, "value")
		if got, want := string(appendDecimal(nil, value, decimals)), exact(value, decimals); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}

// exact is value/10^decimals by text alone.
func exact(value int64, decimals int) string {
	sign := ""
	if value < 0 {
		sign, value = "-", -value
	}
	text := fmt.Sprintf("%0*d", decimals+1, value)
	if decimals == 0 {
		return sign + text
	}
	return sign + text[:len(text)-decimals] + "." + text[len(text)-decimals:]
}

func TestDigitsAreCounted(t *testing.T) {
	power := uint64(1)
	for range 20 {
		for _, n := range []uint64{power - 1, power, power + 1, math.MaxUint64} {
			if got, want := digitsOf(n), len(strconv.FormatUint(n, 10)); got != want {
				t.Errorf("%d has %d digits, not %d", n, want, got)
			}
		}
		power *= 10
	}
}

func TestEventTimesAreWrittenAsTimeDoes(t *testing.T) {
	var e eventTimes
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.OneOf(rapid.Int64Range(-2000, 2000), rapid.Int64Range(-40e12, 200e12)).Draw(t, "ms")
		got := string(e.appendTo([]byte("x"), ms))
		if want := time.UnixMilli(ms).UTC().Format("x2006-01-02T15:04:05.000Z"); got != want || len(got) != eventTimeLength+1 {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}
