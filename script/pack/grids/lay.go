package main

import (
	"cmp"
	"fmt"
	"math"
	"math/rand"
	"slices"

	"yiwang/internal/base/geo"
)

// grid is one grid as grids.csv has it.
type grid struct {
	code, name, area string
	residents        int
	ring             geo.Ring
	at               geo.LngLat
}

const (
	step   = 25.0  // metres between the sample points that stand for the ground
	rounds = 40    // of moving seeds to the middle of their points
	centre = 700.0 // metres; grids are smaller near the middle of a community
	join   = 6.0   // metres; vertices nearer than this become one
)

// lay divides the outline among the communities (each point to the nearest one),
// places their grids' seeds, and draws the grids as cells of all seeds together.
func lay(cs []community, ring geo.Ring, count, least int, seed int64) ([]grid, error) {
	r := rand.New(rand.NewSource(seed))
	pl := planeOf(ring)
	outline := make([]xy, len(ring))
	for i, p := range ring {
		outline[i] = pl.flat(p)
	}
	if area(outline) < 0 {
		slices.Reverse(outline)
	}
	hearts := make([]xy, len(cs))
	for i, c := range cs {
		hearts[i] = pl.flat(c.at)
		if !contains(outline, hearts[i]) {
			return nil, fmt.Errorf("%s %s lies outside the outline", c.code, c.name)
		}
	}
	ground := sample(outline, hearts, r)
	counts := allot(cs, ground, count, least)
	var seeds []xy
	var owner []int
	for i := range cs {
		for _, s := range spread(ground[i], hearts[i], counts[i], r) {
			seeds, owner = append(seeds, s), append(owner, i)
		}
	}
	rings := make([][]xy, len(seeds))
	lost := 0.0
	for i, pieces := range cells(seeds, outline) {
		rings[i] = pieces[0]
		for _, p := range pieces[1:] {
			lost += math.Abs(area(p))
		}
	}
	if lost > area(outline)/1000 {
		return nil, fmt.Errorf("%.0f m² are cut off from their grids; choose another seed", lost)
	}
	return number(cs, owner, snap(rings, pl), r)
}

// sample covers the outline with jittered points, sorted by nearest community.
func sample(outline, hearts []xy, r *rand.Rand) [][]xy {
	var high xy
	for _, p := range outline {
		high = xy{max(high.x, p.x), max(high.y, p.y)}
	}
	ground := make([][]xy, len(hearts))
	for y := 0.0; y < high.y; y += step {
		for x := 0.0; x < high.x; x += step {
			p := xy{x + step*r.Float64(), y + step*r.Float64()}
			if contains(outline, p) {
				i := nearest(hearts, p)
				ground[i] = append(ground[i], p)
			}
		}
	}
	return ground
}

func nearest(seeds []xy, p xy) int {
	best, least := 0, math.Inf(1)
	for i, s := range seeds {
		if d := s.dist2(p); d < least {
			best, least = i, d
		}
	}
	return best
}

// allot says how many grids each community gets: the least, and of the rest a
// share by residents (two thirds) and by ground.
func allot(cs []community, ground [][]xy, count, least int) []int {
	people, points := 0, 0
	for i, c := range cs {
		people += c.residents
		points += len(ground[i])
	}
	rest := count - least*len(cs)
	type part struct {
		i    int
		frac float64
	}
	counts := make([]int, len(cs))
	var parts []part
	left := rest
	for i, c := range cs {
		share := float64(rest) * (2*float64(c.residents)/float64(people) + float64(len(ground[i]))/float64(points)) / 3
		whole := int(share)
		counts[i] = least + whole
		left -= whole
		parts = append(parts, part{i, share - float64(whole)})
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(b.frac, a.frac) })
	for _, p := range parts[:left] {
		counts[p.i]++
	}
	return counts
}

// spread places n seeds on a community's points, each in the middle of the points
// nearest to it (Lloyd), with more weight near the community's heart.
func spread(points []xy, heart xy, n int, r *rand.Rand) []xy {
	seeds := make([]xy, 0, n)
	for _, i := range r.Perm(len(points))[:n] {
		seeds = append(seeds, points[i])
	}
	for range rounds {
		sum := make([]xy, n)
		weight := make([]float64, n)
		for _, p := range points {
			i := nearest(seeds, p)
			w := 1 / (1 + p.dist2(heart)/(centre*centre))
			sum[i] = xy{sum[i].x + w*p.x, sum[i].y + w*p.y}
			weight[i] += w
		}
		for i := range seeds {
			if weight[i] > 0 {
				seeds[i] = xy{sum[i].x / weight[i], sum[i].y / weight[i]}
			}
		}
	}
	return seeds
}

// snap makes vertices that nearly meet one, for all cells alike, and rounds them
// as the file does, so that neighbours keep sharing their edges.
func snap(rings [][]xy, pl plane) []geo.Ring {
	var points []xy
	parent := []int{}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	boxes := map[[2]int][]int{}
	ids := make([][]int, len(rings))
	for k, ring := range rings {
		for _, p := range ring {
			id := len(points)
			points, parent = append(points, p), append(parent, id)
			ids[k] = append(ids[k], id)
			bx, by := int(p.x/join), int(p.y/join)
			for dx := -1; dx <= 1; dx++ {
				for dy := -1; dy <= 1; dy++ {
					for _, other := range boxes[[2]int{bx + dx, by + dy}] {
						if points[other].dist2(p) < join*join {
							parent[find(other)] = find(id)
						}
					}
				}
			}
			boxes[[2]int{bx, by}] = append(boxes[[2]int{bx, by}], id)
		}
	}
	sum, size := make([]xy, len(points)), make([]float64, len(points))
	for id, p := range points {
		f := find(id)
		sum[f], size[f] = xy{sum[f].x + p.x, sum[f].y + p.y}, size[f]+1
	}
	out := make([]geo.Ring, len(rings))
	for k := range rings {
		for _, id := range ids[k] {
			f := find(id)
			p := rounded(pl.globe(xy{sum[f].x / size[f], sum[f].y / size[f]}))
			if n := len(out[k]); n == 0 || out[k][n-1] != p && out[k][0] != p {
				out[k] = append(out[k], p)
			}
		}
	}
	return out
}

// number gives the grids of each community their codes, row by row from the
// north-west, and their residents.
func number(cs []community, owner []int, rings []geo.Ring, r *rand.Rand) ([]grid, error) {
	var out []grid
	for i, c := range cs {
		var own []grid
		for k, o := range owner {
			if o == i {
				if len(rings[k]) < 3 {
					return nil, fmt.Errorf("a grid of %s vanished", c.name)
				}
				own = append(own, grid{area: c.code, ring: rings[k], at: rings[k].Centroid()})
			}
		}
		const band = 0.002 // degrees of latitude that count as one row
		slices.SortFunc(own, func(a, b grid) int {
			return cmp.Or(-cmp.Compare(math.Floor(a.at[1]/band), math.Floor(b.at[1]/band)), cmp.Compare(a.at[0], b.at[0]))
		})
		weights := make([]float64, len(own))
		total := 0.0
		for k := range own {
			weights[k] = 0.6 + 0.8*r.Float64()
			total += weights[k]
		}
		left := c.residents
		for k := range own {
			own[k].code = fmt.Sprintf("%s%03d", c.code, k+1)
			own[k].name = fmt.Sprintf("%s第%d网格", c.name, k+1)
			own[k].residents = int(weights[k] / total * float64(c.residents))
			left -= own[k].residents
		}
		own[0].residents += left
		out = append(out, own...)
	}
	return out, nil
}
