package dispatch

import (
	"math"
	"math/bits"
	"slices"
)

// linear holds the separators of a task, only the weights that matter, column
// by column: reading a message touches no others.
type linear struct {
	start  []uint32 // entries of column c are start[c] to start[c+1]
	class  []uint16
	weight []float32
	bias   []float32
}

// weightFloor is the size below which a weight changes no decision; for the
// classes above the matters, of which many have a say, it may be larger.
const (
	weightFloor      = 0.01
	classWeightFloor = 0.03
)

// gather collects the weights that trainSVM hands over, class by class.
type gather struct {
	floor float32 // smaller weights are dropped
	cols  [][]int32
	vals  [][]float32
	bias  []float32
}

func newGather(classes int) *gather {
	return &gather{weightFloor, make([][]int32, classes), make([][]float32, classes), make([]float32, classes)}
}

// put is safe for different classes at the same time.
func (g *gather) put(class int, w []float32, bias float32) {
	g.bias[class] = bias
	for c, x := range w {
		if abs(x) >= g.floor {
			g.cols[class] = append(g.cols[class], int32(c))
			g.vals[class] = append(g.vals[class], x)
		}
	}
}

func (g *gather) linear(columns int) *linear {
	l := &linear{start: make([]uint32, columns+1), bias: g.bias}
	for _, cs := range g.cols {
		for _, c := range cs {
			l.start[c+1]++
		}
	}
	for c := range columns {
		l.start[c+1] += l.start[c]
	}
	l.class = make([]uint16, l.start[columns])
	l.weight = make([]float32, l.start[columns])
	next := slices.Clone(l.start)
	for k, cs := range g.cols {
		for i, c := range cs {
			l.class[next[c]], l.weight[next[c]] = uint16(k), g.vals[k][i]
			next[c]++
		}
	}
	return l
}

// margins returns the signed distance to each class's border.
func (l *linear) margins(v vec) []float32 {
	out := slices.Clone(l.bias)
	for i, c := range v.col {
		x := v.val[i]
		from, to := l.start[c], l.start[c+1]
		ks := l.class[from:to]
		ws := l.weight[from:to]
		ws = ws[:len(ks)] // spares a check for each weight
		for j, k := range ks {
			out[k] += x * ws[j]
		}
	}
	return out
}

// packed holds separators side by side to be read fast. An entry is a weight whose
// last bits, worth less than a thousandth of it, name its class: a column is fetched at
// one place, and nothing is unpacked.
type packed struct {
	start []uint32
	entry []uint32
	mask  uint32 // of the bits that name the class
	bias  []float32
}

// ahead is how many columns before its turn a column is fetched.
const ahead = 6

// join lays separators side by side. The classes of the n-th follow those of the ones
// before.
func join(parts []*linear) *packed {
	columns, total := len(parts[0].start)-1, 0
	out := &packed{start: make([]uint32, columns+1)}
	from := make([]uint32, len(parts))
	for i, p := range parts {
		from[i] = uint32(len(out.bias))
		out.bias = append(out.bias, p.bias...)
		total += len(p.class)
	}
	out.mask = 1<<bits.Len(uint(len(out.bias)-1)) - 1
	out.entry = make([]uint32, 0, total)
	for c := range columns {
		for i, p := range parts {
			for e := p.start[c]; e < p.start[c+1]; e++ {
				if p.weight[e] != 0 {
					out.entry = append(out.entry, out.pack(p.weight[e], from[i]+uint32(p.class[e])))
				}
			}
		}
		out.start[c+1] = uint32(len(out.entry))
	}
	return out
}

// pack returns the entry of a class that is nearest to a weight.
func (l *packed) pack(weight float32, class uint32) uint32 {
	return (math.Float32bits(weight)-class+l.mask/2)&^l.mask | class
}

// margins returns the signed distance to each class's border, part after part.
func (l *packed) margins(v vec, r *room) []float32 {
	out := r.floats(int(l.mask) + 1)
	copy(out, l.bias)
	for i, c := range v.col {
		if i+ahead < len(v.col) {
			if from := int(l.start[v.col[i+ahead]]); from < len(l.entry) {
				fetch(&l.entry[from])
			}
		}
		x := v.val[i]
		for _, e := range l.entry[l.start[c]:l.start[c+1]] {
			out[e&l.mask] += x * math.Float32frombits(e)
		}
	}
	return out[:len(l.bias)]
}

// weightOf returns what column c adds to a class per unit.
func (l *linear) weightOf(c int32, class int) float32 {
	from, to := l.start[c], l.start[c+1]
	if i, ok := slices.BinarySearch(l.class[from:to], uint16(class)); ok {
		return l.weight[int(from)+i]
	}
	return 0
}

func (l *linear) clone() *linear {
	return &linear{l.start, l.class, slices.Clone(l.weight), slices.Clone(l.bias)}
}

func (l *linear) scale(by float64) {
	for i := range l.weight {
		l.weight[i] *= float32(by)
	}
	for i := range l.bias {
		l.bias[i] *= float32(by)
	}
}

// plus returns the separators whose margins are the sums of both.
func (l *linear) plus(o *linear) *linear {
	out := &linear{start: make([]uint32, 1, len(l.start)), bias: slices.Clone(l.bias)}
	for i, b := range o.bias {
		out.bias[i] += b
	}
	for c := range len(l.start) - 1 {
		i, j := l.start[c], o.start[c]
		for i < l.start[c+1] || j < o.start[c+1] {
			switch {
			case j == o.start[c+1] || i < l.start[c+1] && l.class[i] < o.class[j]:
				out.class, out.weight = append(out.class, l.class[i]), append(out.weight, l.weight[i])
				i++
			case i == l.start[c+1] || o.class[j] < l.class[i]:
				out.class, out.weight = append(out.class, o.class[j]), append(out.weight, o.weight[j])
				j++
			default:
				out.class, out.weight = append(out.class, l.class[i]), append(out.weight, l.weight[i]+o.weight[j])
				i, j = i+1, j+1
			}
		}
		out.start = append(out.start, uint32(len(out.class)))
	}
	return out
}
