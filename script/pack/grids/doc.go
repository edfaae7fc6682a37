// Command grids lays the synthetic grids of the demo district inside its outline.
// It reads place/areas.csv and place/outline.csv of a pack and writes
// place/grids.csv; the same files and seed always give the same grids. Grids are
// Voronoi cells, so neighbours share their vertices exactly and meet without gaps.
//
//	go run ./script/pack/grids -city city/demo
//	go run ./script/pack/grids -city city/demo -outline outline.geojson   # GCJ-02, writes outline.csv first
//	go run ./script/pack/grids -city city/demo -draw grids.svg            # a picture to look at
package main
