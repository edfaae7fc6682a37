package cli

import (
	"os"
	"strings"
	"sync"
	"time"
)

// hands returns a clock that stands off the machine's by what a file says, such as
// 36h or -90m, as it is read at most every look. It exists so that trials can turn
// the clock of a running server; without a file the clock is the machine's own.
func hands(file string) func() time.Time {
	if file == "" {
		return time.Now
	}
	const look = 20 * time.Millisecond
	var mu sync.Mutex
	var seen time.Time
	var off time.Duration
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		if now.Sub(seen) >= look {
			seen = now
			if raw, err := os.ReadFile(file); err == nil {
				if d, err := time.ParseDuration(strings.TrimSpace(string(raw))); err == nil {
					off = d
				}
			}
		}
		return now.Add(off)
	}
}
