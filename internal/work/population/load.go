package population

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
)

// persons is the register in which records are resolved.
const persons = "person"

// Options of a load.
type Options struct {
	Progress func(step string, done, of int) // may be nil
}

// Report says what a load did.
type Report struct {
	Records  int            `json:"records"`  // rows that were read
	Entered  map[string]int `json:"entered"`  // new subjects by register
	Updated  int            `json:"updated"`  // subjects that were there before and had facts put to them
	Joined   int            `json:"joined"`   // records that were found to be of a person whom an earlier record is of
	Doubtful int            `json:"doubtful"` // records that wait for a decision
	Refused  []Refused      `json:"refused"`  // rows, and references, that were not taken, in the order of files
	Seconds  float64        `json:"seconds"`
	Resolve  float64        `json:"resolve_seconds"` // of it, finding out who is who
}

// Load loads a directory of files into the registers. Errors: Invalid where a file has
// a head that its register does not know; a row that is wrong is no error.
func Load(ctx context.Context, s *register.Store, dir string, o Options) (_ Report, err error) {
	defer errs.Wrap(&err, "population.Load")
	l := &load{Options: o, s: s, rep: Report{Entered: map[string]int{}, Refused: []Refused{}}, numbers: map[string]*numbering{}, ids: map[string][]string{},
		by: register.Reading{Purpose: "resolve", Actor: org.Machine("load")}}
	began := time.Now()
	if err := l.open(dir); err != nil {
		return l.rep, err
	}
	if err := l.enter(ctx); err != nil {
		return l.rep, err
	}
	l.rep.Seconds = time.Since(began).Seconds()
	return l.rep, nil
}

type load struct {
	Options
	s       *register.Store
	by      register.Reading
	tables  []*table // those of the first sources before the others
	rep     Report
	numbers map[string]*numbering // by register, of the file of its first source
	ids     map[string][]string   // by register, by row of that file; "" was refused
	put     []puts
}

// puts are facts for a subject that is there already.
type puts struct {
	sub    register.Subject
	source string
	facts  []register.Fact
}

func (l *load) open(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.csv"))
	if err != nil {
		return err
	}
	for _, path := range files {
		file := filepath.Base(path)
		code, source, other := strings.Cut(strings.TrimSuffix(file, ".csv"), "@")
		if code == truthFile {
			continue
		}
		r := l.s.Book().Find(code)
		if r == nil {
			return errs.E(errs.Invalid, "population.file", errs.Args{"file": file})
		}
		if !other {
			source = r.Sources[slices.IndexFunc(r.Sources, func(x register.Source) bool { return !x.Final })].Code
		}
		l.say("read "+file, 0, 0)
		t, err := open(path, file, r, source)
		if err != nil {
			return err
		}
		t.first = !other
		l.tables = append(l.tables, t)
		l.rep.Records += len(t.rows)
	}
	if len(l.tables) == 0 {
		return errs.E(errs.NotFound, "population.empty", errs.Args{"dir": dir}).Because(os.ErrNotExist)
	}
	slices.SortStableFunc(l.tables, func(a, b *table) int {
		switch {
		case a.first == b.first:
			return strings.Compare(a.file, b.file)
		case a.first:
			return -1
		}
		return 1
	})
	return nil
}

func (l *load) say(step string, done, of int) {
	if l.Progress != nil {
		l.Progress(step, done, of)
	}
}

// enter numbers all subjects first, since records name each other across files, and
// then enters them.
func (l *load) enter(ctx context.Context) (err error) {
	to, err := l.s.Loader(ctx)
	if err != nil {
		return err
	}
	people := &people{}
	defer func() {
		l.say("index", 0, 0)
		err = to.Close(err)
		if err == nil {
			err = l.putAll(ctx)
		}
		if err == nil {
			err = l.s.Doubted(ctx, people.doubts)
		}
		l.sortRefused()
	}()
	if err := l.meet(ctx, people); err != nil {
		return err
	}
	for _, t := range l.tables {
		if t.register.Code != persons {
			if err := l.number(ctx, t, to); err != nil {
				return err
			}
		}
	}
	l.numberPeople(people, to)
	for _, t := range l.tables {
		if t.register.Code == persons {
			continue
		}
		if err := l.enterTable(t, to); err != nil {
			return err
		}
	}
	return l.enterPeople(people, to)
}

// number checks the rows of a file and gives each an id: that of the subject with its
// key, where there is one, else a new one.
func (l *load) number(ctx context.Context, t *table, to *register.Loader) error {
	code := t.register.Code
	key := slices.IndexFunc(t.register.Items, func(x register.Item) bool { return x.Key == "one" })
	known := map[string]string{}
	name := ""
	if key >= 0 {
		name = t.register.Items[key].Code
		ids, values, err := l.s.Known(ctx, l.by, code, name)
		if err != nil {
			return err
		}
		for i, id := range ids {
			known[values[name][i]] = id
		}
	}
	numbers, seen := &numbering{}, map[string]bool{}
	if name != "" {
		seen = make(map[string]bool, len(t.rows))
	}
	t.ids = make([]string, len(t.rows))
	t.old = map[int]bool{}
	var cells []string
	for i, row := range t.rows {
		var why string
		if cells, why = t.check(row, cells); why == "" && !numbers.add(cells[t.no], i) {
			why = "population.no_twice"
		}
		value := ""
		if why == "" && name != "" {
			if value = t.cell(cells, name); value != "" && seen[value] {
				why = "population.key_twice"
			}
		}
		if why != "" {
			l.refuse(t, i, why, t.wrong)
			continue
		}
		if value != "" {
			seen[value] = true
		}
		if id := known[value]; value != "" && id != "" {
			t.ids[i], t.old[i] = id, true
			continue
		}
		t.ids[i] = to.ID(code)
		l.rep.Entered[code]++
	}
	if t.first {
		l.numbers[code], l.ids[code] = numbers, t.ids
	}
	return nil
}

func (l *load) refuse(t *table, row int, key string, item *register.Item) {
	r := Refused{File: t.file, Line: int(t.lines[row]), Key: key, args: errs.Args{"columns": len(t.items)}}
	if item != nil {
		r.args["item"] = item.Title
	}
	l.rep.Refused = append(l.rep.Refused, r)
}

func (l *load) sortRefused() {
	slices.SortStableFunc(l.rep.Refused, func(a, b Refused) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		return a.Line - b.Line
	})
}

func (l *load) enterTable(t *table, to *register.Loader) error {
	var cells []string
	for i, row := range t.rows {
		if t.ids[i] == "" {
			continue
		}
		if i%20000 == 0 {
			l.say("enter "+t.file, i, len(t.rows))
		}
		cells, _ = t.cells(row, cells)
		facts := l.facts(t, i, cells, false)
		sub := register.Subject{Register: t.register.Code, ID: t.ids[i]}
		if t.old[i] {
			l.put = append(l.put, puts{sub, t.source, facts})
			continue
		}
		if err := to.Add(register.Entry{Subject: sub, Facts: facts}); err != nil {
			return err
		}
	}
	return nil
}

// facts returns what a row says. Of a record that was joined to a person, besides
// leaves out who it is of: that is known, and what it says otherwise is its mistake.
func (l *load) facts(t *table, row int, cells []string, besides bool) []register.Fact {
	facts := make([]register.Fact, 0, len(t.items))
	for c, it := range t.items {
		if it == nil || besides && it.Agree {
			continue
		}
		v := strings.TrimSpace(cells[c])
		if v == "" {
			continue
		}
		if it.Type == "subject" {
			at := -1
			if n := l.numbers[it.Of]; n != nil {
				at = n.row(v)
			}
			if at < 0 || l.ids[it.Of][at] == "" {
				l.refuse(t, row, "population.reference", it)
				continue
			}
			v = l.ids[it.Of][at]
		}
		facts = append(facts, register.Fact{Item: it.Code, Value: v, Source: t.source})
	}
	return facts
}

// putAll puts facts to subjects that were there before.
func (l *load) putAll(ctx context.Context) error {
	subs := map[register.Subject]bool{}
	for i, p := range l.put {
		if i%500 == 0 {
			l.say("update", i, len(l.put))
		}
		if err := l.s.Put(ctx, p.source, p.sub, p.facts...); err != nil && !errs.Is(err, errs.Exists) {
			return err
		}
		subs[p.sub] = true
	}
	l.rep.Updated = len(slices.Collect(maps.Keys(subs)))
	return nil
}
