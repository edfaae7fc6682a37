// Package geo is the little geometry a city needs: distances, points in outlines,
// areas, and the way between the coordinates that Chinese maps use (GCJ-02) and
// those of the world (WGS-84, EPSG:4326). Positions are degrees, longitude first.
package geo
