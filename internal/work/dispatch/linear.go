package dispatch

import "slices"

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

// join lays separators side by side, so that reading a message touches each of
// its columns once. The classes of the n-th follow those of the ones before.
func join(parts []*linear) *linear {
	columns := len(parts[0].start) - 1
	out := &linear{start: make([]uint32, columns+1)}
	from := make([]uint16, len(parts))
	total := 0
	for i, p := range parts {
		from[i] = uint16(len(out.bias))
		out.bias = append(out.bias, p.bias...)
		total += len(p.class)
	}
	out.class, out.weight = make([]uint16, 0, total), make([]float32, 0, total)
	for c := range columns {
		for i, p := range parts {
			for e := p.start[c]; e < p.start[c+1]; e++ {
				out.class, out.weight = append(out.class, from[i]+p.class[e]), append(out.weight, p.weight[e])
			}
		}
		out.start[c+1] = uint32(len(out.class))
	}
	return out
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
