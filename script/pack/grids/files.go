package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"yiwang/internal/base/geo"
)

// community is a community as areas.csv has it.
type community struct {
	code, name string
	residents  int
	at         geo.LngLat
}

// rows reads a pack's CSV file into maps from column to value.
func rows(path string) ([]map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment = '#'
	all, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: empty", path)
	}
	var out []map[string]string
	for _, line := range all[1:] {
		m := map[string]string{}
		for i, name := range all[0] {
			m[name] = line[i]
		}
		out = append(out, m)
	}
	return out, nil
}

func readCommunities(path string) ([]community, error) {
	lines, err := rows(path)
	if err != nil {
		return nil, err
	}
	var out []community
	for _, l := range lines {
		if l["level"] != "community" {
			continue
		}
		n, err := strconv.Atoi(l["residents"])
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, l["code"], err)
		}
		p, err := point(l["lng"] + " " + l["lat"])
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, l["code"], err)
		}
		out = append(out, community{code: l["code"], name: l["name"], residents: n, at: p})
	}
	return out, nil
}

func point(s string) (geo.LngLat, error) {
	x, y, ok := strings.Cut(s, " ")
	lng, errX := strconv.ParseFloat(x, 64)
	lat, errY := strconv.ParseFloat(y, 64)
	if !ok || errX != nil || errY != nil {
		return geo.LngLat{}, fmt.Errorf("%q is no point", s)
	}
	return geo.LngLat{lng, lat}, nil
}

func readOutline(path string) (geo.Ring, error) {
	lines, err := rows(path)
	if err != nil {
		return nil, err
	}
	if len(lines) != 1 {
		return nil, fmt.Errorf("%s: want one outline, have %d", path, len(lines))
	}
	var ring geo.Ring
	for _, s := range strings.Split(lines[0]["ring"], ";") {
		p, err := point(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		ring = append(ring, p)
	}
	return ring, nil
}

// convertOutline turns the first ring of a GeoJSON file from GCJ-02 to WGS-84.
func convertOutline(source, areas, path string) error {
	b, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	var doc struct {
		Features []struct {
			Geometry struct {
				Coordinates [][]geo.Ring `json:"coordinates"`
			} `json:"geometry"`
		} `json:"features"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	if len(doc.Features) != 1 || len(doc.Features[0].Geometry.Coordinates) != 1 {
		return fmt.Errorf("%s: want one feature with one polygon", source)
	}
	lines, err := rows(areas)
	if err != nil {
		return err
	}
	var ring geo.Ring
	for _, p := range doc.Features[0].Geometry.Coordinates[0][0] {
		w := rounded(geo.FromGCJ(p))
		if n := len(ring); n == 0 || w != ring[n-1] {
			ring = append(ring, w)
		}
	}
	if n := len(ring); n > 1 && ring[0] == ring[n-1] {
		ring = ring[:n-1] // closed implicitly
	}
	text := "# Outline of the district, WGS-84, approximate.\narea,ring\n" + lines[0]["code"] + "," + ringText(ring) + "\n"
	return os.WriteFile(path, []byte(text), 0o644)
}

func ringText(r geo.Ring) string {
	var b strings.Builder
	for i, p := range r {
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteString(degrees(p[0]) + " " + degrees(p[1]))
	}
	return b.String()
}

// degrees writes five decimals, about a metre, without closing zeros.
func degrees(v float64) string {
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(v, 'f', 5, 64), "0"), ".")
}

func rounded(p geo.LngLat) geo.LngLat {
	x, _ := strconv.ParseFloat(strconv.FormatFloat(p[0], 'f', 5, 64), 64)
	y, _ := strconv.ParseFloat(strconv.FormatFloat(p[1], 'f', 5, 64), 64)
	return geo.LngLat{x, y}
}

func writeGrids(path string, grids []grid) error {
	var b strings.Builder
	b.WriteString("# Grids of the demo district. Outlines and residents are synthetic; no public\n# outlines of real grids exist. Written by script/pack/grids.\n")
	b.WriteString("code,name,area,residents,ring\n")
	for _, g := range grids {
		fmt.Fprintf(&b, "%s,%s,%s,%d,%s\n", g.code, g.name, g.area, g.residents, ringText(g.ring))
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}
