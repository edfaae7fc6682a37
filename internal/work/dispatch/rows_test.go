package dispatch

import (
	"math"
	"math/rand/v2"
	"testing"
)

// What is read quickly is what was learnt, but for the rounding: rows of bytes against
// rows of floats, entries that name their class against separators side by side.
func TestQuickReadingIsTheSame(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 1))
	for _, dims := range []int{1, 16, 128, 203} {
		const rows = 300
		full, v := make([]float32, rows*dims), vec{}
		for i := range full {
			full[i] = float32(rnd.NormFloat64())
		}
		for range 90 {
			v.col, v.val = append(v.col, int32(rnd.IntN(rows))), append(v.val, rnd.Float32())
		}
		m := newBytesMatrix(full, dims)
		want, wantGo, by := make([]float64, dims), make([]float32, m.wide), vec{}
		for i, c := range v.col {
			by.val = append(by.val, v.val[i]*m.scale[c])
			addRow(wantGo, m.rows[int(c)*m.wide:(int(c)+1)*m.wide], by.val[i])
			for d := range dims {
				want[d] += float64(v.val[i]) * float64(full[int(c)*dims+d])
			}
		}
		sum := m.sum(v)
		for d, x := range sum {
			if math.Abs(float64(x)-want[d]) > 0.15 {
				t.Errorf("%d dims: sum %d is %v, in full %v", dims, d, x, want[d])
			}
			if math.Abs(float64(x-wantGo[d])) > 1e-4 {
				t.Errorf("%d dims: sum %d is %v, in Go %v", dims, d, x, wantGo[d])
			}
		}
		z := newShorts(sum)
		for r := range rows {
			row := m.rows[r*m.wide : (r+1)*m.wide]
			if a, b := dotRow(&row[0], &z.z[0], m.wide), dotOf(row, z.z); a != b {
				t.Fatalf("%d dims: product %d, in Go %d", dims, a, b)
			}
			exact, size := 0.0, 0.0
			for d, x := range sum {
				exact += float64(x) * float64(full[r*dims+d])
				size += float64(x) * float64(x)
			}
			if got := float64(m.at(r, z)); math.Abs(got-exact) > 0.03*math.Sqrt(size) {
				t.Errorf("%d dims: row %d gives %v, in full %v", dims, r, got, exact)
			}
		}
	}
}

func TestPackedMarginsAreTheSame(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 2))
	const columns = 50
	var parts []*linear
	for _, classes := range []int{5, 200, 900} {
		g := newGather(classes)
		for c := range classes {
			w := make([]float32, columns)
			for i := range w {
				if rnd.IntN(3) == 0 {
					w[i] = float32(rnd.NormFloat64())
				}
			}
			g.put(c, w, rnd.Float32())
		}
		parts = append(parts, g.linear(columns))
	}
	parts[1].scale(0) // an opinion that turned out worth nothing
	var v vec
	for c := range columns {
		v.col, v.val = append(v.col, int32(c)), append(v.val, rnd.Float32())
	}
	got := join(parts).margins(v, nil)
	for i, p := range parts {
		for c, want := range p.margins(v) {
			if math.Abs(float64(got[0]-want)) > 3e-3 {
				t.Errorf("part %d, class %d: %v, apart %v", i, c, got[0], want)
			}
			got = got[1:]
		}
	}
	if len(got) != 0 {
		t.Errorf("%d margins too many", len(got))
	}
}
