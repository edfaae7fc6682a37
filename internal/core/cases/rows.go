package cases

import (
	"slices"
	"strings"
	"sync"
)

// mostArgs bounds the arguments of one statement: measured, more gains nothing.
const mostArgs = 1000

// joinInserts makes one statement of those that insert a row each in the same way,
// where the first of them stood: an engine takes longer to begin a statement than
// to insert a row.
func joinInserts(rows []statement) []statement {
	out := make([]statement, 0, len(rows))
	count := make([]int, 0, len(rows)) // rows of each
	open := map[string]int{}           // by text, the statement that takes more
	for _, r := range rows {
		at, ok := open[r.sql]
		if ok && len(out[at].args)+len(r.args) <= mostArgs {
			if count[at]++; count[at] == 2 {
				out[at].args = slices.Clip(out[at].args) // it is the caller's
			}
			out[at].args = append(out[at].args, r.args...)
			continue
		}
		if joinable(r.sql) {
			open[r.sql] = len(out)
		}
		out, count = append(out, r), append(count, 1)
	}
	for i, n := range count {
		if n > 1 {
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
