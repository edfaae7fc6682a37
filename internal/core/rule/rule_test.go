package rule_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"yiwang/internal/base/text"
	"yiwang/internal/core/rule"
)

var inputs = map[string]rule.Type{"level": rule.Number, "solved": rule.Text, "unit": rule.Text, "sure": rule.Bool}

func env(t testing.TB) *rule.Env {
	t.Helper()
	e, err := rule.NewEnv(inputs)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var someCase = rule.Vars{
	Case:   map[string]any{"state": "callback", "nature": "投诉", "counts": map[string]int{"returns": 1}, "data": map[string]any{"days": 3}},
	Input:  map[string]any{"level": 4, "unit": "st-a-um"},
	Actor:  map[string]any{"kind": "staff", "roles": []string{"clerk", "head"}},
	Unit:   map[string]any{"code": "st-a-um", "approval": true},
	Matter: map[string]any{"code": "030503", "fast": true},
}

func TestValues(t *testing.T) {
	for _, c := range []struct {
		expr string
		want any
	}{
		{"case.state == 'callback'", true},
		{"case.nature == '投诉'", true},
		{"case.rating == 0 || case.state == 'callback'", true}, // nobody has rated yet
		{"case.counts.returns < 1", false},
		{"case.counts.extensions < 1 && !case.late", true}, // a counter that was never raised is 0
		{"case.unit != ''", false},
		{"case.data.days", int64(3)},
		{"case.data.absent == null", true},
		{"input.level >= 4 || input.solved == 'no'", true}, // solved was left empty
		{"input.sure", false},
		{"unit.approval && !('head' in actor.roles)", false},
		{"matter.fast", true},
		{"matter.night", false},
		{"input.unit", "st-a-um"},
		{"''", ""},
		{"null", nil},
		{"input.level + 1", int64(5)},
		{"case.nature in ['投诉', '举报'] ? 'a' : 'b'", "a"},
	} {
		p, err := rule.Compile(env(t), c.expr, rule.Any)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		got, err := p.Value(someCase)
		if err != nil || got != c.want {
			t.Errorf("%s = %v (%v), want %v", c.expr, got, err, c.want)
		}
	}
}

// Whatever is wrong with an expression is said before it runs: where, and in
// words that have a place in the catalogue.
func TestProblems(t *testing.T) {
	for _, c := range []struct {
		expr string
		want rule.Type
		says string
	}{
		{"case.nope == ''", rule.Bool, "5 rule.unknown_member nope"},
		{"case.state == '' && input.lvel > 3", rule.Bool, "26 rule.unknown_member lvel"},
		{"kase.state == ''", rule.Bool, "1 rule.unknown_name kase"},
		{"case.rating == 'x'", rule.Bool, "13 rule.types_differ"},
		{"case.counts.returns < 'x'", rule.Bool, "21 rule.types_differ"},
		{"case.state ==", rule.Bool, "14 rule.syntax"},
		{"case.state", rule.Bool, "1 rule.wrong_result"},
		{"case.rating", rule.Text, "1 rule.wrong_result"},
		{"", rule.Bool, "1 rule.syntax"},
		{strings.Repeat("(", 200), rule.Bool, "rule.syntax"},
		{strings.Repeat("a", 3000), rule.Bool, "0 rule.too_long"},
	} {
		_, err := rule.Compile(env(t), c.expr, c.want)
		p, ok := errors.AsType[*rule.Problem](err)
		if !ok {
			t.Errorf("%s: %v is no Problem", c.expr, err)
			continue
		}
		if got := fmt.Sprintf("%d %s %v", p.Column, p.Key, p.Args["name"]); !strings.Contains(got, c.says) {
			t.Errorf("%s: %s %v, want %s", c.expr, got, p.Args, c.says)
		}
		for _, key := range []string{p.Key, p.Key + "_mend"} {
			if s := text.Say(text.Chinese, key, p.Args); s == key {
				t.Errorf("%s has no sentence", key)
			}
		}
	}
}

func TestACostlyExpressionIsStopped(t *testing.T) {
	list := "[" + strings.Repeat("1,", 300) + "1]"
	p, err := rule.Compile(env(t), list+".all(x, "+list+".all(y, x == y))", rule.Bool)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Bool(rule.Vars{}); err == nil {
		t.Error("an expression of 90,000 steps ran to its end")
	}
}

func TestANilConditionHolds(t *testing.T) {
	var p *rule.Program
	if ok, err := p.Bool(rule.Vars{}); !ok || err != nil {
		t.Errorf("got %v, %v", ok, err)
	}
}

func TestConcurrentUse(t *testing.T) {
	p, err := rule.Compile(env(t), "case.state == 'callback' && input.level >= 4", rule.Bool)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				if ok, err := p.Bool(someCase); !ok || err != nil {
					t.Errorf("got %v, %v", ok, err)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzCompile(f *testing.F) {
	f.Add("case.state == 'x' && input.level > 3")
	f.Add("[1,2].exists(x, x > case.rating)")
	e := env(f)
	f.Fuzz(func(t *testing.T, s string) {
		p, err := rule.Compile(e, s, rule.Any)
		if err != nil {
			return
		}
		_, _ = p.Value(someCase) // may fail, may not crash
	})
}

func BenchmarkBool(b *testing.B) {
	p, err := rule.Compile(env(b), "case.counts.extensions < 1 && !case.late && unit.approval", rule.Bool)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Bool(someCase); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewEnv(b *testing.B) {
	for b.Loop() {
		env(b)
	}
}

func BenchmarkCompile(b *testing.B) {
	e := env(b)
	for b.Loop() {
		if _, err := rule.Compile(e, "case.counts.extensions < 1 && !case.late", rule.Bool); err != nil {
			b.Fatal(err)
		}
	}
}
