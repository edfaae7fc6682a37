package app

import (
	"errors"
	"testing"
	"time"

	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/intake"
)

// began is when the tests began.
var began = time.Now()

// demoDay is the clock of a house whose demo is in use: what the demo's registers know
// has dates near it, and runs out.
func demoDay() time.Time {
	return time.Date(2026, 11, 23, 9, 46, 0, 0, text.CST).Add(time.Since(began))
}

func open(t *testing.T, dir string) *App {
	t.Helper()
	a, err := Open(t.Context(), Config{Data: dir, Now: demoDay})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// What a person decides at the desk changes the next decision, and still does
// after a restart.
func TestLearnsFromTheDesk(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	fenbo, ok := a.Staff.Directory().Actor("fenbo")
	if !ok {
		t.Fatal("the demo has no dispatcher")
	}
	const said = "我家楼下那个蓝色铁皮箱子半夜嗡嗡作响，震得玻璃都在抖，街坊都说睡不好。"
	const taught = "090403" // whatever the machine thought, the dispatcher knows that it is this
	msg := dispatch.Message{Text: said}
	if got := a.Judge.Read(msg).Matters[0].Label; got == taught {
		t.Fatalf("the machine thinks so already: choose another text")
	}
	for range 3 {
		filed, err := a.Desk.File(t.Context(), intake.Message{Channel: "counter", Actor: org.Machine("test"), Text: said})
		if err != nil {
			t.Fatal(err)
		}
		action := "redispatch"
		if filed.Case.Unit == "" {
			action = "dispatch"
		}
		_, err = a.Cases.Act(t.Context(), fenbo, cases.Deed{Case: filed.ID, Action: action,
			Input: map[string]any{"matter": taught, "unit": "zhujian", "reason": "箱式变电站"}})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.learnSome(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := a.Judge.Read(msg).Matters[0].Label; got != taught {
		t.Errorf("after three decisions the machine still reads %s", got)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	a = open(t, dir)
	defer a.Close() // the test is over
	if got := a.Judge.Read(msg).Matters[0].Label; got != taught {
		t.Errorf("after a restart the machine reads %s", got)
	}
}

// One process owns a data directory.
func TestDirectoryHasOneOwner(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	if _, err := Open(t.Context(), Config{Data: dir}); !errors.Is(err, errOwned) {
		t.Errorf("a second owner got %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir).Close(); err != nil {
		t.Error(err)
	}
}
