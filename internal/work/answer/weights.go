package answer

import (
	_ "embed"
	"math"
	"slices"
	"strconv"
	"strings"
)

// weightTable is fitted on the labels that are marked dev:
// go test ./internal/work/answer -run Fit -update
//
//go:embed weights.tsv
var weightTable string

var weights = readWeights(weightTable)

// A pair of logistic tables on the features of a reply.
type tables struct {
	not  []weight // does not answer, given that it is not empty
	full []weight // answers in full, given that it answers
}

// weight of a feature; in a table they stand by name, so that sums are the same
// on every run.
type weight struct {
	name string
	w    float64
}

const (
	notFrom  = 0.5
	fullFrom = 0.6
)

func readWeights(table string) tables {
	var t tables
	for line := range strings.Lines(table) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 3 || f[0] == "feature" {
			continue
		}
		for i, of := range []*[]weight{&t.not, &t.full} {
			w, err := strconv.ParseFloat(f[i+1], 64)
			if err != nil {
				panic("weights.tsv: " + line)
			}
			*of = append(*of, weight{f[0], w})
		}
	}
	return t
}

// chance is the logistic of the weighted features.
func chance(x map[string]float64, table []weight) float64 {
	z := 0.0
	for _, f := range table {
		z += f.w * x[f.name]
	}
	return 1 / (1 + math.Exp(-z))
}

// fit finds the weights of a logistic by gradient descent; all but the constant
// are held small.
func fit(xs []map[string]float64, ys []bool) []weight {
	const steps, rate, hold = 600, 0.5, 1.0
	var table []weight
	for name := range xs[0] {
		table = append(table, weight{name: name})
	}
	slices.SortFunc(table, func(a, b weight) int { return strings.Compare(a.name, b.name) })
	for range steps {
		slope := make([]float64, len(table))
		for i, x := range xs {
			miss := chance(x, table)
			if ys[i] {
				miss--
			}
			for j := range table {
				slope[j] += miss * x[table[j].name]
			}
		}
		for j := range table {
			if table[j].name != constant {
				slope[j] += hold * table[j].w
			}
			table[j].w -= rate * slope[j] / float64(len(xs))
		}
	}
	return table
}

const constant = "one"
