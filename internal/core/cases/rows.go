package cases

import (
	"strings"
	"sync"
)

// joinInserts makes one statement of those that insert a row each in the same way,
// where the first of them stood: an engine takes longer to begin a statement than
// to insert a row.
func joinInserts(rows []statement) []statement {
	out := make([]statement, 0, len(rows))
	first := map[string]int{}
	count := map[string]int{}
	for _, r := range rows {
		at, ok := first[r.sql]
		if !ok || !joinable(r.sql) {
			first[r.sql] = len(out)
			count[r.sql] = 1
			out = append(out, r)
			continue
		}
		count[r.sql]++
		out[at].args = append(out[at].args[:len(out[at].args):len(out[at].args)], r.args...)
	}
	for i := range out {
		if n := count[out[i].sql]; n > 1 && joinable(out[i].sql) {
			out[i].sql = ofSeveral(out[i].sql, n)
		}
	}
	return out
}

// joinable reports whether a statement inserts a row of which all is given as it is.
func joinable(sql string) bool {
	_, row, found := strings.Cut(sql, valuesMark)
	row, _, closed := strings.Cut(row, ")")
	return strings.HasPrefix(sql, "insert into ") && found && closed && !strings.Contains(row, "(")
}

const valuesMark = " values ("

// several remembers the statements of several rows; there are few.
var several sync.Map // severalKey → string

type severalKey struct {
	sql string
	n   int
}

// ofSeveral turns the insert of a row into that of n.
func ofSeveral(sql string, n int) string {
	key := severalKey{sql, n}
	if s, ok := several.Load(key); ok {
		return s.(string)
	}
	from := strings.Index(sql, valuesMark) + len(valuesMark) - 1
	to := from + strings.Index(sql[from:], ")") + 1
	s := sql[:to] + strings.Repeat(", "+sql[from:to], n-1) + sql[to:]
	several.Store(key, s)
	return s
}
