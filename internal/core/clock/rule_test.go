package clock_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"yiwang/internal/base/text"
	"yiwang/internal/core/clock"
)

// Every way a rule can be wrong is found, and has its sentence.
func TestCheck(t *testing.T) {
	for name, rules := range map[string][]clock.Rule{"appeal": appeal(), "permit": permit()} {
		if p := clock.Check(rules); p != nil {
			t.Errorf("%s: %v", name, p)
		}
	}
	good := func(change func(*clock.Rule)) clock.Rule {
		r := one("x", clock.Limit{N: 4, Unit: clock.Day}, clock.Working)[0]
		change(&r)
		return r
	}
	for _, c := range []struct {
		want   string
		change func(*clock.Rule)
	}{
		{"code clock.code", func(r *clock.Rule) { r.Code = "*" }},
		{"code clock.code_taken", func(r *clock.Rule) { r.RuleSet = "another"; r.Start = []string{"later"} }},
		{"when clock.never_reached", func(r *clock.Rule) {}},
		{"start clock.no_start", func(r *clock.Rule) { r.Start = nil }},
		{"stop clock.no_stop", func(r *clock.Rule) { r.Code, r.Stop = "y", nil }},
		{"limit clock.limit_wrong", func(r *clock.Rule) { r.Code, r.Limit.N = "y", 0 }},
		{"mode clock.mode", func(r *clock.Rule) { r.Code, r.Mode = "y", "" }},
		{"restart clock.restart", func(r *clock.Rule) { r.Code, r.Restart = "y", "always" }},
		{"then clock.idle_timer", func(r *clock.Rule) { r.Code, r.Of = "y", clock.Nobody }},
		{"pause clock.not_pausable", func(r *clock.Rule) { r.Code, r.Pausable = "y", false }},
		{"resume clock.no_resume", func(r *clock.Rule) { r.Code, r.Resume = "y", nil }},
		{"warn clock.warn", func(r *clock.Rule) { r.Code, r.WarnAt = "y", []int{80, 50} }},
		{"warn clock.warn", func(r *clock.Rule) { r.Code, r.WarnAt = "y", []int{100} }},
	} {
		var got []string
		for _, p := range clock.Check([]clock.Rule{good(func(*clock.Rule) {}), good(c.change)}) {
			got = append(got, fmt.Sprintf("%s %s", p.Field, p.Key))
			for _, lang := range []text.Lang{text.Chinese, text.English} {
				if s := text.Say(lang, p.Key, p.Args); p.Rule != 1 || !text.Has(lang, p.Key) || strings.ContainsAny(s, "{}") {
					t.Errorf("rule %d, %s: %s", p.Rule, p.Key, s)
				}
			}
		}
		if !slices.Equal(got, []string{c.want}) {
			t.Errorf("found %q, want %q", got, c.want)
		}
	}
}

func TestParseLimit(t *testing.T) {
	for s, want := range map[string]clock.Limit{
		"10m": {N: 10, Unit: clock.Minute}, "24h": {N: 24, Unit: clock.Hour}, "4d": {N: 4, Unit: clock.Day},
	} {
		if got, err := clock.ParseLimit(s); err != nil || got != want {
			t.Errorf("ParseLimit(%q) = %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "m", "10", "0d", "-1d", "+1d", "01d", "4 d", "4w", "1.5h", "99999999999999999999d", "1000001m", "4日"} {
		if got, err := clock.ParseLimit(s); err == nil {
			t.Errorf("ParseLimit(%q) = %v", s, got)
		}
	}
}

func FuzzParseLimit(f *testing.F) {
	f.Add("10m")
	f.Add("4日")
	f.Fuzz(func(t *testing.T, s string) {
		if l, err := clock.ParseLimit(s); err == nil && l.String() != s {
			t.Fatalf("%q reads as %v", s, l)
		}
	})
}
