package matter

import (
	"maps"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
)

// Sourced is a declaration with the file it stands in, so that what is wrong with
// it can be shown where it is.
type Sourced[T any] struct {
	Decl *T
	Doc  *decl.Doc
}

// Declared is what a pack says the city does, and where it says it.
type Declared struct {
	Families   []Sourced[Family]
	Lifecycles []Sourced[Lifecycle]
	ActionSets []Sourced[ActionSet]
	ClockSets  []Sourced[ClockSet]
	Services   []Sourced[Service] // all editions, by code and first day
	Themes     []Theme
	Powers     []*Power
	PowerAt    []decl.Pos // where each of Powers stands
	Proofs     []*Proof
	Matters    []*Matter
	MatterAt   []decl.Pos // where each of Matters stands
}

// Catalog puts the declarations together.
func (p *Declared) Catalog() *Catalog {
	var families []*Family
	for _, f := range p.Families {
		families = append(families, f.Decl)
	}
	var lives []*Lifecycle
	for _, l := range p.Lifecycles {
		lives = append(lives, l.Decl)
	}
	c := NewCatalog(families, lives, p.Matters)
	for _, s := range p.Services {
		c.services = append(c.services, s.Decl)
	}
	c.themes, c.powers, c.proofs = p.Themes, p.Powers, p.Proofs
	return c
}

// Read reads the families, lifecycles, clock rule sets and matters of a pack.
func Read(d *decl.Dir) Declared {
	p := Declared{
		Families:   readAll(d, "family/*.yaml", func(f *Family) string { return f.Code }),
		Lifecycles: readAll(d, "lifecycle/*.yaml", func(l *Lifecycle) string { return l.Code }),
		ClockSets:  readAll(d, "clock/*.yaml", func(s *ClockSet) string { return s.Code }),
	}
	p.share(d)
	for _, f := range p.Families {
		if f.Decl.Matters != "" {
			p.readMatters(d, f.Decl)
		} else {
			p.Matters = append(p.Matters, f.Decl.single())
			p.MatterAt = append(p.MatterAt, f.Doc.At("duty"))
		}
	}
	p.readServices(d)
	return p
}

// share gives each lifecycle the actions of the sets that it names.
func (p *Declared) share(d *decl.Dir) {
	if len(d.Glob(actionSets)) > 0 {
		p.ActionSets = readAll(d, actionSets, func(s *ActionSet) string { return s.Code })
	}
	sets := map[string]Sourced[ActionSet]{}
	for _, s := range p.ActionSets {
		locate(s.Decl.Actions, s.Doc)
		sets[s.Decl.Code] = s
	}
	for _, l := range p.Lifecycles {
		locate(l.Decl.Actions, l.Doc)
		for i, code := range l.Decl.With {
			s, ok := sets[code]
			if !ok {
				d.Report(l.Doc.At("with", i), "check.unknown_actions", errs.Args{"code": code, "known": strings.Join(slices.Sorted(maps.Keys(sets)), ", ")})
				continue
			}
			l.Decl.Actions = append(l.Decl.Actions, s.Decl.Actions...)
		}
	}
}

// actionSets are the files of actions that lifecycles share.
const actionSets = "actions/*.yaml"

// locate lets each action know where it stands.
func locate(actions []ActionDecl, doc *decl.Doc) {
	for i := range actions {
		actions[i].at = func(path ...any) decl.Pos { return doc.At(append([]any{"actions", i}, path...)...) }
	}
}

// readAll reads every file of a pattern as one declaration each.
func readAll[T any](d *decl.Dir, pattern string, code func(*T) string) []Sourced[T] {
	var all []Sourced[T]
	first := map[string]string{}
	names := d.Glob(pattern)
	if len(names) == 0 {
		d.Report(decl.Pos{File: pattern}, "decl.missing_file", errs.Args{"file": pattern})
	}
	for _, name := range names {
		t := new(T)
		doc, ok := d.YAML(name, t)
		if !ok {
			continue
		}
		c := code(t)
		if c == "" {
			continue // that is reported
		}
		if other, twice := first[c]; twice {
			d.Report(doc.At(), "check.declared_twice", errs.Args{"code": c, "other": other})
			continue
		}
		first[c] = name
		all = append(all, Sourced[T]{t, doc})
	}
	return all
}

// single is the one matter of a family that declares no list.
func (f *Family) single() *Matter {
	m := &Matter{Code: f.Code, Name: f.Title, Family: f.Code, Description: f.Guide, Duty: Duty{Basis: f.Basis}}
	if d := f.Duty; d != nil {
		m.Duty = Duty{By: d.By, Unit: d.Unit, Function: d.Function, Level: d.Level, Backstop: d.Backstop, Basis: f.Basis}
	}
	return m
}

func (p *Declared) readMatters(d *decl.Dir, f *Family) {
	readList(d, f.Matters, f.Code, func(m *Matter, at decl.Pos) {
		p.Matters = append(p.Matters, m)
		p.MatterAt = append(p.MatterAt, at)
	})
}

// ReadList reads a file of matters by itself.
func ReadList(d *decl.Dir, name, family string) []*Matter {
	var out []*Matter
	readList(d, name, family, func(m *Matter, _ decl.Pos) { out = append(out, m) })
	return out
}

func readList(d *decl.Dir, name, family string, take func(*Matter, decl.Pos)) {
	for _, r := range d.CSV(name, "code", "name", "level1", "level1_name", "level2", "level2_name", "description", "keywords",
		"by", "unit", "function", "level", "backstop", "basis", "fast", "night", "from", "to") {
		m := &Matter{
			Code: r.Need("code"), Name: r.Need("name"), Family: family,
			Levels: []string{r.Text("level1_name"), r.Text("level2_name")}, LevelCodes: []string{r.Text("level1"), r.Text("level2")},
			Description: r.Text("description"), Keywords: r.List("keywords"),
			Duty: Duty{By: By(r.OneOf("by", string(ByFunction), string(ByPlace), string(ByBoth))), Unit: r.Text("unit"), Function: r.Text("function"),
				Level: r.Text("level"), Backstop: r.Text("backstop"), Basis: r.Text("basis")},
			Fast: r.Yes("fast"), Night: r.Yes("night"), From: day(r, "from"), To: day(r, "to"),
		}
		if m.Code != "" {
			take(m, r.Pos)
		}
	}
}

// day reads a date; an empty cell is open.
func day(r decl.Row, column string) string {
	s := r.Text(column)
	if s == "" {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		r.Report("check.bad_date", errs.Args{"column": column, "value": s})
		return ""
	}
	return s
}
