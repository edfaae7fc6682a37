package place

// Level is the height of an area in the tree.
type Level string

// The levels of a district's ground.
const (
	District  Level = "district"
	Street    Level = "street"
	Community Level = "community"
	Grid      Level = "grid"
)

// Area is a named part of the city. Codes of district, street and community are
// the national statistical codes; grids carry the community's code plus three digits.
type Area struct {
	Code      string
	Name      string
	Level     Level
	Parent    string
	Residents int
	Lng, Lat  float64      // a point inside, WGS-84 degrees
	Aliases   []string     // what else people call it
	Ring      [][2]float64 // outline, lng/lat, closed implicitly; grids and the district have one, others derive theirs
}

// Name is a place that people speak of (an estate, a road, a station) and the
// area it lies in.
type Name struct {
	Name string
	Area string // code
	Kind string // estate, road, park, school, metro, market, …
	At   Point  // zero where it is not known
}

// Point is a position in WGS-84 degrees.
type Point struct {
	Lng float64 `json:"lng"`
	Lat float64 `json:"lat"`
}

// Found is an area that a point or a text was resolved to.
type Found struct {
	Area  string  // code of the narrowest area known
	Grid  string  // grid code, "" where only an area is known
	Exact bool    // from a point or a full address, not from a mere name
	Words string  // the words of the text it rests on, "" from a point
	From  int     // where in the text they stand, in bytes
	To    int     // where they end
	Score float64 // how sure it is, 0…1
}
