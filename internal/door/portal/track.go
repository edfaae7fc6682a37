package portal

import (
	"mime"
	"slices"
	"strconv"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
)

// keyView is the page that asks for number and query code.
type keyView struct {
	Action         string
	Number         string
	Problems       []problem
	Follows, Rates bool
}

// track shows the case whose code was given, or asks for it.
func (s *Site) track(v *visit) error {
	id, ok := s.signedCookie(v.r, cookieCase)
	if !ok {
		_, follows := s.signedCookie(v.r, cookieFollow)
		return v.show(200, "key", v.say("track_title", nil), keyView{Action: "/track", Follows: follows})
	}
	p, err := s.office.Look(v.ctx(), id)
	if errs.Is(err, errs.NotFound) {
		return s.leaveCase(v)
	}
	if err != nil {
		return err
	}
	s.setSigned(v.w, v.r, cookieCase, "/", id, sessionLife)
	view := v.progress(p)
	if view.Certificates, err = s.certificates(v, p.CaseID); err != nil {
		return err
	}
	return v.show(200, "track", v.say("track_of", errs.Args{"number": p.Number}), view)
}

// rate goes straight to the rating of the open case, or asks for number and code.
func (s *Site) rate(v *visit) error {
	id, ok := s.signedCookie(v.r, cookieCase)
	if !ok {
		return v.show(200, "key", v.say("rate_title", nil), keyView{Action: "/rate", Rates: true})
	}
	p, err := s.office.Look(v.ctx(), id)
	if err != nil {
		return s.leaveCase(v)
	}
	return v.goTo(rateOrTrack(p))
}

// rateOrTrack is where a person who wants to rate is sent: the action that asks
// for a level of satisfaction, or the case where it is not open.
func rateOrTrack(p Progress) string {
	for _, a := range p.Actions {
		if rates(a) {
			return "/track/act/" + a.Code
		}
	}
	return "/track?rate=later"
}

func rates(a Choice) bool {
	return slices.ContainsFunc(a.Input, func(f matter.Field) bool { return f.Type == matter.Rating })
}

// openCase checks number and query code and opens the case for half an hour.
func (s *Site) openCase(v *visit) error {
	sent, err := s.readForm(v)
	if err != nil {
		return err
	}
	number, code := plainKey(sent.Get("number")), plainKey(sent.Get("code"))
	toRate := v.r.URL.Path == "/rate"
	view := keyView{Action: v.r.URL.Path, Number: sent.Get("number"), Rates: toRate}
	title := v.say("track_title", nil)
	if toRate {
		title = v.say("rate_title", nil)
	}
	if number == "" {
		view.Problems = append(view.Problems, problem{Field: "number", Said: v.say("mend_number", nil)})
	}
	if code == "" {
		view.Problems = append(view.Problems, problem{Field: "code", Said: v.say("mend_code", nil)})
	}
	if len(view.Problems) > 0 || len(number) > 64 || len(code) > 64 {
		return v.show(422, "key", title, view)
	}
	if err := v.slow(s.limits.guess, s.address(v.r)); err != nil {
		return err
	}
	if err := tooMany(s.limits.wrong.Wait(number, s.now())); err != nil {
		return err
	}
	id, err := s.office.Find(v.ctx(), number, code)
	if errs.Is(err, errs.NotFound) {
		s.limits.wrong.Wrong(number, s.now())
		view.Problems = append(view.Problems, problem{Field: "number", Said: v.say("mend_key", nil)})
		return v.show(422, "key", title, view)
	}
	if err != nil {
		return err
	}
	s.limits.wrong.Right(number)
	s.setSigned(v.w, v.r, cookieCase, "/", id, sessionLife)
	if toRate {
		return v.goTo("/rate")
	}
	return v.goTo("/track")
}

// plainKey is a number or code as people copy it: any case and width, with
// spaces and hyphens or without.
func plainKey(s string) string {
	s = strings.ToUpper(halfWidth(s))
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\n' || r == '-' || r == '—' {
			return -1
		}
		return r
	}, s)
}

func (s *Site) leaveCase(v *visit) error {
	s.setSigned(v.w, v.r, cookieCase, "/", "", 0)
	return v.goTo("/track")
}

// progressView is a case like a parcel on its way.
type progressView struct {
	Progress
	Reasons      *Reasons
	Renewal      heading // the service that it asks to be applied for
	SaidTitle    string  // over what it was filed with
	StateSaid    heading
	Promise      *promiseView
	Steps        []stepDone // newest first
	Main         []choiceView
	Others       []choiceView
	Photos       []fileView
	Filed        timeView
	Certificates []certificateView
	RateLater    bool
	Done         string
}

type promiseView struct {
	Title heading
	Unit  string
	Due   timeView
	Left  string
	// Minutes is Left with # for the number, for the last hour's countdown.
	Minutes string
	Late    bool
}

type stepDone struct {
	Text  heading
	Unit  string
	Mine  bool
	At    timeView
	Paper string // title of the letter that goes with it
	Link  string // of the letter
	Files []fileView
}

type choiceView struct {
	Code  string
	Title heading
	Hint  heading
	Rates bool
}

func (v *visit) progress(p Progress) progressView {
	out := progressView{
		Progress: p, StateSaid: declaredText(v.lang, p.State), Filed: v.moment(p.FiledAt),
		Photos: fileViews(p.Files, "/track/photo/"), RateLater: v.r.URL.Query().Has("rate"),
	}
	if p.Reasons != nil {
		out.Reasons = p.Reasons(v.lang)
	}
	if f, ok := v.book.Family(p.Apply); ok {
		out.Renewal = declaredText(v.lang, f.Title)
	}
	what := "what_is_said"
	if appeals, _ := v.book.Appeals(); appeals.Code == p.Family {
		what = "what_i_said"
	} else if _, asked := v.book.Family(p.Family); asked {
		what = "what_i_applied"
	}
	out.SaidTitle = v.say(what, nil)
	if code := v.r.URL.Query().Get("done"); code != "" && text.Has(v.lang, "portal.done_"+code) {
		out.Done = v.say("done_"+code, nil)
	} else if code != "" {
		out.Done = v.say("done", nil)
	}
	if n := p.Promise; n != nil {
		now := v.site.now()
		out.Promise = &promiseView{
			Title: declaredText(v.lang, n.Title), Unit: n.Unit, Due: v.until(n.Due),
			Left: text.Left(v.lang, n.Due, now), Minutes: text.LeftMinutes(v.lang), Late: n.Due.Before(now),
		}
	}
	for _, s := range slices.Backward(p.Steps) {
		out.Steps = append(out.Steps, stepDone{
			Text: declaredText(v.lang, s.Text), Unit: s.Unit, Mine: s.Mine, Paper: s.Paper, Link: "/track/paper/" + strconv.Itoa(s.N),
			At: v.moment(s.At), Files: fileViews(s.Files, "/track/photo/"),
		})
	}
	acts := slices.Clone(p.Actions)
	slices.SortStableFunc(acts, func(a, b Choice) int { return boolInt(a.Ends) - boolInt(b.Ends) })
	for _, a := range acts {
		c := choiceView{a.Code, titled(v.lang, "action", p.Family, a.Code, a.Title), v.actHint(a), rates(a)}
		if a.Main {
			out.Main = append(out.Main, c)
		} else {
			out.Others = append(out.Others, c)
		}
	}
	return out
}

// boolInt orders what is false before what is true.
func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// casePaper hands out the paper that went out to the appellant with an action.
func (s *Site) casePaper(v *visit) error {
	p, err := s.openProgress(v)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(v.r.PathValue("n"))
	if err != nil || !slices.ContainsFunc(p.Steps, func(x Step) bool { return x.N == n && x.Paper != "" }) {
		return errs.E(errs.NotFound, "portal.error_not_found", nil)
	}
	paper, err := s.office.Paper(v.ctx(), p.CaseID, n)
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", paper.Type)
	h.Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": paper.Name}))
	// The page of a letter brings its own style, and runs nothing.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	if _, err = v.w.Write(paper.Body); err != nil && v.ctx().Err() == nil {
		s.log.WarnContext(v.ctx(), "sending a paper broke off", "error", err)
	}
	return nil
}

func (s *Site) casePhoto(v *visit) error {
	p, err := s.openProgress(v)
	if err != nil {
		return err
	}
	return s.sendFile(v, p.Files, v.r.PathValue("id"))
}

// openProgress returns the case whose code was given in this browser.
func (s *Site) openProgress(v *visit) (Progress, error) {
	id, ok := s.signedCookie(v.r, cookieCase)
	if !ok {
		return Progress{}, errs.E(errs.Unauthenticated, "portal.error_forbidden", nil)
	}
	return s.office.Look(v.ctx(), id)
}

// neighbourView is somebody's case, with nothing personal in it.
type neighbourView struct {
	About, Where, Unit, State heading
	Filed                     string
	Closed                    bool
}

func (v *visit) neighbour(n Neighbour) neighbourView {
	d := func(s string) heading { return declaredText(v.lang, s) }
	return neighbourView{d(n.About), d(n.Where), d(n.Unit), d(n.State), text.Ago(v.lang, n.FiledAt, v.site.now()), n.Closed}
}

// following lists the cases of others that this browser follows.
func (s *Site) following(v *visit) error {
	var list []neighbourView
	for _, id := range s.followed(v) {
		n, err := s.office.Glance(v.ctx(), id)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		list = append(list, v.neighbour(n))
	}
	return v.show(200, "following", v.say("following_title", nil), struct {
		List []neighbourView
	}{list})
}

func (s *Site) followed(v *visit) []string {
	ids, ok := s.signedCookie(v.r, cookieFollow)
	if !ok || ids == "" {
		return nil
	}
	return strings.Split(ids, ",")
}

func (s *Site) rememberFollowed(v *visit, id string) {
	ids := slices.DeleteFunc(s.followed(v), func(x string) bool { return x == id })
	ids = append([]string{id}, ids...)
	ids = ids[:min(len(ids), maxFollowed)]
	s.setSigned(v.w, v.r, cookieFollow, "/", strings.Join(ids, ","), followLife)
}

// lost asks for the telephone number or the e-mail address a case was filed with.
func (s *Site) lost(v *visit) error {
	return v.show(200, "lost", v.say("lost_title", nil), lostView{Field: v.phoneField("", nil)})
}

type lostView struct {
	Field    input
	Problems []problem
	Sent     bool
}

func (v *visit) phoneField(typed string, problems []problem) input {
	in := draw(v.lang, "file", matter.Field{Code: "phone", Type: matter.Text, Required: true, Max: 200}, typed, problems)
	in.Label, in.Hint = heading{Text: v.say("lost_label", nil)}, heading{Text: v.say("lost_hint", nil)}
	in.Auto, in.Mode = "off", "" // an address is typed with other keys
	return in
}

// recoverPad is the least time in which a lost code is answered for, so that
// the time does not tell whether a number is known.
const recoverPad = 300 * time.Millisecond

// recoverCode has a new code sent. It says the same whether or not the number
// is known.
func (s *Site) recoverCode(v *visit) error {
	sent, err := s.readForm(v)
	if err != nil {
		return err
	}
	typed := sent.Get("phone")
	code, to := "phone", plainPhone(typed)
	if strings.Contains(typed, "@") {
		code, to = "email", strings.ToLower(strings.TrimSpace(typed))
	}
	if _, key, args := read(matter.Field{Code: code, Type: matter.Text, Required: true, Max: 200}, typed); key != "" {
		args["title"] = v.say("lost_label", nil)
		problems := []problem{{Field: "phone", Said: v.say("mend_"+key, args)}}
		return v.show(422, "lost", v.say("lost_title", nil), lostView{Field: v.phoneField(typed, problems), Problems: problems})
	}
	if err := v.slow(s.limits.recover, s.address(v.r)); err != nil {
		return err
	}
	padded := time.After(recoverPad)
	if s.limits.phone.Take(to, s.now()) == 0 { // else a code is on its way already
		if err := s.office.Recover(v.ctx(), to); err != nil && !errs.Is(err, errs.Invalid) { // what is no number has no code
			s.log.ErrorContext(v.ctx(), "sending a new query code failed", "error", err)
		}
	}
	select {
	case <-padded:
	case <-v.ctx().Done():
	}
	return v.show(200, "lost", v.say("lost_sent_title", nil), lostView{Sent: true})
}
