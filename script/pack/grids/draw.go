package main

import (
	"fmt"
	"strings"

	"yiwang/internal/base/geo"
)

// picture draws grids coloured by street, for a person to look at.
func picture(cs []community, grids []grid) []byte {
	var all geo.Ring
	for _, g := range grids {
		all = append(all, g.ring...)
	}
	pl := planeOf(all)
	_, high := all.Bounds()
	size := pl.flat(high)
	const scale = 0.12 // pixels a metre
	at := func(p geo.LngLat) string {
		q := pl.flat(p)
		return fmt.Sprintf("%.1f,%.1f", q.x*scale, (size.y-q.y)*scale)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" font-family="sans-serif">`, size.x*scale, size.y*scale)
	shade := map[string]int{}
	for _, g := range grids {
		if _, ok := shade[g.area]; !ok {
			shade[g.area] = len(shade)
		}
		var points []string
		for _, p := range g.ring {
			points = append(points, at(p))
		}
		street := int(g.area[7]-'0')*10 + int(g.area[8]-'0')
		fmt.Fprintf(&b, `<path d="M%sZ" fill="hsl(%d,60%%,%d%%)" stroke="#666" stroke-width=".4"/>`, strings.Join(points, "L"), street*47%360, 68+shade[g.area]%4*6)
	}
	for _, c := range cs {
		x, y, _ := strings.Cut(at(c.at), ",")
		fmt.Fprintf(&b, `<circle cx="%s" cy="%s" r="2"/><text x="%s" y="%s" font-size="11">%s</text>`, x, y, x, y, strings.TrimSuffix(c.name, "社区"))
	}
	b.WriteString("</svg>")
	return []byte(b.String())
}
