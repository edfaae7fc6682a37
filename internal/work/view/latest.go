package view

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
)

// How many of the newest cases with the words typed are looked at for a page: twice
// as many as it shows, then more, up to mostLatest.
const (
	firstLatest = 2
	moreLatest  = 4
	mostLatest  = 2000
)

// clockSlack is how far the order of filing and that of its times may differ, as by
// a clock that was set right.
const clockSlack = time.Minute

// latest returns the first cases of a list by filing that is narrowed by words, from
// the newest that have them, so that a word that is everybody's does not bring all of
// its cases together to show the first. False where those do not tell: with a filter
// that few of them fit, far down a list, or just after very many were filed.
func (v *View) latest(ctx context.Context, by org.Actor, q Query, after *cursor, limit int) (found []cases.Case, ok bool, err error) {
	typed := strings.TrimSpace(q.Words)
	if _, number := numberPrefix(typed); typed == "" || utf8.RuneCountInString(typed) > longestSearch || number || q.Sort != ByFiled || q.Did != "" {
		return nil, false, nil
	}
	plain := q
	plain.Words = ""
	base, err := v.conditions(ctx, &plain)
	if err != nil {
		return nil, false, err
	}
	base = base.and(either(v.ways(v.Units().ScopeOf(by), q.within(), false)))
	for n := firstLatest * limit; n <= mostLatest; n *= moreLatest {
		ids, err := v.Cases.Latest(ctx, typed, n)
		if err != nil || len(ids) == 0 {
			return nil, err == nil, err
		}
		all := len(ids) < n // there are no others
		var oldest int64
		if !all {
			last, err := v.filedAt(ctx, ids[limit-1], ids[n-1])
			if err != nil {
				return nil, false, err
			}
			if oldest = last[1] + clockSlack.Milliseconds(); last[0] <= oldest {
				continue // not even where all of them fit
			}
		}
		w := base.and(where{terms: []string{"id in (" + places(len(ids)) + ")"}, args: anys(ids), few: true})
		if found, err = v.read(ctx, []where{w}, picked, after, limit); err != nil {
			return nil, false, err
		}
		if all || len(found) == limit && found[limit-1].FiledAt > oldest {
			return found, true, nil
		}
	}
	return nil, false, nil
}

// filedAt returns when two cases were filed.
func (v *View) filedAt(ctx context.Context, one, other string) (at [2]int64, err error) {
	for i, id := range []string{one, other} {
		if err = v.DB.Read().QueryRow(ctx, `select filed_at from cases where id = ?`, id).Scan(&at[i]); err != nil {
			return at, err
		}
	}
	return at, nil
}
