package dispatch

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// History remembers decided cases by their most telling n-grams, so that an
// explanation can name the ones that resemble a message. It is safe for
// concurrent use, holds no text, and keeps at most MaxHistory cases, the latest
// added: about 1 kB each.
type History struct {
	space *space

	mu    sync.RWMutex
	cases []remembered
	at    map[string]int
	posts map[int32][]post // column → cases that have it
	sums  sync.Pool        // of *[MaxHistory]float32, for a look
}

type remembered struct {
	id, matter string
	v          vec // of length one
}

type post struct {
	of  int32 // place in cases
	val float32
}

const (
	// MaxHistory bounds the cases that a History remembers.
	MaxHistory = 40_000

	telling   = 48   // n-grams of a case that are remembered
	alikeness = 0.05 // below it two texts share nothing worth a word

	everybodys = 1000 // cases, from which on what most of them have is told from what is telling
)

// NewHistory makes an empty history that sees texts as the model does.
func NewHistory(m *Model) *History {
	h := &History{space: m.space, at: map[string]int{}, posts: map[int32][]post{}}
	h.sums.New = func() any { return new([MaxHistory]float32) }
	return h
}

// Add remembers a case with its matter. Adding an id again only changes the matter.
func (h *History) Add(id, matter string, msg Message) {
	v := h.telling(msg)
	h.mu.Lock()
	defer h.mu.Unlock()
	if i, ok := h.at[id]; ok {
		h.cases[i].matter = matter
		return
	}
	if len(h.cases) == MaxHistory {
		h.forget(MaxHistory / 8)
	}
	h.enter(remembered{id, matter, v})
}

func (h *History) telling(msg Message) vec {
	v := heaviest(h.space.vector(newText(msg)), telling)
	if size := v.square(); size > 0 {
		f := float32(1 / math.Sqrt(float64(size)))
		for i := range v.val {
			v.val[i] *= f
		}
	}
	return v
}

func (h *History) enter(c remembered) {
	i := len(h.cases)
	h.at[c.id] = i
	h.cases = append(h.cases, c)
	for k, col := range c.v.col {
		h.posts[col] = append(h.posts[col], post{int32(i), c.v.val[k]})
	}
}

// forget drops the n oldest cases.
func (h *History) forget(n int) {
	kept := h.cases[n:]
	h.cases, h.at, h.posts = make([]remembered, 0, MaxHistory), map[string]int{}, map[int32][]post{}
	for _, c := range kept {
		h.enter(c)
	}
}

// Len returns how many cases are remembered.
func (h *History) Len() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.cases)
}

// Nearest returns the n cases most like a message, the most alike first. What more than
// half of many cases have, as the phrase that a hotline ends every record with, makes
// none of them alike.
func (h *History) Nearest(msg Message, n int) []Near {
	v := h.telling(msg)
	h.mu.RLock()
	defer h.mu.RUnlock()
	room := h.sums.Get().(*[MaxHistory]float32)
	defer h.sums.Put(room)
	like := room[:len(h.cases)]
	clear(like)
	for k, c := range v.col {
		posts := h.posts[c]
		if len(like) >= everybodys && 2*len(posts) > len(like) {
			continue
		}
		for _, p := range posts {
			like[p.of] += v.val[k] * p.val
		}
	}
	out := make([]Near, 0, n+1)
	floor := float32(alikeness)
	for i, s := range like {
		if s <= alikeness || s < floor {
			continue
		}
		near := Near{h.cases[i].id, h.cases[i].matter, float64(s)}
		at, _ := slices.BinarySearchFunc(out, near, nearer)
		out = slices.Insert(out, at, near)
		if out = out[:min(n, len(out))]; len(out) == n {
			floor = float32(out[n-1].Similarity)
		}
	}
	return out
}

// nearer orders the more alike first.
func nearer(a, b Near) int {
	return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), cmp.Compare(a.ID, b.ID))
}

// heaviest keeps the n largest values of a vector, columns rising.
func heaviest(v vec, n int) vec {
	order := make([]int, len(v.col))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(v.val[b], v.val[a]), cmp.Compare(a, b)) })
	order = order[:min(n, len(order))]
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(v.col[a], v.col[b]) })
	out := vec{make([]int32, len(order)), make([]float32, len(order))}
	for i, k := range order {
		out.col[i], out.val[i] = v.col[k], v.val[k]
	}
	return out
}
