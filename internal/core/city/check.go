package city

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/notice"
	"yiwang/internal/core/org"
	"yiwang/internal/core/rule"
)

// checker reports everything that the parts of a pack say about each other and
// that does not hold. What a file says wrongly by itself its reader has reported.
type checker struct {
	*decl.Dir
	p *pack
	c *City
}

func (p *pack) check(d *decl.Dir, c *City) {
	k := &checker{d, p, c}
	if d.Lost() {
		return // what depends on what could not be read would be told wrong
	}
	k.city()
	k.units()
	k.families()
	for _, l := range p.matters.Lifecycles {
		k.lifecycle(l)
	}
	k.clocks()
	k.notices()
	k.services()
	k.papers()
	if c.Directory != nil && c.Places != nil {
		k.matters()
	}
	if c.Places != nil {
		p.ground.Check(d, c.Places)
	}
}

// city checks city.yaml and that there is a channel for each of the doors that
// the program has itself.
func (k *checker) city() {
	f := k.p.file
	if _, ok := k.p.org.UnitAt[f.Centre]; !ok && f.Centre != "" {
		k.Report(k.p.doc.At("centre"), "check.no_centre", errs.Args{"unit": f.Centre})
	}
	for _, code := range []string{"web", "counter"} {
		if _, ok := k.p.channels[code]; !ok {
			k.Report(decl.Pos{File: "channel/channels.csv", Line: 1}, "check.no_channel", errs.Args{"channel": code})
		}
	}
}

// units checks what units say of the ground and of their nights.
func (k *checker) units() {
	for _, u := range k.p.org.Units {
		at := k.p.org.UnitAt[u.Code]
		if _, ok := k.p.ground.At[u.Area]; u.Area != "" && !ok {
			k.Report(at, "place.unknown_area", errs.Args{"area": u.Area})
		}
		if u.Area == "" && (u.Kind == org.Street || u.Kind == org.Community) {
			k.Report(at, "check.unit_without_area", errs.Args{"unit": u.Name})
		}
		if k.c.Directory != nil && u.Night && !k.c.Directory.HasRoster(u.Code) {
			k.Report(at, "check.unit_without_roster", errs.Args{"unit": u.Name})
		}
	}
}

// families checks what the families name and ask.
func (k *checker) families() {
	used := map[string]bool{}
	declared := maps.Clone(k.c.ClockSets)
	maps.DeleteFunc(declared, func(_ string, s *matter.ClockSet) bool { return s.Item != nil })
	for _, f := range k.p.matters.Families {
		used[f.Decl.Lifecycle] = true
		if k.c.Catalog.Lifecycle(f.Decl.Lifecycle) == nil {
			k.Report(f.Doc.At("lifecycle"), "check.unknown_lifecycle", errs.Args{"lifecycle": f.Decl.Lifecycle})
		}
		for i, set := range f.Decl.RuleSets {
			used["set "+set] = true
			if k.c.ClockSets[set] == nil {
				k.Report(f.Doc.At("rule_sets", i), "check.unknown_rule_set", errs.Args{"rule_set": set, "known": list(declared)})
			}
		}
		at := func(path ...any) decl.Pos { return f.Doc.At(append([]any{"fields"}, path...)...) }
		k.fields(f.Decl.Fields, at)
		k.questions(f.Decl, at)
	}
	for _, s := range k.p.matters.Services {
		used[s.Decl.Lifecycle] = true
		for _, set := range s.Decl.RuleSets {
			used["set "+set] = true
		}
	}
	for _, l := range k.p.matters.Lifecycles {
		if !used[l.Decl.Code] {
			k.Doubt(l.Doc.At("code"), "check.unused", errs.Args{"code": l.Decl.Code})
		}
		for _, code := range l.Decl.With {
			used["actions "+code] = true
		}
	}
	for _, s := range k.p.matters.ActionSets {
		if !used["actions "+s.Decl.Code] {
			k.Doubt(s.Doc.At("code"), "check.unused", errs.Args{"code": s.Decl.Code})
		}
	}
	for _, s := range k.p.matters.ClockSets {
		if !used["set "+s.Decl.Code] {
			k.Doubt(s.Doc.At("rule_set"), "check.unused", errs.Args{"code": s.Decl.Code})
		}
	}
}

var fieldCode = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// fields checks a form. Where says where a part of it stands.
func (k *checker) fields(fields []matter.Field, where func(path ...any) decl.Pos) {
	seen := map[string]bool{}
	for i, f := range fields {
		switch {
		case f.Code == "":
		case !fieldCode.MatchString(f.Code):
			k.Report(where(i, "code"), "check.field_code", errs.Args{"code": f.Code})
		case seen[f.Code]:
			k.Report(where(i, "code"), "check.field_twice", errs.Args{"code": f.Code})
		}
		seen[f.Code] = true
		if f.Type != matter.AreaRef && (f.Type == matter.Choice) != (len(f.Options) > 0) {
			k.Report(where(i), "check.options", errs.Args{"field": f.Title})
		}
		for j, p := range f.Phrases {
			if f.Type != matter.LongText || f.Max > 0 && utf8.RuneCountInString(p.Text) > f.Max {
				k.Report(where(i, "phrases", j), "check.phrase", errs.Args{"field": f.Title})
			}
		}
		if f.Check != "" && !checked(f, fields) {
			k.Report(where(i, "check"), "check.check_field", errs.Args{"field": f.Title, "code": f.Check})
		}
		options := map[string]bool{}
		for j, o := range f.Options {
			if options[o.Code] && o.Code != "" {
				k.Report(where(i, "options", j), "check.field_twice", errs.Args{"code": o.Code})
			}
			options[o.Code] = true
		}
	}
}

// questions checks what is asked of some matters only: the family must have them.
func (k *checker) questions(f *matter.Family, at func(path ...any) decl.Pos) {
	var codes []string
	for _, m := range k.c.Catalog.InForce(f.Code, matter.Today()) {
		codes = append(codes, m.Code)
	}
	for i, field := range f.Fields {
		for j, m := range field.Matters {
			if m == "" || !slices.ContainsFunc(codes, func(c string) bool { return strings.HasPrefix(c, m) }) {
				k.Report(at(i, "matters", j), "check.field_matter", errs.Args{"field": field.Title, "matter": m})
			}
		}
	}
}

// checked reports whether a reply is long text and the reason beside it is text
// that need not be there.
func checked(f matter.Field, fields []matter.Field) bool {
	return f.Type == matter.LongText && slices.ContainsFunc(fields, func(r matter.Field) bool {
		return r.Code == f.Check && r.Code != f.Code && !r.Required && (r.Type == matter.Text || r.Type == matter.LongText)
	})
}

// expression reports what is wrong with an expression, with its place in it. An
// empty one is a condition left out.
func (k *checker) expression(env *rule.Env, text string, want rule.Type, at decl.Pos) {
	if text == "" || env == nil {
		return
	}
	_, err := rule.Compile(env, text, want)
	if p, ok := errors.AsType[*rule.Problem](err); ok {
		args := errs.Args{"column": p.Column}
		maps.Copy(args, p.Args)
		k.Report(at, p.Key, args)
	} else if err != nil {
		k.Report(at, "check.unfit", errs.Args{"why": err.Error()})
	}
}

// filled reports placeholders of a text that nothing will fill.
func (k *checker) filled(text string, inputs []matter.Field, at decl.Pos) {
	for _, name := range notice.Placeholders(text) {
		known := slices.ContainsFunc(inputs, func(f matter.Field) bool { return f.Code == name })
		if !known && !slices.Contains(notice.Standing, name) {
			k.Report(at, "check.placeholder", errs.Args{"name": "{" + name + "}", "known": strings.Join(notice.Standing, ", ")})
		}
	}
}

// list returns the keys of a map for a sentence, in order.
func list[V any](m map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}
