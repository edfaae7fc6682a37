package register

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/rule"
)

// crowdBatch is how many sheets are opened together.
const crowdBatch = 4096

// Everyone returns what tables ask for of every subject of a register on a day, as
// Facts does of one, in the order of ids: for rule.Everyone. What is in doubt is not
// known. The reading is written down once, and everybody in the register sees it.
// Errors: Forbidden, NotFound.
func (s *Store) Everyone(ctx context.Context, q Reading, register string, on time.Time, tables ...*rule.Decider) (ids []string, crowd rule.Crowd, err error) {
	defer errs.Wrap(&err, "register.Everyone")
	r, err := s.register(register)
	if err != nil {
		return nil, nil, err
	}
	asked := map[string][]string{}
	for _, d := range tables {
		for _, f := range d.Table().Facts {
			if of, item, ok := strings.Cut(f.Source, "."); ok && s.book.Find(of) != nil && !slices.Contains(asked[of], item) {
				asked[of] = append(asked[of], item)
			}
		}
	}
	var subs []Subject
	var items [][]string
	for of, list := range asked {
		if err := s.allow(q, s.book.Find(of), false, list); err != nil {
			return nil, nil, err
		}
		subs, items = append(subs, Subject{Register: of}), append(items, list)
	}
	if err := s.note(ctx, q, subs, items); err != nil {
		return nil, nil, err
	}
	all, err := s.columns(ctx, r, dayOf(on), asked[register], asked)
	if err != nil {
		return nil, nil, err
	}
	crowd = rule.Crowd{}
	for _, d := range tables {
		for _, f := range d.Table().Facts {
			if c, ok := all.named[f.Source]; ok {
				crowd[f.Code] = c.column()
			}
		}
	}
	return all.ids, crowd, nil
}

// columns are items of all subjects of a register.
type columns struct {
	ids   []string
	at    map[string]int32
	own   []*column          // by place in the items that were asked
	named map[string]*column // by register.item, also of other registers
}

// column gathers one item of everyone.
type column struct {
	item   *Item
	number uint64
	words  map[string]int32
	list   []string
	at     []int32
}

func (c *column) column() rule.Column {
	out := rule.Column{At: c.at, Words: c.list}
	if c.item.Type == "number" {
		out.Places = c.item.Places
	}
	return out
}

// place returns where a value lies, NoValue where it is none.
func (c *column) place(v []byte) int32 {
	switch c.item.Type {
	case "date":
		t, err := time.Parse(time.DateOnly, string(v))
		if err != nil {
			return rule.NoValue
		}
		return int32(t.Unix() / day)
	case "yesno":
		if string(v) == "yes" {
			return 1
		}
		return 0
	case "number":
		return decimal(v, c.item.Places)
	}
	if at, ok := c.words[string(v)]; ok {
		return at
	}
	at := int32(len(c.list))
	c.words[string(v)], c.list = at, append(c.list, string(v))
	return at
}

// decimal reads a number in units of its last decimal place.
func decimal(v []byte, places int) int32 {
	var n int64
	minus, dot := false, -1
	for i, b := range v {
		switch {
		case b == '-' && i == 0:
			minus = true
		case b == '.' && dot < 0:
			dot = i
		case b < '0' || b > '9':
			return rule.NoValue
		default:
			n = n*10 + int64(b-'0')
		}
		if n > 1<<31-1 {
			return rule.NoValue
		}
	}
	given := 0
	if dot >= 0 {
		given = len(v) - dot - 1
	}
	for range places - given {
		n *= 10
	}
	if minus {
		n = -n
	}
	if given > places || n > 1<<31-1 || n <= rule.NoValue {
		return rule.NoValue
	}
	return int32(n)
}

// columns reads items of all subjects of a register, and those of other registers by
// the subject that belongs to each.
func (s *Store) columns(ctx context.Context, r *Register, day string, items []string, asked map[string][]string) (*columns, error) {
	wanted := slices.Clone(items)
	forward := map[string][]int{} // places of the items that name a subject of another register, the first known counts
	for of := range asked {
		for i := range r.Items {
			if of == r.Code || r.Items[i].Of != of {
				continue
			}
			at := slices.Index(wanted, r.Items[i].Code)
			if at < 0 {
				at, wanted = len(wanted), append(wanted, r.Items[i].Code)
			}
			forward[of] = append(forward[of], at)
		}
	}
	out, err := s.scan(ctx, r, day, wanted)
	if err != nil {
		return nil, err
	}
	for i, code := range items {
		out.named[r.Code+"."+code] = out.own[i]
	}
	for of, list := range asked {
		if of == r.Code {
			continue
		}
		if err := s.join(ctx, r, out, s.book.Find(of), day, list, forward[of]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// join puts items of another register beside the subjects that they belong to: those of
// the subject that a column names, or of the only one that names the subject.
func (s *Store) join(ctx context.Context, r *Register, out *columns, other *Register, day string, list []string, by []int) error {
	back := slices.IndexFunc(other.Items, func(x Item) bool { return x.Of == r.Code && x.Key != "" })
	if len(by) == 0 && back < 0 {
		return nil
	}
	wanted := slices.Clone(list)
	if back >= 0 {
		wanted = append(wanted, other.Items[back].Code)
	}
	theirs, err := s.scan(ctx, other, day, wanted)
	if err != nil {
		return err
	}
	from := make([]int32, len(out.ids)) // place among theirs, below 0 none
	names := make([]bool, len(from))    // it names one itself, and who names it does not count
	for i := range from {
		from[i] = -1
		for _, column := range by {
			c := out.own[column]
			if c.at[i] == rule.NoValue {
				continue
			}
			if k, ok := theirs.at[c.list[c.at[i]]]; ok {
				from[i] = k
			}
			names[i] = true
			break
		}
	}
	if back >= 0 {
		naming := theirs.own[len(list)]
		for k, at := range naming.at {
			if at == rule.NoValue {
				continue
			}
			i, ok := out.at[naming.list[at]]
			switch {
			case !ok || names[i]:
			case from[i] == -1:
				from[i] = int32(k)
			default:
				from[i] = -2 // several: it is not known which
			}
		}
	}
	for n, code := range list {
		c := *theirs.own[n]
		c.at = make([]int32, len(from))
		for i, k := range from {
			if c.at[i] = rule.NoValue; k >= 0 {
				c.at[i] = theirs.own[n].at[k]
			}
		}
		out.named[other.Code+"."+code] = &c
	}
	return nil
}

// scan reads items of all subjects of a register.
func (s *Store) scan(ctx context.Context, r *Register, day string, items []string) (*columns, error) {
	out := &columns{at: map[string]int32{}, named: map[string]*column{}}
	for _, code := range items {
		it, ok := r.Item(code)
		if !ok {
			return nil, errs.E(errs.Invalid, "register.no_item", errs.Args{"item": code, "register": r.Title})
		}
		out.own = append(out.own, &column{item: it, number: s.items[r.Code].of[code], words: map[string]int32{}})
	}
	doubted, err := s.allDoubted(ctx, r)
	if err != nil {
		return nil, err
	}
	batch := make([]row, 0, crowdBatch)
	flush := func() error {
		plain, err := s.openAll(batch)
		if err != nil {
			return err
		}
		for i, b := range plain {
			out.at[batch[i].ID] = int32(len(out.ids))
			out.ids = append(out.ids, batch[i].ID)
			if err := out.take(r, b, dayNumber(day), doubted[batch[i].ID]); err != nil {
				return err
			}
		}
		batch = batch[:0]
		return nil
	}
	for v, err := range sqldb.Each[row](ctx, s.db.Read(), `select id, register, version, sheet from subject where id >= ? and id < ? and register = ? order by id`,
		r.Prefix, r.Prefix+"[", r.Code) {
		if err != nil {
			return nil, err
		}
		if batch = append(batch, v); len(batch) == crowdBatch {
			if err := flush(); err != nil {
				return nil, err
			}
		}
	}
	return out, flush()
}

// openAll unseals sheets on all cores.
func (s *Store) openAll(rows []row) ([][]byte, error) {
	out := make([][]byte, len(rows))
	const parts = 4
	var failed [parts]error
	var wg sync.WaitGroup
	for p := range parts {
		wg.Go(func() {
			for i := p * len(rows) / parts; i < (p+1)*len(rows)/parts; i++ {
				if out[i], failed[p] = s.key.Open(rows[i].Sheet, []byte(rows[i].ID)); failed[p] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// take appends one subject's values to the columns.
func (c *columns) take(r *Register, sheet []byte, on uint64, doubted []string) error {
	var rank [64]int
	for i, col := range c.own {
		col.at = append(col.at, rule.NoValue)
		rank[i&63] = len(r.Sources) + 1
	}
	err := walk(sheet, func(run run, item uint64, value []byte) {
		if run.ended != 0 || run.from > on || run.to != 0 && run.to < on {
			return
		}
		for i, col := range c.own {
			if col.number == item {
				col.settle(r, &rank[i&63], r.source(string(run.source)), value)
			}
		}
	})
	for _, col := range c.own {
		if slices.Contains(doubted, col.item.Code) {
			col.at[len(col.at)-1] = rule.NoValue
		}
	}
	return err
}

// settle takes a value of a source, as Register.settle does: rank is that of the source
// believed so far, negative where the item is in doubt.
func (c *column) settle(r *Register, rank *int, source int, value []byte) {
	last := &c.at[len(c.at)-1]
	at := c.place(value)
	first := *rank > len(r.Sources)
	final := source < len(r.Sources) && r.Sources[source].Final
	was := *rank
	if was < 0 {
		was = -was - 1
	}
	switch settled := !first && was < len(r.Sources) && r.Sources[was].Final; {
	case first:
		*rank, *last = source, at
	case c.item.Most:
		if final || !settled && at > *last {
			*rank, *last = source, at
		}
	case c.item.Agree && *last != at && !final && !settled:
		*rank, *last = -min(was, source)-1, rule.NoValue
	case source < was && (*rank >= 0 || final):
		*rank, *last = source, at
	}
}

// allDoubted returns the items in doubt of all subjects of a register.
func (s *Store) allDoubted(ctx context.Context, r *Register) (map[string][]string, error) {
	type open struct {
		Subject string `db:"subject"`
		Items   string `db:"items"`
	}
	rows, err := sqldb.Select[open](ctx, s.db.Read(), `select subject, items from register_doubt where state = 'open' and register = ?`, r.Code)
	out := map[string][]string{}
	for _, o := range rows {
		out[o.Subject] = append(out[o.Subject], words(o.Items)...)
	}
	return out, err
}

// Known returns items of all subjects of a register as they are today, each list in the
// order of ids and "" where nothing is known: for comparing with what is loaded. The
// reading is written down once.
func (s *Store) Known(ctx context.Context, q Reading, register string, items ...string) (ids []string, values map[string][]string, err error) {
	defer errs.Wrap(&err, "register.Known")
	r, err := s.register(register)
	if err != nil {
		return nil, nil, err
	}
	n, err := sqldb.Get[int64](ctx, s.db.Read(), `select count(*) from subject where id >= ? and id < ? and register = ?`, r.Prefix, r.Prefix+"[", r.Code)
	if err != nil || n == 0 {
		return nil, nil, err
	}
	if err := s.allow(q, r, false, items); err != nil {
		return nil, nil, err
	}
	if err := s.note(ctx, q, []Subject{{Register: register}}, [][]string{items}); err != nil {
		return nil, nil, err
	}
	cols, err := s.scan(ctx, r, s.Today(), items)
	if err != nil {
		return nil, nil, err
	}
	values = map[string][]string{}
	for i, code := range items {
		list := make([]string, len(cols.ids))
		for k, at := range cols.own[i].at {
			list[k] = cols.own[i].say(at)
		}
		values[code] = list
	}
	return cols.ids, values, nil
}

// say returns a value as the register writes it.
func (c *column) say(at int32) string {
	switch {
	case at == rule.NoValue:
		return ""
	case c.list != nil:
		return c.list[at]
	case c.item.Type == "date":
		return time.Unix(int64(at)*day, 0).UTC().Format(time.DateOnly)
	case c.item.Type == "yesno":
		return map[int32]string{0: "no", 1: "yes"}[at]
	}
	return strconv.Itoa(int(at)) // in units of its last decimal place
}
