package city

import (
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/idnumber"
	"yiwang/internal/core/clock"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/rule"
	"yiwang/internal/core/voucher"
)

// item checks one service item; at says where a part of it stands.
type item struct {
	*checker
	*matter.Service
	at func(path ...any) decl.Pos
}

// services checks the service items, each by itself and all together.
func (k *checker) services() {
	known := map[string]bool{}
	for _, s := range k.p.matters.Services {
		known[s.Decl.Code] = true
	}
	for _, s := range k.p.matters.Services {
		i := &item{k, s.Decl, s.Doc.At}
		i.identity()
		i.complete()
		i.terms()
		i.materials()
		i.ways()
		i.decision()
		i.outcome()
		i.links(known)
		if i.Live() {
			i.running()
		}
	}
	k.catalogue()
}

func (i *item) report(key string, args errs.Args, path ...any) {
	if args == nil {
		args = errs.Args{}
	}
	args["item"] = i.Title
	i.Report(i.at(path...), "check.service_"+key, args)
}

// identity checks who exercises the item, since when, and its codes.
func (i *item) identity() {
	for key, day := range map[string]string{"from": i.From, "to": i.To} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			i.Report(i.at(key), "check.bad_date", errs.Args{"column": key, "value": day})
		}
	}
	if _, ok := i.p.org.UnitAt[i.Unit]; i.Unit != "" && !ok {
		i.report("unit", errs.Args{"unit": i.Unit}, "unit")
	}
	for n, u := range i.Joint {
		if _, ok := i.p.org.UnitAt[u]; !ok {
			i.report("unit", errs.Args{"unit": u}, "joint", n)
		}
	}
	if i.Credit != "" && idnumber.Credit(i.Credit) != nil {
		i.report("credit", errs.Args{"credit": i.Credit}, "credit")
	}
	if i.Number != "" && i.Base != "" && !strings.Contains(i.Number, i.Base) {
		i.report("number", errs.Args{"number": i.Number, "base": i.Base}, "number")
	}
}

// complete checks that the guide has its elements: of an item that can be applied
// for here it must, of any other that is still to be written.
func (i *item) complete() {
	missing := i.Missing()
	if len(missing) == 0 {
		return
	}
	args := errs.Args{"item": i.Title, "missing": strings.Join(missing, ", ")}
	if i.Live() {
		i.Report(i.at(), "check.service_missing", args)
		return
	}
	i.Doubt(i.at(), "check.service_missing", args)
}

// longest is the longest limit of a permit, in working days, that needs no law of its
// own (行政许可法第四十二条), and of one that several units decide together.
const (
	longest         = 20
	longestTogether = 45
)

func (i *item) terms() {
	if i.Legal.Days > 0 && i.Promised.Days > i.Legal.Days && i.Legal.In == i.Promised.In {
		i.report("promised", errs.Args{"promised": i.Promised.Days, "legal": i.Legal.Days}, "promised")
	}
	if i.Instant && i.Promised.Days > 0 {
		i.report("instant", errs.Args{"promised": i.Promised.Days}, "promised")
	}
	most := longest
	if len(i.Joint) > 0 {
		most = longestTogether
	}
	if i.Type == "permit" && i.Legal.Days > most && i.Legal.Note == "" {
		i.report("too_long", errs.Args{"legal": i.Legal.Days, "most": most}, "legal")
	}
	for key, t := range map[string]matter.Term{"legal": i.Legal, "promised": i.Promised} {
		if !limited(t, i.Instant) {
			i.report("term", errs.Args{"days": t.Days}, key)
		}
	}
	for n, s := range i.Special {
		if !s.Counted && s.Basis == "" {
			i.report("special", errs.Args{"step": s.Title}, "special", n)
		}
	}
}

// materials checks what has to be brought.
func (i *item) materials() {
	for n, m := range i.Materials {
		if m.Proof && m.Basis == "" {
			i.report("proof", errs.Args{"material": m.Title}, "materials", n)
		}
		if m.Replaces != "" && i.c.Vouchers.Find(m.Replaces) == nil {
			i.report("replaces", errs.Args{"material": m.Title, "voucher": m.Replaces}, "materials", n, "replaces")
		}
		if m.Commit && i.Commit == nil {
			i.report("material_commit", errs.Args{"material": m.Title}, "materials", n, "commit")
		}
	}
	seen := map[string]string{}
	for n, f := range i.Fields {
		if f.From == "" {
			continue
		}
		if other, twice := seen[f.From]; twice {
			i.report("asked_twice", errs.Args{"field": f.Title, "other": other, "from": f.From}, "fields", n)
		}
		seen[f.From] = f.Title
	}
	if i.Fee != "" && i.FeeBasis == "" && i.Live() {
		i.report("fee", nil, "fee")
	}
}

// ways checks by which ways it can be had against each other.
func (i *item) ways() {
	window := slices.Contains(i.Channel, "window")
	switch {
	case (i.Depth == "full" || i.Depth == "apply") && !i.Online() && i.Mode != "automatic":
		i.report("depth", errs.Args{"depth": i.Depth}, "depth")
	case i.Depth == "full" && i.Visits > 0:
		i.report("visits_full", errs.Args{"visits": i.Visits}, "visits")
	case len(i.Channel) > 0 && !i.Online() && window && i.Visits == 0 && len(i.Channel) == 1:
		i.report("visits_window", nil, "visits")
	}
	if window && len(i.Places) == 0 && i.Live() {
		i.report("window", nil, "channels")
	}
	if len(i.NotAt) > 0 && len(i.Scope) == 0 {
		i.report("not_at", nil, "not_at")
	}
	for n, u := range i.NotAt {
		if _, ok := i.p.org.UnitAt[u]; !ok {
			i.report("unit", errs.Args{"unit": u}, "not_at", n)
		}
	}
}

// decision checks by what it is decided: a way of approval needs what it rests on.
func (i *item) decision() {
	var table *rule.Table
	if i.Rule != "" {
		if d := i.c.Rules.On(i.Rule, time.Now()); d != nil {
			table = d.Table()
		} else {
			i.report("rule", errs.Args{"rule": i.Rule}, "rule")
		}
	}
	if (i.Mode == "instant" || i.Mode == "automatic") && i.Rule == "" {
		i.report("mode_rule", nil, "mode")
	}
	if i.Mode == "commitment" && i.Commit == nil {
		i.report("mode_commitment", nil, "mode")
	}
	if i.Commit != nil {
		if _, ok := voucher.ParseSpan(i.Commit.Check); !ok {
			i.report("commitment_check", errs.Args{"check": i.Commit.Check}, "commitment")
		}
	}
	if table == nil || i.Mode != "instant" && i.Mode != "automatic" {
		return
	}
	for _, f := range table.Facts {
		asked := slices.ContainsFunc(i.Fields, func(x matter.Field) bool { return x.Code == f.Code || x.From != "" && x.From == f.Source })
		if f.Source == "" && f.Value == "" && !f.Optional && !asked {
			i.report("fact", errs.Args{"fact": f.Title, "rule": table.Title}, "rule")
		}
	}
}

// outcome checks the certificate it ends with, and the reminders of its end.
func (i *item) outcome() {
	var kind *voucher.Kind
	if code := i.Result.Voucher; code != "" {
		if kind = i.c.Vouchers.Find(code); kind == nil {
			i.report("voucher", errs.Args{"voucher": code}, "result")
		}
	}
	if len(i.Remind) > 0 && (kind == nil || kind.Valid == "" && kind.Until == "") {
		i.report("remind", nil, "remind")
	} else if len(i.Remind) > 0 && kind.Register == "" {
		i.report("remind_register", nil, "remind")
	}
	for n := range i.Remind {
		if i.Remind[n] <= 0 || n > 0 && i.Remind[n] >= i.Remind[n-1] {
			i.report("remind_order", nil, "remind", n)
			break
		}
	}
}

// links checks what it names of the rest of the catalogue.
func (i *item) links(known map[string]bool) {
	if i.Renew != "" && !known[i.Renew] {
		i.report("unknown", errs.Args{"service": i.Renew}, "renew")
	}
	for n, part := range i.Parts {
		switch {
		case part.Service == i.Code:
			i.report("part_itself", nil, "parts", n)
		case !known[part.Service]:
			i.report("unknown", errs.Args{"service": part.Service}, "parts", n)
		}
	}
	for n, code := range i.Themes {
		if !slices.ContainsFunc(i.p.matters.Themes, func(t matter.Theme) bool { return t.Code == code }) {
			i.report("theme", errs.Args{"theme": code}, "themes", n)
		}
	}
}

// running checks an item against the lifecycle it shares and the clocks with its limits.
func (i *item) running() {
	if !i.Online() && !slices.Contains(i.Channel, "window") && i.Mode != "automatic" {
		i.report("channel", nil, "channels")
	}
	if len(i.Natures) == 0 {
		i.report("natures", nil, "lifecycle")
	}
	if len(i.RuleSets) == 0 {
		i.report("clocks", nil, "lifecycle")
	}
	if lines := i.lines(); lines > longestFile {
		i.Doubt(i.at(), "check.service_lines", errs.Args{"item": i.Title, "lines": lines, "most": longestFile})
	}
	life := i.c.Catalog.Lifecycle(i.Lifecycle)
	if life == nil {
		return // that is reported
	}
	i.deferring(life)
	f := i.c.Catalog.Family(i.Code)
	for _, a := range life.Actions {
		issues := slices.ContainsFunc(a.Do, func(e matter.Effect) bool { return e.Issue == matter.ResultWord })
		if issues && f != nil && f.Service == i.Service && f.Voucher == "" {
			i.report("no_voucher", errs.Args{"action": a.Title}, "result")
			break
		}
	}
}

// deferring checks that what may come later (容缺) can be handed in later, and that it is
// declared what follows where it is not.
func (i *item) deferring(life *matter.Lifecycle) {
	n := slices.IndexFunc(i.Materials, func(m matter.Material) bool { return m.Defer })
	if n < 0 {
		return
	}
	for _, code := range i.RuleSets {
		set := i.c.ClockSets[code]
		if set == nil {
			return // that is reported
		}
		for _, c := range set.Clocks {
			if c.Of == "appellant" && c.Then != "" && slices.ContainsFunc(c.Stop, func(stop string) bool { return handsIn(life.Action(stop)) }) {
				return
			}
		}
	}
	i.report("defer", errs.Args{"material": i.Materials[n].Title, "lifecycle": life.Title}, "materials", n, "defer")
}

// handsIn reports whether an action is one by which the applicant hands in files.
func handsIn(a *matter.ActionDecl) bool {
	return a != nil && slices.Contains(a.Who, "appellant") &&
		slices.ContainsFunc(a.Input, func(f matter.Field) bool { return f.Type == matter.Files && f.Required })
}

// longestFile is how many lines an item may have: one that needs more has a mechanism
// in it that belongs to a lifecycle.
const longestFile = 100

func (i *item) lines() int {
	b, ok := i.Read(i.at().File)
	if !ok {
		return 0
	}
	return strings.Count(string(b), "\n")
}

// limited reports whether a term can be a clock's limit; the engine has the last word.
func limited(t matter.Term, instant bool) bool {
	if t.Days < 0 {
		return false
	}
	limit, _, ok := t.Limit(instant)
	if !ok {
		return true // no clock
	}
	_, err := clock.ParseLimit(limit)
	return err == nil
}
