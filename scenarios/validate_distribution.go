package scenarios

// validate checks that a distribution has one form, and that there are such numbers.
func (f *Forms[Q]) validate(p *problems, path string) {
	var given []string
	form := func(name string) string {
		given = append(given, name)
		return join(path, name)
	}
	if f.Fixed != nil {
		form("fixed")
	}
	if u := f.Uniform; u != nil {
		if at := form("uniform"); u.To < u.From {
			p.add(at, "%s is below %s", u.To, u.From)
		}
	}
	if n := f.Normal; n != nil {
		if at := form("normal"); n.SD < 0 {
			p.add(join(at, "sd"), "%s is below zero", n.SD)
		}
	}
	if l := f.LogNormal; l != nil {
		at := form("lognormal")
		if l.Median <= 0 {
			p.add(join(at, "median"), "%s is not above zero", l.Median)
		}
		if l.P99 < l.Median {
			p.add(join(at, "p99"), "%s is below the median, %s", l.P99, l.Median)
		}
	}
	if e := f.Exponential; e != nil {
		if at := form("exponential"); e.Mean <= 0 {
			p.add(join(at, "mean"), "%s is not above zero", e.Mean)
		}
	}
	if f.Histogram != nil {
		validateBins(p, form("histogram"), f.Histogram)
	}
	oneForm(p, path, given, fieldNames[Forms[Q]]())
}

func validateBins[Q quantity](p *problems, path string, bins []Bin[Q]) {
	var end Q
	positive := false
	for i, bin := range bins {
		if bin.To < end {
			p.add(join(index(path, i), "to"), "%s is below %s, where the bin begins", bin.To, end)
		}
		if bin.Weight < 0 {
			p.add(join(index(path, i), "weight"), "%s is below zero", bin.Weight)
		}
		end = bin.To
		positive = positive || bin.Weight > 0
	}
	if !positive {
		p.add(path, "no bin has a weight above zero")
	}
}
