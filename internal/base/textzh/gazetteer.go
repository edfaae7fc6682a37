package textzh

import "sort"

// Gazetteer finds known names in a text (Aho-Corasick: one pass, however many
// names). It is immutable and safe for concurrent use.
type Gazetteer struct {
	next  []map[rune]int32 // children of each state
	fail  []int32
	ends  []int32 // length in runes of the longest name that ends here, 0 if none
	names []int32 // index into ids, -1 if none
	ids   []string
}

// Hit is a name found: its id and the bytes of the original text it stands on.
type Hit struct {
	Span
	ID string
}

// NewGazetteer makes a gazetteer of names with their ids. Names are brought into
// normal form; where two names fold into one, the alphabetically first id wins.
func NewGazetteer(names map[string]string) *Gazetteer {
	g := &Gazetteer{}
	g.state()
	keys := make([]string, 0, len(names))
	for n := range names {
		keys = append(keys, n)
	}
	sort.Slice(keys, func(i, j int) bool { return names[keys[i]] < names[keys[j]] })
	for _, name := range keys {
		rs := Fold(name).Runes
		if len(rs) == 0 {
			continue
		}
		s := int32(0)
		for _, r := range rs {
			t, ok := g.next[s][r]
			if !ok {
				t = g.state()
				if g.next[s] == nil {
					g.next[s] = map[rune]int32{}
				}
				g.next[s][r] = t
			}
			s = t
		}
		if g.names[s] < 0 {
			g.names[s], g.ends[s] = int32(len(g.ids)), int32(len(rs))
			g.ids = append(g.ids, names[name])
		}
	}
	g.link()
	return g
}

func (g *Gazetteer) state() int32 {
	g.next, g.fail = append(g.next, nil), append(g.fail, 0)
	g.ends, g.names = append(g.ends, 0), append(g.names, -1)
	return int32(len(g.next) - 1)
}

// link sets the failure links breadth first, and lets each state know the
// longest name that ends in it.
func (g *Gazetteer) link() {
	queue := make([]int32, 0, len(g.next))
	for _, t := range g.next[0] {
		queue = append(queue, t)
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		if g.ends[s] == 0 {
			g.ends[s], g.names[s] = g.ends[g.fail[s]], g.names[g.fail[s]]
		}
		for r, t := range g.next[s] {
			g.fail[t] = g.step(g.fail[s], r)
			queue = append(queue, t)
		}
	}
}

func (g *Gazetteer) step(s int32, r rune) int32 {
	for {
		if t, ok := g.next[s][r]; ok {
			return t
		}
		if s == 0 {
			return 0
		}
		s = g.fail[s]
	}
}

// Find returns the names in a text, left to right, the longest of those that
// overlap (of two equally long ones, the first).
func (g *Gazetteer) Find(text string) []Hit {
	f := Fold(text)
	type found struct{ i, j, name int }
	var all []found
	s := int32(0)
	for k, r := range f.Runes {
		s = g.step(s, r)
		if n := int(g.ends[s]); n > 0 {
			all = append(all, found{k + 1 - n, k + 1, int(g.names[s])})
		}
	}
	sort.SliceStable(all, func(a, b int) bool { return all[a].j-all[a].i > all[b].j-all[b].i })
	taken := make([]bool, len(f.Runes))
	kept := all[:0]
	for _, h := range all {
		free := true
		for k := h.i; k < h.j && free; k++ {
			free = !taken[k]
		}
		if !free {
			continue
		}
		for k := h.i; k < h.j; k++ {
			taken[k] = true
		}
		kept = append(kept, h)
	}
	sort.Slice(kept, func(a, b int) bool { return kept[a].i < kept[b].i })
	out := make([]Hit, 0, len(kept))
	for _, h := range kept {
		from, to := f.Span(h.i, h.j)
		out = append(out, Hit{Span{from, to}, g.ids[h.name]})
	}
	return out
}
