package matter

import (
	"cmp"
	"slices"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
)

// Words that a lifecycle and the clocks it shares use for what each service item
// declares itself.
const (
	ResultWord   = "result"   // in issue and status: the certificate that the item ends with
	CopyWord     = "copy"     // in issue: an annotated copy of it
	LegalWord    = "legal"    // limit of a clock: the item's legal limit
	PromisedWord = "promised" // limit of a clock: the item's promised limit
	CheckWord    = "check"    // limit of a clock: when the item's commitment is checked
)

// VoucherKind returns the kind of voucher that a word of the lifecycle means in
// this family: the kind itself, or for ResultWord the family's own, "" where it
// has none.
func (f *Family) VoucherKind(word string) string {
	if word == ResultWord {
		return f.Voucher
	}
	return word
}

// readServices reads the service items, and makes of each that is in force and can
// be applied for a family, its matter and the clocks with its own limits.
func (p *Declared) readServices(d *decl.Dir) {
	names := append(d.Glob("service/*.yaml"), d.Glob("service/*/*.yaml")...)
	for _, name := range names {
		s := new(Service)
		if doc, ok := d.YAML(name, s); ok && s.Code != "" {
			p.Services = append(p.Services, Sourced[Service]{s, doc})
		}
	}
	p.readCatalogue(d)
	slices.SortStableFunc(p.Services, func(a, b Sourced[Service]) int {
		return cmp.Or(cmp.Compare(a.Decl.Code, b.Decl.Code), cmp.Compare(a.Decl.From, b.Decl.From))
	})
	taken := map[string]bool{}
	for _, f := range p.Families {
		taken[f.Decl.Code] = true
	}
	for _, s := range p.current() {
		if taken[s.Decl.Code] {
			d.Report(s.Doc.At("code"), "check.declared_twice", errs.Args{"code": s.Decl.Code, "other": "family/"})
			continue
		}
		p.live(s)
	}
}

// current returns of each service that can be applied for the edition in force
// today, else the first that will be.
func (p *Declared) current() []Sourced[Service] {
	var out []Sourced[Service]
	for _, s := range p.Services {
		n := len(out)
		switch {
		case !s.Decl.Live():
		case n == 0 || out[n-1].Decl.Code != s.Decl.Code:
			out = append(out, s)
		case s.Decl.From <= Today():
			out[n-1] = s
		}
	}
	return out
}

// live makes the family of a service item, with its matter and clocks.
func (p *Declared) live(s Sourced[Service]) {
	f := s.Decl.family()
	for i, code := range f.RuleSets {
		if set := p.clockSet(code); set != nil && set.Decl.hasWords() {
			own := set.Decl.of(s.Decl)
			f.RuleSets[i] = own.Code
			p.ClockSets = append(p.ClockSets, Sourced[ClockSet]{own, set.Doc})
		}
	}
	p.Families = append(p.Families, Sourced[Family]{f, s.Doc})
	m := f.single()
	m.From, m.To, m.Keywords = s.Decl.From, s.Decl.To, s.Decl.Asked
	p.Matters = append(p.Matters, m)
	p.MatterAt = append(p.MatterAt, s.Doc.At("duty"))
}

func (p *Declared) clockSet(code string) *Sourced[ClockSet] {
	for i := range p.ClockSets {
		if p.ClockSets[i].Decl.Code == code {
			return &p.ClockSets[i]
		}
	}
	return nil
}

// family is what an item's cases share. What its guide asks for and no register or
// certificate has is asked as files, one field for each material.
func (s *Service) family() *Family {
	f := &Family{
		Code: s.Code, Title: s.Title, Lifecycle: s.Lifecycle, RuleSets: slices.Clone(s.RuleSets), Public: s.Online(), Natures: s.Natures,
		Fields: slices.Clone(s.Fields), Duty: s.Duty, Guide: s.Guide, Results: s.Results, Keep: s.Keep, Voucher: s.Result.Voucher, Service: s,
	}
	if len(s.Basis) > 0 {
		f.Basis = s.Basis[0]
	}
	if f.Duty == nil {
		f.Duty = &DutyYAML{By: ByFunction, Unit: s.Unit, Backstop: s.Unit}
	}
	// Where a window may look at the original, no file has to come: the doors ask
	// apply.Lacks what is wanting.
	window := slices.Contains(s.Channel, "window")
	for _, m := range s.Materials {
		if m.Source == "government" {
			continue
		}
		f.Fields = append(f.Fields, Field{Code: m.Code, Title: m.Title, Hint: m.Hint, Type: Files, Required: m.Needed() && !window, Personal: true})
	}
	f.Fields = append(f.Fields, s.byWay()...)
	return f
}

// Fields of a service that the way of applying fills in.
const (
	FieldPromise      = "promise"      // the promise in its wording
	FieldDeferred     = "deferred"     // something comes later
	FieldLater        = "later"        // what that is
	FieldCertificates = "certificates" // certificates that stand in for materials
	FieldSeen         = "seen"         // originals that a window looked at
	FieldSpared       = "spared"       // how many materials did not have to be handed in
)

// byWay are the fields that the way of applying fills in, and no question of the form:
// the promise in its wording, what is handed in later, and which certificates stand in.
func (s *Service) byWay() []Field {
	var out []Field
	if s.Commit != nil {
		out = append(out, Field{Code: FieldPromise, Title: "书面承诺", Type: LongText, Required: true})
	}
	if slices.ContainsFunc(s.Materials, func(m Material) bool { return m.Defer }) {
		out = append(out, Field{Code: FieldDeferred, Title: "容缺受理", Type: Yes}, Field{Code: FieldLater, Title: "待补材料", Type: Text, Max: 500})
	}
	if slices.ContainsFunc(s.Materials, func(m Material) bool { return m.Replaces != "" }) {
		out = append(out, Field{Code: FieldCertificates, Title: "以电子证照代替", Type: LongText})
	}
	if len(s.Materials) > 0 {
		out = append(out, Field{Code: FieldSeen, Title: "窗口已核验原件", Type: Text, Max: 500}, Field{Code: FieldSpared, Title: "少交材料份数", Type: Number})
	}
	for i := range out {
		out[i].Unasked = true
	}
	return out
}

// hasWords reports whether some limit is that of the item measured.
func (s *ClockSet) hasWords() bool {
	return slices.ContainsFunc(s.Clocks, func(c ClockDecl) bool { return c.Limit == LegalWord || c.Limit == PromisedWord || c.Limit == CheckWord })
}

// of returns the set with the limits of a service item. A clock for which the item
// declares no limit is left out.
func (s *ClockSet) of(item *Service) *ClockSet {
	own := &ClockSet{Code: s.Code + "." + item.Code, Title: s.Title, ToConfirm: s.ToConfirm, Item: item}
	for _, c := range s.Clocks {
		term := item.Legal
		switch c.Limit {
		case CheckWord:
			if item.Commit != nil {
				c.Limit = item.Commit.Check
				own.Clocks = append(own.Clocks, c)
			}
			continue
		case PromisedWord:
			term = item.Promised
		case LegalWord:
		default:
			own.Clocks = append(own.Clocks, c)
			continue
		}
		if limit, mode, ok := term.Limit(item.Instant); ok {
			c.Limit, c.Mode = limit, mode
			own.Clocks = append(own.Clocks, c)
		}
	}
	return own
}
