package main

import (
	"cmp"
	"math"
	"slices"

	"yiwang/internal/base/geo"
)

// xy is a point in metres east and north of the district's corner; over ten
// kilometres the plane is as good as the globe.
type xy struct{ x, y float64 }

func (a xy) sub(b xy) xy          { return xy{a.x - b.x, a.y - b.y} }
func (a xy) dist2(b xy) float64   { d := a.sub(b); return d.x*d.x + d.y*d.y }
func (a xy) mid(b xy) xy          { return xy{(a.x + b.x) / 2, (a.y + b.y) / 2} }
func (a xy) less(b xy) int        { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y)) }
func dot(a, b xy) float64         { return a.x*b.x + a.y*b.y }
func along(a, b xy, t float64) xy { return xy{a.x + t*(b.x-a.x), a.y + t*(b.y-a.y)} }

// plane carries degrees to metres and back.
type plane struct {
	corner geo.LngLat
	kx, ky float64 // metres a degree
}

func planeOf(ring geo.Ring) plane {
	low, high := ring.Bounds()
	mid := (low[1] + high[1]) / 2
	return plane{low, geo.Distance(geo.LngLat{low[0], mid}, geo.LngLat{low[0] + 1, mid}), geo.Distance(geo.LngLat{low[0], mid}, geo.LngLat{low[0], mid + 1})}
}

func (p plane) flat(q geo.LngLat) xy {
	return xy{(q[0] - p.corner[0]) * p.kx, (q[1] - p.corner[1]) * p.ky}
}

func (p plane) globe(q xy) geo.LngLat {
	return geo.LngLat{p.corner[0] + q.x/p.kx, p.corner[1] + q.y/p.ky}
}

func contains(ring []xy, p xy) bool {
	in := false
	for i, a := range ring {
		b := ring[(i+len(ring)-1)%len(ring)]
		if (a.y > p.y) != (b.y > p.y) && p.x < (b.x-a.x)*(p.y-a.y)/(b.y-a.y)+a.x {
			in = !in
		}
	}
	return in
}

func area(ring []xy) float64 {
	s := 0.0
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		s += a.x*b.y - b.x*a.y
	}
	return s / 2
}

// half is the set of points nearer to one seed than to another.
type half struct{ at, out xy }

func nearer(to, than xy) half { return half{to.mid(than), than.sub(to)} }

func (h half) side(p xy) float64 { return dot(p.sub(h.at), h.out) } // negative inside

// cut returns what of a ring lies in the half plane. A ring that bends may fall
// into several pieces; each is returned as a ring of its own.
func (h half) cut(ring []xy) [][]xy {
	type chain struct{ points []xy }
	var chains []chain
	var open []xy
	n := len(ring)
	start := slices.IndexFunc(ring, func(p xy) bool { return h.side(p) > 0 })
	if start < 0 {
		return [][]xy{ring}
	}
	for k := range n {
		a, b := ring[(start+k)%n], ring[(start+k+1)%n]
		sa, sb := h.side(a), h.side(b)
		switch {
		case sa > 0 && sb <= 0: // comes in
			open = []xy{h.crossing(a, b), b}
		case sa <= 0 && sb > 0: // goes out
			chains = append(chains, chain{append(open, h.crossing(a, b))})
			open = nil
		case sa <= 0:
			open = append(open, b)
		}
	}
	ends := make([]int, 0, 2*len(chains)) // 2k: where chain k comes in, 2k+1: where it goes out
	for k := range 2 * len(chains) {
		ends = append(ends, k)
	}
	dir := xy{-h.out.y, h.out.x}
	where := func(e int) float64 {
		c := chains[e/2].points
		if e%2 == 0 {
			return dot(c[0], dir)
		}
		return dot(c[len(c)-1], dir)
	}
	slices.SortFunc(ends, func(a, b int) int { return cmp.Compare(where(a), where(b)) })
	partner := map[int]int{} // along the line, inside the ring
	for i := 0; i+1 < len(ends); i += 2 {
		partner[ends[i]], partner[ends[i+1]] = ends[i+1], ends[i]
	}
	var out [][]xy
	used := make([]bool, len(chains))
	for k := range chains {
		var piece []xy
		for c := k; !used[c]; c = partner[2*c+1] / 2 {
			used[c] = true
			piece = append(piece, chains[c].points...)
		}
		if len(piece) > 2 {
			out = append(out, piece)
		}
	}
	return out
}

// crossing is computed from the lesser end, so that both neighbours of a line
// get the same point.
func (h half) crossing(a, b xy) xy {
	if a.less(b) > 0 {
		a, b = b, a
	}
	sa, sb := h.side(a), h.side(b)
	return along(a, b, sa/(sa-sb))
}

// cells returns for every seed the pieces of the outline nearer to it than to
// any other seed: one piece, save where the outline bends around.
func cells(seeds, outline []xy) [][][]xy {
	out := make([][][]xy, len(seeds))
	order := make([]int, len(seeds))
	for i, s := range seeds {
		for j := range order {
			order[j] = j
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(seeds[a].dist2(s), seeds[b].dist2(s)) })
		pieces := [][]xy{outline}
		for _, j := range order[1:] {
			if seeds[j].dist2(s) > 4*reach2(pieces, s) {
				break
			}
			h := nearer(s, seeds[j])
			var next [][]xy
			for _, p := range pieces {
				next = append(next, h.cut(p)...)
			}
			pieces = next
		}
		slices.SortFunc(pieces, func(a, b []xy) int { return cmp.Compare(math.Abs(area(b)), math.Abs(area(a))) })
		out[i] = pieces
	}
	return out
}

func reach2(pieces [][]xy, s xy) float64 {
	r := 0.0
	for _, p := range pieces {
		for _, q := range p {
			r = max(r, q.dist2(s))
		}
	}
	return r
}
