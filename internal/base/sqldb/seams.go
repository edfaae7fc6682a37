package sqldb

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// JSONText returns an expression for the value of a key of a JSON column as
// text, null where the key is not there. Only strings, numbers and true or false
// read the same on both engines; an object or a list inside does not.
func (e Engine) JSONText(column, key string) string {
	name := "'" + strings.ReplaceAll(key, "'", "''") + "'"
	if e == Postgres {
		return "(" + column + " ->> " + name + ")"
	}
	path := "'$.\"" + strings.ReplaceAll(key, "'", "''") + "\"'"
	// SQLite reads true as 1, and numbers as numbers.
	return "(case json_type(" + column + ", " + path + ")" +
		" when 'true' then 'true' when 'false' then 'false'" +
		" else cast(json_extract(" + column + ", " + path + ") as text) end)"
}

// Upsert returns the statement that inserts a row, or where its key is there
// already sets the other columns. Its arguments are the values of key and then
// of set. With set empty, a row that is there stays as it is (Exec returns 0).
func (e Engine) Upsert(table string, key, set []string) string {
	var b strings.Builder
	columns := append(append([]string{}, key...), set...)
	fmt.Fprintf(&b, "insert into %s (%s) values %s on conflict (%s) do ",
		table, strings.Join(columns, ", "), tuple(len(columns)), strings.Join(key, ", "))
	if len(set) == 0 {
		b.WriteString("nothing")
		return b.String()
	}
	b.WriteString("update set ")
	for i, c := range set {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c + " = excluded." + c)
	}
	return b.String()
}

// tuple returns (?, ?, …) with n places.
func tuple(n int) string { return "(" + strings.TrimSuffix(strings.Repeat("?, ", n), ", ") + ")" }

// Due says which work of a table is claimed.
type Due struct {
	Table string   // rows of work
	Key   []string // the primary key's columns, text or bigint
	// Lease is a bigint column, not null: until when, in UTC milliseconds, the row
	// is somebody's. 0 means that it is free.
	Lease string
	Where string        // which rows are due, e.g. "due_at <= ? and done_at = 0"
	Args  []any         // of Where
	Order string        // which first, e.g. "due_at, id"
	Limit int           // at most so many
	For   time.Duration // how long the lease lasts
}

// Claim takes a lease on work that is due and that nobody holds, and returns the
// keys of the rows, in no order, read as Select reads them. Two that claim at
// once get different rows. The lease ends at tx.Now() plus d.For; whoever
// finishes the work compares the lease column with that, so that one who was too
// slow changes nothing.
func Claim[T any](ctx context.Context, tx *Tx, d Due) ([]T, error) {
	skip := ""
	if tx.Engine() == Postgres {
		skip = " for update skip locked"
	}
	same, given := make([]string, len(d.Key)), make([]string, len(d.Key))
	for i, k := range d.Key {
		same[i] = d.Table + "." + k + " = due." + k
		given[i] = d.Table + "." + k + " as " + k
	}
	// Materialized, because PostgreSQL may otherwise run the inner query again for
	// each row and claim more than the limit.
	free, freeArgs := Free(d.Lease, tx.Now(), d.For)
	query := "with due as materialized (select " + strings.Join(d.Key, ", ") + " from " + d.Table +
		" where (" + d.Where + ") and " + free + " order by " + d.Order + " limit ?" + skip + ")" +
		" update " + d.Table + " set " + d.Lease + " = ? from due where " + strings.Join(same, " and ") +
		" returning " + strings.Join(given, ", ")
	args := append(append(append([]any{}, d.Args...), freeArgs...), d.Limit, tx.Now()+d.For.Milliseconds())
	return Select[T](ctx, tx, query, args...)
}

// skew is how far the clocks of two processes on one database may stand apart, and
// how far one may be set back, before the one ahead is taken to be wrong.
const skew = time.Minute

// Free returns a condition, with its arguments, that holds where a lease of a
// length is nobody's at a time, UTC milliseconds: it has run out, or it ends so far
// ahead that whoever took it had a clock that has been set right since, and would
// keep the work from everybody until that time comes.
func Free(column string, now int64, length time.Duration) (condition string, args []any) {
	return "(" + column + " <= ? or " + column + " > ?)", []any{now, now + (length + skew).Milliseconds()}
}

// bulkArgs bounds the arguments of one insert of several rows, and bulkRows its
// rows: measured, more gains nothing.
const (
	bulkArgs = 2000
	bulkRows = 100
)

// BulkInsert inserts many rows; each has the values of columns in their order.
// On PostgreSQL it copies, which wants values of the column's very type: a string
// for JSON and text, []byte for bytes, bool, int64, float64.
func BulkInsert(ctx context.Context, tx *Tx, table string, columns []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	if s, ok := tx.run.(*session); ok {
		if err := tx.ready(ctx, nil); err != nil {
			return err
		}
		return tx.noteFailed(ctx, s.copyIn(ctx, table, columns, rows))
	}
	chunk := max(1, min(bulkRows, bulkArgs/len(columns)))
	args := make([]any, 0, chunk*len(columns))
	for start := 0; start < len(rows); start += chunk {
		part := rows[start:min(start+chunk, len(rows))]
		args = args[:0]
		for _, r := range part {
			if len(r) != len(columns) {
				return fmt.Errorf("sqldb: a row of %d values for %d columns of %s", len(r), len(columns), table)
			}
			args = append(args, r...)
		}
		places := strings.TrimSuffix(strings.Repeat(tuple(len(columns))+", ", len(part)), ", ")
		if _, err := tx.Exec(ctx, "insert into "+table+" ("+strings.Join(columns, ", ")+") values "+places, args...); err != nil {
			return err
		}
	}
	return nil
}

// Batch is a list of statements that go to the database together.
type Batch struct {
	queries []string
	args    [][]any
	one     []int // which must change exactly one row, see Tx.FinallyOne
}

// Add puts a statement at the end of the batch.
func (b *Batch) Add(query string, args ...any) {
	b.queries = append(b.queries, query)
	b.args = append(b.args, args)
}

// Len returns the number of statements.
func (b *Batch) Len() int { return len(b.queries) }

// Pipeline runs the statements of a batch in their order and returns how many
// rows each changed. On PostgreSQL they travel in one round trip. It stops at
// the first that fails, with the errors of Exec.
func (tx *Tx) Pipeline(ctx context.Context, b *Batch) ([]int64, error) {
	if s, ok := tx.run.(*session); ok && b.Len() > 0 {
		if err := tx.ready(ctx, nil); err != nil {
			return nil, err
		}
		changed, err := s.pipeline(ctx, b)
		if err != nil {
			return nil, tx.noteFailed(ctx, err)
		}
		return changed, nil
	}
	changed := make([]int64, b.Len())
	for i, q := range b.queries {
		n, err := tx.Exec(ctx, q, b.args[i]...)
		if err != nil {
			return nil, err
		}
		changed[i] = n
	}
	return changed, nil
}
