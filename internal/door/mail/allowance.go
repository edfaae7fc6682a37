package mail

import (
	"sync"
	"time"
)

// allowance bounds how many letters an hour make one address be written to: two
// machines that answer each other come to an end, and nobody is flooded by a
// stranger who writes in their name.
type allowance struct {
	mu    sync.Mutex
	since time.Time
	used  map[string]int
}

const (
	mostAnswered  = 10
	mostAddresses = 100_000
)

func newAllowance() *allowance { return &allowance{used: map[string]int{}} }

// take reports whether an address may be written to for one more letter.
func (a *allowance) take(address string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now.Sub(a.since) > time.Hour || len(a.used) > mostAddresses {
		a.since, a.used = now, map[string]int{}
	}
	a.used[address]++
	return a.used[address] <= mostAnswered
}
