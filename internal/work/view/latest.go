package view

import (
	"context"
	"slices"
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

// clockSlack is how far the order of filing and that of its times may differ: a case is
// entered when its filing is durable, and the clocks of a house differ by little.
const clockSlack = 5 * time.Second

// latest returns the first cases of a list by filing that is narrowed by words, from
// the newest that have them, so that a word that is everybody's does not bring all of
// its cases together to show the first. False where those do not tell: with a filter
// that few of them fit, or far down a list.
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
		w := base.and(where{terms: []string{"id in (" + places(len(ids)) + ")"}, args: anys(ids), few: true})
		if found, err = v.read(ctx, []where{w}, picked, after, limit); err != nil {
			return nil, false, err
		}
		if len(ids) < n {
			return found, true, nil // there are no others
		}
		if len(found) < limit {
			continue
		}
		if passed, err := v.passed(ctx, found[limit-1].FiledAt, ids[n-1]); err != nil || !passed {
			return found, err == nil, err
		}
	}
	return v.walk(ctx, by, plain, typed, after, limit)
}

// How many cases that fit otherwise are looked through for a word that very many have.
const (
	walked     = 250
	mostWalked = 40 * walked
)

// walk returns the first cases of a list by filing that is narrowed by words, from the
// latest that fit in all else. False where few of these have the words.
func (v *View) walk(ctx context.Context, by org.Actor, plain Query, typed string, after *cursor, limit int) (found []cases.Case, ok bool, err error) {
	parts, err := v.parts(ctx, by, &plain)
	if err != nil {
		return nil, false, err
	}
	for range mostWalked / walked {
		rows, err := v.read(ctx, parts, ByFiled, after, walked)
		if err != nil {
			return nil, false, err
		}
		ids := make([]string, len(rows))
		for i := range rows {
			ids[i] = rows[i].ID
		}
		have, err := v.Cases.Among(ctx, typed, ids)
		if err != nil {
			return nil, false, err
		}
		for i := range rows {
			if slices.Contains(have, rows[i].ID) {
				found = append(found, rows[i])
			}
		}
		if len(found) >= limit || len(rows) < walked {
			return found[:min(limit, len(found))], true, nil
		}
		last := &rows[walked-1]
		after = &cursor{Sort: ByFiled, ID: last.ID, At: orders[ByFiled].key(last)}
	}
	return nil, false, nil
}

// passed reports whether a case filed since a time may have been entered before another,
// so that whoever goes by the order of entry would pass it over.
func (v *View) passed(ctx context.Context, since int64, before string) (yes bool, err error) {
	entered, arg := v.Cases.EnteredBefore("cases.id", before)
	var n int
	err = v.DB.Read().QueryRow(ctx, `select count(*) from (select id from cases where filed_at >= ?
		and filed_at <= (select filed_at + ? from cases where id = ?) and `+entered+` limit 1) x`,
		since, clockSlack.Milliseconds(), before, arg).Scan(&n)
	return n > 0, err
}
