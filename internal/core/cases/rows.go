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

// anyRows is up to how many rows a statement takes just as many as there are.
const anyRows = 8

// joinInserts makes one statement of those that insert a row each in the same way,
// where the first of them stood: an engine takes longer to begin a statement than
// to insert a row. Where there are more than a case has, how many rows one takes is a
// power of two, so that there are few statements that the engine has to know.
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
			n := min(len(b.args), mostRows)
			if n > anyRows {
				n = 1 << (bits.Len(uint(n)) - 1)
			}
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

// joinable reports whether a statement inserts one row.
func joinable(sql string) bool {
	_, to := rowOf(sql)
	return strings.HasPrefix(sql, "insert into ") && to > 0
}

// rowOf returns where the row stands that a statement inserts, 0 for none.
func rowOf(sql string) (from, to int) {
	from = strings.Index(sql, valuesMark)
	if from < 0 {
		return 0, 0
	}
	from += len(valuesMark) - 1
	for depth, i := 0, from; i < len(sql); i++ {
		switch sql[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return from, i + 1
			}
		}
	}
	return 0, 0
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
	from, to := rowOf(sql)
	s := sql[:to] + strings.Repeat(", "+sql[from:to], n-1) + sql[to:]
	several.Store(key, s)
	return s
}
