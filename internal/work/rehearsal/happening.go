package rehearsal

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"

	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/place"
)

// happening is what took place, whoever tells of it. It follows from the seed
// and a number alone, so that a house that starts again knows what its open
// cases are about.
type happening struct {
	vague   *Vague
	n       int // of the message that told of it first
	scene   *Scene
	where   *place.Name // nil where it has no place
	street  string
	commune string
	road    string
	spot    string
	names   map[string]string // of businesses, by slot
	block   int
	number  int
	days    int
	money   int
	line    int
	office  bool // a unit's own patrol saw it
}

// lookBack is how many messages a repeat may lie behind the first one.
const lookBack = 40

// stream returns the random numbers of one purpose for one message.
func (g *Generator) stream(n int, purpose uint64) *rand.Rand {
	return rand.New(rand.NewPCG(g.seed^purpose*0x9E3779B97F4A7C15, uint64(n)))
}

// The purposes of streams. What two of them give is unrelated.
const (
	ofEvent uint64 = iota + 1
	ofRepeat
	ofTelling
	ofWays
	ofArrival
	ofPlot
	ofTrait
)

// root returns the message that told first of what message n tells of; n itself
// where it is the first.
func (g *Generator) root(n int) int {
	for {
		r := g.stream(n, ofRepeat)
		if n <= 1 || r.IntN(100) >= g.script.Rhythm.Repeats {
			return n
		}
		n -= 1 + r.IntN(min(lookBack, n-1))
	}
}

// happens returns what message n tells of.
func (g *Generator) happens(n int) *happening {
	root := g.root(n)
	r := g.stream(root, ofEvent)
	return g.invent(r, root, g.scene(r))
}

// invent draws the particulars of a scene.
func (g *Generator) invent(r *rand.Rand, n int, scene *Scene) *happening {
	w := &g.script.Words
	h := &happening{n: n, scene: scene, vague: &w.Vague, street: w.Vague.Street, commune: w.Vague.Commune}
	busy := g.busy(r)
	if local := g.local[r.IntN(len(g.local))]; busy != "" && len(local) > 0 && r.IntN(2) == 0 {
		h.scene = local[r.IntN(len(local))]
	}
	if h.where = g.nameOf(r, h.scene.Kinds(), busy); h.where == nil {
		h.where = g.nameOf(r, h.scene.Kinds(), "")
	}
	if h.where != nil {
		if a, ok := g.places.Area(h.where.Area); ok {
			h.commune = a.Name
		}
		if a, ok := g.places.Up(h.where.Area, place.Street); ok {
			h.street = a.Name
		}
		h.road = g.roadIn(r, h.where.Area)
	}
	h.spot, h.names = pick(r, w.Spot), map[string]string{}
	for _, slot := range sortedKeys(w.Names) {
		h.names[slot] = pick(r, w.Names[slot])
	}
	h.block, h.number, h.days = 1+r.IntN(18), 2+r.IntN(8), 2+r.IntN(13)
	h.money = []int{180, 260, 399, 588, 880, 1200, 1980, 2600, 3800, 5600, 9800, 18600}[r.IntN(12)]
	h.line = 202 + r.IntN(160)
	h.office = h.scene.Patrol != "" && r.IntN(100) < 18
	return h
}

// scene draws a scene by the weights.
func (g *Generator) scene(r *rand.Rand) *Scene {
	left := r.IntN(g.script.total)
	for i := range g.script.Scenes {
		s := &g.script.Scenes[i]
		if left -= s.Weight; left < 0 {
			return s
		}
	}
	return &g.script.Scenes[0]
}

// busy draws one of the communities in which more happens, "" mostly.
func (g *Generator) busy(r *rand.Rand) string {
	roll := r.IntN(100)
	for _, code := range sortedKeys(g.script.Rhythm.Busy) {
		if roll -= g.script.Rhythm.Busy[code]; roll < 0 {
			return code
		}
	}
	return ""
}

// localScenes returns what a community handles itself, and what a manager of an
// estate puts right: without it, those who work there would find little to do.
func localScenes(s *Script, c *city.City) [2][]*Scene {
	var local [2][]*Scene
	for i := range s.Scenes {
		sc := &s.Scenes[i]
		m := c.Catalog.Find("appeal", sc.Matter)
		switch {
		case m == nil:
		case m.Duty.By == matter.ByPlace && m.Duty.Level == string(place.Community):
			local[0] = append(local[0], sc)
		case strings.HasPrefix(sc.Matter, estates):
			local[1] = append(local[1], sc)
		}
	}
	return local
}

// estates begins the codes of the matters about estates and their managers.
const estates = "0306"

// nameOf draws a name of some kinds, in one area or in all.
func (g *Generator) nameOf(r *rand.Rand, kinds []string, area string) *place.Name {
	var of []*place.Name
	for _, k := range kinds {
		for i := range g.script.places[k] {
			if n := &g.script.places[k][i]; area == "" || n.Area == area {
				of = append(of, n)
			}
		}
	}
	if len(of) == 0 {
		return nil
	}
	return of[r.IntN(len(of))]
}

// roadIn returns a road that crosses an area, "" where none is named.
func (g *Generator) roadIn(r *rand.Rand, area string) string {
	var roads []string
	for _, n := range g.script.places["road"] {
		if n.Area == area {
			roads = append(roads, n.Name)
		}
	}
	if len(roads) == 0 {
		return ""
	}
	return roads[r.IntN(len(roads))]
}

// slots returns the fillings that belong to the happening. Whoever does not say
// where it was has other words instead of a place.
func (h *happening) slots(nowhere string) map[string]string {
	m := map[string]string{
		"community": h.commune, "street": h.street, "road": h.road, "spot": h.spot,
		"block": fmt.Sprint(h.block), "n": fmt.Sprint(h.number), "days": fmt.Sprint(h.days), "money": fmt.Sprint(h.money), "line": fmt.Sprint(h.line),
		"place": nowhere, "topic": h.scene.Topic,
	}
	maps.Copy(m, h.names)
	if h.where != nil && nowhere == "" {
		m["place"] = h.where.Name
	}
	if m["road"] == "" || nowhere != "" {
		m["road"] = h.vague.Road
	}
	if nowhere != "" {
		m["community"], m["street"] = h.vague.OurPlace, h.vague.OurStreet
	}
	return m
}

// fill puts the fillings into a text.
func fill(s string, slots map[string]string) string {
	var b strings.Builder
	for {
		from := strings.IndexByte(s, '{')
		if from < 0 {
			break
		}
		to := strings.IndexByte(s[from:], '}')
		if to < 0 {
			break
		}
		to += from
		b.WriteString(s[:from])
		if v, ok := slots[s[from+1:to]]; ok {
			b.WriteString(v)
		} else {
			b.WriteString(s[from : to+1])
		}
		s = s[to+1:]
	}
	return b.String() + s
}

// pick draws one of the ways to say something, "" where there is none.
func pick(r *rand.Rand, l Lines) string {
	all := l.All()
	if len(all) == 0 {
		return ""
	}
	return all[r.IntN(len(all))]
}

// weighed draws a name by its weight. The order of a map is not one: names are
// taken in their own order, so that a seed always gives the same.
func weighed(r *rand.Rand, weights map[string]int, allowed func(string) bool) string {
	names, all := make([]string, 0, len(weights)), 0
	for _, name := range sortedKeys(weights) {
		if allowed == nil || allowed(name) {
			names, all = append(names, name), all+weights[name]
		}
	}
	if all == 0 {
		return ""
	}
	left := r.IntN(all)
	for _, name := range names {
		if left -= weights[name]; left < 0 {
			return name
		}
	}
	return names[0]
}
