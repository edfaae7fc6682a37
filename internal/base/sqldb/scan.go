package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"reflect"
	"sync"
	"time"
)

// Select returns all rows of a query as Ts. A struct takes each column in the
// field that is tagged with its name (`db:"case_id"`), embedded structs included;
// a column that may be null needs a pointer or a sql.Null. Any other T takes the
// one column there is. A column without a field is an error, a field without a
// column stays zero.
func Select[T any](ctx context.Context, q Querier, query string, args ...any) ([]T, error) {
	var all []T
	for v, err := range Each[T](ctx, q, query, args...) {
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// Get returns the first row of a query as a T, read as Select does. Error:
// NotFound "sqldb.no_row" where there is none.
func Get[T any](ctx context.Context, q Querier, query string, args ...any) (T, error) {
	for v, err := range Each[T](ctx, q, query, args...) {
		return v, err
	}
	var zero T
	return zero, errNoRow()
}

// Each yields the rows of a query one after the other, read as Select does, for
// results too large to hold. After an error it ends. In a transaction no other
// statement runs until the loop has ended.
func Each[T any](ctx context.Context, q Querier, query string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		rows, err := q.Query(ctx, query, args...)
		if err != nil {
			yield(zero, err)
			return
		}
		defer rows.Close() // a second Close does nothing; its error is in Err
		plan, err := planFor[T](rows)
		if err != nil {
			yield(zero, err)
			return
		}
		dest := make([]any, plan.columns())
		for rows.Next() {
			var v T
			plan.aim(&v, dest)
			if err := rows.Scan(dest...); err != nil {
				yield(zero, fmt.Errorf("sqldb: scan into %T: %w", v, err))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(zero, err)
		}
	}
}

// plan says where the columns of a query go in a T.
type plan struct {
	fields [][]int // index path of the field for each column; nil: T is the column
}

func (p *plan) columns() int { return max(1, len(p.fields)) }

func (p *plan) aim(v any, dest []any) {
	if p.fields == nil {
		dest[0] = v
		return
	}
	s := reflect.ValueOf(v).Elem()
	for i, path := range p.fields {
		dest[i] = s.FieldByIndex(path).Addr().Interface()
	}
}

func planFor[T any](rows *Rows) (*plan, error) {
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	t := reflect.TypeFor[T]()
	if isOneColumn(t) {
		if len(columns) != 1 {
			return nil, fmt.Errorf("sqldb: %v takes one column, the query gives %v", t, columns)
		}
		return &plan{}, nil
	}
	fields := fieldsOf(t)
	p := &plan{fields: make([][]int, len(columns))}
	for i, c := range columns {
		path, ok := fields[c]
		if !ok {
			return nil, fmt.Errorf("sqldb: %v has no field tagged `db:%q`", t, c)
		}
		p.fields[i] = path
	}
	return p, nil
}

// isOneColumn reports whether a value of t is read from one column.
func isOneColumn(t reflect.Type) bool {
	return t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() ||
		reflect.PointerTo(t).Implements(reflect.TypeFor[sql.Scanner]())
}

// known remembers the tagged fields of each struct type; types are few and never
// change, so it needs no bound.
var known sync.Map // reflect.Type → map[string][]int

func fieldsOf(t reflect.Type) map[string][]int {
	if f, ok := known.Load(t); ok {
		return f.(map[string][]int)
	}
	fields := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		if name := f.Tag.Get("db"); name != "" && f.IsExported() {
			fields[name] = f.Index
		}
	}
	known.Store(t, fields)
	return fields
}
