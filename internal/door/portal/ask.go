package portal

import (
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
)

// askView is the page that answers questions.
type askView struct {
	Question      string
	Problems      []problem
	Asked, Thanks bool
	ID            string
	Sure          bool
	Items         []guidanceView
}

// guidanceView is an answer as the page shows it.
type guidanceView struct {
	Question, Answer, Basis, Unit heading
	Link, Reviewed, Expires       string
	Local                         bool
	Open                          bool // shown at once; the others are folded
}

func (s *Site) ask(v *visit) error {
	return v.show(200, "ask", v.say("ask_title", nil), askView{Thanks: v.r.URL.Query().Has("thanks")})
}

// answer shows what the knowledge base says. The question comes in the body of the
// request, so that no address bar, log or referrer keeps it.
func (s *Site) answer(v *visit) error {
	sent, err := s.readForm(v)
	if err != nil {
		return err
	}
	if err := v.slow(s.limits.ask, s.address(v.r)); err != nil {
		return err
	}
	view := askView{Question: strings.TrimSpace(sent.Get("question"))}
	advice, err := s.office.Ask(v.ctx(), view.Question)
	if errs.Is(err, errs.Invalid) {
		view.Problems = []problem{{Field: "question", Said: text.Error(v.lang, err)}}
		return v.show(422, "ask", v.say("ask_title", nil), view)
	}
	if err != nil {
		return err
	}
	view.Asked, view.ID, view.Sure = true, advice.ID, advice.Sure
	for i, g := range advice.Items {
		item := guidanceView{Question: declaredText(v.lang, g.Question), Answer: declaredText(v.lang, g.Answer), Basis: declaredText(v.lang, g.Basis),
			Unit: declaredText(v.lang, g.Unit), Link: g.Link, Reviewed: g.Reviewed, Expires: g.Expires, Local: g.Local, Open: i == 0 && advice.Sure}
		if v.lang == text.English && g.English != "" {
			item.Question = heading{Text: g.English}
		}
		view.Items = append(view.Items, item)
	}
	return v.show(200, "ask", v.say("ask_title", nil), view)
}

func (s *Site) markAnswer(v *visit) error {
	sent, err := s.readForm(v)
	if err != nil {
		return err
	}
	if err := s.office.Mark(v.ctx(), sent.Get("id"), sent.Get("mark")); err != nil {
		return err
	}
	return v.goTo("/ask?thanks")
}

// fileQuestion makes the beginning of an appeal of a question: nothing is typed
// twice. A draft that was begun before keeps what it has and gets the question
// after it.
func (s *Site) fileQuestion(v *visit) error {
	sent, err := s.readForm(v)
	if err != nil {
		return err
	}
	d, err := s.loadDraft(v.r, "/file", "")
	if err != nil {
		return err
	}
	if d.Filed != nil {
		d = newDraft()
	}
	question := cut(strings.TrimSpace(sent.Get("question")), maxText)
	if had := d.Values["text"]; had != "" && !strings.Contains(had, question) {
		question = had + "\n" + question
	}
	if question != "" {
		d.Values["text"] = question
	}
	if err := s.saveDraft(v.w, v.r, "/file", d); err != nil {
		return err
	}
	if id := sent.Get("id"); id != "" {
		if err := s.office.Mark(v.ctx(), id, "case"); err != nil { // a figure is not worth a lost message
			s.log.WarnContext(v.ctx(), "counting a question that became a case failed", "error", err)
		}
	}
	return v.goTo("/file")
}
