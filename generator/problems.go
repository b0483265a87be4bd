package generator

import (
	"errors"
	"fmt"
	"math"
)

// problems are what is wrong with a configuration, all of it.
type problems struct{ all []error }

// add notes what is wrong at a path of the configuration.
func (p *problems) add(path, format string, args ...any) {
	p.all = append(p.all, fmt.Errorf("%s: %w", path, fmt.Errorf(format, args...)))
}

// within checks that a number is one, and lies between two bounds.
func (p *problems) within(path string, x, least, most float64) bool {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		p.add(path, "%v is not a number that can be used", x)
	case x < least:
		p.add(path, "%v is below %v", x, least)
	case x > most:
		p.add(path, "%v is above %v", x, most)
	default:
		return true
	}
	return false
}

// share checks a share of the records that cannot be all of them.
func (p *problems) share(path string, x float64) {
	if p.within(path, x, 0, 1) && x == 1 {
		p.add(path, "it cannot be all of the records")
	}
}

func (p *problems) err() error { return errors.Join(p.all...) }

// place is a part of the configuration, with the problems to add to.
type place struct {
	problems *problems
	prefix   string
}

func (p *problems) at(format string, args ...any) place {
	return place{problems: p, prefix: fmt.Sprintf(format, args...)}
}

func (at place) at(name string) place { return place{at.problems, at.path(name)} }

func (at place) path(name string) string { return at.prefix + "." + name }

func (at place) add(name, format string, args ...any) {
	at.problems.add(at.path(name), format, args...)
}

func (at place) rate(name string, rate float64) { at.problems.within(at.path(name), rate, 0, maxRate) }
