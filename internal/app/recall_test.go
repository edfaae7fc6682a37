package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"yiwang/internal/core/org"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/intake"
)

// serving opens a house as a server does and lets it learn until it is stopped.
func serving(t *testing.T, data string) (a *App, stop func()) {
	t.Helper()
	a, err := Open(t.Context(), Config{Data: data, recallLater: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.learn(ctx) }()
	return a, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}

// waitLearnt waits until a house has learnt so many corrections.
func waitLearnt(t *testing.T, a *App, n int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); a.Judge.seat.Load().Count() != n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d corrections are learnt, want %d", a.Judge.seat.Load().Count(), n)
		}
	}
}

// waitRemembered waits until a house knows so many cases again.
func waitRemembered(t *testing.T, a *App, n int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); a.Repeats.Len() != n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d cases are known again, want %d", a.Repeats.Len(), n)
		}
	}
}

// tell files a message from the past, with the matter that people gave it.
func tell(t *testing.T, a *App, text, matter string) string {
	t.Helper()
	f, err := a.Desk.File(t.Context(), intake.Message{Channel: "counter", Actor: org.Machine("test"), History: true, Matter: matter, Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return f.ID
}

// What the machine has learnt is there after a start without being learnt again, and
// what it reads is the same to the last digit. A file that is damaged, or a case in it
// that was erased, only means that it is learnt again.
func TestRecallKept(t *testing.T) {
	data := t.TempDir()
	file := filepath.Join(data, keptDir, learntFile)
	said := func(i int) string {
		return fmt.Sprintf("%d号院门口夜里总有人唱歌跳舞，请管一管。", i)
	}
	a, stop := serving(t, data)
	matter := a.City.Catalog.InForce("appeal", "2026-11-01")[0].Code
	var ids []string
	for i := range 5 {
		ids = append(ids, tell(t, a, said(i), matter))
	}
	waitLearnt(t, a, 5)
	want := a.Judge.Read(dispatch.Message{Text: said(7)})
	began := a.Judge.afresh
	stop()

	a, stop = serving(t, data)
	waitLearnt(t, a, 5)
	waitRemembered(t, a, 5)
	if a.Judge.afresh != began {
		t.Error("it was learnt again")
	}
	if _, err := os.Stat(filepath.Join(data, keptDir, repeatsFile)); !os.IsNotExist(err) {
		t.Errorf("what the last run knew of repeats was not taken over: %v", err)
	}
	if got := a.Judge.Read(dispatch.Message{Text: said(7)}); fmt.Sprint(got.Matters) != fmt.Sprint(want.Matters) {
		t.Errorf("it reads %v, and %v before", got.Matters, want.Matters)
	}
	tell(t, a, said(5), matter)
	waitLearnt(t, a, 6)
	stop()

	a, stop = serving(t, data)
	waitLearnt(t, a, 6)
	if err := a.Cases.Erase(t.Context(), org.Machine("test"), ids[0], "保存期届满"); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); a.learntTo() < a.Cases.Size(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the erasure is not heeded")
		}
	}
	if a.Repeats.Has(ids[0]) {
		t.Error("a case that is erased is still known again")
	}
	stop()
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("what was learnt from a case that is erased is kept: %v", err)
	}

	a, stop = serving(t, data)
	waitLearnt(t, a, 5)
	waitRemembered(t, a, 5) // one that ends before keeps nothing
	if a.Judge.afresh == began {
		t.Error("it was not learnt again without the erased case")
	}
	stop()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	a, stop = serving(t, data)
	waitLearnt(t, a, 5)
	stop()
}
