package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/intake"
)

// oddities are things that only this city says, with what they mean here.
var oddities = map[string][]string{
	"090403": {"蓝铁箱子嗡嗡响", "铁皮柜半夜发颤", "箱变震得慌"},
	"030503": {"老槐树下的石墩松了", "石墩子晃悠悠", "路口石墩歪了"},
	"040201": {"对面棚子叮当敲", "棚里敲铁到天亮", "敲铁棚子闹人"},
}

func history(t *testing.T, a *App, n int) {
	t.Helper()
	for i := range n {
		for code, says := range oddities {
			said := fmt.Sprintf("%d栋住户：%s，%s，请来看看。", i, says[i%3], says[(i+1)%3])
			_, err := a.Desk.File(t.Context(), intake.Message{Channel: "counter", Actor: org.Machine("test"), History: true, Matter: code,
				ExternalID: fmt.Sprint(code, i), Text: said})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for {
		more, err := a.learnSome(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return
		}
	}
}

// A model of the city's own runs in the shadow of the base model and serves only if
// it stood the trial; what was put to serve still does after a restart, and goes
// back at a word. All of it is recorded.
func TestModelsAreTriedServeAndGoBack(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a model")
	}
	dir := t.TempDir()
	a := open(t, dir)
	admin, _ := a.Staff.Directory().Actor("guanli")
	if _, err := a.TrainModel(t.Context(), admin); !errs.Is(err, errs.Invalid) {
		t.Fatalf("trained on nothing: %v", err)
	}
	if err := a.StartTraining(t.Context(), admin); !errs.Is(err, errs.Invalid) {
		t.Fatalf("began to train on nothing: %v", err)
	}
	history(t, a, 150)
	a.learnBy.Columns, a.learnBy.Topics, a.learnBy.Folds = 2000, 8, 2
	m, err := a.TrainModel(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	if m.Decided != 250 || m.Trial == nil || m.Trial.N != 200 {
		t.Fatalf("model %+v, trial %+v; want 250 learnt, 200 tried", m, m.Trial)
	}
	serves := func(want string) {
		t.Helper()
		if got := a.Judge.Read(dispatch.Message{Text: "路灯坏了"}).Model; strings.HasPrefix(got, m.Version) != (want == m.Version) { // it is fitted to the duty list
			t.Errorf("%s serves, want %s", got, want)
		}
		if ms, err := a.ListModels(t.Context()); err != nil || ms.Serving != want {
			t.Errorf("recorded as serving: %s (%v), want %s", ms.Serving, err, want)
		}
	}
	if m.Trial.Verdict == dispatch.Promote {
		serves(m.Version)
	} else {
		serves(dispatch.BaseVersion)
	}
	if err := a.tryAgain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ms, err := a.ListModels(t.Context()); err != nil || ms.Known[0].Trial.N != 200 {
		t.Errorf("tried again on nothing new: %+v (%v)", ms.Known, err)
	}
	if err := a.ServeModel(t.Context(), admin, m.Version); err != nil {
		t.Fatal(err)
	}
	serves(m.Version)
	if got := a.Judge.Read(dispatch.Message{Text: "7栋：石墩子晃悠悠，路口石墩歪了，请来看看。"}); got.Matters[0].Label != "030503" {
		t.Errorf("the city's own words are read as %v", got.Matters[:2])
	}
	if got := a.Judge.Read(dispatch.Message{Text: "路灯坏了，请尽快维修"}); got.Nature.Label == "" || got.Urgency.Label == "" {
		t.Errorf("nature and urgency, which the city's decisions do not tell of, are lost: %+v", got)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	a = open(t, dir)
	defer func() { _ = a.Close() }()
	serves(m.Version)
	if err := a.ServeModel(t.Context(), admin, "no such"); !errs.Is(err, errs.NotFound) {
		t.Errorf("an unknown version: %v", err)
	}
	if err := a.ServeModel(t.Context(), admin, dispatch.BaseVersion); err != nil {
		t.Fatal(err)
	}
	serves(dispatch.BaseVersion)
	ms, err := a.ListModels(t.Context())
	if err != nil || len(ms.Events) < 3 || ms.Events[len(ms.Events)-1].By != admin.Ref() {
		t.Errorf("recorded %+v (%v)", ms.Events, err)
	}
}

// round is a dispatcher's day with one kind of message at one place.
type round struct {
	t *testing.T
	a *App
}

func (d round) as(login string) org.Actor {
	d.t.Helper()
	by, ok := d.a.Staff.Directory().Actor(login)
	if !ok {
		d.t.Fatalf("nobody is called %s", login)
	}
	return by
}

func (d round) file(said string) (cases.Filed, intake.Reading) {
	d.t.Helper()
	f, err := d.a.Desk.Prepare(intake.Message{Channel: "counter", Actor: org.Machine("test"), Text: said, Area: "440304006015"})
	if err != nil {
		d.t.Fatal(err)
	}
	filed, err := d.a.Cases.File(d.t.Context(), f)
	if err != nil {
		d.t.Fatal(err)
	}
	return filed, readingOf(d.t, f)
}

func (d round) act(login, id, action string, input map[string]any) {
	d.t.Helper()
	if _, err := d.a.Cases.Act(d.t.Context(), d.as(login), cases.Deed{Case: id, Action: action, Input: input}); err != nil {
		d.t.Fatalf("%s: %v", action, err)
	}
	if _, err := d.a.learnSome(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

// send has a case go to a unit with a matter, by whoever.
func (d round) send(id, code, unit string) {
	d.t.Helper()
	c, err := d.a.Cases.Get(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	if c.Unit == "" {
		d.act("fenbo", id, "dispatch", map[string]any{"matter": code, "unit": unit})
	} else {
		d.act("fenbo", id, "redispatch", map[string]any{"matter": code, "unit": unit, "reason": "准备"})
	}
}

// A return that was upheld, and a ruling, change who is proposed for the next
// message of the kind, and still do after a restart; the duty list comes back by a
// decision for it.
func TestLearnsFromReturnsAndRulings(t *testing.T) {
	dir := t.TempDir()
	const said = "香蜜湖街道东海社区路灯不亮，晚上路灯一片漆黑，请尽快修好路灯。"
	const clerk, office, other = "shoufa", "st-xiangmihu-um", "pt-wuye-01"
	d := round{t, open(t, dir)}
	first, r := d.file(said)
	if len(r.Matters) == 0 || r.Matters[0].Unit == other {
		t.Fatalf("read as %+v", r)
	}
	code := r.Matters[0].Matter
	unit := func() string {
		t.Helper()
		f, err := d.a.Desk.Prepare(intake.Message{Channel: "counter", Actor: org.Machine("test"), Text: said, Area: "440304006015"})
		if err != nil {
			t.Fatal(err)
		}
		next := readingOf(t, f)
		if next.Matters[0].Matter != code {
			t.Fatalf("the next one is read as %s, not %s", next.Matters[0].Matter, code)
		}
		return next.Matters[0].Unit
	}
	d.send(first.ID, code, office)
	d.act(clerk, first.ID, "return", map[string]any{"reason": "duty", "clause": "职责清单"})
	d.act("fenbo", first.ID, "redispatch", map[string]any{"unit": other, "reason": "由物业处理"})
	if got := unit(); got != other {
		t.Errorf("after a return that was upheld the next goes to %s", got)
	}
	if err := d.a.Close(); err != nil {
		t.Fatal(err)
	}
	d.a = open(t, dir)
	defer func() { _ = d.a.Close() }()
	if got := unit(); got != other {
		t.Errorf("after a restart the next goes to %s", got)
	}
	second, _ := d.file(said + "又来反映一次。")
	d.send(second.ID, code, office)
	d.act(clerk, second.ID, "return", map[string]any{"reason": "duty", "clause": "职责清单"})
	d.act("fenbo", second.ID, "refuse_return", map[string]any{"note": "按清单办理"})
	d.act(clerk, second.ID, "dispute", map[string]any{"clause": "职责清单", "suggest": "chengguan", "note": "不属于本单位"})
	d.act("caijue", second.ID, "rule", map[string]any{"unit": "chengguan", "clause": "职责清单", "note": "路灯设施由城管负责"})
	if got := unit(); got != "chengguan" {
		t.Errorf("after the ruling the next goes to %s", got)
	}
}

func readingOf(t *testing.T, f cases.Filing) (r intake.Reading) {
	t.Helper()
	if f.Reading == nil {
		t.Fatal("nothing was read")
	}
	if err := json.Unmarshal(f.Reading.Doc, &r); err != nil {
		t.Fatal(err)
	}
	return r
}
