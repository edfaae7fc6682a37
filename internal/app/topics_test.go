package app

import (
	"context"
	"fmt"
	"testing"

	"yiwang/internal/core/org"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/topic"
)

// counting is a judge that counts what it is asked.
type counting struct {
	topic.Judge
	asked int
	at    int // is called when it was asked so often
	then  func()
}

func (c *counting) Read(m dispatch.Message) dispatch.Reading {
	c.asked++
	if c.asked == c.at {
		c.then()
	}
	return c.Judge.Read(m)
}

// sixOfOneTopic opens a house to which six people have said the same.
func sixOfOneTopic(t *testing.T) *App {
	t.Helper()
	a := open(t, t.TempDir())
	for i := range 6 {
		_, err := a.Desk.File(t.Context(), intake.Message{Channel: "web", Actor: org.Machine("test"), Title: "路灯不亮",
			Text: fmt.Sprintf("香蜜湖街道景田路%d号门前的路灯不亮，晚上走路很危险。", i)})
		if err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// A house that is stopped while it reads for the first time keeps what it has read, and
// what the run before had kept, so that however short its runs are it comes to an end.
func TestTopicsHalfRead(t *testing.T) {
	a := sixOfOneTopic(t)
	deps := a.Topics.BoardDeps
	var kept map[string]topic.Reading
	for run, want := range []int{3, 3, 6} {
		ctx, stop := context.WithCancel(t.Context())
		judge := &counting{Judge: deps.Judge, then: stop}
		if run == 0 {
			judge.at = 3
		}
		b := topic.NewBoard(deps)
		b.Judge = judge
		b.Recall(kept)
		if run == 1 {
			stop() // before it has read any
		}
		if err := b.Refresh(ctx); (err == nil) != (run == 2) {
			t.Errorf("run %d: %v", run, err)
		}
		if kept = b.Keep(); len(kept) != want {
			t.Errorf("run %d keeps %d readings, want %d", run, len(kept), want)
		}
		if run == 2 && judge.asked != 3 {
			t.Errorf("%d were read again, want the 3 that nobody had read", judge.asked)
		}
		stop()
	}
}

// Of a case that is erased nothing stays with the topics: neither in what they keep, nor
// among what they show after the next refresh.
func TestTopicsForget(t *testing.T) {
	a := sixOfOneTopic(t)
	erased := tell(t, a, "香蜜湖街道景田路7号门前的路灯不亮，晚上走路很危险。", a.City.Catalog.InForce("appeal", "2026-11-01")[0].Code)
	if err := a.Topics.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(a.Topics.Keep()); n != 7 {
		t.Fatalf("%d readings are kept, want 7", n)
	}
	if err := a.Cases.Erase(t.Context(), org.Machine("test"), erased, "保存期届满"); err != nil {
		t.Fatal(err)
	}
	for more := true; more; {
		var err error
		if more, err = a.learnSome(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	kept := a.Topics.Keep()
	if _, ok := kept[erased]; ok || len(kept) != 6 {
		t.Errorf("%d readings are kept, that of the erased case among them: %t", len(kept), ok)
	}
	if err := a.Topics.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, m := range a.Topics.Now().Topics[0].Members {
		if m.ID == erased {
			t.Error("the topic still holds it")
		}
	}
}

// What the house itself has judged and filed is grouped without being judged again;
// what it only finds in the database is, and comes to the same topics.
func TestTopicsOfWhatWasHeard(t *testing.T) {
	a := sixOfOneTopic(t)
	deps := a.Topics.BoardDeps
	judge := &counting{Judge: deps.Judge}
	a.Topics.Judge, deps.Judge = judge, judge
	if err := a.Topics.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if judge.asked != 0 {
		t.Errorf("%d messages were judged again", judge.asked)
	}
	other := topic.NewBoard(deps)
	if err := other.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if judge.asked != 6 {
		t.Errorf("a board that heard nothing had %d of 6 messages judged", judge.asked)
	}
	heard, found := a.Topics.Now(), other.Now()
	if len(heard.Topics) != 1 || len(found.Topics) != 1 || heard.Topics[0].Title != found.Topics[0].Title || heard.Topics[0].Heat.Messages != found.Topics[0].Heat.Messages {
		t.Errorf("topics %+v of what was heard, %+v of what was found", heard.Topics, found.Topics)
	}
}
