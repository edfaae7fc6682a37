package limit

import (
	"sync"
	"time"
)

// Limit is a set of token buckets, one for each key, in bounded memory: when
// one generation is full it becomes the old one and the old one is forgotten.
type Limit struct {
	burst float64       // tokens of a full bucket
	every time.Duration // time in which one token comes back
	keys  int           // in one generation

	mu         sync.Mutex
	young, old map[string]bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

// New returns full buckets of burst tokens, of which one comes back in every. It keeps
// some keys in each of its two generations, of about 100 bytes each.
func New(burst int, every time.Duration, keys int) *Limit {
	return &Limit{burst: float64(burst), every: every, keys: keys, young: map[string]bucket{}}
}

// Take takes one token of key's bucket. Where there is none it returns how long
// to wait for it.
func (t *Limit) Take(key string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	b, ok := t.young[key]
	if !ok {
		if b, ok = t.old[key]; !ok {
			b = bucket{tokens: t.burst, at: now}
		}
	}
	if passed := now.Sub(b.at); passed > 0 {
		b.tokens = min(t.burst, b.tokens+float64(passed)/float64(t.every))
		b.at = now
	}
	var wait time.Duration
	if b.tokens >= 1 {
		b.tokens--
	} else {
		wait = time.Duration((1 - b.tokens) * float64(t.every))
	}
	t.put(key, b)
	return wait
}

func (t *Limit) put(key string, b bucket) {
	if len(t.young) >= t.keys {
		t.old, t.young = t.young, map[string]bucket{}
	}
	t.young[key] = b
}

// Penalty makes each further wrong guess at a key wait twice as long, up to a
// most that leaves the rightful owner a way in.
type Penalty struct {
	free  int           // wrong guesses without a wait
	first time.Duration // Wait after the next one
	most  time.Duration
	keys  int // in one generation

	mu         sync.Mutex
	young, old map[string]guesses
}

type guesses struct {
	wrong int
	until time.Time
}

// NewPenalty lets some wrong guesses be free; the next waits for first, each further one
// twice as long as the one before, and none longer than most.
func NewPenalty(free int, first, most time.Duration, keys int) *Penalty {
	return &Penalty{free: free, first: first, most: most, keys: keys, young: map[string]guesses{}}
}

// Wait returns how long a guess at key has to wait, 0 where it may be made now.
func (p *Penalty) Wait(key string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(0, p.get(key).until.Sub(now))
}

// Wrong counts a wrong guess at key.
func (p *Penalty) Wrong(key string, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.get(key)
	g.wrong++
	if over := g.wrong - p.free; over > 0 {
		delay := p.most
		if over < 16 {
			delay = min(p.most, p.first<<(over-1))
		}
		g.until = now.Add(delay)
	}
	if len(p.young) >= p.keys {
		p.old, p.young = p.young, map[string]guesses{}
	}
	p.young[key] = g
}

// Right forgets the wrong guesses at key.
func (p *Penalty) Right(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.young, key)
	delete(p.old, key)
}

func (p *Penalty) get(key string) guesses {
	if g, ok := p.young[key]; ok {
		return g
	}
	return p.old[key]
}
