package repeat

import (
	"encoding/binary"
	"sort"
	"sync"
	"time"

	"yiwang/internal/base/textzh"
)

// Entry is a case as the index remembers it.
type Entry struct {
	ID, Number   string
	Area, Matter string
	At           int64 // UTC milliseconds
	Sketch       []byte
}

// Hit is a case that a message resembles.
type Hit struct {
	ID     string  `json:"id"`
	Number string  `json:"number"`
	Score  float64 `json:"score"`  // 0…1
	Reason string  `json:"reason"` // catalogue key
}

// Bounds of what is proposed.
const (
	// window is how long a case stays a candidate (domain parameter: 30 days).
	window = 30 * 24 * time.Hour
	// alikeHere and alikeAnywhere are the resemblances from which a case in the
	// same area, or anywhere, is proposed.
	alikeHere, alikeAnywhere = 0.35, 0.55
	// most is how many are proposed.
	most = 5
	// crowd bounds how many entries one band may hold: words that everybody uses
	// tell nothing.
	crowd = 200
)

// Index remembers recent cases by their sketches. It is safe for concurrent use.
type Index struct {
	mu      sync.RWMutex
	entries []remembered
	bands   map[uint64][]int32
}

type remembered struct {
	Entry
	sketch textzh.Sketch
}

// New returns an empty index.
func New() *Index { return &Index{bands: map[uint64][]int32{}} }

// Sketch returns the sketch of a message as it is stored with its case.
func Sketch(text string) []byte {
	s := textzh.MinHash(text)
	b := make([]byte, 0, 4*len(s))
	for _, v := range s {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

func decode(b []byte) (s textzh.Sketch, ok bool) {
	if len(b) != 4*len(s) {
		return s, false
	}
	for i := range s {
		s[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return s, s != textzh.Sketch{}
}

// Add remembers a case. One without a usable sketch is not remembered.
func (x *Index) Add(e Entry) {
	s, ok := decode(e.Sketch)
	if !ok {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	n := int32(len(x.entries))
	e.Sketch = nil
	x.entries = append(x.entries, remembered{e, s})
	for _, b := range s.Bands() {
		if len(x.bands[b]) < crowd {
			x.bands[b] = append(x.bands[b], n)
		}
	}
}

// Len returns how many cases are remembered.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.entries)
}

// Find returns the cases that a sketch resembles, the most alike first.
func (x *Index) Find(sketch []byte, area string, now int64) []Hit {
	s, ok := decode(sketch)
	if !ok {
		return nil
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	seen := map[int32]bool{}
	var hits []Hit
	for _, b := range s.Bands() {
		for _, n := range x.bands[b] {
			if seen[n] {
				continue
			}
			seen[n] = true
			if h, ok := x.entries[n].judge(s, area, now); ok {
				hits = append(hits, h)
			}
		}
	}
	sort.Slice(hits, func(i, j int) bool {
		if hits[i].Score != hits[j].Score {
			return hits[i].Score > hits[j].Score
		}
		return hits[i].ID < hits[j].ID
	})
	return hits[:min(most, len(hits))]
}

func (e *remembered) judge(s textzh.Sketch, area string, now int64) (Hit, bool) {
	if now-e.At > window.Milliseconds() {
		return Hit{}, false
	}
	alike := s.Resemblance(e.sketch)
	here := area != "" && area == e.Area
	h := Hit{ID: e.ID, Number: e.Number, Score: alike}
	switch {
	case alike >= 0.95:
		h.Reason = "repeat.same_text"
	case here && alike >= alikeHere:
		h.Reason = "repeat.same_place"
		h.Score = min(1, alike+0.2)
	case alike >= alikeAnywhere:
		h.Reason = "repeat.alike"
	default:
		return h, false
	}
	return h, true
}
