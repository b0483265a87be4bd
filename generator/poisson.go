package generator

import (
	"math"
	"sort"
)

// poisson is a phase whose records are a Poisson process of one rate: made as one of unit rate, it goes through Λ⁻¹, which for a
// constant rate is a division.
//
// Summing exponential gaps from the start would make record i depend on all before it. So the phase is cut into cells of equal
// mass. By the two defining properties of the process, the counts of disjoint cells are independent Poisson numbers, and n
// records in a cell lie as n independent uniform numbers do, sorted; these are distributed as S_1/S_(n+1) … S_n/S_(n+1), where S_j is
// the sum of j exponential numbers (Devroye, "Non-Uniform Random Variate Generation", 1986, chapter V.2). Each cell draws from the
// seed, its phase and its number.
type poisson struct {
	phase int
	// until[c] is how many records lie in the cells up to and with c.
	until []int64
}

// cellMass is the most that a cell is expected to hold.
const cellMass = 4096

// maxPoisson is the most records that a poisson phase is expected to have: a table of 20 MB.
const maxPoisson = 1e10

func newPoisson(r *random, phase int, mass float64) *poisson {
	cells := int(math.Ceil(mass / cellMass))
	p := &poisson{phase: phase, until: make([]int64, cells)}
	records := int64(0)
	for c := range p.until {
		r.seekCell(phase, c)
		records += r.poisson(mass / float64(cells))
		p.until[c] = records
	}
	return p
}

func (p *poisson) records() int64 {
	if len(p.until) == 0 {
		return 0
	}
	return p.until[len(p.until)-1]
}

// cell holds where the records of one cell lie.
type cell struct {
	phase  int
	first  int64     // the cell's first record, from that of the phase
	places []float64 // shares of the phase's length
}

// at is where record i of the phase lies, as a share of the phase's length.
func (c *cell) at(p *poisson, r *random, i int64) float64 {
	if c.phase != p.phase || i < c.first || i >= c.first+int64(len(c.places)) {
		c.load(p, r, sort.Search(len(p.until), func(n int) bool { return p.until[n] > i }))
	}
	return c.places[i-c.first]
}

func (c *cell) load(p *poisson, r *random, number int) {
	c.phase, c.first = p.phase, 0
	if number > 0 {
		c.first = p.until[number-1]
	}
	c.places = c.places[:0]
	r.seekPlaces(p.phase, number)
	sum := 0.0
	for range p.until[number] - c.first {
		sum += r.forms.ExpFloat64()
		c.places = append(c.places, sum)
	}
	sum += r.forms.ExpFloat64()
	for j := range c.places {
		c.places[j] = (float64(number) + c.places[j]/sum) / float64(len(p.until))
	}
}

// seekCell goes to where the count of a cell is drawn, and seekPlaces to where its records are.
func (r *random) seekCell(phase, cell int) {
	r.state = mix(mix(r.key^uint64(poissonLane)+uint64(phase)*gamma) + uint64(2*cell)*gamma)
}

func (r *random) seekPlaces(phase, cell int) {
	r.state = mix(mix(r.key^uint64(poissonLane)+uint64(phase)*gamma) + uint64(2*cell+1)*gamma)
}

// poisson is a Poisson number: by transformed rejection with squeeze (Hörmann, "The transformed rejection method for generating
// Poisson random variables", 1993, algorithm PTRS), whose constants these are, and for a mean below 10, where that does not hold, by
// counting exponential gaps.
func (r *random) poisson(mean float64) int64 {
	if mean < 10 {
		n := int64(0)
		for left := mean - r.forms.ExpFloat64(); left > 0; left -= r.forms.ExpFloat64() {
			n++
		}
		return n
	}
	b := 0.931 + float64(2.53*math.Sqrt(mean))
	a := -0.059 + float64(0.02483*b)
	inverseAlpha := 1.1239 + 1.1328/(b-3.4)
	squeeze := 0.9277 - 3.6224/(b-2)
	for {
		u, v := r.unit()-0.5, 1-r.unit()
		us := 0.5 - math.Abs(u)
		k := math.Floor(float64((2*a/us+b)*u) + mean + 0.43)
		if us >= 0.07 && v <= squeeze {
			return int64(k)
		}
		if k < 0 || us < 0.013 && v > us {
			continue
		}
		logGamma, _ := math.Lgamma(k + 1)
		if math.Log(v*inverseAlpha/(a/float64(us*us)+b)) <= float64(k*math.Log(mean))-mean-logGamma {
			return int64(k)
		}
	}
}
