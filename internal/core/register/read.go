package register

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
)

// Given is facts of a subject that a pack brings with it: a demo city has somebody to
// walk through it with.
type Given struct {
	Register string            `yaml:"register" need:"yes"`
	ID       string            `yaml:"id" need:"yes"`
	Source   string            `yaml:"source" need:"yes"`
	From     string            `yaml:"from"`
	About    string            `yaml:"about"` // what the subject is there for, shown to who tries the city out
	Facts    map[string]string `yaml:"facts" need:"yes"`
}

// FactsFile is the form of registers/given/*.yaml.
type FactsFile struct {
	Subjects []Given `yaml:"subjects" need:"yes"`
}

// Declared is the registers as the pack declares them.
type Declared struct {
	Registers []*Register
	Docs      map[string]*decl.Doc // by code of the register
	purposes  []Purpose
	given     []Given
}

var (
	codeForm   = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	prefixForm = regexp.MustCompile(`^[A-Z]{1,3}$`)
)

// Book returns the registers that could be read.
func (d Declared) Book() *Book {
	b := &Book{registers: map[string]*Register{}, order: slices.Clone(d.Registers), purposes: map[string]Purpose{}, ordered: d.purposes, facts: d.given}
	slices.SortFunc(b.order, func(x, y *Register) int { return cmp.Compare(x.Code, y.Code) })
	for _, r := range b.order {
		b.registers[r.Code] = r
	}
	for _, p := range d.purposes {
		b.purposes[p.Code] = p
	}
	return b
}

// Read reads registers/*.yaml, registers/purposes.csv and registers/given/*.yaml, and
// reports what they say wrongly by themselves. A pack may have none.
func Read(d *decl.Dir) Declared {
	out := Declared{Docs: map[string]*decl.Doc{}}
	const purposes = "registers/purposes.csv"
	if d.Has(purposes) {
		for _, row := range d.CSV(purposes, "code", "title", "basis") {
			out.purposes = append(out.purposes, Purpose{Code: row.Need("code"), Title: row.Need("title"), Basis: row.Text("basis")})
		}
	}
	for _, name := range d.Glob("registers/*.yaml") {
		r := &Register{}
		doc, ok := d.YAML(name, r)
		if !ok || r.Code == "" {
			continue
		}
		if _, twice := out.Docs[r.Code]; twice {
			d.Report(doc.At("code"), "register.twice", errs.Args{"code": r.Code})
			continue
		}
		out.Registers, out.Docs[r.Code] = append(out.Registers, r), doc
	}
	b := out.Book()
	for _, r := range out.Registers {
		r.report(d, out.Docs[r.Code], b)
	}
	out.readGiven(d, b)
	return out
}

func (r *Register) report(d *decl.Dir, doc *decl.Doc, b *Book) {
	if !codeForm.MatchString(r.Code) {
		d.Report(doc.At("code"), "register.code", errs.Args{"code": r.Code})
	}
	if !prefixForm.MatchString(r.Prefix) {
		d.Report(doc.At("prefix"), "register.prefix", errs.Args{"prefix": r.Prefix})
	}
	for _, x := range b.order {
		if x != r && x.Prefix == r.Prefix && x.Code < r.Code {
			d.Report(doc.At("prefix"), "register.prefix_twice", errs.Args{"prefix": r.Prefix, "other": x.Title})
		}
	}
	seen := map[string]bool{}
	for i := range r.Items {
		it, at := &r.Items[i], doc.At("items", i)
		if seen[it.Code] {
			d.Report(at, "register.item_twice", errs.Args{"code": it.Code})
		}
		seen[it.Code] = true
		switch {
		case !codeForm.MatchString(it.Code):
			d.Report(at, "register.code", errs.Args{"code": it.Code})
		case (it.Type == "choice") != (len(it.Options) > 0):
			d.Report(at, "register.item_options", errs.Args{"item": it.Title})
		case (it.Type == "subject") != (it.Of != ""):
			d.Report(at, "register.item_of", errs.Args{"item": it.Title})
		case it.Of != "" && b.Find(it.Of) == nil:
			d.Report(at, "register.item_register", errs.Args{"item": it.Title, "register": it.Of})
		case it.Most && it.Type != "number":
			d.Report(at, "register.item_most", errs.Args{"item": it.Title})
		case it.Acts && it.Type != "subject":
			d.Report(at, "register.item_acts", errs.Args{"item": it.Title})
		}
	}
	r.reportGrants(d, doc, b)
}

// reportGrants refuses grants of what there is not, and of what is not shared to others
// than the subject and the unit that keeps it.
func (r *Register) reportGrants(d *decl.Dir, doc *decl.Doc, b *Book) {
	for n, g := range r.Grants {
		at := doc.At("grants", n)
		if _, ok := b.Purpose(g.Purpose); !ok && g.Purpose != "" {
			d.Report(at, "register.grant_purpose", errs.Args{"purpose": g.Purpose})
		}
		for _, code := range g.Items {
			it, ok := r.Item(code)
			if !ok && code != all {
				d.Report(at, "register.grant_item", errs.Args{"item": code, "register": r.Title})
			}
			if !ok || it.Share != ShareNone {
				continue
			}
			for _, to := range g.To {
				if to != "self" && !strings.HasSuffix(to, "@"+r.Owner) {
					d.Report(at, "register.grant_unshared", errs.Args{"item": it.Title, "to": to})
				}
			}
		}
	}
}

func (out *Declared) readGiven(d *decl.Dir, b *Book) {
	for _, name := range d.Glob("registers/given/*.yaml") {
		var f FactsFile
		doc, ok := d.YAML(name, &f)
		if !ok {
			continue
		}
		for n, g := range f.Subjects {
			at := doc.At("subjects", n)
			r := b.Find(g.Register)
			if r == nil {
				d.Report(at, "register.no_register", errs.Args{"register": g.Register})
				continue
			}
			for code, v := range g.Facts {
				it, ok := r.Item(code)
				if !ok {
					d.Report(at, "register.no_item", errs.Args{"item": code, "register": r.Title})
				} else if _, err := it.Tidy(v); err != nil {
					d.Report(at, "register.bad_value", errs.Args{"item": it.Title})
				}
			}
			out.given = append(out.given, g)
		}
	}
}
