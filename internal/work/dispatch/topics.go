package dispatch

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/mat"
)

// topics are the main directions in which texts differ, learnt from all texts,
// with labels or without (latent semantic analysis): n-grams that occur in like
// texts point the same way, so a word that no decided case holds still counts.
type topics struct {
	dims  int
	basis bytesMatrix // a row for each column of the space
}

var engine gonum.Implementation

// learnTopics finds the first dims singular directions of the rows by a
// randomised range finder with power iterations (Halko et al. 2011).
func learnTopics(rows []vec, columns, dims, powers int, seed uint64) *topics {
	extra := 16
	k := min(dims+extra, len(rows))
	dims = min(dims, k)
	rnd := rand.New(rand.NewPCG(seed, 11))
	z := make([]float32, columns*k)
	for i := range z {
		z[i] = float32(rnd.NormFloat64())
	}
	y := make([]float32, len(rows)*k)
	forward(rows, z, y, k)
	for range powers {
		orthonormal(y, len(rows), k)
		backward(rows, y, z, columns, k)
		forward(rows, z, y, k)
	}
	orthonormal(y, len(rows), k)
	backward(rows, y, z, columns, k) // z = Aᵀ Q
	q := append([]float32(nil), y...)
	forward(rows, z, y, k) // y = A Aᵀ Q
	gram := product(q, y, len(rows), k)
	sym := mat.NewSymDense(k, nil)
	for i := range k {
		for j := i; j < k; j++ {
			sym.SetSym(i, j, float64(gram[i*k+j]+gram[j*k+i])/2)
		}
	}
	var eig mat.EigenSym
	eig.Factorize(sym, true)
	values := eig.Values(nil)
	var vecs mat.Dense
	eig.VectorsTo(&vecs)
	turn := make([]float32, k*dims)
	for d := range dims {
		from := k - 1 - d // the largest last
		scale := 0.0
		if values[from] > 1e-9 {
			scale = 1 / math.Sqrt(values[from])
		}
		for i := range k {
			turn[i*dims+d] = float32(vecs.At(i, from) * scale)
		}
	}
	basis := make([]float32, columns*dims)
	gemm(z, turn, basis, columns, k, dims)
	return &topics{dims, newBytesMatrix(basis, dims)}
}

// parallel calls fn for parts of [0, n), one a processor.
func parallel(n int, fn func(from, to int)) {
	var g sync.WaitGroup
	parts := runtime.GOMAXPROCS(0)
	for p := range parts {
		g.Go(func() { fn(p*n/parts, (p+1)*n/parts) })
	}
	g.Wait()
}

// forward computes y = A z.
func forward(rows []vec, z, y []float32, k int) {
	parallel(len(rows), func(from, to int) {
		for i := from; i < to; i++ {
			out := y[i*k : (i+1)*k]
			clear(out)
			for j, c := range rows[i].col {
				engine.Saxpy(k, rows[i].val[j], z[int(c)*k:], 1, out, 1)
			}
		}
	})
}

// backward computes z = Aᵀ y; each processor takes its own columns.
func backward(rows []vec, y, z []float32, columns, k int) {
	parallel(columns, func(from, to int) {
		clear(z[from*k : to*k])
		for i, r := range rows {
			in := y[i*k : (i+1)*k]
			for j, c := range r.col {
				if int(c) >= from && int(c) < to {
					engine.Saxpy(k, r.val[j], in, 1, z[int(c)*k:], 1)
				}
			}
		}
	})
}

// product computes aᵀ b for two n×k matrices.
func product(a, b []float32, n, k int) []float32 {
	out := make([]float32, k*k)
	engine.Sgemm(blas.Trans, blas.NoTrans, k, k, n, 1, a, k, b, k, 0, out, k)
	return out
}

// gemm computes out = a b for an n×k and a k×m matrix.
func gemm(a, b, out []float32, n, k, m int) {
	engine.Sgemm(blas.NoTrans, blas.NoTrans, n, m, k, 1, a, k, b, m, 0, out, m)
}

// orthonormal replaces the columns of y by orthonormal ones that span the same,
// through the eigenvectors of their inner products, twice for accuracy.
func orthonormal(y []float32, n, k int) {
	for range 2 {
		gram := product(y, y, n, k)
		sym := mat.NewSymDense(k, nil)
		for i := range k {
			for j := i; j < k; j++ {
				sym.SetSym(i, j, float64(gram[i*k+j]))
			}
		}
		var eig mat.EigenSym
		eig.Factorize(sym, true)
		values := eig.Values(nil)
		var vecs mat.Dense
		eig.VectorsTo(&vecs)
		turn := make([]float32, k*k)
		top := values[k-1]
		for d := range k {
			if values[d] <= top*1e-10 {
				continue // a direction that is not there
			}
			s := 1 / math.Sqrt(values[d])
			for i := range k {
				turn[i*k+d] = float32(vecs.At(i, d) * s)
			}
		}
		out := make([]float32, len(y))
		gemm(y, turn, out, n, k, k)
		copy(y, out)
	}
}

// project returns where a text lies among the topics, of length one.
func (t *topics) project(v vec) []float32 {
	out := t.sum(v)
	unit(out)
	return out
}

func (t *topics) sum(v vec) []float32 { return t.basis.sum(v) }

// length returns what project divides by.
func (t *topics) length(v vec) float64 {
	x := t.sum(v)
	return math.Sqrt(float64(engine.Sdot(t.dims, x, 1, x, 1))) + 1e-9
}

func unit(x []float32) {
	s := engine.Sdot(len(x), x, 1, x, 1)
	if s > 0 {
		engine.Sscal(len(x), float32(1/math.Sqrt(float64(s))), x, 1)
	}
}
