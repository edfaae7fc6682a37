package portal

import (
	"slices"
	"strconv"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
	"yiwang/internal/work/guide"
)

// perPage is how many items a list shows at once.
const perPage = 40

// link is a place to go to, with how many things wait there.
type link struct {
	To    string
	Title heading
	N     int
}

// itemView is a service item in a list.
type itemView struct {
	Link  string
	Title heading
	Unit  heading
	Brief []string // what matters most, in a word each
}

// servicesView is the page of service items: by life event, topic and unit, or what
// was found.
type servicesView struct {
	Question              string
	Problems              []problem
	Asked, Sure           bool
	Chosen                heading
	Items                 []itemView
	More                  string
	Lives, Topics, Units  []link
	All, Online, NoVisits int
}

// services lists the items by what was chosen, or shows the ways to them.
func (s *Site) services(v *visit) error {
	book := v.book.Guides
	q := v.r.URL.Query()
	view := servicesView{}
	f := guide.Filter{Theme: q.Get("theme"), Unit: q.Get("unit"), For: q.Get("for")}
	if f == (guide.Filter{}) {
		v.waysTo(&view)
		return v.show(200, "services", v.say("services_title", nil), view)
	}
	items := book.Choose(f)
	for _, t := range book.City().Catalog.Themes() {
		if t.Code == f.Theme {
			view.Chosen = declaredText(v.lang, t.Name)
		}
	}
	switch {
	case f.Unit != "":
		view.Chosen = declaredText(v.lang, book.UnitName(f.Unit))
	case f.Theme == "" && (f.For == "person" || f.For == "enterprise"):
		view.Chosen = heading{Text: v.say("services_for_"+f.For, nil)}
	}
	if view.Chosen.Text == "" || len(items) == 0 {
		return errs.E(errs.NotFound, "portal.error_not_found", nil)
	}
	from, err := strconv.Atoi(q.Get("from"))
	if err != nil || from < 0 || from >= len(items) {
		from = 0
	}
	if end := from + perPage; end < len(items) {
		q.Set("from", strconv.Itoa(end))
		view.More = "/services?" + q.Encode()
		items = items[:end]
	}
	view.Items = v.items(items[from:])
	return v.show(200, "services", view.Chosen.Text, view)
}

// findService answers with the items that somebody asks for. The words come in the body
// of the request, so that no address bar, log or referrer keeps them.
func (s *Site) findService(v *visit) error {
	sent, err := s.readForm(v)
	if err != nil {
		return err
	}
	if err := v.slow(s.limits.ask, s.address(v.r)); err != nil {
		return err
	}
	view := servicesView{Question: cut(strings.TrimSpace(sent.Get("question")), 600), Asked: true}
	if view.Question == "" {
		view.Problems = []problem{{Field: "question", Said: v.say("services_ask_empty", nil)}}
		v.waysTo(&view)
		return v.show(422, "services", v.say("services_title", nil), view)
	}
	found, sure := v.book.Guides.Find(view.Question, 5)
	view.Sure, view.Items = sure, v.items(found)
	if len(found) == 0 {
		v.waysTo(&view)
	}
	return v.show(200, "services", v.say("services_title", nil), view)
}

// waysTo fills in the ways to the items, each with how many there are.
func (v *visit) waysTo(view *servicesView) {
	book := v.book.Guides
	themes, units := map[string]int{}, map[string]int{}
	for _, s := range book.Items() {
		for _, t := range s.Themes {
			themes[t]++
		}
		units[s.Unit]++
		if s.Online() {
			view.Online++
		}
		if s.Depth != "" && s.Visits == 0 {
			view.NoVisits++
		}
	}
	view.All = len(book.Items())
	for _, t := range book.City().Catalog.Themes() {
		l := link{"/services?theme=" + t.Code, declaredText(v.lang, t.Name), themes[t.Code]}
		switch {
		case l.N == 0:
		case t.Kind == "life":
			view.Lives = append(view.Lives, l)
		default:
			view.Topics = append(view.Topics, l)
		}
	}
	if book.City().Directory == nil {
		return
	}
	for _, u := range book.City().Directory.Units() {
		if units[u.Code] > 0 {
			view.Units = append(view.Units, link{"/services?unit=" + u.Code, declaredText(v.lang, u.Name), units[u.Code]})
		}
	}
}

func (v *visit) items(all []*matter.Service) []itemView {
	out := make([]itemView, 0, len(all))
	for _, s := range all {
		i := itemView{Link: "/services/" + s.Code, Title: declaredText(v.lang, s.Title), Unit: declaredText(v.lang, v.book.Guides.UnitName(s.Unit))}
		i.Brief = append(i.Brief, v.promised(s))
		if s.Depth != "" {
			i.Brief = append(i.Brief, v.visits(s))
		}
		if s.Live() && s.Mode == "automatic" {
			i.Brief = append(i.Brief, v.say("service_no_apply", nil))
		} else if s.Online() {
			i.Brief = append(i.Brief, v.say("service_online", nil))
		}
		i.Brief = slices.DeleteFunc(i.Brief, func(b string) bool { return b == "" })
		out = append(out, i)
	}
	return out
}

// promised says how long an item takes, "" where it does not say.
func (v *visit) promised(s *matter.Service) string {
	switch {
	case s.Instant && s.Promised.Days == 0:
		return v.say("service_at_once", nil)
	case s.Promised.Days > 0:
		return v.say("service_within", errs.Args{"limit": v.term(s.Promised)})
	}
	return ""
}

// term says a limit in days, "" for none.
func (v *visit) term(t matter.Term) string {
	limit, mode, ok := t.Limit(false)
	if !ok {
		return ""
	}
	return text.Limit(v.lang, limit, mode)
}

func (v *visit) visits(s *matter.Service) string {
	if s.Visits == 0 {
		return v.say("service_no_visit", nil)
	}
	return v.say("service_visits", errs.Args{"n": s.Visits})
}

// guideMaterial is a material as a guide shows it.
type guideMaterial struct {
	Title, Hint heading
	Notes       []string
	Why         heading // why it need not be brought
}

// serviceView is the guide of an item.
type serviceView struct {
	Title, Unit, Lead         heading
	Apply                     string // where to apply, "" where there is no form here
	Book                      string // where to book an hour at the window, "" where one cannot
	Automatic, Instant        bool
	Policy                    string // page on which an enterprise sees whether it has it, "" where it is none
	Promised, Legal, Shorter  string
	LegalNote                 heading
	Visits                    string
	Fee, FeeBasis, Quota      heading
	For, Channels, Scope      []string
	NotAt                     []heading
	Conditions, Steps         []heading
	Bring, Keep, Later        []guideMaterial // to bring; not to bring, since it is known; may come later
	Special                   []specialView
	Promises                  []heading
	Broken                    heading
	Windows                   []matter.Window
	Result                    heading
	Basis                     []heading
	Power, Joint              heading
	Powers                    []powerView
	Ask, Complain             string
	Remedy                    heading
	Answers                   []matter.Answered
	Parts                     []link
	Type, Base, Number, Since string
	Declared                  string // language of what is declared, "" where it is the page's
}

// specialView is a step that is not counted.
type specialView struct {
	Title heading
	Days  int
	Basis heading
}

// service shows the guide of an item.
func (s *Site) service(v *visit) error {
	item := v.book.Guides.Item(v.r.PathValue("family"))
	if item == nil {
		return errs.E(errs.NotFound, "portal.error_not_found", nil)
	}
	return v.show(200, "service", item.Title, v.guide(item))
}

func (v *visit) guide(s *matter.Service) serviceView {
	said := func(x string) heading { return declaredText(v.lang, x) }
	all := func(xs []string) (out []heading) {
		for _, x := range xs {
			out = append(out, said(x))
		}
		return out
	}
	words := func(kind string, xs []string) (out []string) {
		for _, x := range xs {
			out = append(out, v.say("service_"+kind+"_"+x, nil))
		}
		return out
	}
	book := v.book.Guides
	view := serviceView{
		Title: said(s.Title), Unit: said(book.UnitName(s.Unit)), Lead: said(s.Guide), Automatic: s.Mode == "automatic", Instant: s.Instant,
		Promised: v.promised(s), Legal: v.term(s.Legal), LegalNote: said(s.Legal.Note), Fee: said(s.Fee), FeeBasis: said(s.FeeBasis), Quota: said(s.Quota),
		For: words("for", s.For), Channels: words("channel", s.Channel), Scope: words("scope", s.Scope),
		Conditions: all(s.Conditions), Steps: all(s.Steps), Windows: s.Places, Result: said(s.Result.Title), Basis: all(s.Basis), Power: said(s.Power),
		Ask: s.Ask, Complain: s.Complain, Remedy: said(s.Remedy), Answers: s.Answers, Type: v.say("service_type_"+s.Type, nil), Base: s.Base, Number: s.Number,
		Since: s.From, Declared: said("x").Lang,
	}
	if offers(s) {
		view.Policy = "/policies/" + s.Code
	}
	if s.Depth != "" {
		view.Visits = v.visits(s)
	}
	if s.Legal.Days > s.Promised.Days && (s.Instant || s.Promised.Days > 0) && s.Legal.In == s.Promised.In {
		view.Shorter = v.say("service_shorter", errs.Args{"rate": 100 - 100*s.Promised.Days/s.Legal.Days})
	}
	if _, public := v.book.Family(s.Code); public && !view.Automatic {
		view.Apply = "/services/" + s.Code + "/apply"
	}
	var joint []string
	for _, u := range s.Joint {
		joint = append(joint, book.UnitName(u))
	}
	view.Joint = said(strings.Join(joint, v.say("list_and", nil)))
	for _, u := range s.NotAt {
		view.NotAt = append(view.NotAt, said(book.UnitName(u)))
	}
	for _, x := range s.Special {
		if !x.Counted {
			view.Special = append(view.Special, specialView{said(x.Title), x.Days, said(x.Basis)})
		}
	}
	if s.Commit != nil {
		view.Promises, view.Broken = all(s.Commit.Promises), said(s.Commit.Broken)
	}
	for _, p := range s.Parts {
		if part := book.Item(p.Service); part != nil {
			view.Parts = append(view.Parts, link{To: "/services/" + part.Code, Title: said(part.Title)})
		}
	}
	for i := range s.Materials {
		v.material(&view, &s.Materials[i])
	}
	if s.Booking && len(s.Places) > 0 {
		view.Book = "/services/" + s.Code + "/book"
	}
	view.Powers = v.powersOf(s.Base)
	return view
}

// material puts a material where it belongs: to be brought, not to be brought since the
// city has it, or for later.
func (v *visit) material(view *serviceView, m *matter.Material) {
	x := guideMaterial{Title: declaredText(v.lang, m.Title), Hint: declaredText(v.lang, m.Hint)}
	if m.Kind == "original" || m.Kind == "copy" {
		x.Notes = append(x.Notes, v.say("service_kind_"+m.Kind, nil))
	}
	if m.Form == "paper" || m.Form == "electronic" {
		x.Notes = append(x.Notes, v.say("service_form_"+m.Form, nil))
	}
	if m.Count > 1 {
		x.Notes = append(x.Notes, v.say("service_copies", errs.Args{"n": m.Count}))
	}
	if m.Optional {
		x.Notes = append(x.Notes, v.say("service_optional", nil))
	}
	switch {
	case m.Replaces != "":
		name := m.Replaces
		if k := v.book.Guides.City().Vouchers.Find(m.Replaces); k != nil {
			name = k.Title
		}
		x.Why = heading{Text: v.say("service_by_certificate", errs.Args{"name": name})}
		view.Keep = append(view.Keep, x)
	case m.Item != "" || m.Source == "government":
		x.Why = heading{Text: v.say("service_by_register", nil)}
		view.Keep = append(view.Keep, x)
	case m.Commit:
		x.Why = heading{Text: v.say("service_by_promise", nil)}
		view.Keep = append(view.Keep, x)
	case m.Defer:
		view.Later = append(view.Later, x)
	default:
		view.Bring = append(view.Bring, x)
	}
}

// powerView is an entry of the powers-and-duties list.
type powerView struct {
	Title, Unit, Of, Basis heading
	How, Type, From, To    string
	Link                   string // the guide of the item, "" where there is none
}

func (v *visit) power(p *matter.Power) powerView {
	book := v.book.Guides
	x := powerView{Title: declaredText(v.lang, p.Title), Unit: declaredText(v.lang, book.UnitName(p.Unit)), Basis: declaredText(v.lang, p.Basis),
		How: v.say("power_"+p.How, nil), Type: v.say("service_type_"+p.Type, nil), From: p.From, To: p.To}
	if p.Of != "" {
		x.Of = declaredText(v.lang, book.UnitName(p.Of))
	}
	return x
}

func (v *visit) powersOf(base string) (out []powerView) {
	for _, p := range v.book.Guides.City().Catalog.PowersOn(matter.Today()) {
		if p.Base == base && base != "" {
			out = append(out, v.power(p))
		}
	}
	return out
}

// powersView is the page of the powers-and-duties list.
type powersView struct {
	Day, Today string
	Problems   []problem
	Unit       heading
	Units      []link
	Powers     []powerView
}

// powers shows who may do what on a day: the units, or the list of one of them.
func (s *Site) powers(v *visit) error {
	book, q := v.book.Guides, v.r.URL.Query()
	view := powersView{Today: matter.Today(), Day: q.Get("day")}
	if view.Day == "" {
		view.Day = view.Today
	} else if _, problem := readAll(v.lang, "", []matter.Field{{Code: "day", Title: v.say("power_day", nil), Type: matter.Date}}, q.Get); len(problem) > 0 {
		view.Problems, view.Day = problem, view.Today
	}
	guides := map[string]string{}
	for _, item := range book.Items() {
		guides[item.Base] = "/services/" + item.Code
	}
	count, unit := map[string]int{}, q.Get("unit")
	for _, p := range book.City().Catalog.PowersOn(view.Day) {
		count[p.Unit]++
		if p.Unit == unit {
			x := v.power(p)
			x.Link = guides[p.Base]
			view.Powers = append(view.Powers, x)
		}
	}
	if unit != "" {
		view.Unit = declaredText(v.lang, book.UnitName(unit))
	}
	for _, u := range book.City().Directory.Units() {
		if count[u.Code] > 0 {
			view.Units = append(view.Units, link{"/powers?unit=" + u.Code + "&day=" + view.Day, declaredText(v.lang, u.Name), count[u.Code]})
		}
	}
	return v.show(200, "powers", v.say("powers_title", nil), view)
}
