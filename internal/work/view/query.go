package view

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/textzh"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/core/place"
)

// Query says which cases are asked for. What is empty does not narrow.
type Query struct {
	Family, Lane, State, Matter, Channel, Nature, Urgency string

	Unit   string // code: cases of the unit and all units below it
	Area   string // code of an area or a grid
	Holder string // login name
	Open   bool   // only cases that somebody has to act on
	Late   bool   // only cases with a clock that is late
	From   int64  // filed at or after, UTC milliseconds
	To     int64  // filed before
	DueTo  int64  // the next clock falls due from now on and before; what is late already is not meant
	Words  string // typed into the search box: a number, or words of the text
	Did    string // a measure: only cases that had it on Day
	Day    string // "2026-11-21"
	DayTo  string // the last of several days, "" is Day; of a stock, what there was at its end

	Sort  Sort
	After string // cursor of the page before
	Limit int    // at most MaxPage; 0 is 50
}

// Sort is an order of a list.
type Sort string

// The orders of lists.
const (
	ByDue     Sort = "due"     // the nearest clock first, cases without one last
	ByFiled   Sort = "filed"   // the latest first
	ByUpdated Sort = "updated" // the latest first; of a unit, closed cases only of the last month
)

// MaxPage bounds a page of a list.
const MaxPage = 200

// within returns the unit that state rows must lie in. Behind a figure the unit is
// that of the day, which the log tells.
func (q *Query) within() string {
	if q.Did != "" {
		return ""
	}
	return q.Unit
}

// where is a condition, joined by and.
type where struct {
	terms []string
	args  []any
	// few says that so few cases fit that an engine should find and sort them, not
	// walk through all others in the order asked for.
	few bool
	// ranges, where there are any, are conditions of which one has to hold besides, each
	// a range that an index holds by due date.
	ranges []where
}

func (w *where) add(term string, args ...any) {
	w.terms = append(w.terms, term)
	w.args = append(w.args, args...)
}

func (w *where) eq(column, v string) {
	if v != "" {
		w.add(column+" = ?", v)
	}
}

// and returns both conditions as one.
func (w where) and(o where) where {
	return where{terms: append(append([]string{}, w.terms...), o.terms...), args: append(append([]any{}, w.args...), o.args...), few: w.few || o.few,
		ranges: append(append([]where{}, w.ranges...), o.ranges...)}
}

func (w where) sql() string {
	if len(w.terms) == 0 {
		return "1 = 1"
	}
	return strings.Join(w.terms, " and ")
}

// key tells conditions apart.
func (w where) key() string { return w.sql() + fmt.Sprintf(" %#v", w.args) }

// found returns the condition marked as few, with the lane put so that no engine
// looks through everybody's lane for one unit's or one person's cases.
func (w where) found() where {
	w = w.and(where{few: true})
	for i, t := range w.terms {
		if t == "lane = ?" {
			w.terms[i] = "lane || '' = ?"
		}
	}
	return w
}

// nothing is a condition that never holds.
func nothing() where { return where{terms: []string{"1 = 0"}} }

// openness says whether a query can only find open cases, only closed ones, or both.
func (v *View) openness(q *Query) (open, closed bool) {
	open = q.Open || q.Late || q.DueTo > 0
	for value, known := range map[string]map[string]bool{q.Lane: v.lanes, q.State: v.states} {
		if c, ok := known[value]; ok && value != "" {
			open, closed = open || !c, closed || c
		}
	}
	return open, closed
}

// conditions returns what the query itself asks, without the scope of the person.
func (v *View) conditions(ctx context.Context, q *Query) (where, error) {
	var w where
	open, closed := v.openness(q)
	if open {
		w.add("closed = 0") // in the words of the partial indexes
	}
	if closed {
		w.add("closed = 1")
	}
	w.eq("lane", q.Lane)
	w.eq("state", q.State)
	if q.Family != "" {
		w.add(cases.OfFamily(q.Family), q.Family)
	}
	if q.Did == "" {
		w.eq("matter", q.Matter)
	}
	w.eq("channel", q.Channel)
	w.eq("nature", q.Nature)
	w.eq("urgency", q.Urgency)
	if q.Holder != "" {
		w.add("holder <> ''")
		w.eq("holder", q.Holder)
	}
	if q.Late {
		w.add("late > 0")
	}
	if q.From > 0 {
		w.add("filed_at >= ?", q.From)
	}
	if q.To > 0 {
		w.add("filed_at < ?", q.To)
	}
	if q.DueTo > 0 {
		w.add("due_at >= ? and due_at < ?", v.DB.Now(), q.DueTo)
	}
	if q.Did == "" {
		v.inArea(&w, q.Area)
	}
	if err := v.words(ctx, &w, q.Words); err != nil {
		return w, err
	}
	if q.Did != "" {
		if err := v.did(ctx, &w, q); err != nil {
			return w, err
		}
	}
	return w, nil
}

// inArea narrows to an area with everything inside it.
func (v *View) inArea(w *where, code string) {
	if code == "" {
		return
	}
	var areas []any
	var walk func(code string)
	walk = func(code string) {
		areas = append(areas, code)
		for _, c := range v.City.Places.Children(code) {
			if c.Level != place.Grid { // a grid stands in a column of its own, its community in area
				walk(c.Code)
			}
		}
	}
	a, ok := v.City.Places.Area(code)
	switch {
	case !ok:
		w.add("1 = 0")
	case a.Parent == "":
		// The whole city: cases whose place is unknown are in it too.
	case len(v.City.Places.Children(code)) == 0:
		w.add("(area = ? or grid = ?)", code, code)
	default:
		walk(code)
		w.add("area in ("+places(len(areas))+")", areas...)
	}
}

func places(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// longestSearch bounds what may be typed into the search box, in characters.
const longestSearch = 200

// words narrows to a number or its beginning, or to words of the text.
func (v *View) words(ctx context.Context, w *where, typed string) error {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return nil
	}
	if utf8.RuneCountInString(typed) > longestSearch {
		return errs.E(errs.Invalid, "view.long_search", nil).At("q")
	}
	if prefix, ok := numberPrefix(typed); ok {
		w.add("id in (select case_id from case_number where number >= ? and number < ?)", prefix, prefix+"~")
		return nil
	}
	term, arg := v.Cases.Match("id", typed)
	w.add(term, arg)
	return v.Cases.Index(ctx)
}

// numberPrefix returns the beginning of a case number, if that was typed: letters
// and at least four digits, with what people put between them.
func numberPrefix(typed string) (string, bool) {
	var b strings.Builder
	digits := 0
	for _, r := range textzh.Normalise(typed) {
		switch {
		case r >= '0' && r <= '9':
			digits++
			b.WriteRune(r)
		case r >= 'a' && r <= 'z' && digits == 0:
			b.WriteRune(unicode.ToUpper(r))
		case r == ' ' || r == '-':
		default:
			return "", false
		}
	}
	s := b.String()
	letters := len(s) - digits
	return s, digits >= 4 && letters >= 1 && letters <= 4
}

// way is one part of what a person may see; the parts together are the scope.
type way = where

// ways returns the parts of the scope of a filter inside a unit ("" for all).
// Where split is set each part is one range of an index, and there may be many;
// otherwise they are few.
func (v *View) ways(f org.Filter, unit string, split bool) []way {
	dir := v.Units()
	inside := dir.Path(unit)
	if unit != "" && inside == "" {
		return []way{nothing()}
	}
	var ways []way
	trees := map[string]bool{}
	switch {
	case f.All && unit == "":
		return []way{{}}
	case f.All:
		trees[inside] = true
	case f.Subtree != "" && unit == "":
		trees[f.Subtree] = true
	case f.Subtree != "" && org.Covers(f.Subtree, inside):
		trees[inside] = true
	case f.Subtree != "" && org.Covers(inside, f.Subtree):
		trees[f.Subtree] = true
	}
	for path := range trees {
		ways = append(ways, v.tree(path, split)...)
	}
	if f.Unit != "" && (unit == "" || org.Covers(inside, dir.Path(f.Unit))) && !f.All {
		ways = append(ways, way{terms: []string{"unit_path = ?"}, args: []any{dir.Path(f.Unit)}})
	}
	if f.Staff != "" && !f.All {
		within := way{}
		if unit != "" {
			within = under(inside)
		}
		ways = append(ways,
			way{terms: []string{"holder <> ''", "holder = ?"}, args: []any{f.Staff}}.and(within),
			way{terms: []string{"filed_by >= 'staff:'", "filed_by < 'staff;'", "filed_by = ?"}, args: []any{string(org.IsStaff) + ":" + f.Staff}}.and(within))
	}
	if len(ways) == 0 {
		ways = []way{nothing()}
	}
	return ways
}

// under holds for the cases of a unit and all below it: one range of an index, and
// from it what only begins like the unit's code taken out.
func under(path string) way {
	return way{terms: []string{"unit_path >= ?", "unit_path < ?", "(unit_path = ? or unit_path >= ?)"}, args: []any{path, path + "0", path, path + "/"}}
}

// tree returns the ways to the cases of a subtree: one, or one for each unit.
func (v *View) tree(path string, split bool) []way {
	if !split {
		return []way{under(path)}
	}
	code := path[strings.LastIndexByte(path, '/')+1:]
	var ways []way
	for _, u := range v.Units().Subtree(code) {
		ways = append(ways, way{terms: []string{"unit_path = ?"}, args: []any{u.Path}})
	}
	return ways
}

// either joins ways by or.
func either(ways []way) where {
	var w where
	var parts []string
	for _, o := range ways {
		if len(o.terms) == 0 {
			return where{}
		}
		parts = append(parts, "("+o.sql()+")")
		w.args = append(w.args, o.args...)
	}
	w.terms = []string{"(" + strings.Join(parts, " or ") + ")"}
	return w
}

// scoped returns the whole condition of a query for somebody, in parts that no case
// is in twice: what is counted in each may be added up. One condition with or
// between them would keep an engine from using an index for each.
func (v *View) scoped(ctx context.Context, by org.Actor, q *Query) ([]where, error) {
	base, err := v.conditions(ctx, q)
	if err != nil {
		return nil, err
	}
	ways := v.ways(v.Units().ScopeOf(by), q.within(), false)
	parts := make([]where, len(ways))
	for i, w := range ways {
		parts[i] = base.and(w)
		for _, before := range ways[:i] {
			parts[i].add("not ("+before.sql()+")", before.args...)
		}
	}
	return parts, nil
}
