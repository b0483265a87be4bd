package scenarios

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Duration is written with its unit: 10s, 250ms, 1h30m.
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

// MarshalYAML writes the duration as String does.
func (d Duration) MarshalYAML() (any, error) { return d.String(), nil }

// Set reads a duration from a flag.
func (d *Duration) Set(text string) error {
	parsed, err := time.ParseDuration(text)
	if err != nil {
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

// MarshalYAML writes the size as String does.
func (s Size) MarshalYAML() (any, error) { return s.String(), nil }

// UnmarshalYAML reads a duration as it is written.
func (d *Duration) UnmarshalYAML(text []byte) error {
	var word string
	if err := yaml.Unmarshal(text, &word); err != nil {
		return err
	}
	return d.Set(word)
}

// UnmarshalYAML reads a size as it is written.
func (s *Size) UnmarshalYAML(text []byte) error {
	var word string
	if err := yaml.Unmarshal(text, &word); err != nil {
		return err
	}
	return s.Set(word)
}

// Set reads a size: a whole number and a unit out of B, KiB, MiB and GiB.
func (s *Size) Set(text string) error {
	for _, unit := range sizeUnits {
		number, ok := strings.CutSuffix(text, unit.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || n < 0 || Size(n) > (1<<62)/unit.bytes {
			break
		}
		*s = Size(n) * unit.bytes
		return nil
	}
	return fmt.Errorf("%q is not a size such as 64MiB, 16KiB or 200B", text)
}
