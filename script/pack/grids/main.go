package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	city := flag.String("city", "city/demo", "the pack's directory")
	outline := flag.String("outline", "", "GeoJSON outline in GCJ-02 to convert into place/outline.csv first")
	count := flag.Int("count", 1646, "grids in all")
	least := flag.Int("least", 8, "grids that every community has at least")
	seed := flag.Int64("seed", 440304, "seed of everything random")
	draw := flag.String("draw", "", "SVG file to draw the result into")
	flag.Parse()
	if err := run(*city, *outline, *draw, *count, *least, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "grids:", err)
		os.Exit(1)
	}
}

func run(city, source, draw string, count, least int, seed int64) error {
	place := filepath.Join(city, "place")
	if source != "" {
		if err := convertOutline(source, filepath.Join(place, "areas.csv"), filepath.Join(place, "outline.csv")); err != nil {
			return err
		}
	}
	communities, err := readCommunities(filepath.Join(place, "areas.csv"))
	if err != nil {
		return err
	}
	ring, err := readOutline(filepath.Join(place, "outline.csv"))
	if err != nil {
		return err
	}
	grids, err := lay(communities, ring, count, least, seed)
	if err != nil {
		return err
	}
	if draw != "" {
		if err := os.WriteFile(draw, picture(communities, grids), 0o644); err != nil {
			return err
		}
	}
	return writeGrids(filepath.Join(place, "grids.csv"), grids)
}
