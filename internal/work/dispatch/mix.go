package dispatch

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// mix weighs several opinions about every label into one score. It is a
// conditional logit: few weights, shared by all labels, learnt on cases that the
// opinions were not learnt from, so what the duty list's own words are worth is
// learnt on the frequent matters and holds for those without history.
type mix struct {
	weight []float64 // one an opinion
}

// opinions about one message: opinion by opinion, a number for each label.
type opinions [][]float32

// score returns the weighed sum for each label.
func (m mix) score(o opinions) []float64 {
	out := make([]float64, len(o[0]))
	for k, row := range o {
		w := m.weight[k]
		for l, x := range row {
			out[l] += w * float64(x)
		}
	}
	return out
}

// fitMix finds the weights of the highest likelihood by Newton's method. Rows
// whose truth is -1 are left out. ridge is the pull towards zero, per row.
func fitMix(rows []opinions, truth []int, ridge float64) mix {
	k := len(rows[0])
	w := make([]float64, k)
	scale := spreads(rows)
	for range 25 {
		grad, hess := make([]float64, k), mat.NewSymDense(k, nil)
		n := 0.0
		for i, o := range rows {
			if truth[i] < 0 {
				continue
			}
			n++
			addNewton(o, truth[i], w, scale, grad, hess)
		}
		if n == 0 {
			break
		}
		size := 0.0
		for a := range k {
			grad[a] = grad[a]/n - 2*ridge*w[a]
			size += grad[a] * grad[a]
			for b := a; b < k; b++ {
				h := hess.At(a, b) / n
				if a == b {
					h += 2*ridge + 1e-9
				}
				hess.SetSym(a, b, h)
			}
		}
		var chol mat.Cholesky
		var step mat.VecDense
		if !chol.Factorize(hess) || chol.SolveVecTo(&step, mat.NewVecDense(k, grad)) != nil {
			break
		}
		long := 0.0
		for a := range k {
			long = math.Max(long, math.Abs(step.AtVec(a)))
		}
		for a := range k {
			w[a] += step.AtVec(a) * math.Min(1, 1/long)
			if a != opinionPrior {
				w[a] = math.Max(w[a], 0) // an opinion is worth nothing at worst
			}
		}
		if size < 1e-12 {
			break
		}
	}
	for a := range k {
		w[a] /= scale[a]
	}
	return mix{w}
}

// addNewton adds one case's part of the gradient and of the curvature.
func addNewton(o opinions, truth int, w, scale, grad []float64, hess *mat.SymDense) {
	k, labels := len(o), len(o[0])
	p := make([]float64, labels)
	for a := range k {
		f := w[a] / scale[a]
		for l, x := range o[a] {
			p[l] += f * float64(x)
		}
	}
	softmax(p, 1)
	mean := make([]float64, k)
	for a := range k {
		for l, x := range o[a] {
			mean[a] += p[l] * float64(x)
		}
		mean[a] /= scale[a]
		grad[a] += float64(o[a][truth])/scale[a] - mean[a]
	}
	for a := range k {
		for b := a; b < k; b++ {
			s := 0.0
			for l, x := range o[a] {
				s += p[l] * float64(x) * float64(o[b][l])
			}
			hess.SetSym(a, b, hess.At(a, b)+s/scale[a]/scale[b]-mean[a]*mean[b])
		}
	}
}

// spreads returns the standard deviation of each opinion.
func spreads(rows []opinions) []float64 {
	out := make([]float64, len(rows[0]))
	for a := range out {
		n, sum, sq := 0.0, 0.0, 0.0
		for _, o := range rows {
			for _, x := range o[a] {
				n++
				sum += float64(x)
				sq += float64(x) * float64(x)
			}
		}
		out[a] = math.Sqrt(math.Max(0, sq/n-sum/n*sum/n)) + 1e-6
	}
	return out
}
