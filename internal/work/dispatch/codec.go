package dispatch

import (
	"encoding/binary"
	"math"
)

// writer appends values to a model file. Integers are varints; long runs of
// numbers have a form of their own, because they are the file.
type writer struct{ b []byte }

func (w *writer) int(n int)       { w.b = binary.AppendUvarint(w.b, uint64(n)) }
func (w *writer) float(x float64) { w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(x)) }

func (w *writer) string(s string) {
	w.int(len(s))
	w.b = append(w.b, s...)
}

func (w *writer) strings(ss []string) {
	w.int(len(ss))
	for _, s := range ss {
		w.string(s)
	}
}

func (w *writer) floats(xs []float64) {
	w.int(len(xs))
	for _, x := range xs {
		w.float(x)
	}
}

// rising writes numbers that never fall, as differences.
func (w *writer) rising(ns []uint32) {
	w.int(len(ns))
	last := uint32(0)
	for _, n := range ns {
		w.int(int(n - last))
		last = n
	}
}

// hashes writes numbers in any order, as differences that wrap around; where they
// rise it writes what rising does.
func (w *writer) hashes(ns []uint32) { w.rising(ns) }

func (w *writer) small(ns []uint16) {
	w.int(len(ns))
	for _, n := range ns {
		w.int(int(n))
	}
}

// rough writes numbers to one part in 127 of the largest: weights need no more.
func (w *writer) rough(xs []float32) {
	top := float32(0)
	for _, x := range xs {
		top = max(top, abs(x))
	}
	w.int(len(xs))
	w.float(float64(top))
	for _, x := range xs {
		q := int8(0)
		if top > 0 {
			q = int8(math.Round(float64(x / top * 127)))
		}
		w.b = append(w.b, byte(q))
	}
}

// grades writes small whole numbers.
func (w *writer) grades(gs []int8) {
	w.int(len(gs))
	for _, g := range gs {
		w.b = append(w.b, byte(g))
	}
}

// exact writes numbers as they are.
func (w *writer) exact(xs []float32) {
	w.int(len(xs))
	for _, x := range xs {
		w.b = binary.LittleEndian.AppendUint32(w.b, math.Float32bits(x))
	}
}

// reader takes values from a model file. After the first thing that does not
// fit, broken is set and everything read is zero; a length is never believed
// beyond what the file can hold.
type reader struct {
	b      []byte
	broken bool
}

func (r *reader) fail() { r.b, r.broken = nil, true }

func (r *reader) int() int {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || n > math.MaxInt32 {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return int(n)
}

// length reads a count of things that each take at least size bytes.
func (r *reader) length(size int) int {
	n := r.int()
	if n > len(r.b)/size {
		r.fail()
		return 0
	}
	return n
}

func (r *reader) float() float64 {
	if len(r.b) < 8 {
		r.fail()
		return 0
	}
	x := math.Float64frombits(binary.LittleEndian.Uint64(r.b))
	r.b = r.b[8:]
	if math.IsNaN(x) || math.IsInf(x, 0) {
		r.fail()
		return 0
	}
	return x
}

func (r *reader) string() string {
	n := r.length(1)
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *reader) strings() []string {
	out := make([]string, r.length(1))
	for i := range out {
		out[i] = r.string()
	}
	return out
}

func (r *reader) floats() []float64 {
	out := make([]float64, r.length(8))
	for i := range out {
		out[i] = r.float()
	}
	return out
}

func (r *reader) rising() []uint32 {
	out := make([]uint32, r.length(1))
	last := uint64(0)
	for i := range out {
		last += uint64(r.int())
		if last > math.MaxUint32 {
			r.fail()
			return nil
		}
		out[i] = uint32(last)
	}
	return out
}

func (r *reader) hashes() []uint32 {
	out := make([]uint32, r.length(1))
	last := uint32(0)
	for i := range out {
		n, size := binary.Uvarint(r.b)
		if size <= 0 || n > math.MaxUint32 {
			r.fail()
			return nil
		}
		r.b = r.b[size:]
		last += uint32(n)
		out[i] = last
	}
	return out
}

func (r *reader) small() []uint16 {
	out := make([]uint16, r.length(1))
	for i := range out {
		n := r.int()
		if n > math.MaxUint16 {
			r.fail()
			return nil
		}
		out[i] = uint16(n)
	}
	return out
}

func (r *reader) rough() []float32 {
	n := r.length(1)
	top := float32(r.float())
	if n > len(r.b) {
		r.fail()
		return nil
	}
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(int8(r.b[i])) / 127 * top
	}
	r.b = r.b[n:]
	return out
}

func (r *reader) grades() []int8 {
	out := make([]int8, r.length(1))
	for i := range out {
		out[i] = int8(r.b[i])
	}
	r.b = r.b[len(out):]
	return out
}

func (r *reader) exact() []float32 {
	out := make([]float32, r.length(4))
	for i := range out {
		x := math.Float32frombits(binary.LittleEndian.Uint32(r.b[i*4:]))
		if x != x || x > math.MaxFloat32 || x < -math.MaxFloat32 {
			r.fail()
			return nil
		}
		out[i] = x
	}
	r.b = r.b[len(out)*4:]
	return out
}
