package clock_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"yiwang/internal/base/calendar"
	"yiwang/internal/core/clock"
)

// A clock is written as encoding/json writes it, and read back as it was.
func TestTextIsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.OneOf(rapid.SampledFrom([]string{"", "contact", "办理", `a"b<c>&\`, "\x00\u2028", "~\x7f"}), rapid.String())
		number := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64())
		c := clock.Clock{
			Code: word.Draw(t, "code"), Round: rapid.Int().Draw(t, "round"),
			Terms: clock.Terms{
				Variant: word.Draw(t, "variant"), Of: word.Draw(t, "of"), RuleSet: word.Draw(t, "set"), RuleVersion: word.Draw(t, "version"),
				Limit: anyLimit(t), Mode: clock.Mode(word.Draw(t, "mode")), WarnAt: rapid.SampledFrom([][]int{nil, {80}, {-1, 0, 99}}).Draw(t, "warn"),
				Then: word.Draw(t, "then"), Pausable: rapid.Bool().Draw(t, "pausable"),
			},
			Plan: clock.Plan{
				DueAt:      number.Draw(t, "due"),
				Marks:      rapid.SampledFrom([][]clock.Mark{nil, {{Pct: 80, At: 1}}, {{Pct: 50, At: -7}, {Pct: 80, At: 1 << 60}}}).Draw(t, "marks"),
				Undeclared: calendar.Undeclared(rapid.IntRange(0, 3).Draw(t, "undeclared")),
			},
			StartedAt: number.Draw(t, "started"), StartedBy: rapid.Int().Draw(t, "by"), WarnedPct: rapid.IntRange(0, 100).Draw(t, "warned"),
			State: clock.State(word.Draw(t, "state")), Breached: rapid.Bool().Draw(t, "breached"), PausedAt: number.Draw(t, "paused"),
			PausedTotal: number.Draw(t, "total"), StoppedAt: number.Draw(t, "stopped"), Late: number.Draw(t, "late"),
		}
		want, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Text(); got != string(want) {
			t.Fatalf("%s\nwritten as\n%s", want, got)
		}
		sameRead(t, string(want))
	})
}

// FuzzParse reads whatever it gets as encoding/json does, and refuses what that refuses.
func FuzzParse(f *testing.F) {
	for _, doc := range []string{
		`{"code":"contact","round":1,"of":"unit","limit":"24h","mode":"working","warn_at":[80],"due_at":7,"marks":[{"pct":80,"at":5}],"started_at":1,"started_by":2,"state":"running"}`,
		`{}`, `{"round":01}`, `{"round":-0}`, `{"round":-}`, `{"round":1.0}`, `{"marks":[]}`, `{"warn_at":null}`, `{"code":"a","code":"b"}`, `{"Code":"a"}`,
		`{"code":"\u4e2d"}`, "{\"code\":\"\xff\"}", `{"limit":""}`, `{"limit":"x"}`, `{"breached":true,}`, `{"breached":truex}`, ` {"round":1}`, `{"round":1} x`, `{"other":1}`,
		`{"marks":[{"pct":1,"at":2}],"marks":[{"at":3}]}`, `{"round":9223372036854775808}`, `[`, `{"warn_at":[1,]}`,
	} {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) { sameRead(t, doc) })
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

func sameRead(t failer, doc string) {
	t.Helper()
	var want clock.Clock
	werr := json.Unmarshal([]byte(doc), &want)
	got, err := clock.Parse(doc)
	if (err == nil) != (werr == nil) {
		t.Fatalf("%q: %v, encoding/json says %v", doc, err, werr)
	}
	if err == nil && !reflect.DeepEqual(got, want) {
		t.Fatalf("%q:\n%+v\nencoding/json reads\n%+v", doc, got, want)
	}
}
