package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// progressBar returns a function that shows how far long work is, on a terminal
// only: a log file gets no bars.
func progressBar(w io.Writer, verb string) func(done, total int64) {
	f, ok := w.(*os.File)
	if !ok {
		return nil
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	const width = 30
	var last time.Time
	return func(done, total int64) {
		if time.Since(last) < 100*time.Millisecond && done < total {
			return
		}
		last = time.Now()
		filled := 0
		if total > 0 {
			filled = int(min(width, done*width/total))
		}
		fmt.Fprintf(w, "\r[%s%s] %d of %d %s", strings.Repeat("█", filled), strings.Repeat("·", width-filled), done, total, verb)
		if done >= total {
			fmt.Fprintln(w)
		}
	}
}
