package dispatch

import (
	"cmp"
	"slices"
	"sync"
)

// History remembers decided cases by their most telling n-grams, so that an
// explanation can name the ones that resemble a message. It is safe for
// concurrent use and holds no text.
type History struct {
	space *space

	mu    sync.RWMutex
	cases []remembered
	at    map[string]int
	posts map[int32][]int32 // column → cases that have it
}

type remembered struct {
	id, matter string
	v          vec
}

// telling is how many n-grams of a case are remembered.
const telling = 48

// NewHistory makes an empty history that sees texts as the model does.
func NewHistory(m *Model) *History {
	return &History{space: m.space, at: map[string]int{}, posts: map[int32][]int32{}}
}

// Add remembers a case with its matter. Adding an id again only changes the matter.
func (h *History) Add(id, matter string, msg Message) {
	v := heaviest(h.space.vector(newText(msg)), telling)
	h.mu.Lock()
	defer h.mu.Unlock()
	if i, ok := h.at[id]; ok {
		h.cases[i].matter = matter
		return
	}
	i := int32(len(h.cases))
	h.at[id] = int(i)
	h.cases = append(h.cases, remembered{id, matter, v})
	for _, c := range v.col {
		h.posts[c] = append(h.posts[c], i)
	}
}

// Len returns how many cases are remembered.
func (h *History) Len() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.cases)
}

// Nearest returns the n cases most like a message, the most alike first.
func (h *History) Nearest(msg Message, n int) []Near {
	v := heaviest(h.space.vector(newText(msg)), telling)
	h.mu.RLock()
	defer h.mu.RUnlock()
	seen := map[int32]bool{}
	var out []Near
	for _, c := range v.col {
		for _, i := range h.posts[c] {
			if seen[i] {
				continue
			}
			seen[i] = true
			if s := v.cosine(h.cases[i].v); s > 0.05 {
				out = append(out, Near{h.cases[i].id, h.cases[i].matter, s})
			}
		}
	}
	slices.SortFunc(out, func(a, b Near) int {
		return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), cmp.Compare(a.ID, b.ID))
	})
	return out[:min(n, len(out))]
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
