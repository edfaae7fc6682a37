package app

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	sparePause = 5 * time.Second
	// enoughSpare is how much memory is worth a look through all of it.
	enoughSpare = 48 << 20
	// roomToWork is how much may be taken at least before memory is looked through: where
	// little is in use, the runtime would do so several times a second.
	roomToWork = 160 << 20
	// usualRoom is the room that the runtime leaves by itself, in percent of what is in use.
	usualRoom = 100
)

// tendMemory leaves room for work in memory, and gives back what is not needed.
func (a *App) tendMemory(ctx context.Context) error {
	if os.Getenv("GOGC") == "" { // whoever sets it decides
		used := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(used)
		debug.SetGCPercent(roomFor(used[0].Value.Uint64()))
	}
	return a.giveBack(ctx)
}

// roomFor returns the room to leave where so many bytes are in use, in percent of them.
func roomFor(used uint64) int {
	return int(max(usualRoom, roomToWork*100/max(used, roomToWork/4)))
}

// giveBack returns to the machine the memory that the house has no use for, while
// nobody is served: the runtime keeps what a start or a busy hour took for the next
// one, and lets go of it only slowly.
func (a *App) giveBack(context.Context) error {
	if !a.pace.Quiet() {
		return nil
	}
	a.Repeats.Rest()
	held := []metrics.Sample{{Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(held)
	free, objects, live := held[0].Value.Uint64(), held[1].Value.Uint64(), held[2].Value.Uint64()
	if free+objects > live+enoughSpare {
		debug.FreeOSMemory()
	}
	return nil
}
