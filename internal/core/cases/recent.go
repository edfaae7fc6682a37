package cases

import (
	"sync"

	"yiwang/internal/base/merkle"
)

// recently is how many of the latest actions are kept in memory: every change is
// told to several who follow the log, and none of them has to read it again.
const recently = 4096

// recent holds the latest numbered actions.
type recent struct {
	mu   sync.RWMutex
	held [recently]Numbered // by number
}

// keep remembers actions; those without a header are left out.
func (r *recent) keep(all []Numbered) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range all {
		if at := &r.held[n.Seq%recently]; n.Header != nil && (at.Header == nil || at.Seq < n.Seq) {
			*at = n
		}
	}
}

// since returns the actions from a number on, at most limit, up to the first that
// is not held.
func (r *recent) since(seq int64, limit int) (out []Numbered) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for ; seq >= 0 && len(out) < limit; seq++ {
		n := r.held[seq%recently]
		if n.Header == nil || n.Seq != seq {
			break
		}
		out = append(out, n)
	}
	return out
}

// fresh holds the headers of actions that this process has written and that another
// round numbers, by their leaves: whoever follows the log need not read them again.
// What was undone is never asked for.
type fresh struct {
	mu         sync.Mutex
	young, old map[merkle.Hash]*Header
}

func (f *fresh) put(leaf merkle.Hash, h *Header) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.young == nil || len(f.young) >= recently {
		f.old, f.young = f.young, make(map[merkle.Hash]*Header, recently)
	}
	f.young[leaf] = h
}

// take returns the header of a leaf and forgets it; nil where another process wrote it.
func (f *fresh) take(leaf merkle.Hash) *Header {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range []map[merkle.Hash]*Header{f.young, f.old} {
		if h := m[leaf]; h != nil {
			delete(m, leaf)
			return h
		}
	}
	return nil
}
