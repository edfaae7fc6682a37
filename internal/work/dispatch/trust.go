package dispatch

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// trust says how often an answer with some confidence is right. Labels that one
// person read once are wrong now and then, and an answer that differs from such a
// label need not be an error. How much rarer errors are where the label was
// checked is learnt over all confidences together, so few checked labels suffice.
type trust struct {
	weight [3]float64 // of one, of the confidence's logit, of a checked label
}

const (
	enoughChecked = 100  // labels of either sort
	manyCases     = 3000 // from here on the cases themselves tell what a confidence is worth
	safety        = 0.01 // a threshold is chosen among few cases: aim this much above what is wanted
	logitEnd      = 1e-4 // how close to 0 and 1 a confidence counts
)

func logit(p float64) float64 {
	p = min(max(p, logitEnd), 1-logitEnd)
	return math.Log(p / (1 - p))
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// fitTrust finds the weights of the highest likelihood by Newton's method.
func fitTrust(conf []float64, right, checked []bool) *trust {
	const ridge = 0.1 // in cases: keeps the weights finite where all are right
	t := &trust{[3]float64{0, 1, 0}}
	for range 20 {
		grad, hess := make([]float64, 3), mat.NewSymDense(3, nil)
		for a := range 3 {
			hess.SetSym(a, a, ridge)
		}
		for i, p := range conf {
			x := [3]float64{1, logit(p), float64(one(checked[i]))}
			q := sigmoid(t.weight[0]*x[0] + t.weight[1]*x[1] + t.weight[2]*x[2])
			for a := range 3 {
				grad[a] += (float64(one(right[i])) - q) * x[a]
				for b := a; b < 3; b++ {
					hess.SetSym(a, b, hess.At(a, b)+q*(1-q)*x[a]*x[b])
				}
			}
		}
		var chol mat.Cholesky
		var step mat.VecDense
		if !chol.Factorize(hess) || chol.SolveVecTo(&step, mat.NewVecDense(3, grad)) != nil {
			break
		}
		for a := range 3 {
			t.weight[a] += step.AtVec(a)
		}
	}
	t.weight[1] = max(t.weight[1], 0)
	return t
}

// curve returns the share of right answers at each confidence, against checked
// labels.
func (t *trust) curve() monotone {
	var m monotone
	for x := logit(0); x <= logit(1); x += 0.25 {
		m.x = append(m.x, sigmoid(x))
		m.y = append(m.y, sigmoid(t.weight[0]+t.weight[1]*x+t.weight[2]))
	}
	return m
}

// expectedThreshold returns the lowest confidence from which on the wanted share
// of answers is expected to be right, and the share of cases above it; 2 and 0
// where that is none.
func expectedThreshold(conf []float64, wanted float64) (line, share float64) {
	order := slices.SortedFunc(slices.Values(conf), func(a, b float64) int { return cmp.Compare(b, a) })
	line = 2
	sum := 0.0
	for i, p := range order {
		sum += p
		last := i+1 == len(order) || order[i+1] < p
		if last && sum/float64(i+1) >= wanted {
			line, share = p, float64(i+1)/float64(len(order))
		}
	}
	return line, share
}
