package repeat

import "github.com/oklog/ulid/v2"

// Verdict is what a person decided about two cases.
type Verdict struct {
	Case, Other string
	Same        bool
}

// How much one verdict moves the scale, and how far all of them may.
const (
	verdictStep = 0.05
	verdictMost = 1.5 // log odds
)

// Heed learns from a verdict: what was refused is never proposed again, and where
// people refuse oftener than the probabilities said, the index becomes more
// careful, and bolder where they accept more.
func (x *Index) Heed(v Verdict) {
	a, err := ulid.ParseStrict(v.Case)
	if err != nil {
		return
	}
	b, err := ulid.ParseStrict(v.Other)
	if err != nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if !v.Same {
		x.refused[pair(a, b)] = true
	}
	q, s := x.find(a), x.find(b)
	if q == nil || s == nil {
		return
	}
	f := x.features(x.ask(q), s)
	step := -verdictStep * x.scales.p(x.scales.z(&f))
	if v.Same {
		step += verdictStep
	}
	x.scales.shift = max(-verdictMost, min(verdictMost, x.scales.shift+step))
}

// isRefused reports whether a person said that two cases are not the same.
func (x *Index) isRefused(a, b ulid.ULID) bool {
	return len(x.refused) > 0 && x.refused[pair(a, b)]
}

func pair(a, b ulid.ULID) [2]ulid.ULID {
	if a.Compare(b) > 0 {
		a, b = b, a
	}
	return [2]ulid.ULID{a, b}
}
