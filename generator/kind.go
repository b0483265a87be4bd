package generator

import (
	"math"
	"strings"
	"text/template"

	"weir/limits"
)

// kind is a kind of record, ready to be drawn from.
type kind struct {
	name       string
	escaped    bool // the name or a key holds a "|" or a "\", which the row's key writes in another way
	keys       keys
	size       sampler // nil: a payload is as long as it is
	sizes      bounds
	value      sampler // nil: there is none
	decimals   int
	scale      float64 // 10^decimals
	values     bounds
	delay      sampler
	delayShare float64
	layouts    []*layout          // the built-in one, or one a sample
	template   *template.Template // instead of layouts
}

const (
	// maxDecimals and exactInteger keep values exact: a value times 10^decimals is a whole number that float64 holds.
	maxDecimals  = 15
	exactInteger = 1 << 53
)

// delays are nanoseconds.
var delays = bounds{0, float64(maxDuration)}

// sizesIn leave room for the longest partition key, of 256 characters of 4 bytes.
func sizesIn(recordBytes int) bounds {
	return bounds{0, float64(recordBytes - 4*limits.PartitionKeyCharacters)}
}

func newKind(c *Kind, f *fields, shards, recordBytes int, zipfLeft *int, at place) *kind {
	k := &kind{name: c.Name, decimals: c.Decimals, scale: 1, delayShare: c.DelayShare, sizes: sizesIn(recordBytes)}
	k.keys = newKeys(&c.Keys, shards, zipfLeft, at.at("keys"))
	k.size = newSampler(&c.Size, k.sizes, at.problems, at.path("size"))
	if c.Decimals < 0 || c.Decimals > maxDecimals {
		at.add("decimals", "%d is not between 0 and %d", c.Decimals, maxDecimals)
	} else {
		k.scale = math.Pow10(c.Decimals)
	}
	k.values = bounds{-exactInteger / k.scale, exactInteger / k.scale}
	k.value = newSampler(&c.Value, k.values, at.problems, at.path("value"))
	if at.problems.within(at.path("delay.share"), c.DelayShare, 0, 1); c.DelayShare > 0 {
		if k.delay = newSampler(&c.Delay, delays, at.problems, at.path("delay")); k.delay == nil {
			at.add("delay", "it has a share and no form that can be used")
		}
	}
	k.escaped = k.keys.escaped || strings.ContainsAny(c.Name, `|\`)
	if f != nil {
		k.compile(c, f, at)
	}
	return k
}

// compile makes the payload's layouts, or its template.
func (k *kind) compile(c *Kind, f *fields, at place) {
	root := f.root
	if k.value == nil {
		root = f.valueless
	} else if f.paths.Value == "" {
		at.add("value", "there is no path for it in fields.value")
	}
	switch {
	case c.Template != "" && len(c.Samples) > 0:
		at.add("template", "it stands beside samples, and a kind has one payload")
	case c.Template != "":
		var err error
		if k.template, err = newTemplate(c.Template); err != nil {
			at.add("template", "%w", err)
		}
	case len(c.Samples) > 0:
		for _, s := range c.Samples {
			k.addLayout(&s, f, root, at)
		}
	default:
		k.addLayout(&Sample{Data: []byte("{}")}, f, root, at)
	}
}

func (k *kind) addLayout(s *Sample, f *fields, root *member, at place) {
	l, err := newLayout(s.Data, f, root, k.name)
	if err != nil {
		at.add("samples", "%s: %w", s.Name, err) // the built-in payload has no error
		return
	}
	l.sample = s.Name
	k.layouts = append(k.layouts, l)
}

// drawValue is a value as a whole number of 1/10^decimals.
func (k *kind) drawValue(r *random) int64 {
	return int64(math.Floor(float64(k.values.clamp(k.value.draw(r))*k.scale) + 0.5))
}

// drawDelay is how far the event time lies behind the due time.
func (k *kind) drawDelay(r *random) int64 {
	if k.delay == nil || !r.chance(k.delayShare) {
		return 0
	}
	return int64(delays.clamp(k.delay.draw(r)))
}

// drawSize is how many bytes a record's data is to have, 0 if that is left open.
func (k *kind) drawSize(r *random) int {
	if k.size == nil {
		return 0
	}
	return int(math.Round(k.sizes.clamp(k.size.draw(r))))
}
