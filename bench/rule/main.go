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
	"strings"
	"syscall"
	"time"

	"yiwang/internal/base/text"
	"yiwang/internal/core/rule"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	n := flag.Int("oracle", 10_000_000, "decisions that are compared with the oracle; 0 skips")
	people := flag.Int("people", 1_946_000, "people that the entitlement rules run over")
	seed := flag.Uint64("seed", 20261121, "seed of all that is random")
	out := flag.String("out", "", "file that the table is written to")
	peers := flag.String("peers", "", "directory with what other engines were measured to take, by which lines are added; with -export, where they find what to measure")
	hand := flag.Bool("export", false, "write the people and the rules for other engines, and measure nothing")
	flag.Parse()
	do := func() error { return run(ctx, *n, *people, *seed, *out, *peers) }
	if *hand {
		do = func() error { return export(*peers, population(*people, *seed)) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// line is one row of the table: what was measured, of which engine, and the figure.
type line struct{ what, engine, figure, target string }

func run(ctx context.Context, n, people int, seed uint64, out, peers string) error {
	lines := []line{}
	add := func(l ...line) {
		for _, x := range l {
			fmt.Fprintf(os.Stderr, "%s | %s | %s\n", x.what, x.engine, x.figure)
		}
		lines = append(lines, l...)
	}
	ls, err := twelve()
	if err != nil {
		return err
	}
	add(ls...)
	if ls, err = thousands(); err != nil {
		return err
	}
	add(ls...)
	crowd := population(people, seed)
	if ls, err = everyone(crowd); err != nil {
		return err
	}
	add(ls...)
	if peers != "" {
		if ls, err = others(peers); err != nil {
			return err
		}
		add(ls...)
	}
	wrong := int64(0)
	if n > 0 {
		from := time.Now()
		t := compare(ctx, n, seed, runtime.GOMAXPROCS(0))
		wrong = t.wrong.Load()
		add(line{"decisions by random tables that differ from the oracle", "Yiwang", fmt.Sprintf("%d of %d (%s)", wrong, t.decisions.Load(), time.Since(from).Round(time.Second)), "0 of 10 million"})
		if wrong > 0 {
			fmt.Fprintln(os.Stderr, t.first)
		}
	}
	page := render(lines)
	fmt.Print(page)
	if out != "" {
		if err := os.WriteFile(out, []byte(page), 0o644); err != nil {
			return err
		}
	}
	if wrong > 0 {
		return errors.New("decisions differ from the oracle")
	}
	return ctx.Err()
}

func render(lines []line) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %s, %d processors, %s %s/%s.\n\n", time.Now().UTC().Format("2006-01-02 15:04 UTC"), runtime.GOMAXPROCS(0), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	b.WriteString("| what | engine | measured | wanted |\n|---|---|---:|---:|\n")
	for _, l := range lines {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", l.what, l.engine, l.figure, l.target)
	}
	return b.String()
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

var day = time.Date(2026, 11, 21, 12, 0, 0, 0, text.CST)

func build(t *rule.Table) (*rule.Decider, error) {
	d, faults := rule.Build(t)
	if d == nil {
		return nil, fmt.Errorf("table %s: %s %v", t.Code, faults[0].Key, faults[0].Args)
	}
	return d, nil
}

var yesNoOptions = []rule.Option{{Code: "grant", Title: "给", Grants: true}, {Code: "refuse", Title: "不给"}}

// twelve is one decision of twelve conditions.
func twelve() ([]line, error) {
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
	const what = "one decision of 12 conditions"
	lines := []line{
		{what + ", granted, with a reason for each", "Yiwang", micro(decide(facts, true, reasons)), "≤ 2 µs"},
		{what + ", refused, with a reason for each", "Yiwang", micro(decide(refused, false, reasons)), "≤ 2 µs"},
		{what + ", without reasons", "Yiwang", micro(decide(facts, true, func(*rule.Decision) {})), ""},
		{what + ", with the explanation written out in Chinese", "Yiwang", micro(decide(refused, false, func(out *rule.Decision) { _ = out.Explain(text.Chinese) })), ""},
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

func thousands() ([]line, error) {
	var lines []line
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
		lines = append(lines, line{fmt.Sprintf("a table of %d rows, by an index", rows), "Yiwang", micro(took), "≤ 1 µs"})
	}
	return lines, bad
}
