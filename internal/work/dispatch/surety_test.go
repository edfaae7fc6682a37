package dispatch

import (
	"math/rand/v2"
	"testing"
)

// Two opinions have the same say in the likelihood, but only one of them is worth it: a
// surety learns which, and cases left out teach it nothing.
func TestSuretyLearnsWhichOpinionIsWorthIt(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 1))
	var signs [][]float64
	var right []bool
	out := make([]bool, 2000)
	for i := range 2000 {
		good, idle := rnd.NormFloat64(), rnd.NormFloat64()
		signs = append(signs, []float64{good + idle, good, idle, good, idle})
		right = append(right, rnd.Float64() < sigmoid(1+2*good))
		if i%10 == 0 {
			right[i], out[i] = good < 0, true
		}
	}
	s := learnSurety(signs, right, out)
	agreed, alone := s.of([]float64{2, 2, 0, 2, 0}), s.of([]float64{2, 0, 2, 0, 2})
	if agreed < 0.97 || alone > 0.8 {
		t.Errorf("the good opinion alone says %.3f, the idle one %.3f, at the same likelihood", agreed, alone)
	}
	if learnSurety(signs[:100], right, out) != nil {
		t.Error("a hundred cases teach a surety")
	}
}
