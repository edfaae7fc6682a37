package portal

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/matter"
)

// Fields of a family that have a page of their own when an appeal is filed.
var (
	placeFields   = []string{"address"}
	contactFields = []string{"name", "phone", "email"}
)

// enterprisePath is the entry of enterprises: the same form by a channel of theirs,
// whose cases have a clock and a queue of their own.
const enterprisePath = "/enterprise"

// wizard is the way through the form of a family: the steps, one thing each.
type wizard struct {
	base   string // path of the first step
	scope  string // which words the catalogue has for it
	family matter.Family
	steps  []wizardStep
}

// wizardStep is one page of a form.
type wizardStep struct {
	code   string // last part of its path; the first step is the base itself
	fields []matter.Field
}

// Codes of the steps.
const (
	stepWhat    = "what"
	stepMore    = "more"
	stepWhere   = "where"
	stepContact = "contact"
	stepForm    = "form"
	stepCheck   = "check"
)

// newWizard lays out the steps of a family. An appeal asks what, where and whom
// to answer, and in between what belongs to the matters that it is read as; any
// other form is one page. Checking it comes last for all.
func newWizard(base string, f matter.Family, d *draft) wizard {
	w, asked := wizard{base: base, scope: f.Code, family: f}, d.Asked
	if f.Service != nil {
		w.steps = serviceSteps(f, d.key != "", d.App)
		return w
	}
	if !f.Dispatch {
		w.steps = []wizardStep{{stepForm, f.Fields}, {code: stepCheck}}
		return w
	}
	w.scope = "file"
	what, more := wizardStep{code: stepWhat}, wizardStep{code: stepMore}
	where, contact := wizardStep{code: stepWhere}, wizardStep{code: stepContact}
	for _, field := range f.Fields {
		switch {
		case len(field.Matters) > 0:
			if slices.Contains(asked, field.Code) {
				more.fields = append(more.fields, field)
			}
		case slices.Contains(placeFields, field.Code):
			where.fields = append(where.fields, field)
		case slices.Contains(contactFields, field.Code):
			contact.fields = append(contact.fields, field)
		case field.Code == "title": // the machine makes a better one than a person in a hurry
		default:
			what.fields = append(what.fields, field)
		}
	}
	w.steps = []wizardStep{what, where, contact, {code: stepCheck}}
	if len(more.fields) > 0 {
		w.steps = slices.Insert(w.steps, 1, more)
	}
	return w
}

func (w wizard) index(code string) int {
	return slices.IndexFunc(w.steps, func(s wizardStep) bool { return s.code == code })
}

func (w wizard) path(i int) string {
	if i <= 0 {
		return w.base
	}
	return w.base + "/" + w.steps[i].code
}

// filling is one request on a form, with its draft.
type filling struct {
	*visit
	wizard
	draft  *draft
	person string // who is signed in, "" for nobody
	step   int
	by     string // code of the channel it is filed by, "" is that of the site
}

// onForm finds the family and the draft of a request, one request at a time for
// each draft.
func (s *Site) onForm(h func(*filling) error) func(*visit) error {
	return func(v *visit) error {
		f := &filling{visit: v}
		var family matter.Family
		var ok bool
		if code := v.r.PathValue("family"); code != "" {
			family, ok = v.book.Family(code)
			if ok && family.Dispatch {
				return v.goTo("/file")
			}
			f.base = "/apply/" + code
			if ok && f.r.Method == "GET" && family.Service != nil && !strings.HasPrefix(v.r.URL.Path, "/services/") {
				return v.goTo("/services/" + code + "/apply")
			}
			if strings.HasPrefix(v.r.URL.Path, "/services/") {
				f.base = "/services/" + code + "/apply"
			}
		} else {
			family, ok = v.book.Appeals()
			f.base = "/file"
			if strings.HasPrefix(v.r.URL.Path, enterprisePath) {
				f.base, f.by = enterprisePath, v.book.Enterprise
				ok = ok && f.by != ""
			}
		}
		if !ok {
			return errs.E(errs.NotFound, "portal.error_not_found", nil)
		}
		if family.Service != nil {
			if f.person, ok = v.person(); !ok && needsPerson(family) {
				return v.enterFirst(f.base)
			}
		}
		if id, ok := s.draftKey(v, f.base, f.person); ok && v.r.Method == "POST" {
			defer s.working.take(id)()
		}
		var err error
		if f.draft, err = s.loadDraft(v.r, f.base, f.person); err != nil {
			return err
		}
		f.wizard = newWizard(f.base, family, f.draft)
		switch code := v.r.PathValue("step"); {
		case (code == stepMore || code == stepForm || code == stepMaterials) && f.index(code) < 0:
			return f.goTo(f.base) // nothing is asked any more: the words were changed
		case code != "":
			if f.step = f.index(code); f.step < 0 {
				return errs.E(errs.NotFound, "portal.error_not_found", nil)
			}
		}
		return h(f)
	}
}

// showStep shows a step with what was typed so far.
func (s *Site) showStep(f *filling) error {
	if f.draft.Filed != nil {
		return f.goTo(f.base + "/sent")
	}
	if f.steps[f.step].code == stepCheck {
		return s.showCheck(f, 200)
	}
	return s.drawStep(f, 200, nil, nil)
}

// takeStep keeps what was typed, mended or not, and goes where the button says.
func (s *Site) takeStep(f *filling) error {
	if f.draft.Filed != nil {
		return f.goTo(f.base + "/sent")
	}
	sent, err := s.readForm(f.visit)
	if err != nil {
		return err
	}
	step := f.steps[f.step]
	if step.code == stepCheck {
		return f.goTo(f.path(f.step)) // it asks for nothing; what it shows is sent by its own button
	}
	var wrong []problem
	switch {
	case step.code == stepWho:
		if wrong, err = f.takeWho(sent); err != nil {
			return err
		}
		f.wizard = newWizard(f.base, f.family, f.draft)
	case step.code == stepMaterials:
		f.takeMaterials(step, sent)
	default:
		f.take(step, sent)
		f.takeFiles(sent)
	}
	if step.code == stepWhere {
		f.takePlace(sent)
	}
	if step.code == stepWhat && f.family.Dispatch {
		f.draft.Asked = f.questions(s.office.About(f.ctx(), f.typed("text")))
		f.wizard = newWizard(f.base, f.family, f.draft)
	}
	if err := f.save(); err != nil {
		return err
	}
	here := f.path(f.step)
	switch {
	case f.switchTo(sent.Get("_switch")):
		return f.goTo(here)
	case sent.Has("_map.x") || sent.Has("_view") || sent.Has("_here"):
		return f.goTo(here + "#map")
	case sent.Has("_remove"):
		return f.goTo(here + "#files")
	case sent.Get("_go") == "back":
		return f.goTo(f.path(f.step - 1))
	case sent.Get("_go") == "stay" && len(sent.Refused) == 0:
		return f.goTo(here + "#files")
	}
	_, problems := f.check(f.steps[f.step : f.step+1])
	problems = append(wrong, problems...)
	if len(problems) > 0 || len(sent.Refused) > 0 {
		return s.drawStep(f, 422, problems, sent.Refused)
	}
	return s.next(f)
}

// Of a message that says enough, in characters, what belongs to a matter is asked
// where the confidence is likely.
const (
	enough = 8
	likely = 0.5
)

// questions returns the codes of the fields that belong to what a message is read as.
func (f *filling) questions(about map[string]float64) (codes []string) {
	if utf8.RuneCountInString(f.typed("text")) < enough {
		return nil
	}
	for _, field := range f.family.Fields {
		sum := 0.0
		for code, p := range about {
			if field.AsksOf(code) {
				sum += p
			}
		}
		if len(field.Matters) > 0 && sum >= likely {
			codes = append(codes, field.Code)
		}
	}
	return codes
}

// next goes to the step after this one, past the cases nearby if there are any.
func (s *Site) next(f *filling) error {
	if f.steps[f.step].code != stepWhere || f.draft.Offered {
		return f.goTo(f.path(f.step + 1))
	}
	near, err := s.office.Nearby(f.ctx(), f.event())
	if err != nil { // an offer is not worth a failed filing
		s.log.WarnContext(f.ctx(), "looking for cases nearby failed", "error", err)
	}
	if len(near) == 0 {
		return f.goTo(f.path(f.step + 1))
	}
	return f.goTo(f.base + "/nearby")
}

func (f *filling) typed(code string) string { return f.draft.Values[code] }

func (f *filling) event() Event {
	return Event{
		Family: f.family.Code, Text: f.typed("text"), Address: f.typed("address"),
		Area: f.draft.Area, Point: f.draft.Point,
	}
}

// take copies the texts of a step into the draft. A field that was not sent at
// all keeps what it had, but for ticks, which browsers leave out when empty.
func (f *filling) take(step wizardStep, sent *form) {
	for _, field := range step.fields {
		if sent.Has(field.Code) || field.Type == matter.Yes && sent.Has("_go") {
			f.draft.Values[field.Code] = cut(sent.Get(field.Code), maxText)
		}
	}
	if step.code == stepContact && sent.Has("contact") {
		f.draft.Contact = sent.Get("contact")
	}
}

// takeFiles adds the files that came with a step and removes the one whose
// button was pressed.
func (f *filling) takeFiles(sent *form) {
	for _, file := range sent.Files {
		if len(f.draft.Files) >= maxFiles {
			sent.Refused = append(sent.Refused, refusal{file.Name, errs.E(errs.TooLarge, "portal.files_too_many", errs.Args{"max": maxFiles})})
			continue
		}
		f.draft.Files = append(f.draft.Files, file)
	}
	if id := sent.Get("_remove"); id != "" {
		f.draft.Files = slices.DeleteFunc(f.draft.Files, func(x File) bool { return x.ID == id })
	}
}

// check reads the answers of some steps and tells what to mend.
func (f *filling) check(steps []wizardStep) (map[string]any, []problem) {
	values := map[string]any{}
	var problems []problem
	for _, step := range steps {
		if step.code == stepContact {
			if f.draft.Contact == "" {
				problems = append(problems, problem{Field: "contact", Said: f.say("mend_contact", nil)})
			}
			if f.draft.Contact != "named" {
				continue
			}
			if f.typed("phone") == "" {
				problems = append(problems, problem{Field: "phone", Said: f.say("mend_phone_or_anonymous", nil)})
			}
		}
		v, p := readAll(f.lang, f.scope, step.fields, f.typed)
		maps.Copy(values, v)
		problems = append(problems, p...)
		for _, field := range step.fields {
			for _, o := range field.Options {
				if o.Stop != "" && o.Code == f.typed(field.Code) {
					problems = append(problems, problem{Field: field.Code, Said: o.Stop, Stops: true})
				}
			}
			if field.Type == matter.Files && field.Required && f.family.Service == nil && len(f.draft.Files) == 0 {
				problems = append(problems, problem{Field: field.Code, Said: f.say("mend_files", nil)})
			}
		}
	}
	for _, step := range steps {
		if step.code == stepMaterials {
			problems = append(problems, f.lacks()...)
		}
		if step.code == stepWho && f.draft.App.Of.ID == "" {
			problems = append(problems, problem{Field: "of", Said: f.say("mend_of", nil)})
		}
	}
	return values, problems
}

// filing turns the draft into what the office takes, or tells what to mend.
func (f *filling) filing() (Filing, []problem) {
	values, problems := f.check(f.steps)
	for _, field := range f.family.Fields {
		if field.Type == matter.Files && len(f.draft.Files) > 0 {
			values[field.Code] = fileIDs(f.draft.Files)
		}
	}
	filing := Filing{
		External: f.draft.ID, Channel: f.by, Family: f.family.Code, Fields: values,
		Area: f.draft.Area, Point: f.draft.Point, Files: f.draft.Files, Lang: string(f.lang),
	}
	for code, k := range f.draft.App.Known {
		values[code] = k.Value
	}
	if f.family.Service != nil {
		f.byWay(&filing)
	}
	return filing, problems
}

func fileIDs(files []File) []string {
	ids := make([]string, 0, len(files))
	for _, x := range files {
		ids = append(ids, x.ID)
	}
	return ids
}

// stepOf returns the step that asks for a field.
func (w wizard) stepOf(field string) int {
	for i, s := range w.steps {
		if slices.ContainsFunc(s.fields, func(x matter.Field) bool { return x.Code == field }) {
			return i
		}
	}
	return max(0, w.index(stepContact))
}

// autosave keeps what is being typed, for a page that may be closed any moment.
func (s *Site) autosave(f *filling) error {
	sent, err := s.readForm(f.visit)
	if err != nil {
		return err
	}
	if i := f.index(sent.Get("_step")); i >= 0 && f.draft.Filed == nil {
		f.take(f.steps[i], sent)
		if err := f.save(); err != nil {
			return err
		}
	}
	f.w.WriteHeader(204)
	return nil
}

// draftKey is by what the draft of a form is known.
func (s *Site) draftKey(v *visit, base, person string) (string, bool) {
	if person != "" {
		return s.draftOf(person, base), true
	}
	return s.signedCookie(v.r, cookieDraft)
}

// clear throws the draft away and starts again.
func (s *Site) clear(f *filling) error {
	if f.person != "" {
		left, err := s.drawer(f.visit, f.person, begunForm{Path: f.base}, true)
		if err != nil {
			return err
		}
		if len(left) > 0 {
			if err := s.drafts.SaveDrafts(f.ctx(), left...); err != nil {
				return err
			}
		}
	}
	if err := s.dropDraft(f.ctx(), f.w, f.r, f.base, f.draft); err != nil {
		return err
	}
	return f.goTo(f.base)
}

// cut shortens a text to some bytes without breaking a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// resumed reports whether the draft is from an earlier sitting.
func (d *draft) resumed(now time.Time) bool {
	return !d.Saved.IsZero() && now.Sub(d.Saved) > 10*time.Minute
}
