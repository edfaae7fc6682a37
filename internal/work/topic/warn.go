package topic

import (
	"cmp"
	"math"
	"slices"
)

// Cell is the messages of one matter at one place, by week, the latest last. The
// latest is the week asked about.
type Cell struct {
	Matter, Area string
	Weeks        []int
}

// Warning is a rise that chance and season hardly explain.
type Warning struct {
	Matter, Area string
	Count        int     // messages of the last week
	Expected     float64 // as many were to be expected
	P            float64 // chance of so many or more
}

// Bounds of early warning.
const (
	// fewest is the smallest count that is worth a warning.
	fewest = 3
	// falseShare is the share of warnings that may be false (Benjamini–Hochberg).
	falseShare = 0.05
	// priorWeeks is how many weeks the city's mean for a matter counts for where a
	// place has no past of its own.
	priorWeeks = 2.0
)

// Warn returns the cells whose last week is higher than their own past lets expect,
// the least likely first. season gives for a matter by what factor its week is
// usually higher than the weeks before it; nil is always 1.
//
// The rate of a cell is unknown and learnt from its past weeks, drawn to the mean of
// its matter; a count then follows a negative binomial distribution. What varies
// more from week to week than chance does is allowed for by the dispersion of all
// cells together. Cells are many, so of those reported at most falseShare are
// expected to be false.
func Warn(cells []Cell, season func(matter string) float64) []Warning {
	mean := meanRates(cells)
	spread := dispersion(cells)
	var all []Warning
	for _, c := range cells {
		weeks := len(c.Weeks) - 1
		if weeks < 1 {
			continue
		}
		past := 0
		for _, n := range c.Weeks[:weeks] {
			past += n
		}
		factor := 1.0
		if season != nil {
			factor = season(c.Matter)
		}
		// Gamma posterior of the weekly rate; its relative variance and that of weeks
		// add up.
		shape := float64(past) + mean[c.Matter]*priorWeeks + 0.05
		w := Warning{Matter: c.Matter, Area: c.Area, Count: c.Weeks[weeks], Expected: factor * shape / (float64(weeks) + priorWeeks)}
		shape = 1 / (1/shape + spread)
		w.P = tail(w.Count, shape, w.Expected/shape)
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b Warning) int {
		return cmp.Or(cmp.Compare(a.P, b.P), cmp.Compare(a.Matter, b.Matter), cmp.Compare(a.Area, b.Area))
	})
	last := -1
	for i, w := range all {
		if w.P <= falseShare*float64(i+1)/float64(len(all)) {
			last = i
		}
	}
	out := []Warning{}
	for _, w := range all[:last+1] {
		if w.Count >= fewest {
			out = append(out, w)
		}
	}
	return out
}

// meanRates returns the mean weekly count of a cell of each matter in the past.
func meanRates(cells []Cell) map[string]float64 {
	sum, n := map[string]float64{}, map[string]float64{}
	for _, c := range cells {
		for _, k := range c.Weeks[:max(len(c.Weeks)-1, 0)] {
			sum[c.Matter] += float64(k)
			n[c.Matter]++
		}
	}
	for m := range sum {
		sum[m] /= max(n[m], 1)
	}
	return sum
}

// dispersion returns the relative variance of weeks beyond that of Poisson counts,
// estimated from the past of all cells by its moments, with two standard errors
// to be safe.
func dispersion(cells []Cell) float64 {
	var over, squares []float64
	for _, c := range cells {
		past := c.Weeks[:max(len(c.Weeks)-1, 0)]
		if len(past) < 2 {
			continue
		}
		n, m, v := float64(len(past)), 0.0, 0.0
		for _, k := range past {
			m += float64(k) / n
		}
		for _, k := range past {
			v += (float64(k) - m) * (float64(k) - m) / (n - 1)
		}
		// m² − v/n is without bias the square of the true mean.
		over, squares = append(over, v-m), append(squares, m*m-v/n)
	}
	total, whole := 0.0, 0.0
	for i := range over {
		total += over[i]
		whole += squares[i]
	}
	if whole <= 0 {
		return 0
	}
	k, wrong := total/whole, 0.0
	for i := range over {
		d := over[i] - k*squares[i]
		wrong += d * d
	}
	return max(0, k+2*math.Sqrt(wrong)/whole)
}

// tail is the chance that a negative binomial count, of a rate that is Gamma with
// shape and scale, is n or more.
func tail(n int, shape, scale float64) float64 {
	if n <= 0 {
		return 1
	}
	p := scale / (1 + scale)
	below := 0.0
	lg, _ := math.Lgamma(shape)
	for k := range n {
		a, _ := math.Lgamma(shape + float64(k))
		b, _ := math.Lgamma(float64(k) + 1)
		below += math.Exp(a - lg - b + shape*math.Log1p(-p) + float64(k)*math.Log(p))
	}
	return min(1, max(0, 1-below))
}
