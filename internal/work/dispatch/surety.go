package dispatch

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// surety says how likely a first answer is right: from its likelihood, and opinion by
// opinion from what is said for it and how far it leads there. The likelihood counts
// what all say together; where opinions that err differently agree, it is too low, and
// where one speaks alone, too high.
type surety struct {
	center, spread []float64 // of each sign
	weight         []float64 // the constant first
}

const (
	rivals      = 3    // labels behind the first that it is compared with
	suretyRidge = 10   // pull of the weights towards zero, in cases
	suretyCases = 500  // with fewer, the likelihood alone says as much
	suretyEnd   = 1e-5 // how close to 0 and 1 a likelihood counts
	suretyFlat  = 1e-6 // less is no spread
	suretySteps = 20   // of Newton's method
)

// suretySigns returns what a surety looks at. p is the likelihood of the first of the
// leaders.
func suretySigns(p float64, leaders []int, e evidence) []float64 {
	n := e.opinions()
	said, other := make([]float32, n), make([]float32, n)
	e.about(leaders[0], said)
	p = min(max(p, suretyEnd), 1-suretyEnd)
	x := make([]float64, 1+2*n)
	x[0] = math.Log(p / (1 - p))
	for o, v := range said {
		x[1+o], x[1+n+o] = float64(v), math.Inf(1)
	}
	for _, l := range leaders[1:min(1+rivals, len(leaders))] {
		e.about(l, other)
		for o, v := range other {
			x[1+n+o] = min(x[1+n+o], float64(said[o]-v))
		}
	}
	if len(leaders) < 2 {
		clear(x[1+n:])
	}
	return x
}

// of returns how likely the answer is right.
func (s *surety) of(x []float64) float64 {
	z := s.weight[0]
	for i, v := range x {
		z += s.weight[1+i] * (v - s.center[i]) / s.spread[i]
	}
	return sigmoid(z)
}

// learnSurety learns from the signs of answers, and whether they were right; those that
// are to be left out are marked. It is nil where there are too few.
func learnSurety(signs [][]float64, right, out []bool) *surety {
	var use []int
	for i := range signs {
		if !out[i] {
			use = append(use, i)
		}
	}
	if len(use) < suretyCases {
		return nil
	}
	k := len(signs[0])
	s := &surety{make([]float64, k), make([]float64, k), make([]float64, k+1)}
	for j := range k {
		sum, square := 0.0, 0.0
		for _, i := range use {
			sum += signs[i][j]
			square += signs[i][j] * signs[i][j]
		}
		n := float64(len(use))
		s.center[j] = sum / n
		s.spread[j] = math.Sqrt(max(0, square/n-sum/n*sum/n))
		if s.spread[j] < suretyFlat {
			s.spread[j] = 1 // all alike: it will weigh nothing
		}
	}
	for range suretySteps {
		if !s.step(signs, right, use) {
			break
		}
	}
	return s
}

// step goes one step of Newton's method towards the weights of the highest likelihood.
func (s *surety) step(signs [][]float64, right []bool, use []int) bool {
	k := len(s.weight)
	grad, hess := make([]float64, k), mat.NewSymDense(k, nil)
	for a := 1; a < k; a++ {
		grad[a] = -suretyRidge * s.weight[a]
		hess.SetSym(a, a, suretyRidge)
	}
	z := make([]float64, k)
	z[0] = 1
	for _, i := range use {
		for j, v := range signs[i] {
			z[1+j] = (v - s.center[j]) / s.spread[j]
		}
		q := s.of(signs[i])
		for a := range k {
			grad[a] += (float64(one(right[i])) - q) * z[a]
			for b := a; b < k; b++ {
				hess.SetSym(a, b, hess.At(a, b)+q*(1-q)*z[a]*z[b])
			}
		}
	}
	var chol mat.Cholesky
	var step mat.VecDense
	if !chol.Factorize(hess) || chol.SolveVecTo(&step, mat.NewVecDense(k, grad)) != nil {
		return false
	}
	size := 0.0
	for a := range k {
		s.weight[a] += step.AtVec(a)
		size = max(size, math.Abs(step.AtVec(a)))
	}
	return size > 1e-6
}
