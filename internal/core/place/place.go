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
	Ring      [][2]float64 // outline, lng/lat, closed; grids and the district have one, others derive theirs
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
	Words string  // the words of the text it rests on
	Score float64 // 0…1
}
