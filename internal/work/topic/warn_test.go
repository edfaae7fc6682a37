package topic_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"yiwang/internal/work/topic"
)

func poisson(r *rand.Rand, mean float64) int {
	n, limit := 0, math.Exp(-mean)
	for p := r.Float64(); p > limit; p *= r.Float64() {
		n++
	}
	return n
}

// noise is a year of weeks without any event: each cell has a rate of its own, and
// varying weeks vary by a factor that all rates share in no order.
func noise(r *rand.Rand, cells int, varying float64) []topic.Cell {
	out := make([]topic.Cell, cells)
	for i := range out {
		rate := math.Exp(r.NormFloat64()*1.2 - 0.7)
		c := topic.Cell{Matter: fmt.Sprint(i % 20), Area: fmt.Sprint(i / 20)}
		for range 9 {
			c.Weeks = append(c.Weeks, poisson(r, rate*math.Exp(varying*r.NormFloat64())))
		}
		out[i] = c
	}
	return out
}

// A city of 400 cells in which nothing happens is seldom warned.
func TestNoiseIsNoWarning(t *testing.T) {
	for _, varying := range []float64{0, 0.3} {
		r := rand.New(rand.NewPCG(11, 4))
		const runs = 300
		alarmed := 0
		for range runs {
			if len(topic.Warn(noise(r, 400, varying), nil)) > 0 {
				alarmed++
			}
		}
		t.Logf("weeks varying by %.1f: %d of %d quiet cities warned", varying, alarmed, runs)
		if share := float64(alarmed) / runs; share > 0.08 {
			t.Errorf("weeks varying by %.1f: %.3f of quiet cities warned, want at most 0.08", varying, share)
		}
	}
}

func TestRiseIsWarned(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 4))
	found, others := 0, 0
	const runs = 100
	for range runs {
		cells := noise(r, 400, 0)
		cells[37].Weeks = []int{0, 1, 0, 0, 1, 0, 0, 0, 9}
		for _, w := range topic.Warn(cells, nil) {
			if w.Matter == cells[37].Matter && w.Area == cells[37].Area {
				found++
			} else {
				others++
			}
		}
	}
	t.Logf("%d of %d rises found, %d other warnings", found, runs, others)
	if found < 95 || others > 15 {
		t.Errorf("%d of %d rises found, %d other warnings", found, runs, others)
	}
	// What the season brings every year is no rise.
	cells := noise(r, 400, 0)
	cells[37].Weeks = []int{1, 2, 1, 1, 2, 1, 1, 2, 12}
	for _, w := range topic.Warn(cells, func(string) float64 { return 8 }) {
		if w.Area == cells[37].Area && w.Matter == cells[37].Matter {
			t.Errorf("the usual rise of the season was warned of: %+v", w)
		}
	}
}
