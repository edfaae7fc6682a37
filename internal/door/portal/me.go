package portal

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
)

// cookieMe is the person who signed in; cookieKnock the code that is being waited for.
const (
	cookieMe    = "yw_me"
	cookieKnock = "yw_knock"
)

// knockLife is a little longer than a code is good for.
const knockLife = 10 * time.Minute

// person returns who is signed in, and keeps them so for another half hour.
func (v *visit) person() (string, bool) {
	id, ok := v.site.signedCookie(v.r, cookieMe)
	if !ok || id == "" {
		return "", false
	}
	v.site.setSigned(v.w, v.r, cookieMe, "/", id, sessionLife)
	return id, true
}

// enterFirst sends somebody who is not signed in to do so, and back again.
func (v *visit) enterFirst(back string) error {
	return v.goTo("/me/enter?back=" + url.QueryEscape(back))
}

// signedIn guards a page of somebody who signed in.
func (s *Site) signedIn(h func(*visit, Person) error) func(*visit) error {
	return func(v *visit) error {
		id, ok := v.person()
		if !ok {
			return v.enterFirst(v.r.URL.Path)
		}
		p, err := s.office.Person(v.ctx(), id)
		if errs.Is(err, errs.NotFound) {
			return s.leave(v)
		}
		if err != nil {
			return err
		}
		return h(v, p)
	}
}

// enterView is the page on which somebody signs in: first who, then the code.
type enterView struct {
	Back     string
	Name     string
	Number   string
	Waiting  bool   // a code is on its way
	Shown    string // the code, where all people are invented
	Problems []problem
}

func (v *visit) backTo() string {
	if b := localPath(v.r.URL.Query().Get("back")); b != "" {
		return b
	}
	return "/me"
}

func (s *Site) enter(v *visit) error {
	if _, ok := v.person(); ok {
		return v.goTo(v.backTo())
	}
	return v.show(200, "enter", v.say("enter_title", nil), enterView{Back: v.backTo()})
}

// knock has a code sent. It takes as long for somebody unknown.
func (s *Site) knock(v *visit) error {
	sent, err := s.readForm(v)
	if err != nil {
		return err
	}
	view := enterView{Back: v.backTo(), Name: cut(sent.Get("name"), 200), Number: cut(sent.Get("number"), 60)}
	for _, field := range []string{"name", "number"} {
		if sent.Get(field) == "" {
			view.Problems = append(view.Problems, problem{Field: field, Said: v.say("mend_enter_"+field, nil)})
		}
	}
	if len(view.Problems) > 0 {
		return v.show(422, "enter", v.say("enter_title", nil), view)
	}
	if err := v.slow(s.limits.recover, s.address(v.r)); err != nil {
		return err
	}
	if err := v.slow(s.limits.enter, plainKey(view.Number)); err != nil {
		return err
	}
	padded := time.After(recoverPad)
	id, shown, err := s.office.Knock(v.ctx(), view.Name, view.Number)
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Kind == errs.Invalid {
		view.Problems = []problem{{Field: "number", Said: text.Error(v.lang, err)}}
		return v.show(422, "enter", v.say("enter_title", nil), view)
	}
	if err != nil {
		return err
	}
	select {
	case <-padded:
	case <-v.ctx().Done():
	}
	s.setSigned(v.w, v.r, cookieKnock, "/me", id, knockLife)
	return v.show(200, "enter", v.say("enter_title", nil), enterView{Back: view.Back, Waiting: true, Shown: shown})
}

// admit takes the code.
func (s *Site) admit(v *visit) error {
	sent, err := s.readForm(v)
	if err != nil {
		return err
	}
	id, ok := s.signedCookie(v.r, cookieKnock)
	if !ok {
		return v.enterFirst(v.backTo())
	}
	if err := v.slow(s.limits.guess, s.address(v.r)); err != nil {
		return err
	}
	person, err := s.office.Enter(v.ctx(), id, plainKey(sent.Get("code")))
	if errs.Is(err, errs.NotFound) {
		view := enterView{Back: v.backTo(), Waiting: true, Problems: []problem{{Field: "code", Said: v.say("mend_enter_code", nil)}}}
		return v.show(422, "enter", v.say("enter_title", nil), view)
	}
	if err != nil {
		return err
	}
	s.setSigned(v.w, v.r, cookieKnock, "/me", "", 0)
	s.setSigned(v.w, v.r, cookieMe, "/", person, sessionLife)
	return v.goTo(v.backTo())
}

func (s *Site) leave(v *visit) error {
	s.setSigned(v.w, v.r, cookieMe, "/", "", 0)
	s.setSigned(v.w, v.r, cookieCase, "/", "", 0)
	return v.goTo("/")
}

// ownCase is a line of the list of one's applications.
type ownCaseView struct {
	Number string
	Link   string
	Title  heading
	State  heading
	At     timeView
}

// draftView is a line of the list of one's drafts.
type draftView struct {
	Link  string
	Title heading
	Saved timeView
}

type ownCertificateView struct {
	certificateView
	Link string
}

// me is the page of somebody who signed in: what they began, applied for and hold.
func (s *Site) me(v *visit, p Person) error {
	list, err := s.office.CasesOf(v.ctx(), p.ID)
	if err != nil {
		return err
	}
	var apps []ownCaseView
	for _, c := range list {
		if item := v.book.Guides.Item(c.Family); item != nil && offers(item) {
			continue // it has a list of its own
		}
		apps = append(apps, ownCaseView{c.Number, "/me/case/" + c.ID, declaredText(v.lang, c.Title), declaredText(v.lang, c.State), v.moment(c.At)})
	}
	held, err := s.office.CertificatesFor(v.ctx(), p.ID)
	if err != nil {
		return err
	}
	var certificates []ownCertificateView
	for _, h := range held {
		certificates = append(certificates, ownCertificateView{v.certificate(h.Held), "/me/case/" + h.CaseID + "?certificate=" + url.QueryEscape(h.ID)})
	}
	policies, _, err := s.ownPolicies(v, "")
	if err != nil {
		return err
	}
	policies = slices.DeleteFunc(policies, func(x ownPolicyView) bool { return x.CaseID == "" })
	begun, err := s.begun(v, p.ID)
	if err != nil {
		return err
	}
	var drafts []draftView
	for _, b := range begun {
		drafts = append(drafts, draftView{b.Path, declaredText(v.lang, b.Title), v.moment(b.Saved)})
	}
	return v.show(200, "me", v.say("me_title", nil), struct {
		Person
		Drafts       []draftView
		Cases        []ownCaseView
		Certificates []ownCertificateView
		Policies     []ownPolicyView
	}{p, drafts, apps, certificates, policies})
}

// myFacts shows what is known of somebody, and who read it.
func (s *Site) myFacts(v *visit, p Person) error {
	facts, err := s.office.FactsOf(v.ctx(), p.ID)
	if err != nil {
		return err
	}
	list, err := s.office.ReadingsOf(v.ctx(), p.ID)
	if err != nil {
		return err
	}
	type factView struct {
		Title, Value, Source heading
		From                 string
	}
	type group struct {
		Register heading
		Facts    []factView
	}
	var groups []group
	for _, f := range facts {
		d := func(s string) heading { return declaredText(v.lang, s) }
		if n := len(groups); n == 0 || groups[n-1].Register.Text != f.Register {
			groups = append(groups, group{Register: d(f.Register)})
		}
		g := &groups[len(groups)-1]
		g.Facts = append(g.Facts, factView{d(f.Title), d(f.Value), d(f.Source), f.From})
	}
	type readingView struct {
		At                  timeView
		Who, Purpose, Items heading
	}
	var readings []readingView
	for _, r := range list {
		d := func(s string) heading { return declaredText(v.lang, s) }
		readings = append(readings, readingView{v.moment(r.At), d(r.Who), d(r.Purpose), d(r.Items)})
	}
	return v.show(200, "facts", v.say("facts_title", nil), struct {
		Groups   []group
		Readings []readingView
	}{groups, readings})
}

// myCase opens a case of one's own without its query code.
func (s *Site) myCase(v *visit, p Person) error {
	id := v.r.PathValue("id")
	own, err := s.office.OwnCase(v.ctx(), p.ID, id)
	if err != nil {
		return err
	}
	if !own {
		return errs.E(errs.NotFound, "portal.error_not_found", nil)
	}
	s.setSigned(v.w, v.r, cookieCase, "/", id, sessionLife)
	if c := v.r.URL.Query().Get("certificate"); c != "" && !strings.ContainsAny(c, "/?#\\") {
		return v.goTo("/track/certificate/" + url.PathEscape(c))
	}
	return v.goTo("/track")
}

// begunForm is a form that somebody who signed in has begun.
type begunForm struct {
	Path  string    `json:"path"`
	Title string    `json:"title"`
	Saved time.Time `json:"saved"`
}

// mostBegun is how many drafts of a person are listed.
const mostBegun = 20

// drawerOf is the key under which the list of a person's drafts is kept, and draftOf
// that of the draft of one form: on any device, for nobody else.
func (s *Site) drawerOf(person string) string { return s.keyed("drawer", person) }

func (s *Site) draftOf(person, base string) string { return s.keyed("draft", person+" "+base) }

func (s *Site) keyed(purpose, of string) string {
	return strings.ToLower(strings.Split(s.sign("me "+purpose, of), ".")[1])
}

// begun lists the forms that a person has begun and not sent.
func (s *Site) begun(v *visit, person string) ([]begunForm, error) {
	var all []begunForm
	sealed, err := s.drafts.LoadDraft(v.ctx(), s.drawerOf(person))
	if errs.Is(err, errs.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	plain, err := s.key.Open(sealed, []byte("drawer "+person))
	if err != nil || json.Unmarshal(plain, &all) != nil {
		return nil, nil // another key, or another edition of the program
	}
	return all, nil
}

// drawer returns the list of the forms begun as it is to be kept with a form in it, or
// without it; nothing where it is so already.
func (s *Site) drawer(v *visit, person string, form begunForm, gone bool) ([]Sealed, error) {
	all, err := s.begun(v, person)
	if err != nil {
		return nil, err
	}
	known := slices.ContainsFunc(all, func(b begunForm) bool { return b.Path == form.Path })
	if known && !gone || !known && gone {
		return nil, nil
	}
	all = slices.DeleteFunc(all, func(b begunForm) bool { return b.Path == form.Path })
	if !gone {
		all = append([]begunForm{form}, all...)
	}
	plain, err := json.Marshal(all[:min(len(all), mostBegun)])
	if err != nil {
		return nil, err
	}
	sealed, err := s.key.Seal(plain, []byte("drawer "+person))
	return []Sealed{{s.drawerOf(person), sealed, s.now().Add(draftLife)}}, err
}
