package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"yiwang/bench/beside"
)

// cell is one figure of one engine, with what it is held against.
type cell struct {
	what string
	figure
	timeOnly bool // only the times of figure count
	value    float64
	unit     string // of value; "" where figure counts

	least   float64       // wanted rate
	slowest time.Duration // wanted p99
	atLeast float64       // wanted value
	most    float64       // wanted value, at most
	share   float64       // of the rate in an empty house, driven in turns with this one, per cent
}

// say writes what was found.
func (c cell) say() string {
	switch {
	case c.unit != "":
		return fmt.Sprintf("%s %s", number(c.value), c.unit)
	case c.timeOnly:
		return fmt.Sprintf("p50 %s, p99 %s", round(c.p50), round(c.p99))
	}
	s := fmt.Sprintf("%s/s, p50 %s, p99 %s", number(c.rate), round(c.p50), round(c.p99))
	if c.cpu > 0 {
		s += fmt.Sprintf(", %.2f ms of processor", c.cpu.Seconds()*1000)
	}
	if c.share > 0 {
		s += fmt.Sprintf(", %.0f %% of an empty house", c.share)
	}
	return s
}

// against says what was wanted and how near it is, above one where it is reached.
func (c cell) against() string {
	var out []string
	add := func(wanted string, ratio float64) { out = append(out, fmt.Sprintf("%s: %.2f×", wanted, ratio)) }
	if c.least > 0 {
		add(fmt.Sprintf("≥ %s/s", number(c.least)), c.rate/c.least)
	}
	if c.slowest > 0 {
		add("p99 ≤ "+round(c.slowest), c.slowest.Seconds()/c.p99.Seconds())
	}
	if c.atLeast > 0 {
		add(fmt.Sprintf("≥ %s %s", number(c.atLeast), c.unit), c.value/c.atLeast)
	}
	if c.most > 0 {
		add(fmt.Sprintf("≤ %s %s", number(c.most), c.unit), c.most/c.value)
	}
	if len(out) == 0 {
		return ""
	}
	return " (" + strings.Join(out, "; ") + ")"
}

func number(x float64) string {
	if x < 10 {
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.0f", x)
}

func round(d time.Duration) string { return d.Round(100 * time.Microsecond).String() }

// table is all figures.
type table struct {
	engines []string
	rows    []string // in the order in which they came first
	cells   map[string]map[string]cell
	costs   map[string]cost // of a filing, by engine
}

func (t *table) put(engine string, c cell) {
	key := rowKey(c.what)
	if t.cells == nil {
		t.cells = map[string]map[string]cell{}
	}
	if t.cells[key] == nil {
		t.cells[key] = map[string]cell{}
		t.rows = append(t.rows, key)
	}
	t.cells[key][engine] = c
}

// rowKey is what a row is called apart from what was counted in it.
func rowKey(what string) string {
	name, _, _ := strings.Cut(what, " (")
	return name
}

func (t *table) render() string {
	var b strings.Builder
	b.WriteString("| what | " + strings.Join(t.engines, " | ") + " |\n|---|" + strings.Repeat("---|", len(t.engines)) + "\n")
	for _, key := range t.rows {
		what := key
		for _, e := range t.engines {
			if c, ok := t.cells[key][e]; ok {
				what = c.what
				break
			}
		}
		b.WriteString("| " + what + " |")
		for _, e := range t.engines {
			c, ok := t.cells[key][e]
			switch {
			case !ok:
				b.WriteString(" – |")
			default:
				b.WriteString(" " + c.say() + c.against() + " |")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// head is what a page of figures begins with.
const head = `# Benchmarks

Measured by ` + "`make bench`" + ` (` + "`make bench-large`" + ` where ten million are stored). A client in its own process over
HTTP on loopback, on the same processors; commits are durable (SQLite ` + "`synchronous=FULL`" + `, PostgreSQL
defaults). Beside each figure stands what is wanted, and how near it is: 1.00× and more reaches it.
The rows below "cases stored" have so many in the database: written by the program's own store, all but
a hundredth decided. A share of an empty house is the middle one of five: both houses are driven in turns,
each while the other is held still. People's steps are asked for with ` + "`Prefer: return=minimal`" + `.
Absolute figures vary with the machine and with what else runs on it.
`

// page returns a page of figures with these in the section of their engines, measured with
// the flags that were asked for; all other sections stay as they were.
func (t *table) page(was, asked string) string {
	sections := ""
	if at := strings.Index("\n"+was, "\n## "); at >= 0 {
		sections = "\n" + was[at:]
	}
	section := fmt.Sprintf("By `bin/bench%s` on %s: %d processors, %s/%s, %s.\n\n%s\n%s", asked, time.Now().Format(time.DateOnly),
		runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), t.render(), t.renderCosts())
	return beside.Replace(head+sections, strings.Join(t.engines, " and "), section)
}

func freeDisk(dir string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, os.NewSyscallError("statfs", err)
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
