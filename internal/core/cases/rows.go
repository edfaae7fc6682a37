package cases

import (
	"math/bits"
	"slices"
	"strings"
	"sync"
)

// mostArgs bounds the arguments of one statement: measured, more gains nothing.
const mostArgs = 1000

// mostRows bounds the rows of one statement.
const mostRows = 64

// joinInserts makes one statement of those that insert a row each in the same way,
// where the first of them stood: an engine takes longer to begin a statement than
// to insert a row. How many rows one takes is a power of two, so that there are few
// statements that the engine has to know.
func joinInserts(rows []statement) []statement {
	type batch struct {
		statement
		args [][]any
	}
	all := make([]batch, 0, len(rows))
	open := map[string]int{} // by text, the batch that takes more
	for _, r := range rows {
		if at, ok := open[r.sql]; ok {
			all[at].args = append(all[at].args, r.args)
			continue
		}
		if joinable(r.sql) {
			open[r.sql] = len(all)
		}
		all = append(all, batch{r, [][]any{r.args}})
	}
	out := make([]statement, 0, len(all))
	for i := range all {
		b := &all[i]
		for len(b.args) > 0 {
			n := 1 << (bits.Len(uint(min(len(b.args), mostRows))) - 1)
			for n > 1 && n*len(b.args[0]) > mostArgs {
				n /= 2
			}
			if n == 1 {
				out = append(out, statement{b.sql, b.args[0]})
			} else {
				out = append(out, statement{ofSeveral(b.sql, n), slices.Concat(b.args[:n]...)})
			}
			b.args = b.args[n:]
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
