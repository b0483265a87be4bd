package regression

import (
	"fmt"
	"math"
	"strings"
)

// percent is the change that a logarithm of a ratio stands for.
func percent(logarithm float64) *float64 { return new(100 * math.Expm1(logarithm)) }

// points is a logarithm as a percentage, to three digits.
func points(logarithm float64) string { return fmt.Sprintf("%.3g %%", *percent(logarithm)) }

func signed(logarithm float64) string { return fmt.Sprintf("%+.3g %%", *percent(logarithm)) }

// several is a number of things, of which the first word is in the plural.
func several(n int, things string) string {
	if first, rest, _ := strings.Cut(things, " "); n == 1 {
		return strings.TrimSpace("1 " + strings.TrimSuffix(first, "s") + " " + rest)
	}
	return fmt.Sprintf("%d %s", n, things)
}
