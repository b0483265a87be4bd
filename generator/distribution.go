package generator

import (
	"math"
)

// sampler draws numbers.
type sampler interface{ draw(r *random) float64 }

type (
	fixedSampler     float64
	uniformSampler   Range
	normalSampler    NormalForm
	logNormalSampler struct{ mu, sigma float64 }
	expSampler       ExponentialForm
	histogramSampler struct {
		bins  aliasTable
		edges []float64 // one more than there are bins
	}
)

// bounds are what a drawn number is brought into, for three of the forms have no end: what lies outside becomes the bound.
type bounds struct{ least, most float64 }

func (b bounds) clamp(x float64) float64 { return max(b.least, min(x, b.most)) }

// standardP99 is the 99th percentile of the standard normal distribution.
const standardP99 = 2.3263478740408408

func (f fixedSampler) draw(*random) float64 { return float64(f) }

func (u uniformSampler) draw(r *random) float64 { return u.From + float64((u.To-u.From)*r.unit()) }

func (n normalSampler) draw(r *random) float64 { return n.Mean + float64(n.SD*r.forms.NormFloat64()) }

// A log-normal number is the exponential of a normal one. So its median is e^μ, and its 99th percentile e^(μ + σ·standardP99).
func (l logNormalSampler) draw(r *random) float64 {
	return math.Exp(l.mu + float64(l.sigma*r.forms.NormFloat64()))
}

func (e expSampler) draw(r *random) float64 { return float64(e.Mean * r.forms.ExpFloat64()) }

func (h *histogramSampler) draw(r *random) float64 {
	bin := h.bins.draw(r)
	from, to := h.edges[bin], h.edges[bin+1]
	return from + float64((to-from)*r.unit())
}

// newSampler is nil for a distribution without a form, and where something is wrong with it.
func newSampler(d *Distribution, b bounds, p *problems, path string) sampler {
	var forms []sampler
	before := len(p.all)
	at := place{p, path}
	if d.Fixed != nil {
		p.within(at.path("fixed"), *d.Fixed, b.least, b.most)
		forms = append(forms, fixedSampler(*d.Fixed))
	}
	if u := d.Uniform; u != nil {
		if p.within(at.path("uniform.from"), u.From, b.least, b.most) && p.within(at.path("uniform.to"), u.To, u.From, b.most) {
			forms = append(forms, uniformSampler(*u))
		}
	}
	if n := d.Normal; n != nil {
		p.within(at.path("normal.mean"), n.Mean, b.least, b.most)
		p.within(at.path("normal.sd"), n.SD, 0, math.MaxFloat64/1e3)
		forms = append(forms, normalSampler(*n))
	}
	if l := d.LogNormal; l != nil {
		if p.within(at.path("lognormal.median"), l.Median, math.SmallestNonzeroFloat64, b.most) {
			p.within(at.path("lognormal.p99"), l.P99, l.Median, math.MaxFloat64)
		}
		mu := math.Log(l.Median)
		forms = append(forms, logNormalSampler{mu, (math.Log(l.P99) - mu) / standardP99})
	}
	if e := d.Exponential; e != nil {
		p.within(at.path("exponential.mean"), e.Mean, 0, b.most)
		forms = append(forms, expSampler(*e))
	}
	if d.Histogram != nil {
		forms = append(forms, newHistogram(d.Histogram, b, at))
	}
	if len(p.all) > before || len(forms) == 0 {
		return nil
	}
	if len(forms) > 1 {
		p.add(path, "it has %d forms, not one", len(forms))
		return nil
	}
	return forms[0]
}

func newHistogram(bins []Bin, b bounds, at place) sampler {
	h := &histogramSampler{edges: []float64{0}}
	weights := make([]float64, len(bins))
	for i, bin := range bins {
		at.problems.within(at.path("histogram"), bin.To, max(b.least, h.edges[i]), b.most)
		h.edges = append(h.edges, bin.To)
		weights[i] = bin.Weight
	}
	if at.weights("histogram", weights) {
		h.bins = newAliasTable(weights)
	}
	return h
}

// weights checks that one can be drawn by them.
func (at place) weights(name string, weights []float64) bool {
	positive, fine := false, true
	for _, w := range weights {
		fine = at.problems.within(at.path(name), w, 0, math.MaxFloat64) && fine
		positive = positive || w > 0
	}
	if fine && !positive {
		at.add(name, "no weight is above 0")
	}
	return fine && positive
}
