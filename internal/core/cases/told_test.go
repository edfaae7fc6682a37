package cases_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/notice"
	"yiwang/internal/core/org"
)

// told returns the text messages of a case as they are sent, oldest first.
func (s *story) told(audience string) []string {
	s.t.Helper()
	letters, err := sqldb.Select[notice.Letter](s.t.Context(), s.h.DB.Read(),
		`select id, case_id, n, template, audience, channel, args, tries from notice
			where case_id = ? and channel = 'sms' and audience = ? order by n`, s.id, audience)
	if err != nil {
		s.t.Fatal(err)
	}
	v, err := s.h.Store.Open(s.t.Context(), org.Appellant(), s.id, "")
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, l := range letters {
		args := s.h.Store.Told(&v, l.N, l.ArgsOf())
		args["number"], args["link"], args["rate"] = "NUMBER", "LINK", "RATE"
		_, body, err := s.h.City.Templates.Render(l.Template, args)
		if err != nil {
			s.t.Fatal(err)
		}
		out = append(out, body)
	}
	return out
}

// What is sent says until when, why, and what was answered; nothing is left out, and
// nobody gets two messages at once of which the second says all.
func TestTold(t *testing.T) {
	h := casestest.Open(t, sqldbtest.SQLiteURL)
	dispatcher, clerk := h.Staff(t, "fenbo"), h.Staff(t, "shoufa")
	sent := (&story{t: t, h: h}).file("appeal", noise).act(dispatcher, "dispatch", in{"matter": "030503", "unit": clerk.Unit})
	refused := (&story{t: t, h: h}).file("appeal", in{"text": "隔壁有人打架，正在动手。"}).
		act(dispatcher, "reject", in{"reason": "emergency", "explain": "请马上拨打110。"})
	atOnce, err := h.Store.File(t.Context(), cases.Filing{Family: "appeal", Channel: "hotline", ExternalID: "at once", Actor: org.Machine("test"), Nature: "complaint",
		Fields: noise, Steps: []cases.Step{{Action: "dispatch", By: org.Machine("dispatch"), Input: in{"matter": "030503", "unit": clerk.Unit}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		who  string
		got  []string
		want []string
	}{
		{"appellant", sent.told("appellant"), []string{
			"我们收到了您的反映，编号NUMBER。查看进展：LINK",
			"您反映的NUMBER已交香蜜湖街道综合行政执法队办理，预计2026年11月23日 12:00前答复。查看进展：LINK",
		}},
		{"appellant of a case that was sent on at once", (&story{t: t, h: h, id: atOnce.ID}).told("appellant"), []string{
			"您反映的NUMBER已交香蜜湖街道综合行政执法队办理，预计2026年11月23日 12:00前答复。查看进展：LINK",
		}},
		{"unit", sent.told("unit:" + clerk.Unit), []string{
			"NUMBER 工地夜间施工已分派给香蜜湖街道综合行政执法队，请签收，办理期限2026年11月23日 12:00。LINK",
		}},
		{"refused", refused.told("appellant"), []string{
			"我们收到了您的反映，编号NUMBER。查看进展：LINK",
			"您反映的NUMBER没有受理。属于紧急报警求助，应拨打110、119、120、122。请马上拨打110。 详情：LINK",
		}},
	} {
		if strings.Join(x.got, "\n") != strings.Join(x.want, "\n") {
			t.Errorf("%s is told\n%s\nwant\n%s", x.who, strings.Join(x.got, "\n"), strings.Join(x.want, "\n"))
		}
	}
}

// What is read in-app has no row of its own where the same also goes by another channel.
func TestInAppGoesWithALetter(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		unit := h.Staff(t, "shoufa").Unit
		a, err := h.Store.File(t.Context(), cases.Filing{Family: "appeal", Channel: "hotline", ExternalID: "at once", Actor: org.Machine("test"), Nature: "complaint",
			Fields: noise, Steps: []cases.Step{{Action: "dispatch", By: org.Machine("dispatch"), Input: in{"matter": "030503", "unit": unit}}}})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := sqldb.Select[notice.Letter](t.Context(), h.DB.Read(),
			`select id, case_id, n, template, audience, channel, inapp, args, tries from notice where case_id = ? and audience in ('appellant', ?) order by id`, a.ID, "unit:"+unit)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range rows {
			got = append(got, fmt.Sprint(l.Template, " ", l.Channel, " ", l.InApp))
		}
		if want := []string{"dispatched sms 1", "dispatched_unit im 0", "dispatched_unit sms 1"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		all, err := notice.OfCase(t.Context(), h.DB, a.ID, 100)
		if err != nil {
			t.Fatal(err)
		}
		var shown []string
		for _, l := range all {
			if l.Channel == notice.InApp {
				shown = append(shown, fmt.Sprint(l.Template, " ", l.Audience, " ", l.State))
			}
		}
		if want := []string{"dispatched appellant sent", "dispatched_unit unit:" + unit + " sent"}; !slices.Equal(shown, want) {
			t.Errorf("read in-app: %q, want %q", shown, want)
		}
	})
}
