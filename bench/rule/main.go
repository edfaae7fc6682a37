package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"yiwang/bench/beside"
	"yiwang/internal/base/text"
	"yiwang/internal/core/rule"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	n := flag.Int("oracle", 10_000_000, "decisions that are compared with the oracle; 0 skips")
	people := flag.Int("people", 1_946_000, "people that the entitlement rules run over")
	seed := flag.Uint64("seed", 20261121, "seed of all that is random")
	lines := flag.String("lines", "", "directory that the figures are left in, for a table beside those of others")
	hand := flag.String("export", "", "instead: write the people, the rules and how many each grants into this directory, for other engines")
	flag.Parse()
	do := func() error { return run(ctx, *n, *people, *seed, *lines) }
	if *hand != "" {
		do = func() error { return export(*hand, population(*people, *seed)) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, n, people int, seed uint64, dir string) error {
	var lines []beside.Line
	crowd := population(people, seed)
	for _, measure := range []func() ([]beside.Line, error){
		twelve, thousands, func() ([]beside.Line, error) { return everyone(crowd) }, func() ([]beside.Line, error) { return trials(ctx, n, seed) },
	} {
		more, err := measure()
		if err != nil {
			return err
		}
		for _, l := range more {
			fmt.Fprintf(os.Stderr, "%s: %s: %s\n", l.What, l.Engine, l.Figure)
		}
		lines = append(lines, more...)
	}
	fmt.Print(beside.Table(lines))
	if dir == "" {
		return ctx.Err()
	}
	return errors.Join(beside.Write(dir, "1-rules", lines), ctx.Err())
}

// trials compares n decisions with the oracle. Any that differs is an error.
func trials(ctx context.Context, n int, seed uint64) ([]beside.Line, error) {
	if n == 0 {
		return nil, nil
	}
	from := time.Now()
	t := compare(ctx, n, seed, runtime.GOMAXPROCS(0))
	if wrong := t.wrong.Load(); wrong > 0 {
		return nil, fmt.Errorf("%d of %d decisions differ from the oracle; the first:\n%s", wrong, t.decisions.Load(), t.first)
	}
	return []beside.Line{{What: "decisions by random tables that differ from an independent oracle", Engine: "Yiwang",
		Figure: fmt.Sprintf("0 of %d (%s)", t.decisions.Load(), time.Since(from).Round(time.Second)), Wanted: "0 of 10 million (`script/bench large`)"}}, nil
}

// best runs f in short rounds and returns the least mean time of a turn: what else the
// machine does only ever adds to it.
func best(f func()) time.Duration {
	least := time.Duration(1<<63 - 1)
	for from := time.Now(); time.Since(from) < 700*time.Millisecond; {
		round := time.Now()
		for range 200 {
			f()
		}
		least = min(least, time.Since(round)/200)
	}
	return least
}

// burnt is the processor time that this process has used.
func burnt() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func micro(d time.Duration) string { return fmt.Sprintf("%.2f µs", float64(d.Nanoseconds())/1000) }

// line is a figure that may be wanted to stay under some microseconds, 0 for any.
func line(what, engine string, took time.Duration, most float64) beside.Line {
	l := beside.Line{What: what, Engine: engine, Figure: micro(took)}
	if most > 0 {
		l.Wanted, l.Near = fmt.Sprintf("≤ %g µs", most), beside.AtMost(most, float64(took.Nanoseconds())/1000)
	}
	return l
}

var day = time.Date(2026, 11, 21, 12, 0, 0, 0, text.CST)

func build(t *rule.Table) (*rule.Decider, error) {
	d, faults := rule.Build(t)
	if d == nil {
		return nil, fmt.Errorf("table %s: %s %v", t.Code, faults[0].Key, faults[0].Args)
	}
	return d, nil
}

var yesNoOptions = []rule.Option{{Code: "grant", Title: "给", Grants: true}, {Code: "refuse", Title: "不给"}}

// whatTwelve is what engines of other makes are measured to do, too.
const whatTwelve = "one decision of 12 conditions"

// twelve is one decision of twelve conditions.
func twelve() ([]beside.Line, error) {
	t := &rule.Table{Code: "twelve", Title: "十二", Basis: "《办法》", Hit: "unique",
		Results: []rule.Result{{Code: "result", Title: "结果", Type: "choice", Options: yesNoOptions}},
		Else:    &rule.Else{Then: map[string]string{"result": "refuse"}, Clause: "末条"}}
	when := map[string]string{}
	facts := rule.Facts{}
	for i := range 12 {
		code := fmt.Sprintf("f%02d", i)
		f := rule.Fact{Code: code, Title: code, Type: "number", Least: "0"}
		when[code], facts[code] = fmt.Sprintf("%d..", 10+i), rule.Known{Value: 40 + i, Source: "登记"}
		t.Facts = append(t.Facts, f)
	}
	t.Rows = []rule.Row{{Code: "all", When: when, Then: map[string]string{"result": "grant"}, Clause: "第一条"}}
	d, err := build(t)
	if err != nil {
		return nil, err
	}
	refused := rule.Facts{}
	for code, k := range facts {
		refused[code] = k
	}
	refused["f11"] = rule.Known{Value: 3}
	var bad error
	decide := func(f rule.Facts, want bool, use func(*rule.Decision)) time.Duration {
		return best(func() {
			out, err := d.Decide(day, f)
			if err != nil || out.Grants() != want {
				bad = fmt.Errorf("twelve conditions: %v %v", out, err)
			}
			use(&out)
		})
	}
	reasons := func(out *rule.Decision) {
		if len(out.Reasons()) != 12 {
			bad = errors.New("twelve conditions without twelve reasons")
		}
	}
	lines := []beside.Line{
		line(whatTwelve, "Yiwang, granted, with a reason for each", decide(facts, true, reasons), 2),
		line(whatTwelve, "Yiwang, refused, with a reason for each", decide(refused, false, reasons), 2),
		line(whatTwelve, "Yiwang, without reasons", decide(facts, true, func(*rule.Decision) {}), 0),
		line(whatTwelve, "Yiwang, refused, and the explanation written out in Chinese", decide(refused, false, func(out *rule.Decision) { _ = out.Explain(text.Chinese) }), 0),
	}
	peers, err := twelvePeers()
	return append(lines, peers...), errors.Join(bad, err)
}

// lookup makes a table of rows that each ask five facts.
func lookup(rows int) *rule.Table {
	t := &rule.Table{Code: "lookup", Title: "档次", Basis: "《办法》", Hit: "unique",
		Facts: []rule.Fact{
			{Code: "age", Title: "年龄", Type: "number", Least: "0", Most: "119"},
			{Code: "income", Title: "收入", Type: "number", Least: "0"},
			{Code: "kind", Title: "种类", Type: "choice", Options: options("k", 10)},
			{Code: "street", Title: "街道", Type: "choice", Options: options("s", 10)},
			{Code: "living", Title: "健在", Type: "yesno"},
		},
		Results: []rule.Result{{Code: "amount", Title: "金额", Type: "number"}},
		Else:    &rule.Else{Then: map[string]string{"amount": "0"}, Clause: "末条"}}
	for i := range rows {
		band := i / 100
		t.Rows = append(t.Rows, rule.Row{Code: fmt.Sprintf("r%d", i), Clause: "第一条",
			When: map[string]string{"kind": fmt.Sprintf("k%d", i%10), "street": fmt.Sprintf("s%d", i/10%10), "living": "yes",
				"age": fmt.Sprintf("%d..%d", band*4, band*4+3), "income": fmt.Sprintf("%d..", band*100)},
			Then: map[string]string{"amount": fmt.Sprint(i)}})
	}
	return t
}

func options(prefix string, n int) []rule.Option {
	var out []rule.Option
	for i := range n {
		code := fmt.Sprint(prefix, i)
		out = append(out, rule.Option{Code: code, Title: code})
	}
	return out
}

func thousands() ([]beside.Line, error) {
	var lines []beside.Line
	var bad error
	for _, rows := range []int{30, 3000} {
		d, err := build(lookup(rows))
		if err != nil {
			return nil, err
		}
		r := rand.New(rand.NewPCG(1, 2))
		people := make([]rule.Facts, 512)
		want := make([]int64, len(people))
		for i := range people {
			k := r.IntN(rows)
			band := k / 100
			people[i] = rule.Values(map[string]any{"kind": fmt.Sprintf("k%d", k%10), "street": fmt.Sprintf("s%d", k/10%10), "living": true,
				"age": band*4 + r.IntN(4), "income": band*100 + r.IntN(5000)})
			want[i] = int64(k)
		}
		i := 0
		took := best(func() {
			out, err := d.Decide(day, people[i&511])
			if err != nil || out.Outcome["amount"] != want[i&511] {
				bad = fmt.Errorf("table of %d rows: %v %v", rows, out, err)
			}
			i++
		})
		lines = append(lines, line(fmt.Sprintf("a table of %d rows", rows), "Yiwang, by an index", took, 1))
	}
	return lines, bad
}
