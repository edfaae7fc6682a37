package portal

import (
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// throttle is a set of token buckets, one for each key, in bounded memory: when
// one generation is full it becomes the old one and the old one is forgotten.
type throttle struct {
	burst float64       // tokens of a full bucket
	every time.Duration // time in which one token comes back
	limit int           // keys in one generation

	mu         sync.Mutex
	young, old map[string]bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

func newThrottle(burst int, every time.Duration, limit int) *throttle {
	return &throttle{burst: float64(burst), every: every, limit: limit, young: map[string]bucket{}}
}

// take takes one token of key's bucket. Where there is none it returns how long
// to wait for it.
func (t *throttle) take(key string, now time.Time) time.Duration {
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

func (t *throttle) put(key string, b bucket) {
	if len(t.young) >= t.limit {
		t.old, t.young = t.young, map[string]bucket{}
	}
	t.young[key] = b
}

// penalty makes each further wrong guess at a key wait twice as long, up to a
// most that leaves the rightful owner a way in.
type penalty struct {
	free  int           // wrong guesses without a wait
	first time.Duration // wait after the next one
	most  time.Duration
	limit int // keys in one generation

	mu         sync.Mutex
	young, old map[string]guesses
}

type guesses struct {
	wrong int
	until time.Time
}

func newPenalty(free int, first, most time.Duration, limit int) *penalty {
	return &penalty{free: free, first: first, most: most, limit: limit, young: map[string]guesses{}}
}

// wait returns how long a guess at key has to wait, 0 where it may be made now.
func (p *penalty) wait(key string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(0, p.get(key).until.Sub(now))
}

// wrong counts a wrong guess at key.
func (p *penalty) wrong(key string, now time.Time) {
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
	if len(p.young) >= p.limit {
		p.old, p.young = p.young, map[string]guesses{}
	}
	p.young[key] = g
}

// right forgets the wrong guesses at key.
func (p *penalty) right(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.young, key)
	delete(p.old, key)
}

func (p *penalty) get(key string) guesses {
	if g, ok := p.young[key]; ok {
		return g
	}
	return p.old[key]
}

// RemoteAddress returns the address a request came from: a whole IPv4 address,
// the /64 of an IPv6 one, since a household has all of it.
func RemoteAddress(r *http.Request) string {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	a := ap.Addr().Unmap()
	if a.Is4() {
		return a.String()
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return a.String()
	}
	return p.String()
}

// memory remembers keys for a while, in bounded space: which acts were taken.
type memory struct {
	limit      int
	mu         sync.Mutex
	young, old map[string]struct{}
}

func newMemory(limit int) *memory { return &memory{limit: limit, young: map[string]struct{}{}} }

func (m *memory) has(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, young := m.young[key]
	_, old := m.old[key]
	return young || old
}

func (m *memory) add(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.young) >= m.limit {
		m.old, m.young = m.young, map[string]struct{}{}
	}
	m.young[key] = struct{}{}
}
