package geo

import "math"

// The ellipsoid (Krasovsky 1940) on which GCJ-02 was laid out.
const (
	gcjAxis = 6378245.0
	gcjEcc2 = 0.00669342162296594323
)

// ToGCJ turns a position of the world (WGS-84) into that of Chinese maps (GCJ-02).
// Outside China the two are the same.
func ToGCJ(p LngLat) LngLat {
	if !inChina(p) {
		return p
	}
	d := shift(p)
	return LngLat{p[0] + d[0], p[1] + d[1]}
}

// FromGCJ turns a position of Chinese maps into one of the world. The shift has no
// closed inverse; four rounds bring it below a centimetre.
func FromGCJ(p LngLat) LngLat {
	if !inChina(p) {
		return p
	}
	w := p
	for range 4 {
		d := shift(w)
		w = LngLat{p[0] - d[0], p[1] - d[1]}
	}
	return w
}

func inChina(p LngLat) bool {
	return p[0] >= 72.004 && p[0] <= 137.8347 && p[1] >= 0.8293 && p[1] <= 55.8271
}

// shift is how far the map's point lies from the world's, in degrees.
func shift(p LngLat) LngLat {
	x, y := p[0]-105, p[1]-35
	wave := 20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)
	dLat := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x)) +
		(wave+20*math.Sin(y*math.Pi)+40*math.Sin(y/3*math.Pi)+160*math.Sin(y/12*math.Pi)+320*math.Sin(y*math.Pi/30))*2/3
	dLng := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x)) +
		(wave+20*math.Sin(x*math.Pi)+40*math.Sin(x/3*math.Pi)+150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3
	lat := rad(p[1])
	m := 1 - gcjEcc2*sq(math.Sin(lat))
	return LngLat{
		dLng * 180 / (gcjAxis / math.Sqrt(m) * math.Cos(lat) * math.Pi),
		dLat * 180 / (gcjAxis * (1 - gcjEcc2) / (m * math.Sqrt(m)) * math.Pi),
	}
}
