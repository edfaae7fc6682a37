// Package place knows the city's ground: the tree of areas (district, street,
// community), the grids inside them with their outlines, and the names by which
// people call them. It answers which grid a point lies in and which area a text
// speaks of, and says how sure it is.
package place
