package portal

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/place"
	"yiwang/internal/work/apply"
)

// stepView is what the page of a step shows.
type stepView struct {
	Base, Code, Action string
	Number, Of         int
	Back               string // path of the step before, "" for the first
	Title, Intro       heading
	Resumed            bool
	Fields             []input
	Problems           []problem
	Contact            string
	ContactProblem     string
	Map                *mapView
	Areas              []areaGroup
	Area               string
	PlaceSaid          string // the place chosen, in words
	NextIsCheck        bool
	Who                *whoView
	Known              []answerView // what need not be filled in
	Materials          []materialView
	Enter              string // path to sign in for having the form filled in, "" for none
}

// areaGroup is a street with its communities, for choosing from a list.
type areaGroup struct {
	Code, Name string
	Areas      []place.Area
}

func (s *Site) drawStep(f *filling, status int, problems []problem, refused []refusal) error {
	step := f.steps[f.step]
	body := stepView{
		Base: f.base, Code: step.code, Action: f.path(f.step),
		Number: f.step + 1, Of: len(f.steps), Problems: problems,
		Resumed: f.step == 0 && f.draft.resumed(s.now()), Contact: f.draft.Contact,
	}
	if f.step > 0 {
		body.Back = f.path(f.step - 1)
	} else {
		body.Intro = declaredText(f.lang, f.family.Guide)
		if f.by != "" {
			body.Intro = heading{Text: f.say("enterprise_intro", nil)}
		}
	}
	for _, x := range refused {
		body.Problems = append(body.Problems, problem{Field: "files", Said: f.say("file_refused", errs.Args{"name": x.Name, "why": text.Error(f.lang, x.Err)})})
	}
	switch step.code {
	case stepWho:
		who, err := f.drawWho(problems)
		if err != nil {
			return err
		}
		body.Who = &who
	case stepMaterials:
		body.Materials = f.materials(step.fields, problems)
	case stepForm:
		body.Known = f.knownSaid()
		if f.family.Service != nil && f.person == "" && apply.Asks(&f.family) {
			body.Enter = "/me/enter?back=" + url.QueryEscape(f.base)
		}
	}
	for _, field := range step.fields {
		if step.code == stepMaterials {
			break
		}
		in := draw(f.lang, f.scope, field, f.typed(field.Code), body.Problems)
		if field.Type == matter.Files {
			in.Files = fileViews(f.draft.Files, f.base+"/photo/")
			in.FilesLeft = maxFiles - len(f.draft.Files)
		}
		if step.code == stepContact && field.Code == "phone" {
			in.Required = true // of those who want to be reached
		}
		if step.code == stepWhat && field.Type == matter.LongText {
			in.Big, in.Intro, body.Intro = true, body.Intro, heading{}
		}
		body.Fields = append(body.Fields, in)
	}
	for _, p := range problems {
		if p.Field == "contact" {
			body.ContactProblem = p.Said
		}
	}
	if step.code == stepWhere && f.book.Ground != nil {
		body.Map = f.mapView()
		body.Areas = f.book.Ground.groups()
		body.Area = f.draft.Area
		body.PlaceSaid = f.placeSaid()
	}
	title := f.say("step_"+step.code, nil)
	if step.code == stepForm || step.code == stepWho {
		body.Title = declaredText(f.lang, f.family.Title)
		title = body.Title.Text
	}
	return f.showForm(status, "step", title, body)
}

// placeSaid names the chosen place: street, community, and that the point is set.
func (f *filling) placeSaid() string {
	if f.book.Ground == nil {
		return ""
	}
	return strings.Join(f.book.Ground.names(f.draft.Area), " ")
}

func fileViews(files []File, base string) []fileView {
	views := make([]fileView, 0, len(files))
	for _, x := range files {
		views = append(views, fileView{
			ID: x.ID, Name: x.Name, Link: base + x.ID, Size: sizeSaid(x.Size),
			Picture: shrinks(x.Type) || x.Type == "image/webp" || x.Type == "image/gif",
		})
	}
	return views
}

// shrinks reports whether there are thumbnails of a type; others are shown as
// they are, where browsers can.
func shrinks(kind string) bool { return kind == "image/jpeg" || kind == "image/png" }

func sizeSaid(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KB", max(1, n>>10))
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}

// answerView is one line of the check page.
type answerView struct {
	Title  heading
	Value  heading
	Start  string // beginning of a value so long that it is folded, else ""
	Length int    // of such a value, in characters
	Change string // path of the step that asks for it
	Files  []fileView
	Source heading // who knows it, where nobody had to say it
}

// A value of more than longValue characters is folded, so that the button that
// sends stays near; its first startOfLong are shown.
const (
	longValue   = 400
	startOfLong = 80
)

func (s *Site) showCheck(f *filling, status int) error { return s.drawCheck(f, status, false) }

func (s *Site) drawCheck(f *filling, status int, unpromised bool) error {
	_, problems := f.filing()
	if f.draft.empty() {
		return f.goTo(f.base)
	}
	body := struct {
		Base, Back string
		Number, Of int
		Answers    []answerView
		Problems   []problem
		Mend       string
		Anonymous  bool
		Promises   []string
		Unpromised bool
		Mark       string
	}{
		Base: f.base, Back: f.path(f.step - 1), Number: f.step + 1, Of: len(f.steps),
		Problems: problems, Anonymous: f.draft.Contact == "anonymous",
		Promises: promises(f.family), Unpromised: unpromised, Mark: promiseMark(f.family),
	}
	if len(problems) > 0 {
		body.Mend = f.path(f.stepOf(problems[0].Field))
	}
	body.Answers = f.knownSaid()
	for i, step := range f.steps {
		body.Answers = append(body.Answers, f.answers(i, step)...)
	}
	return f.showForm(status, "check", f.say("step_check", nil), body)
}

// answers lists what was said on one step, as the check page repeats it.
func (f *filling) answers(i int, step wizardStep) []answerView {
	var out []answerView
	add := func(title, value heading, files []fileView) {
		a := answerView{Title: title, Value: value, Change: f.path(i), Files: files}
		if text := []rune(value.Text); len(text) > longValue {
			a.Start, a.Length = string(text[:startOfLong]), len(text)
		}
		out = append(out, a)
	}
	if step.code == stepWhere {
		said := f.placeSaid()
		if f.draft.Point != nil {
			said = strings.TrimSpace(said + " " + f.say("point_set", nil))
		}
		if said == "" && f.typed("address") == "" {
			add(heading{Text: f.say("step_where_short", nil)}, heading{Text: f.say("not_said", nil)}, nil)
			return out
		}
		if said != "" {
			add(heading{Text: f.say("step_where_short", nil)}, heading{Text: said}, nil)
		}
	}
	if step.code == stepContact && f.draft.Contact == "anonymous" {
		add(heading{Text: f.say("step_contact_short", nil)}, heading{Text: f.say("anonymous", nil)}, nil)
		return out
	}
	if step.code == stepWho {
		return f.whoSaid(i)
	}
	if step.code == stepMaterials {
		return f.materialsSaid(i, step)
	}
	for _, field := range step.fields {
		title := titled(f.lang, "field", f.scope, field.Code, field.Title)
		if field.Type == matter.Files {
			if len(f.draft.Files) > 0 {
				add(title, heading{}, fileViews(f.draft.Files, f.base+"/photo/"))
			}
			continue
		}
		if v := f.typed(field.Code); v != "" {
			add(title, f.valueSaid(field, v), nil)
		}
	}
	return out
}

// valueSaid says a typed value as a person reads it.
func (f *filling) valueSaid(field matter.Field, v string) heading {
	switch field.Type {
	case matter.Choice, matter.AreaRef:
		for _, o := range field.Options {
			if o.Code == v {
				return declaredText(f.lang, o.Title)
			}
		}
	case matter.Yes:
		return heading{Text: f.say("yes", nil)}
	}
	return heading{Text: v}
}

// send files the draft. Whoever goes away meanwhile, or clicks twice, has filed
// once and finds the receipt.
func (s *Site) send(f *filling) error {
	if f.draft.Filed != nil {
		return f.goTo(f.base + "/sent")
	}
	sent, err := s.readForm(f.visit)
	if err != nil {
		return err
	}
	if f.switchTo(sent.Get("_switch")) {
		return f.goTo(f.path(f.index(stepCheck)))
	}
	filing, problems := f.filing()
	if len(problems) > 0 {
		f.step = f.index(stepCheck)
		return s.showCheck(f, 422)
	}
	if promises(f.family) != nil && sent.Get("promise") != promiseMark(f.family) {
		f.step = f.index(stepCheck)
		return s.drawCheck(f, 422, true)
	}
	if err := f.slow(s.limits.file, s.address(f.r)); err != nil {
		return err
	}
	ctx := context.WithoutCancel(f.ctx())
	filed, err := s.office.File(ctx, filing)
	if err != nil {
		return err
	}
	f.draft.Filed = &filed
	f.draft.Values, f.draft.Files, f.draft.App = map[string]string{}, nil, application{}
	f.r = f.r.WithContext(ctx)
	if err := f.save(); err != nil {
		return err
	}
	s.setSigned(f.w, f.r, cookieCase, "/", filed.CaseID, sessionLife)
	return f.goTo(f.base + "/sent")
}

// sent shows the number and the query code, large, and the certificate where the
// rules have decided at once.
func (s *Site) sent(f *filling) error {
	d := f.draft.Filed
	if d == nil {
		return f.goTo(f.base)
	}
	held, err := s.certificates(f.visit, d.CaseID)
	if err != nil {
		return err
	}
	title, again := "sent_title", "another"
	if len(held) > 0 {
		title = "sent_done"
	}
	if f.family.Service != nil {
		again = "another_service"
	}
	return f.show(200, "sent", f.say(title, nil), struct {
		Base string
		Filed
		Title, Again string
		Certificates []certificateView
		Next         []string
	}{f.base, *d, f.say(title, nil), f.say(again, nil), held, f.whatNext(f.family.Code)})
}

// receipt is the picture of the number and the query code.
func (s *Site) receipt(f *filling) error {
	d := f.draft.Filed
	if d == nil {
		return errs.E(errs.NotFound, "portal.error_not_found", nil)
	}
	var b bytes.Buffer
	err := s.pages.picture(&b, f.lang, struct {
		Site   heading
		Number string
		Code   string
		At     string
		Host   string
	}{declaredText(f.lang, f.book.Title), d.Number, d.Code, text.Exact(f.lang, d.At), f.r.Host})
	if err != nil {
		return err
	}
	f.w.Header().Set("Content-Type", "image/svg+xml; charset=utf-8")
	if f.r.URL.Query().Has("save") {
		f.w.Header().Set("Content-Disposition", `attachment; filename="`+d.Number+`.svg"`)
	}
	_, err = f.w.Write(b.Bytes())
	return err
}

// draftPhoto shows a file of the draft to the one who is filling it in.
func (s *Site) draftPhoto(f *filling) error {
	mine := slices.Clone(f.draft.Files)
	for _, files := range f.draft.App.Attached {
		mine = append(mine, files...)
	}
	return s.sendFile(f.visit, mine, f.r.PathValue("id"))
}

// sendFile sends one of the files that this person may see.
func (s *Site) sendFile(v *visit, mine []File, id string) error {
	i := slices.IndexFunc(mine, func(x File) bool { return x.ID == id })
	if i < 0 {
		return errs.E(errs.NotFound, "portal.error_not_found", nil)
	}
	size := Full
	if v.r.URL.Query().Get("size") == string(Small) && shrinks(mine[i].Type) {
		size = Small
	}
	body, file, err := s.office.Open(v.ctx(), id, size)
	if err != nil {
		return err
	}
	if size == Full {
		file.Type = mine[i].Type // the office does not know a file of a draft yet
	}
	defer body.Close()
	h := v.w.Header()
	h.Set("Content-Type", file.Type)
	h.Set("Cache-Control", "private, max-age=600")
	if !strings.HasPrefix(file.Type, "image/") {
		h.Set("Content-Disposition", "attachment")
	}
	if _, err = io.Copy(v.w, body); err != nil && v.ctx().Err() == nil {
		s.log.WarnContext(v.ctx(), "sending a file broke off", "error", err)
	}
	return nil
}

// nearby offers cases that may be the same event. The way on is always there.
func (s *Site) nearby(f *filling) error {
	near, err := s.office.Nearby(f.ctx(), f.event())
	if err != nil {
		s.log.WarnContext(f.ctx(), "looking for cases nearby failed", "error", err)
	}
	on := f.path(f.index(stepContact))
	if len(near) == 0 {
		return f.goTo(on)
	}
	if !f.draft.Offered {
		f.draft.Offered = true
		if err := f.save(); err != nil {
			return err
		}
	}
	type offer struct {
		neighbourView
		Token string
	}
	var offers []offer
	for _, n := range near[:min(3, len(near))] {
		offers = append(offers, offer{f.neighbour(n), s.sign("follow", n.CaseID)})
	}
	return f.show(200, "nearby", f.say("nearby_title", nil), struct {
		Base, On, Back string
		Offers         []offer
	}{f.base, on, f.path(f.index(stepWhere)), offers})
}

// follow remembers a neighbour's case in the browser, and nothing anywhere else.
func (s *Site) follow(f *filling) error {
	sent, err := s.readForm(f.visit)
	if err != nil {
		return err
	}
	id, ok := s.unsign("follow", sent.Get("case"))
	if !ok {
		return errs.E(errs.Invalid, "portal.form_unreadable", nil)
	}
	s.rememberFollowed(f.visit, id)
	return f.goTo("/following")
}
