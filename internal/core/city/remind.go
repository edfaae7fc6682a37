package city

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/register"
	"yiwang/internal/core/rule"
	"yiwang/internal/core/voucher"
)

// RemindRule is the code of the decision table that says when the holder of a service
// item's certificate is reminded of its end.
func RemindRule(service string) string { return "remind-" + service }

// enterKinds lets each register of certificates tell apart the kinds that are entered
// into it: a new kind needs no word in the register's own file.
func (p *pack) enterKinds() {
	for _, k := range p.vouchers.Book().Kinds() {
		r := p.registers.Book().Find(k.Register)
		if r == nil {
			continue
		}
		if it, ok := r.Item(register.PaperKind); ok && !slices.ContainsFunc(it.Options, func(o register.Option) bool { return o.Code == k.Code }) {
			it.Options = append(it.Options, register.Option{Code: k.Code, Title: k.Title})
		}
	}
}

// reminding are the service items that remind of the end of their certificate, in the
// edition of today, each with the kind of that certificate.
func reminding(p *pack, vouchers *voucher.Book) map[*matter.Service]*voucher.Kind {
	out := map[*matter.Service]*voucher.Kind{}
	latest := map[string]*matter.Service{}
	for _, s := range p.matters.Services {
		if was := latest[s.Decl.Code]; was == nil || s.Decl.From > was.From && s.Decl.From <= matter.Today() {
			latest[s.Decl.Code] = s.Decl
		}
	}
	for _, s := range latest {
		if k := vouchers.Find(s.Result.Voucher); len(s.Remind) > 0 && k != nil && k.Register != "" {
			out[s] = k
		}
	}
	return out
}

// reminders makes of each item that reminds the table that says on which days: the
// declaration of the item is all there is.
func (p *pack) reminders() []*rule.Decider {
	var out []*rule.Decider
	for s, k := range reminding(p, p.vouchers.Book()) {
		r := p.registers.Book().Find(k.Register)
		if r == nil || !r.Papers() {
			continue // that is reported
		}
		if d, _ := rule.Build(remindTable(s, k, r)); d != nil {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b *rule.Decider) int { return len(a.Table().Code) - len(b.Table().Code) })
	return out
}

// remindTable says of a certificate of a kind how many days before its end it is, by the
// stages of the item: 90, 60, 30.
func remindTable(s *matter.Service, k *voucher.Kind, r *register.Register) *rule.Table {
	say := func(key string, args errs.Args) string { return text.Say(text.Chinese, "matter.remind_"+key, args) }
	fact := func(item, kind string) rule.Fact {
		it, _ := r.Item(item)
		f := rule.Fact{Code: item, Title: it.Title, Type: kind, Source: r.Code + "." + item}
		for _, o := range it.Options {
			f.Options = append(f.Options, rule.Option{Code: o.Code, Title: o.Title})
		}
		return f
	}
	state := fact(register.PaperState, "choice")
	state.Optional = true
	t := &rule.Table{
		Code: RemindRule(s.Code), Title: say("title", errs.Args{"certificate": k.Title}), Basis: say("basis", nil), Hit: "first",
		Facts: []rule.Fact{fact(register.PaperKind, "choice"), state, fact(register.PaperUntil, "date"),
			{Code: "left", Title: say("left", nil), Type: "number", Unit: say("days", nil), Least: "-40000", Most: "40000", Value: "days(today, until)"}},
		Results: []rule.Result{
			{Code: "result", Title: say("result", nil), Type: "choice", Options: []rule.Option{{Code: "remind", Title: say("yes", nil), Grants: true}, {Code: "none", Title: say("no", nil)}}},
			{Code: RemindDays, Title: say("stage", nil), Type: "number", Unit: say("days", nil)},
		},
		Else: &rule.Else{Then: map[string]string{"result": "none", RemindDays: "0"}, Clause: say("clause", nil)},
	}
	t.Rows = append(t.Rows, rule.Row{Code: "over", When: map[string]string{register.PaperState: "not " + register.PaperValid},
		Then: t.Else.Then, Clause: say("clause", nil)})
	for i, days := range s.Remind {
		least := 0
		if i+1 < len(s.Remind) {
			least = s.Remind[i+1] + 1
		}
		n := strconv.Itoa(days)
		t.Rows = append(t.Rows, rule.Row{Code: "d" + n, Clause: say("clause", nil), Then: map[string]string{"result": "remind", RemindDays: n},
			When: map[string]string{register.PaperKind: k.Code, "left": fmt.Sprintf("%d..%d", least, days)}})
		t.Examples = append(t.Examples, rule.Example{Name: say("example", errs.Args{"days": days}), On: "2026-01-01",
			Given: map[string]string{register.PaperKind: k.Code, register.PaperUntil: time.Date(2026, 1, 1+days, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)},
			Want:  map[string]string{RemindDays: n}})
	}
	return t
}

// RemindDays is the result of such a table that says the stage.
const RemindDays = "days"

// Reminder is a service item that reminds of the end of its certificate.
type Reminder struct {
	*matter.Service
	Kind  *voucher.Kind
	Renew *matter.Service // by which it is renewed
}

// Reminders returns the items that remind today, by their codes.
func (c *City) Reminders() (out []Reminder) {
	day := matter.Today()
	for _, s := range c.Catalog.Services(day) {
		k := c.Vouchers.Find(s.Result.Voucher)
		if len(s.Remind) == 0 || k == nil || k.Register == "" {
			continue
		}
		r := Reminder{Service: s, Kind: k, Renew: s}
		if by := c.Catalog.Service(s.Renew, day); by != nil {
			r.Renew = by
		}
		out = append(out, r)
	}
	return out
}
