package scenarios

import "time"

const (
	// maxWindow keeps a window's bounds within the years that can be written.
	maxWindow = Duration(366 * 24 * time.Hour)
	// maxPanes bounds how many panes a window is made of, for each is looked at whenever a window fires.
	maxPanes = 10_000
	// maxMean leaves room in front of the point of a number of 38 digits.
	maxMean = 20
)

func (a *Aggregator) validateWindows(p *problems) {
	const path = "pipeline.aggregator"
	wholeMilliseconds := func(name string, d *Duration) bool {
		if d != nil && *d%Duration(time.Millisecond) != 0 {
			p.add(join(path, name), "%s is not a whole number of milliseconds", *d)
			return false
		}
		return true
	}
	if a.Window < Duration(time.Millisecond) || a.Window%Duration(time.Millisecond) != 0 || a.Window > maxWindow {
		p.add(join(path, "window"), "%s is not a whole number of milliseconds above zero, and at most a year", a.Window)
	}
	if wholeMilliseconds("slide", a.Slide) && a.Slide != nil {
		switch slide := *a.Slide; {
		case slide <= 0:
			p.add(join(path, "slide"), "%s is not above zero", slide)
		case slide > a.Window || a.Window%slide != 0:
			p.add(join(path, "slide"), "a window of %s is not a whole number of %s", a.Window, slide).hint = "Flink SQL asks the same of HOP"
		case a.Window/slide > maxPanes:
			p.add(join(path, "slide"), "each record would be in %d windows, and %d are the most", a.Window/slide, maxPanes)
		}
	}
	wholeMilliseconds("out_of_orderness", &a.OutOfOrderness)
	wholeMilliseconds("allowed_lateness", a.AllowedLateness)
	if a.Mean != nil && (*a.Mean < 0 || *a.Mean > maxMean) {
		p.add(join(path, "mean"), "%d is not between 0 and %d", *a.Mean, maxMean)
	}
}

// SlideOrWindow is the time from the start of one window to that of the next.
func (a *Aggregator) SlideOrWindow() time.Duration {
	if a.Slide == nil {
		return time.Duration(a.Window)
	}
	return time.Duration(*a.Slide)
}

// slides is how a plan says that windows slide, if they do.
func (a *Aggregator) slides() string {
	if a.Slide == nil || *a.Slide == a.Window {
		return ""
	}
	return " that slide by " + a.Slide.String()
}

// Lateness is the allowed lateness.
func (a *Aggregator) Lateness() time.Duration {
	if a.AllowedLateness == nil {
		return 0
	}
	return time.Duration(*a.AllowedLateness)
}
