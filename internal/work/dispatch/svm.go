package dispatch

import (
	"math/rand/v2"
	"runtime"
	"sync"
)

// svmOptions are the choices in training linear separators.
type svmOptions struct {
	cost   float32 // of an error; larger fits closer
	epochs int
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
	sq    []float32
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
			r.addTo(t.w, d)
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

func (v vec) addTo(w []float32, by float32) {
	if v.col == nil {
		engine.Saxpy(len(v.val), by, v.val, 1, w, 1)
		return
	}
	for j, c := range v.col {
		w[c] += by * v.val[j]
	}
}

func abs(x float32) float32 {
	if x < 0 {
		return -x
	}
	return x
}
