package answer

import (
	_ "embed"
	"math"
	"slices"
	"strconv"
	"strings"
)

// weightTable is fitted on the half of the labels that is marked dev:
// go test ./internal/work/answer -run Fit -update
//
//go:embed weights.tsv
var weightTable string

var weights = readWeights(weightTable)

// A pair of logistic tables on the features of a reply.
type tables struct {
	not  map[string]float64 // does not answer, given that it is not empty
	full map[string]float64 // answers in full, given that it answers
}

const (
	notFrom  = 0.5
	fullFrom = 0.6
)

func readWeights(table string) tables {
	t := tables{map[string]float64{}, map[string]float64{}}
	for line := range strings.Lines(table) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 3 || f[0] == "feature" {
			continue
		}
		for i, m := range []map[string]float64{t.not, t.full} {
			w, err := strconv.ParseFloat(f[i+1], 64)
			if err != nil {
				panic("weights.tsv: " + line)
			}
			m[f[0]] = w
		}
	}
	return t
}

// chance is the logistic of the weighted features.
func chance(x, table map[string]float64) float64 {
	z := 0.0
	for name, w := range table {
		z += w * x[name]
	}
	return 1 / (1 + math.Exp(-z))
}

// fit finds the weights of a logistic by gradient descent; all but the constant
// are held small.
func fit(xs []map[string]float64, ys []bool) map[string]float64 {
	const steps, rate, hold = 600, 0.5, 1.0
	var names []string
	for name := range xs[0] {
		names = append(names, name)
	}
	slices.Sort(names)
	w := map[string]float64{}
	for range steps {
		slope := map[string]float64{}
		for i, x := range xs {
			miss := chance(x, w)
			if ys[i] {
				miss--
			}
			for _, n := range names {
				slope[n] += miss * x[n]
			}
		}
		for _, n := range names {
			if n != constant {
				slope[n] += hold * w[n]
			}
			w[n] -= rate * slope[n] / float64(len(xs))
		}
	}
	return w
}

const constant = "one"
