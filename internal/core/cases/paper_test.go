package cases_test

import (
	"fmt"
	"strings"
	"testing"

	"yiwang/internal/base/document"
	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
)

// latest is the ordinal of the latest action of a case.
func (s *story) latest() int { return int(s.now().Version) }

func (s *story) paper(by org.Actor, n int) (*document.Document, string, error) {
	s.t.Helper()
	d, err := s.h.Store.Paper(s.t.Context(), by, s.id, n)
	if err != nil {
		return nil, "", err
	}
	var b strings.Builder
	if err := d.HTML(&b); err != nil {
		s.t.Fatal(err)
	}
	return d, b.String(), nil
}

// Supervision by letter gives a numbered letter, supervision by telephone none; a
// letter that was refused uses no number up, so the series has no gaps.
func TestSupervisionByLetter(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		c := castOf(t, h)
		demand := in{"means": "letter", "grade": "key", "demand": "三日内拆除围挡，号码13812345678已核实"}
		var numbers []string
		for range 3 {
			s := (&story{t: t, h: h}).file("appeal", noise)
			s.act(c.dispatcher, "dispatch", in{"matter": "030503", "unit": streetWorks})
			if _, err := h.Store.Act(t.Context(), c.supervisor, cases.Deed{Case: s.id, Action: "supervise", Input: in{"means": "letter", "grade": "key", "demand": ""}}); err == nil {
				t.Fatal("a letter without a demand went out")
			}
			s.act(c.supervisor, "supervise", in{"means": "phone", "grade": "usual", "demand": "请尽快联系"})
			if _, _, err := s.paper(c.supervisor, s.latest()); !errs.Is(err, errs.NotFound) {
				t.Errorf("a telephone call left a paper: %v", err)
			}
			s.act(c.supervisor, "supervise", demand)
			d, page, err := s.paper(c.supervisor, s.latest())
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, d.Number)
			for _, want := range []string{"民生诉求督办函", s.now().Number, "三日内拆除围挡", "重点督办", "2026年11月23日", "2026年11月25日"} {
				if !strings.Contains(page, want) {
					t.Errorf("the letter does not say %q:\n%s", want, page)
				}
			}
			if strings.Contains(page, "13812345678") {
				t.Error("the letter names a telephone number")
			}
			if _, _, err := s.paper(c.citizen, s.latest()); !errs.Is(err, errs.NotFound) {
				t.Errorf("the appellant has the letter to the unit: %v", err)
			}
		}
		for i, got := range numbers {
			if want := fmt.Sprintf("督函〔2026〕%d号", i+1); got != want {
				t.Errorf("letter %d is numbered %s", i+1, got)
			}
		}
		if v, err := h.Store.Verify(t.Context(), nil, nil); err != nil || !v.OK {
			t.Errorf("the log does not verify: %+v, %v", v.Faults, err)
		}
	})
}

// The answer goes to the citizen as a letter too, with the unit's own words.
func TestAnswerOnPaper(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		c := castOf(t, h)
		s := (&story{t: t, h: h}).file("appeal", noise)
		s.act(c.dispatcher, "dispatch", in{"matter": "030503", "unit": streetWorks})
		s.act(c.clerk, "sign", nil)
		s.act(c.clerk, "contact", in{"means": "phone", "note": "已联系"})
		s.act(c.head, "resolve", in{"result": "solved", "answer": solved})
		s.act(c.auditor, "pass", nil)
		_, page, err := s.paper(c.citizen, s.latest())
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"尊敬的市民", solved, h.City.Title} {
			if !strings.Contains(page, want) {
				t.Errorf("the answer does not say %q:\n%s", want, page)
			}
		}
		if s.h.Store.PaperTitle("appeal", &cases.Header{Kind: "sign"}) != "" {
			t.Error("signing leaves a paper")
		}
	})
}
