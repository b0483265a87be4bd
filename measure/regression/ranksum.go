package regression

import "math"

// rankSums is what two samples say that are no pairs: how far b lies above a.
func rankSums(a, b []float64) evidence {
	differences := make([]float64, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			differences = append(differences, y-x)
		}
	}
	e := inverted(differences, rankSumTail(len(a), len(b)))
	e.freedom = len(a) + len(b) - 2
	e.spread = math.Sqrt((squares(a) + squares(b)) / float64(e.freedom))
	e.unsure = e.spread * math.Sqrt(1/float64(len(a))+1/float64(len(b)))
	return e
}

// rankSumTail is, at u, the chance that at most u of all the pairs of one of m and one of n are in ascending order (Mann and Whitney's U), where every order of
// the m + n is as likely as any other.
//
// The greatest of them all is one of the n with the chance n/(m+n), and then m pairs are in order by it alone. So
// P(u; m, n) = n/(m+n) P(u-m; m, n-1) + m/(m+n) P(u; m-1, n).
func rankSumTail(m, n int) []float64 {
	// before and row hold, at j, the chances for i-1 and i of the one and j of the other.
	before := make([][]float64, n+1)
	for j := range before {
		before[j] = []float64{1}
	}
	for i := 1; i <= m; i++ {
		row := make([][]float64, n+1)
		row[0] = []float64{1}
		for j := 1; j <= n; j++ {
			row[j] = make([]float64, i*j+1)
			share := float64(j) / float64(i+j)
			for u, chance := range row[j-1] {
				row[j][u+i] += share * chance
			}
			for u, chance := range before[j] {
				row[j][u] += (1 - share) * chance
			}
		}
		before = row
	}
	return summed(before[n])
}
