package apply

import (
	"context"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/idnumber"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/core/voucher"
)

// PurposeCounter is what a window reads registers for: to fill in the form of somebody
// who stands before it and agrees.
const PurposeCounter = "counter"

// mostHeld is how many cases are looked at for certificates of somebody at the window.
const mostHeld = 200

// Counter fills in and files for whoever is present at a window.
type Counter struct {
	Registers *register.Store
	Cases     *cases.Store
}

// Present is who stands at the window, as far as their form needs it.
type Present struct {
	Subject register.Subject
	Name    string
	Known   map[string]register.Fact // by field of the form
	Stands  map[string]voucher.Held  // certificates instead of materials
}

// numbered are the items by which each register finds who is present.
var numbered = map[string]string{Persons: "idnumber", Enterprises: "credit_code"}

// Look finds who is present by their number and reads what the form needs, of what the
// window may read. They have agreed to it; the reading is noted in the name of whoever
// asked. Errors: Invalid (the number), NotFound, Forbidden.
func (c *Counter) Look(ctx context.Context, by org.Actor, f *matter.Family, number string) (p Present, err error) {
	defer errs.Wrap(&err, "apply.Counter.Look")
	q := register.Reading{Purpose: PurposeCounter, Service: f.Code, Actor: by, Agreed: true}
	number = idnumber.Plain(strings.TrimSpace(number))
	of := Persons
	if _, err := idnumber.Citizen(number); err != nil {
		if of = Enterprises; idnumber.Credit(number) != nil {
			return p, errs.E(errs.Invalid, "apply.bad_number", nil).At("number")
		}
	}
	if s := f.Service; s != nil && len(s.For) > 0 && slices.Contains(s.For, "person") != (of == Persons) && !(of == Enterprises && slices.Contains(s.For, "enterprise")) {
		return p, errs.E(errs.Invalid, "apply.not_for", errs.Args{"title": f.Title}).At("number")
	}
	if p.Subject, err = c.Registers.Find(ctx, q, of, numbered[of], number); err != nil {
		return p, err
	}
	items, field := filled(f, of)
	r := c.Registers.Book().Find(of)
	items = slices.DeleteFunc(append(items, "name"), func(code string) bool {
		it, ok := r.Item(code)
		return !ok || !r.MayRead(q, it)
	})
	slices.Sort(items)
	known, err := c.Registers.Read(ctx, q, p.Subject, c.Registers.Today(), slices.Compact(items)...)
	if err != nil {
		return p, err
	}
	p.Name, p.Known = known["name"].Value, map[string]register.Fact{}
	for item, fact := range known {
		if code := field[item]; code != "" && fact.Value != "" && !fact.Doubt {
			p.Known[code] = fact
		}
	}
	p.Stands, err = c.stands(ctx, f, p.Subject)
	return p, err
}

// stands returns the certificates that this house issued to somebody and that stand in
// for materials.
func (c *Counter) stands(ctx context.Context, f *matter.Family, of register.Subject) (map[string]voucher.Held, error) {
	out := map[string]voucher.Held{}
	if f.Service == nil || !slices.ContainsFunc(f.Service.Materials, func(m matter.Material) bool { return m.Replaces != "" }) {
		return out, nil
	}
	ids, err := c.Cases.CasesOf(ctx, of.Register, of.ID, mostHeld)
	if err != nil {
		return nil, err
	}
	var held []voucher.Held
	for _, id := range ids {
		some, err := c.Cases.Certificates.ByCase(ctx, c.Cases.DB.Read(), id)
		if err != nil {
			return nil, err
		}
		held = append(held, some...)
	}
	for i := range f.Service.Materials {
		m := &f.Service.Materials[i]
		if h, ok := Replacing(m, held, c.Cases.DB.Now()); ok {
			out[m.Code] = h
		}
	}
	return out, nil
}

// ByWay returns the fields that the way of applying fills in, of those that a form has:
// what was promised, what comes later, and what a certificate or the eyes of whoever sits
// at the window stand in for.
func ByWay(f *matter.Family, handed map[string]Handed, promised bool) map[string]any {
	out := map[string]any{}
	if f.Service == nil {
		return out
	}
	put := func(code string, v any) {
		if slices.ContainsFunc(f.Fields, func(x matter.Field) bool { return x.Code == code }) {
			out[code] = v
		}
	}
	if promised && f.Service.Commit != nil {
		put(matter.FieldPromise, strings.Join(f.Service.Commit.Promises, "\n"))
	}
	var later, stand, seen []string
	for i := range f.Service.Materials {
		m := &f.Service.Materials[i]
		switch h := handed[m.Code]; {
		case h.Files:
		case h.Seen:
			seen = append(seen, m.Title)
		case h.Certificate != "":
			stand = append(stand, m.Title+"："+h.Certificate)
		case h.Later && m.Defer:
			later = append(later, m.Title)
		}
	}
	if n := Spared(f.Service, handed); n > 0 {
		put(matter.FieldSpared, n)
	}
	if len(later) > 0 {
		put(matter.FieldDeferred, true)
		put(matter.FieldLater, strings.Join(later, "、"))
	}
	if len(stand) > 0 {
		put(matter.FieldCertificates, strings.Join(stand, "\n"))
	}
	if len(seen) > 0 {
		put(matter.FieldSeen, strings.Join(seen, "、"))
	}
	return out
}
