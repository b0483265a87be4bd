package scenarios

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"

	"weir/generator"
)

func (s *Scenario) validateLoad(p *problems) {
	l := &s.Load
	switch {
	case l.Replay != nil:
		l.Replay.validate(p)
		l.validateNothingBesideReplay(p)
	case len(l.Kinds) == 0 && len(l.Rate) == 0:
		p.add("load", "there is none").hint = "it takes kinds and rate, or replay"
	case len(l.Kinds) == 0:
		p.add("load.kinds", "is missing: nothing says what the records are")
	case len(l.Rate) == 0:
		p.add("load.rate", "is missing: nothing says how many records there are")
	default:
		s.validateKinds(p)
	}
}

func (l *Load) validateNothingBesideReplay(p *problems) {
	for _, other := range []struct {
		name  string
		given bool
	}{
		{"scale", l.Scale != nil},
		{"duplicates", l.Duplicates != nil},
		{"unreadable", l.Unreadable != nil},
		{"kinds", len(l.Kinds) > 0},
		{"rate", len(l.Rate) > 0},
	} {
		if other.given {
			p.add("load."+other.name, "stands beside replay, and a recording has its own records and times").hint = "load.replay.speed and load.replay.rate say how fast it goes"
		}
	}
}

func (s *Scenario) validateKinds(p *problems) {
	l := &s.Load
	if l.Scale != nil && *l.Scale <= 0 {
		p.add("load.scale", "%s is not above zero", l.Scale)
	}
	validatePart(p, "load.duplicates", l.Duplicates)
	validatePart(p, "load.unreadable", l.Unreadable)
	positive := false
	for _, name := range slices.Sorted(maps.Keys(l.Kinds)) {
		kind := l.Kinds[name]
		kind.validate(p, join("load.kinds", name), s.Pipeline.Input.MaxRecord)
		positive = positive || kind.Weight > 0
	}
	for i := range l.Rate {
		l.Rate[i].validate(p, index("load.rate", i))
	}
	s.validateGenerator(p)
	if !positive {
		p.add("load.kinds", "no kind has a weight above zero")
	}
}

// validatePart checks a share that has to leave something over.
func validatePart(p *problems, path string, share *Share) {
	if x := valueOf(share); x < 0 || x >= 1 {
		p.add(path, "%s is not at least 0%% and below 100%%", x)
	}
}

// validateGenerator asks the generator for what is wrong beyond that. What is named already is left out, and so is what it says of all
// kinds together: that is the weights.
func (s *Scenario) validateGenerator(p *problems) {
	_, err := generator.New(s.generator("check", p))
	var joined interface{ Unwrap() []error }
	if err == nil || !errors.As(err, &joined) {
		return
	}
	before := *p
	for _, err := range joined.Unwrap() {
		path, text, _ := strings.Cut(err.Error(), ": ")
		if path = scenarioPath(path); path != "load.kinds" && !before.touches(path) {
			p.add(path, "%s", text)
		}
	}
}

// scenarioPath is what the path of a field of [generator.Config] is in a scenario.
func scenarioPath(path string) string {
	for _, name := range []struct{ from, to string }{
		{"phases", "load.rate"},
		{"kinds", "load.kinds"},
		{"duplicates", "load.duplicates"},
		{"unreadable", "load.unreadable"},
		{"shards", "pipeline.input.shards"},
	} {
		if rest, ok := strings.CutPrefix(path, name.from); ok && overlap(path, name.from) {
			return name.to + strings.NewReplacer(".keys.list", ".keys.file", "].limit", "].extend_to").Replace(rest)
		}
	}
	return path
}

// shapeFields are the fields that a shape needs, beside for. A curve has one of its two.
var shapeFields = map[RateShape][]string{
	RateShape(generator.Hold):    {"at"},
	RateShape(generator.Ramp):    {"from", "to"},
	RateShape(generator.Step):    {"from", "to", "steps"},
	RateShape(generator.Sine):    {"at", "amplitude", "every"},
	RateShape(generator.Burst):   {"at", "peak", "every", "lasting"},
	RateShape(generator.Poisson): {"at"},
	RateShape(generator.Curve):   {"curve", "file"},
}

// mayHave are the fields that a shape takes and does not need.
var mayHave = map[RateShape][]string{RateShape(generator.Hold): {"extend_to"}}

func (f *Phase) validate(p *problems, path string) {
	if !oneOf(p, join(path, "shape"), f.Shape) {
		return
	}
	takes := shapeFields[f.Shape]
	value := reflect.ValueOf(f).Elem()
	for _, field := range fieldsOf(value.Type()) {
		given, mine := !value.FieldByIndex(field.index).IsZero(), slices.Contains(takes, field.name)
		switch {
		case field.name == "shape" || field.name == "name" || field.name == "for":
		case given && slices.Contains(mayHave[f.Shape], field.name):
		case given && !mine:
			p.add(join(path, field.name), "a phase of shape %s has none", f.Shape).hint = "its fields are for, " + strings.Join(slices.Concat(takes, mayHave[f.Shape]), ", ")
		case !given && mine && !f.isCurve():
			p.add(join(path, field.name), "is missing").hint = "a phase of shape " + string(f.Shape) + " needs for, " + strings.Join(takes, ", ")
		}
	}
	if f.Shape == RateShape(generator.Sine) && f.Amplitude != nil && f.At != nil && f.Amplitude.PerSecond() > f.At.PerSecond() {
		p.add(join(path, "amplitude"), "%s is above the mean, %s: no rate is below zero", f.Amplitude, f.At)
	}
	f.validateExtension(p, join(path, "extend_to"))
	switch {
	case f.isCurve() && (f.Curve == nil) == (f.File == ""):
		p.add(path, "a curve has points in curve or in file, and not both")
	case f.For == nil && !f.isCurve():
		p.add(join(path, "for"), "is missing").hint = "it says how long the phase lasts, as in 20s"
	case f.For != nil && *f.For <= 0:
		p.add(join(path, "for"), "%s is not above zero", f.For)
	}
}

func (f *Phase) validateExtension(p *problems, path string) {
	switch {
	case f.ExtendTo == nil || f.For == nil:
	case *f.ExtendTo <= *f.For:
		p.add(path, "%s is no longer than the hold itself, %s", f.ExtendTo, f.For)
	case f.Name == measuredApart:
		p.add(path, "a warm-up has no trend that it could be extended for")
	}
}

func (f *Phase) isCurve() bool { return f.Shape == RateShape(generator.Curve) }
