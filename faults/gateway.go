package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
)

// gateway takes notices as a city's short-message service does, and remembers how
// often it took each.
type gateway struct {
	*httptest.Server
	mu    sync.Mutex
	taken map[string]int
}

func newGateway() *gateway {
	g := &gateway{taken: map[string]int{}}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return // it never came whole, so it was not taken
		}
		g.mu.Lock()
		g.taken[r.Header.Get("webhook-id")]++
		g.mu.Unlock()
		_, _ = io.WriteString(w, `{"receipt":"taken"}`) // who asked may be gone by now
	}))
	return g
}

// twice returns the ids that were taken more than once.
func (g *gateway) twice() (ids []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for id, n := range g.taken {
		if n > 1 {
			ids = append(ids, id)
		}
	}
	return ids
}

// ids returns what it has.
func (g *gateway) ids() map[string]bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := make(map[string]bool, len(g.taken))
	for id := range g.taken {
		all[id] = true
	}
	return all
}

func (g *gateway) has(id string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.taken[id] > 0
}
