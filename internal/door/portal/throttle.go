package portal

import (
	"sync"
	"time"

	"yiwang/internal/base/limit"
)

// throttle and penalty are what all doors slow callers down with.
type (
	throttle = limit.Limit
	penalty  = limit.Penalty
)

func newThrottle(burst int, every time.Duration, keys int) *throttle {
	return limit.New(burst, every, keys)
}

func newPenalty(free int, first, most time.Duration, keys int) *penalty {
	return limit.NewPenalty(free, first, most, keys)
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
