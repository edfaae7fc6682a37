package dispatch

import (
	"math"
	"slices"
)

// softmax turns scores into probabilities at a temperature, in place.
func softmax(z []float64, temperature float64) {
	top, sum := highest(z), 0.0
	for i, x := range z {
		z[i] = math.Exp((x - top) / temperature)
		sum += z[i]
	}
	for i := range z {
		z[i] /= sum
	}
}

// highest returns the largest of numbers, none of which is no number: built-in max,
// which asks, takes longer.
func highest(z []float64) float64 {
	top := math.Inf(-1)
	for _, x := range z {
		if x > top {
			top = x
		}
	}
	return top
}

// monotone is a rising step function from a raw confidence to the share of
// right answers seen at it (isotonic regression), smoothed by interpolation.
type monotone struct {
	x, y []float64
}

// fitMonotone pools neighbouring violators until right answers only rise.
func fitMonotone(conf []float64, right []bool) monotone {
	order := make([]int, len(conf))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case conf[a] < conf[b]:
			return -1
		case conf[a] > conf[b]:
			return 1
		}
		return a - b
	})
	type block struct{ x, hits, n float64 }
	var blocks []block
	for _, i := range order {
		b := block{conf[i], 0, 1}
		if right[i] {
			b.hits = 1
		}
		blocks = append(blocks, b)
		for len(blocks) > 1 {
			p, q := blocks[len(blocks)-2], blocks[len(blocks)-1]
			if p.hits/p.n < q.hits/q.n {
				break
			}
			blocks = append(blocks[:len(blocks)-2], block{(p.x*p.n + q.x*q.n) / (p.n + q.n), p.hits + q.hits, p.n + q.n})
		}
	}
	var m monotone
	for _, b := range blocks {
		// one imagined case beside each block keeps the ends away from 0 and 1
		m.x, m.y = append(m.x, b.x), append(m.y, (b.hits+0.5)/(b.n+1))
	}
	for i := 1; i < len(m.y); i++ {
		m.y[i] = max(m.y[i], m.y[i-1])
	}
	return m
}

// at returns the calibrated confidence; a monotone that learnt nothing changes nothing.
func (m monotone) at(x float64) float64 {
	if len(m.x) == 0 {
		return x
	}
	i, _ := slices.BinarySearch(m.x, x)
	switch {
	case i == 0:
		return m.y[0]
	case i == len(m.x):
		return m.y[i-1]
	}
	f := (x - m.x[i-1]) / (m.x[i] - m.x[i-1])
	return m.y[i-1] + f*(m.y[i]-m.y[i-1])
}

// threshold returns the lowest confidence from which on the share of right
// answers is at least the wanted one and a standard error of it more, since the line is
// drawn where these cases happen to allow it, and the share of cases above it. With too
// few cases above any such line nothing is sure (the threshold is 2).
func threshold(conf []float64, right []bool, wanted float64) (line, share float64) {
	order := make([]int, len(conf))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case conf[a] > conf[b]:
			return -1
		case conf[a] < conf[b]:
			return 1
		}
		return a - b
	})
	line = 2
	hits := 0.0
	for n, i := range order {
		if right[i] {
			hits++
		}
		last := n+1 == len(order) || conf[order[n+1]] < conf[i]
		if last && n+1 >= 10 && hits/float64(n+1) >= wanted+math.Sqrt(wanted*(1-wanted)/float64(n+1)) {
			line, share = conf[i], float64(n+1)/float64(len(order))
		}
	}
	return line, share
}
