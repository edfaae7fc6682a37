package dispatch

import "math"

// bytesMatrix is a matrix whose numbers take a byte each, with a scale for each row:
// what a message fetches of it is a quarter of what floats would be, and fetching is
// most of the time that reading takes.
type bytesMatrix struct {
	dims  int
	wide  int    // of a row: dims and what it takes to a multiple of 16
	rows  []int8 // row by row
	scale []float32
}

// newBytesMatrix rounds a matrix of rows of dims numbers, each row to one part in 127
// of its largest number.
func newBytesMatrix(full []float32, dims int) bytesMatrix {
	n := 0
	if dims > 0 {
		n = len(full) / dims
	}
	m := bytesMatrix{dims: dims, wide: (dims + 15) / 16 * 16, scale: make([]float32, n)}
	m.rows = make([]int8, n*m.wide)
	for r := range n {
		row := full[r*dims : (r+1)*dims]
		top := float32(0)
		for _, x := range row {
			top = max(top, abs(x))
		}
		if top == 0 {
			continue
		}
		m.scale[r] = top / 127
		for d, x := range row {
			m.rows[r*m.wide+d] = roundByte(x / top * 127)
		}
	}
	return m
}

func roundByte(x float32) int8 {
	if x < 0 {
		return int8(x - 0.5)
	}
	return int8(x + 0.5)
}

// shorts is a vector whose numbers take two bytes each, padded as the rows of a
// bytesMatrix are.
type shorts struct {
	z    []int16
	unit float32 // what one is
}

// largestShort leaves room for the sum of many products of such numbers with bytes.
const largestShort = 1<<13 - 1

func newShorts(x []float32) shorts {
	s := shorts{z: make([]int16, (len(x)+15)/16*16)}
	const half, sign = 0x3f000000, 1 << 31
	highest := uint32(0) // sizes compare as their bits do
	for _, v := range x {
		highest = max(highest, math.Float32bits(v)&^sign)
	}
	top := math.Float32frombits(highest)
	if top == 0 {
		return s
	}
	s.unit = top / largestShort
	for i, v := range x {
		v *= largestShort / top
		s.z[i] = int16(v + math.Float32frombits(half|math.Float32bits(v)&sign)) // no branch to guess
	}
	return s
}

// at returns row r times a vector.
func (m bytesMatrix) at(r int, x shorts) float32 {
	if m.wide == 0 {
		return 0
	}
	return float32(dotRow(&m.rows[r*m.wide], &x.z[:m.wide][0], m.wide)) * m.scale[r] * x.unit
}

// addTo adds each row times a vector to its place in out.
func (m bytesMatrix) addTo(out []float32, x shorts) {
	if m.wide == 0 {
		return
	}
	z := &x.z[:m.wide][0]
	for r := range out {
		out[r] += float32(dotRow(&m.rows[r*m.wide], z, m.wide)) * m.scale[r] * x.unit
	}
}

// dotOf is dotRow in Go.
func dotOf(row []int8, z []int16) int32 {
	var s int32
	for d, q := range row {
		s += int32(q) * int32(z[d])
	}
	return s
}

// sum returns the rows that are the columns of v, each multiplied by its value.
func (m bytesMatrix) sum(v vec) []float32 {
	out := make([]float32, m.wide)
	if len(v.col) == 0 || m.wide == 0 {
		return out[:m.dims]
	}
	by := make([]float32, len(v.col))
	for i, c := range v.col {
		by[i] = v.val[i] * m.scale[c]
	}
	addRows(&out[0], &m.rows[0], m.wide, &v.col[0], &by[0], len(by))
	return out[:m.dims]
}

// addRow adds one row, as addRows does.
func addRow(out []float32, row []int8, by float32) {
	for d, q := range row {
		out[d] += by * float32(q)
	}
}

// floats returns the matrix as it was, but for the rounding.
func (m bytesMatrix) floats() []float32 {
	out := make([]float32, 0, len(m.scale)*m.dims)
	for r, s := range m.scale {
		for _, q := range m.rows[r*m.wide : r*m.wide+m.dims] {
			out = append(out, s*float32(q))
		}
	}
	return out
}
