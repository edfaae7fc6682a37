package population

import (
	"cmp"
	"slices"
	"sync"
)

// mostInBlock bounds how many records of a block are compared with each other; larger
// blocks say too little.
const mostInBlock = 60

// resolved says of each record, in their order, whose it is.
type resolved struct {
	of     []int32   // first record of the same person, perhaps; its own place where it is the first
	doubts []doubted // records that may be of somebody, in their order
	waits  []bool    // the record waits for a decision
}

// doubted is a record that may be of the person of another.
type doubted struct {
	record, candidate int32
	score             float64
	clash             string
}

// pair is two records that may be of one person, the later one first.
type pair struct {
	later, earlier int32
	verdict
}

// blocks are what records are compared by: those that agree in one of these.
var blocks = []func(f *face) uint64{
	func(f *face) uint64 { return key('n', f.number) },
	func(f *face) uint64 { return key('b', f.name, f.birth) },
	func(f *face) uint64 {
		if f.birth == "" || f.name == "" {
			return 0
		}
		return hash('s', f.birth) ^ f.sound
	},
	func(f *face) uint64 { return key('p', f.phone) },
	func(f *face) uint64 { return key('h', f.birth, f.address) },
	func(f *face) uint64 { return key('a', f.name, f.address) },
	func(f *face) uint64 {
		if len(f.number) != 18 || len(f.name) < 3 {
			return 0
		}
		return key('t', f.number[10:], f.name[:3])
	},
	func(f *face) uint64 {
		if len(f.number) != 18 {
			return 0
		}
		return key('l', f.number[6:17])
	},
}

// key returns 0, which is in no block, where a part is not known.
func key(kind byte, parts ...string) uint64 {
	for _, p := range parts {
		if p == "" {
			return 0
		}
	}
	return hash(kind, parts...)
}

// resolve finds out which records are of one person. The earlier of two is believed:
// a later one joins it, waits, or is somebody new.
func resolve(all []face) resolved {
	w := newWeigher(all)
	var mu sync.Mutex
	var pairs []pair
	var wg sync.WaitGroup
	tasks := make(chan int, len(blocks))
	for i := range blocks {
		tasks <- i
	}
	close(tasks)
	for range 2 {
		wg.Go(func() {
			var found []pair
			for i := range tasks {
				found = w.block(all, blocks[i], found)
			}
			mu.Lock()
			pairs = append(pairs, found...)
			mu.Unlock()
		})
	}
	wg.Wait()
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.later, b.later), cmp.Compare(a.earlier, b.earlier))
	})
	return w.join(all, pairs)
}

// block compares the records that share a key.
func (w *weigher) block(all []face, keyOf func(*face) uint64, found []pair) []pair {
	type entry struct {
		key uint64
		at  int32
	}
	list := make([]entry, 0, len(all))
	for i := range all {
		if k := keyOf(&all[i]); k != 0 {
			list = append(list, entry{k, int32(i)})
		}
	}
	slices.SortFunc(list, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.at, b.at))
	})
	for i := 0; i < len(list); {
		end := i + 1
		for end < len(list) && list[end].key == list[i].key {
			end++
		}
		if group := list[i:end]; len(group) <= mostInBlock {
			for x := range group {
				for y := range x {
					later, earlier := &all[group[x].at], &all[group[y].at]
					if later.proper && earlier.proper && later.number != earlier.number {
						continue
					}
					if v := w.compare(later, earlier); v.score >= maybe || v.clash != "" {
						found = append(found, pair{group[x].at, group[y].at, v})
					}
				}
			}
		}
		i = end
	}
	return found
}

// join goes through the records in their order and gives each to the person whom it
// fits best, where it fits nobody else nearly as well.
func (w *weigher) join(all []face, pairs []pair) resolved {
	out := resolved{of: make([]int32, len(all)), waits: make([]bool, len(all))}
	for i := range out.of {
		out.of[i] = int32(i)
	}
	for i := 0; i < len(pairs); {
		end := i + 1
		for end < len(pairs) && pairs[end].later == pairs[i].later {
			end++
		}
		out.place(w, all, pairs[i:end])
		i = end
	}
	return out
}

func (r *resolved) place(w *weigher, all []face, pairs []pair) {
	at := pairs[0].later
	var best, second pair
	best.score, second.score = different, different
	for _, p := range pairs {
		if r.waits[p.earlier] {
			p.sure = false // the record that it fits is somebody's only perhaps
		}
		p.earlier = r.of[p.earlier]
		switch {
		case p.earlier == best.earlier && best.score > different:
			if p.score > best.score {
				best.score = p.score
			}
			best.sure = best.sure || p.sure
			best.clash = cmp.Or(best.clash, p.clash)
		case p.score > best.score:
			best, second = p, best
		case p.score > second.score:
			second = p
		}
	}
	root := best.earlier
	against := w.compare(&all[at], &all[root])
	clash := cmp.Or(best.clash, against.clash)
	otherDay := all[at].birth != "" && all[root].birth != "" && all[at].birth != all[root].birth
	if best.sure && clash == "" && against.score > different && !otherDay && best.score-second.score >= apart {
		r.of[at] = root
		return
	}
	if against.score == different && clash == "" {
		return // two proper numbers: somebody else
	}
	r.of[at], r.waits[at] = root, true
	r.doubts = append(r.doubts, doubted{at, root, best.score, clash})
}
