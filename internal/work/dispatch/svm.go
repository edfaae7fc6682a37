package dispatch

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
)

// svmOptions are the choices in training linear separators.
type svmOptions struct {
	cost   float32 // of an error; larger fits closer
	epochs int

	// telling lets columns move the more freely the better they tell a class from
	// the others (Wang and Manning 2012).
	telling bool
}

// trainSVM learns one linear separator for each class against the rest: squared
// hinge loss, quadratic regularisation, dual coordinate descent with shrinking
// (Hsieh et al. 2008). It calls put once for each class, from several
// goroutines, with weights that put must not keep; a class without rows gets none
// and the bias neverSeen.
func trainSVM(rows []vec, labels []int, classes, columns int, o svmOptions, put func(class int, w []float32, bias float32)) {
	sq := make([]float32, len(rows))
	for i, r := range rows {
		sq[i] = r.square() + 1 // the bias is a column of ones
	}
	have := make([]bool, classes)
	for _, l := range labels {
		have[l] = true
	}
	var g sync.WaitGroup
	work := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() {
			t := newSVM(rows, sq, columns)
			for c := range work {
				if !have[c] {
					clear(t.w)
					put(c, t.w, neverSeen)
					continue
				}
				for i, l := range labels {
					t.y[i] = -1
					if l == c {
						t.y[i] = 1
					}
				}
				if o.telling {
					t.trust()
				}
				t.solve(o, uint64(c))
				put(c, t.w, t.bias)
			}
		})
	}
	for c := range classes {
		work <- c
	}
	close(work)
	g.Wait()
}

// svm is the working state of one two-class problem.
type svm struct {
	rows  []vec
	sq    []float32 // squared lengths, as the rates count them
	rate  []float32 // how freely each column moves; nil: all alike
	y     []float32
	alpha []float32
	w     []float32
	bias  float32
	order []int
}

func newSVM(rows []vec, sq []float32, columns int) *svm {
	return &svm{rows: rows, sq: sq, y: make([]float32, len(rows)), alpha: make([]float32, len(rows)), w: make([]float32, columns), order: make([]int, len(rows))}
}

func (t *svm) solve(o svmOptions, seed uint64) {
	clear(t.alpha)
	clear(t.w)
	t.bias = 0
	for i := range t.order {
		t.order[i] = i
	}
	rnd := rand.New(rand.NewPCG(seed, 7))
	active := len(t.rows)
	bound := float32(1e30)
	diag := 1 / (2 * o.cost)
	for range o.epochs {
		rnd.Shuffle(active, func(i, j int) { t.order[i], t.order[j] = t.order[j], t.order[i] })
		worst := float32(0)
		for k := 0; k < active; k++ {
			i := t.order[k]
			r, a := t.rows[i], t.alpha[i]
			grad := t.y[i]*(r.along(t.w)+t.bias) - 1 + a*diag
			pg := grad
			if a == 0 {
				if grad > bound {
					active--
					t.order[k], t.order[active] = t.order[active], t.order[k]
					k--
					continue
				}
				pg = min(grad, 0)
			}
			worst = max(worst, abs(pg))
			if abs(pg) < 1e-6 {
				continue
			}
			t.alpha[i] = max(a-grad/(t.sq[i]+diag), 0)
			d := (t.alpha[i] - a) * t.y[i]
			r.addTo(t.w, d, t.rate)
			t.bias += d
		}
		if worst < 0.1 {
			if active == len(t.rows) {
				return
			}
			active, bound = len(t.rows), 1e30
			continue
		}
		bound = max(worst, 0.01)
	}
}

// along returns the product with a direction; a row without columns is full.
func (v vec) along(w []float32) float32 {
	if v.col == nil {
		return engine.Sdot(len(v.val), v.val, 1, w, 1)
	}
	return v.dot(w)
}

// addTo adds the row to weights, column by column at its rate; nil: all alike. A row
// without columns is full and knows no rates.
func (v vec) addTo(w []float32, by float32, rate []float32) {
	if v.col == nil {
		engine.Saxpy(len(v.val), by, v.val, 1, w, 1)
		return
	}
	if rate != nil {
		for j, c := range v.col {
			w[c] += by * v.val[j] * rate[c]
		}
		return
	}
	for j, c := range v.col {
		w[c] += by * v.val[j]
	}
}

// plainOdds is the size of the logarithm of a column's odds at which it moves as
// freely as in a plain separator.
const plainOdds = 2

// trust sets the rates of the columns for the class at hand: the square of how much
// likelier the column is in a row of the class than in another.
func (t *svm) trust() {
	in, all, n := make([]float64, len(t.w)), make([]float64, len(t.w)), 0.0
	for i, r := range t.rows {
		yes := 0.0
		if t.y[i] > 0 {
			yes = 1
		}
		n += yes
		for _, c := range r.col {
			in[c] += yes
			all[c]++
		}
	}
	t.rate = make([]float32, len(t.w))
	rest := float64(len(t.rows)) - n
	for c := range t.rate {
		odds := (math.Log((in[c]+0.5)/(n+1)) - math.Log((all[c]-in[c]+0.5)/(rest+1))) / plainOdds
		t.rate[c] = float32(odds * odds)
	}
	t.sq = make([]float32, len(t.rows))
	for i, r := range t.rows {
		t.sq[i] = 1
		for j, c := range r.col {
			t.sq[i] += r.val[j] * r.val[j] * t.rate[c]
		}
	}
}

func abs(x float32) float32 {
	if x < 0 {
		return -x
	}
	return x
}
