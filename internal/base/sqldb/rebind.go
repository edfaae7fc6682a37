package sqldb

import (
	"strconv"
	"strings"
	"sync"
)

// rebind turns ? into $1, $2, … as PostgreSQL wants them, leaving quoted text,
// quoted names and comments alone. The ?-operators of PostgreSQL's JSON are not
// portable and have no escape here.
func rebind(query string) string {
	if strings.IndexByte(query, '?') < 0 {
		return query
	}
	var b strings.Builder
	b.Grow(len(query) + 16)
	for i, n := 0, 0; i < len(query); {
		switch end := opaque(query, i); {
		case end > i:
			b.WriteString(query[i:end])
			i = end
		case query[i] == '?':
			n++
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
			i++
		default:
			b.WriteByte(query[i])
			i++
		}
	}
	return b.String()
}

// opaque returns where the quoted text or comment that starts at i ends, or i
// where none starts. One that is not closed ends with the query.
func opaque(query string, i int) int {
	rest := query[i:]
	until := func(from int, mark string) int {
		if end := strings.Index(rest[from:], mark); end >= 0 {
			return i + from + end + len(mark)
		}
		return len(query)
	}
	switch {
	case rest[0] == '\'', rest[0] == '"':
		return until(1, rest[:1]) // a doubled quote reads as two quoted texts, which is as good
	case strings.HasPrefix(rest, "--"):
		return until(2, "\n")
	case strings.HasPrefix(rest, "/*"):
		return until(2, "*/")
	}
	return i
}

// rebinder remembers what rebind made of each query.
type rebinder struct {
	mu   sync.RWMutex
	done map[string]string
}

// rebound bounds the memory of a rebinder: queries built at run time must not
// fill it for ever.
const rebound = 4096

func (r *rebinder) rebind(query string) string {
	r.mu.RLock()
	s, ok := r.done[query]
	r.mu.RUnlock()
	if ok {
		return s
	}
	s = rebind(query)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done == nil || len(r.done) >= rebound {
		r.done = make(map[string]string)
	}
	r.done[query] = s
	return s
}
