package app

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	sparePause = 5 * time.Second
	// enoughSpare is how much memory is worth a look through all of it.
	enoughSpare = 48 << 20
)

// giveBack returns to the machine the memory that the house has no use for, while
// nobody is served: the runtime keeps what a start or a busy hour took for the next
// one, and lets go of it only slowly.
func (a *App) giveBack(context.Context) error {
	if !a.pace.Quiet() {
		return nil
	}
	held := []metrics.Sample{{Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(held)
	free, objects, live := held[0].Value.Uint64(), held[1].Value.Uint64(), held[2].Value.Uint64()
	if free+objects > live+enoughSpare {
		debug.FreeOSMemory()
	}
	return nil
}
