package matter

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
)

// Theme is a topic or a life event by which people look for a service item.
type Theme struct {
	Code string
	Name string
	Kind string // "topic" or "life"
}

// Power is an entry of the powers-and-duties list (权责清单): since when a unit may
// do what, and by what.
type Power struct {
	Base     string // base code of the item
	Title    string
	Type     string // one of ServiceTypes
	Unit     string // who may, a unit's code
	How      string // see PowerHows
	Of       string // unit it was handed down by, for all but "own"
	From, To string // days
	Basis    string
}

// PowerHows are the ways in which a unit comes to have a power: by law (法定), handed
// down for good (下放), entrusted (委托), exercised for another (代为实施).
var PowerHows = []string{"own", "devolved", "entrusted", "proxy"}

// InForce reports whether the entry holds on a day.
func (p *Power) InForce(day string) bool { return p.From <= day && (p.To == "" || day <= p.To) }

// Proof is a certificate that nobody may be asked for any more (取消的证明事项).
type Proof struct {
	Code    string
	Name    string
	Words   []string // other names under which it is asked for
	Since   string   // first day on which it may not be asked for
	Basis   string
	Instead string // what takes its place
}

// AskedBy reports whether a title asks for the proof. Spaces and punctuation do not
// count, so that a slip of the pen is no way around.
func (p *Proof) AskedBy(title string) bool {
	title = bare(title)
	for _, name := range append([]string{p.Name}, p.Words...) {
		if name = bare(name); name != "" && strings.Contains(title, name) {
			return true
		}
	}
	return false
}

func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// PowersOn returns the entries of the list that hold on a day.
func (c *Catalog) PowersOn(day string) []*Power {
	var out []*Power
	for _, p := range c.powers {
		if p.InForce(day) {
			out = append(out, p)
		}
	}
	return out
}

// Powers returns all entries of the list, those that have ended too.
func (c *Catalog) Powers() []*Power { return c.powers }

// Themes returns the topics and life events in the order of the pack.
func (c *Catalog) Themes() []Theme { return c.themes }

// Proofs returns the proofs that were abolished.
func (c *Catalog) Proofs() []*Proof { return c.proofs }

// Editions returns all editions of all service items, by code and first day.
func (c *Catalog) Editions() []*Service { return c.services }

// readCatalogue reads the lists beside the service items; a pack may have none.
func (p *Declared) readCatalogue(d *decl.Dir) {
	rows := func(name string, columns ...string) []decl.Row {
		if !d.Has(name) {
			return nil
		}
		return d.CSV(name, columns...)
	}
	for _, r := range rows("service/themes.csv", "code", "name", "kind") {
		p.Themes = append(p.Themes, Theme{r.Need("code"), r.Need("name"), r.OneOf("kind", "topic", "life")})
	}
	for _, r := range rows("service/powers.csv", "base", "title", "type", "unit", "how", "of", "from", "to", "basis") {
		p.Powers = append(p.Powers, &Power{Base: r.Need("base"), Title: r.Need("title"), Type: r.OneOf("type", slices.Sorted(maps.Keys(ServiceTypes))...), Unit: r.Need("unit"),
			How: r.OneOf("how", PowerHows...), Of: r.Text("of"), From: day(r, "from"), To: day(r, "to"), Basis: r.Need("basis")})
		p.PowerAt = append(p.PowerAt, r.Pos)
	}
	for _, r := range rows("proof/abolished.csv", "code", "name", "words", "since", "basis", "instead") {
		p.Proofs = append(p.Proofs, &Proof{Code: r.Need("code"), Name: r.Need("name"), Words: r.List("words"), Since: day(r, "since"),
			Basis: r.Need("basis"), Instead: r.Text("instead")})
	}
	for _, r := range rows("service/items.csv", ListColumns...) {
		p.Services = append(p.Services, Sourced[Service]{listed(r), decl.At(r.Pos)})
	}
}

// ListColumns are the columns of service/items.csv: the elements of items that have
// no file of their own yet, and so a guide and no form.
var ListColumns = []string{"code", "title", "base", "number", "type", "level", "unit", "credit", "basis", "for", "themes", "asked", "channels",
	"scope", "depth", "visits", "instant", "legal", "note", "promised", "conditions", "materials", "result", "fee", "ask", "complain", "from", "to"}

// listed reads a row of service/items.csv. An empty cell is an element that is not
// known; its check says so.
func listed(r decl.Row) *Service {
	words := map[string][]string{}
	for _, f := range decl.Fields(reflect.TypeFor[Service]()) {
		words[f.Name] = f.OneOf
	}
	list := func(column string) []string {
		all := r.List(column)
		for _, w := range all {
			if known := words[column]; len(known) > 0 && !slices.Contains(known, w) {
				r.Report("decl.not_one_of", errs.Args{"key": column, "value": w, "known": strings.Join(known, ", ")})
			}
		}
		return all
	}
	depth := r.Text("depth")
	if depth != "" {
		depth = r.OneOf("depth", words["depth"]...)
	}
	s := &Service{
		Code: r.Need("code"), Title: r.Need("title"), Base: r.Text("base"), Number: r.Text("number"), Type: r.OneOf("type", words["type"]...),
		Level: r.OneOf("level", words["level"]...), Unit: r.Text("unit"), Credit: r.Text("credit"),
		Basis: list("basis"), For: list("for"), Themes: list("themes"), Asked: list("asked"), Channel: list("channels"), Scope: list("scope"),
		Depth: depth, Visits: r.Int("visits"), Instant: r.Yes("instant"), Legal: Term{Days: r.Int("legal"), Note: r.Text("note")}, Promised: Term{Days: r.Int("promised")},
		Conditions: list("conditions"), Result: Result{Title: r.Text("result")}, Fee: r.Text("fee"), Ask: r.Text("ask"), Complain: r.Text("complain"),
		From: day(r, "from"), To: day(r, "to"),
	}
	for i, title := range r.List("materials") {
		s.Materials = append(s.Materials, Material{Code: "m" + strconv.Itoa(i+1), Title: title})
	}
	return s
}
