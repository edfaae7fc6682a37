package app

import (
	"net/http"
	"runtime"
	"runtime/pprof"
	"strconv"
	"time"
)

// longestProfile bounds a profile, in seconds.
const longestProfile = 120

// serveProfile tells over some seconds on what the processors are spent, or with
// heap=1 what memory is held for, as `go tool pprof` reads it.
func (a *App) serveProfile(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("heap") == "1" {
		runtime.GC() // what is told is as of the last collection
		if err := pprof.Lookup("heap").WriteTo(w, 0); err != nil {
			a.Logger.Warn("a profile could not be sent", "error", err)
		}
		return
	}
	seconds, err := strconv.Atoi(r.URL.Query().Get("seconds"))
	if err != nil || seconds < 1 || seconds > longestProfile {
		http.Error(w, "seconds=1 to "+strconv.Itoa(longestProfile), http.StatusBadRequest)
		return
	}
	if err := pprof.StartCPUProfile(w); err != nil {
		http.Error(w, err.Error(), http.StatusConflict) // another is being made
		return
	}
	defer pprof.StopCPUProfile()
	select {
	case <-time.After(time.Duration(seconds) * time.Second):
	case <-r.Context().Done():
	}
}
