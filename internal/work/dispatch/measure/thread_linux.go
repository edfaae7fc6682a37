package measure

import (
	"syscall"
	"time"
)

// threadTime returns the processor time of the calling thread: on a machine that
// has other work, the clock on the wall measures that work too.
func threadTime() time.Duration {
	const thread = 1 // RUSAGE_THREAD
	return used(thread)
}

// processTime returns the processor time of the process, of all its threads together.
func processTime() time.Duration { return used(syscall.RUSAGE_SELF) }

func used(whose int) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(whose, &u); err != nil {
		return time.Duration(time.Now().UnixNano())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
