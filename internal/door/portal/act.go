package portal

import (
	"context"
	"errors"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
)

// actView is the page of one action on one's own case.
type actView struct {
	Code     string
	Post     string // where the form is sent
	Back     string
	Title    heading
	Hint     heading
	Number   string
	Once     string
	Fields   []input
	More     []input // levels of satisfaction that may be left out
	Problems []problem
	Kept     []keptFile
}

// keptFile is a file that came with a form that has to be mended: it is not
// asked for a second time.
type keptFile struct{ Name, Token string }

// actForm shows what an action asks for.
func (s *Site) actForm(v *visit) error {
	p, err := s.openProgress(v)
	if errs.Is(err, errs.Unauthenticated) {
		return v.goTo("/track")
	}
	if err != nil {
		return err
	}
	c, ok := choiceOf(p, v.r.PathValue("action"))
	if !ok {
		return errs.E(errs.Conflict, "portal.action_not_open", nil)
	}
	return v.drawAct(200, p, c, newSecret(), &form{}, nil)
}

// actHint says what an action does, in words for citizens where there are any:
// a declared hint speaks to staff.
func (v *visit) actHint(c Choice) heading {
	if key := "acthint_" + c.Code; text.Has(v.lang, "portal."+key) {
		return heading{Text: v.say(key, nil)}
	}
	return declaredText(v.lang, c.Hint)
}

func choiceOf(p Progress, action string) (Choice, bool) {
	i := slices.IndexFunc(p.Actions, func(c Choice) bool { return c.Code == action })
	if i < 0 {
		return Choice{}, false
	}
	return p.Actions[i], true
}

func (v *visit) drawAct(status int, p Progress, c Choice, once string, sent *form, problems []problem) error {
	post, back := "/track/act/"+c.Code, "/track"
	if strings.HasPrefix(v.r.URL.Path, ratePath) {
		post, back = v.r.URL.Path, "/"
	}
	view := actView{Code: c.Code, Post: post, Back: back, Title: titled(v.lang, "action", p.Family, c.Code, c.Title), Hint: v.actHint(c), Number: p.Number, Once: once}
	for _, x := range sent.Refused {
		problems = append(problems, problem{Field: "files", Said: v.say("file_refused", errs.Args{"name": x.Name, "why": text.Error(v.lang, x.Err)})})
	}
	view.Problems = problems
	for _, f := range c.Input {
		in := draw(v.lang, c.Code, f, sent.Get(f.Code), problems)
		in.FilesLeft = maxFiles - len(sent.Files)
		if f.Type == matter.Rating && !f.Required {
			view.More = append(view.More, in)
			continue
		}
		view.Fields = append(view.Fields, in)
	}
	for _, x := range sent.Files {
		view.Kept = append(view.Kept, keptFile{x.Name, v.site.signFile(p.CaseID, x)})
	}
	return v.showForm(status, "act", view.Title.Text, view)
}

// act takes an action that is open to the appellant.
func (s *Site) act(v *visit) error {
	p, err := s.openProgress(v)
	if errs.Is(err, errs.Unauthenticated) {
		return v.goTo("/track")
	}
	if err != nil {
		return err
	}
	return s.takeAct(v, p, v.r.PathValue("action"), "/track?done="+v.r.PathValue("action"))
}

// takeAct takes an action on a case that was opened, and goes on to done.
func (s *Site) takeAct(v *visit, p Progress, code, done string) error {
	if err := v.slow(s.limits.file, s.address(v.r)); err != nil {
		return err
	}
	sent, err := s.readForm(v)
	if err != nil {
		return err
	}
	for _, token := range sent.Values["_kept"] {
		if f, ok := s.unsignFile(p.CaseID, token); ok && len(sent.Files) < maxFiles {
			sent.Files = append(sent.Files, f)
		}
	}
	once := sent.Get("_once")
	defer s.working.take(once)()
	if s.taken.has(once) {
		return v.goTo(done)
	}
	c, ok := choiceOf(p, code)
	if !ok {
		return errs.E(errs.Conflict, "portal.action_not_open", nil)
	}
	if v.switchTo(sent.Get("_switch")) {
		return v.drawAct(200, p, c, once, sent, nil)
	}
	values, problems := readAll(v.lang, c.Code, c.Input, sent.Get)
	for _, f := range c.Input {
		if f.Type == matter.Files {
			if len(sent.Files) > 0 {
				values[f.Code] = fileIDs(sent.Files)
			} else if f.Required {
				problems = append(problems, problem{Field: f.Code, Said: v.say("mend_files", nil)})
			}
		}
	}
	if len(problems) > 0 || len(sent.Refused) > 0 {
		return v.drawAct(422, p, c, once, sent, problems)
	}
	err = s.office.Act(context.WithoutCancel(v.ctx()), Act{CaseID: p.CaseID, Action: code, Once: once, Input: values, Files: sent.Files})
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Kind == errs.Invalid {
		return v.drawAct(422, p, c, once, sent, []problem{{Field: e.Field, Said: text.Error(v.lang, err)}})
	}
	if err != nil {
		return err
	}
	s.taken.add(once)
	return v.goTo(done)
}

// signFile ties a kept file to the case it was meant for.
func (s *Site) signFile(caseID string, f File) string {
	return s.sign("kept "+caseID, strings.Join([]string{f.ID, f.Type, f.Name}, "\n"))
}

func (s *Site) unsignFile(caseID, token string) (File, bool) {
	v, ok := s.unsign("kept "+caseID, token)
	parts := strings.SplitN(v, "\n", 3)
	if !ok || len(parts) != 3 {
		return File{}, false
	}
	return File{ID: parts[0], Type: parts[1], Name: parts[2]}, true
}
