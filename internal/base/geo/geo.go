package geo

import "math"

// LngLat is a position in degrees, longitude first.
type LngLat = [2]float64

// Ring is an outline, closed implicitly: its last point joins its first.
type Ring []LngLat

// earth is the mean radius in metres.
const earth = 6_371_008.8

// Distance returns the way between two points in metres, on a sphere.
func Distance(a, b LngLat) float64 {
	la, lb := rad(a[1]), rad(b[1])
	dla, dlo := lb-la, rad(b[0]-a[0])
	h := sq(math.Sin(dla/2)) + math.Cos(la)*math.Cos(lb)*sq(math.Sin(dlo/2))
	return 2 * earth * math.Asin(math.Min(1, math.Sqrt(h)))
}

// Contains reports whether a point lies inside the ring. Points on the outline
// belong to one of the two sides, so that of neighbours that share an edge exactly
// one contains it.
func (r Ring) Contains(p LngLat) bool {
	in := false
	for i, j := 0, len(r)-1; i < len(r); j, i = i, i+1 {
		a, b := r[i], r[j]
		if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < (b[0]-a[0])*(p[1]-a[1])/(b[1]-a[1])+a[0] {
			in = !in
		}
	}
	return in
}

// Bounds returns the corners of the smallest box around the ring.
func (r Ring) Bounds() (low, high LngLat) {
	low, high = LngLat{math.Inf(1), math.Inf(1)}, LngLat{math.Inf(-1), math.Inf(-1)}
	for _, p := range r {
		low = LngLat{math.Min(low[0], p[0]), math.Min(low[1], p[1])}
		high = LngLat{math.Max(high[0], p[0]), math.Max(high[1], p[1])}
	}
	return low, high
}

// Signed returns twice the area of the ring in square degrees, positive where it
// runs counter-clockwise.
func (r Ring) Signed() float64 {
	var s float64
	for i, j := 0, len(r)-1; i < len(r); j, i = i, i+1 {
		s += r[j][0]*r[i][1] - r[i][0]*r[j][1]
	}
	return s
}

// Area returns the area in square metres; good to a thousandth for a city.
func (r Ring) Area() float64 {
	if len(r) < 3 {
		return 0
	}
	low, high := r.Bounds()
	metre := rad(1) * earth
	return math.Abs(r.Signed()) / 2 * metre * metre * math.Cos(rad((low[1]+high[1])/2))
}

// Centroid returns the centre of gravity of the ring's area; where it has none,
// the mean of its points.
func (r Ring) Centroid() LngLat {
	if len(r) == 0 {
		return LngLat{}
	}
	// The first point is the origin, so that no digits are lost to large coordinates.
	o := r[0]
	var x, y, s, mx, my float64
	for i, j := 0, len(r)-1; i < len(r); j, i = i, i+1 {
		ax, ay, bx, by := r[j][0]-o[0], r[j][1]-o[1], r[i][0]-o[0], r[i][1]-o[1]
		c := ax*by - bx*ay
		s, x, y = s+c, x+(ax+bx)*c, y+(ay+by)*c
		mx, my = mx+bx, my+by
	}
	if math.Abs(s) < 1e-18 {
		n := float64(len(r))
		return LngLat{o[0] + mx/n, o[1] + my/n}
	}
	return LngLat{o[0] + x/(3*s), o[1] + y/(3*s)}
}

// Gap returns how far a point is from the outline in metres.
func (r Ring) Gap(p LngLat) float64 {
	metre := rad(1) * earth
	kx, ky := metre*math.Cos(rad(p[1])), metre
	best := math.Inf(1)
	for i, j := 0, len(r)-1; i < len(r); j, i = i, i+1 {
		ax, ay := (r[j][0]-p[0])*kx, (r[j][1]-p[1])*ky
		dx, dy := (r[i][0]-r[j][0])*kx, (r[i][1]-r[j][1])*ky
		t := 0.0
		if n := dx*dx + dy*dy; n > 0 {
			t = math.Max(0, math.Min(1, -(ax*dx+ay*dy)/n))
		}
		best = math.Min(best, math.Hypot(ax+t*dx, ay+t*dy))
	}
	return best
}

func rad(deg float64) float64 { return deg * math.Pi / 180 }
func sq(x float64) float64    { return x * x }
