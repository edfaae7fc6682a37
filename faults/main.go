package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var o options
	flag.StringVar(&o.bin, "bin", "bin/yiwang", "the program to try")
	flag.StringVar(&o.out, "out", "docs/faults.md", "where the table is written; empty writes none")
	flag.StringVar(&o.only, "only", "", "only trials whose name or engine has this in it")
	flag.BoolVar(&o.long, "long", false, "each fault five times as often")
	flag.BoolVar(&o.machines, "failover", false, "several machines instead: Patroni, nodes behind a proxy (script/failover)")
	flag.BoolVar(&o.keep, "keep", false, "with -failover: leave the directory with its logs")
	flag.Parse()
	run := o.run
	if o.machines {
		run = o.failover
	}
	ok, err := run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

type options struct {
	bin, out, only string
	long           bool
	machines, keep bool
}

// row is what came of one trial on one engine.
type row struct {
	trial, engine string
	done, writes  int
	kills         int // processes that SIGKILL ended
	finding
	failed  string // why it could not be carried to its end
	skipped string // why it cannot be done on this machine
	outages []outage
}

// verdict is the last word of a row.
func (r *row) verdict() string {
	switch {
	case r.skipped != "":
		return "not done: " + r.skipped
	case r.failed != "":
		return "NOT CARRIED THROUGH: " + r.failed
	case len(r.faults) > 0:
		return strings.Join(r.faults, "; ")
	}
	return "ok"
}

func (o *options) run(ctx context.Context) (ok bool, err error) {
	if o.bin, err = filepath.Abs(o.bin); err != nil {
		return false, err
	}
	root, err := os.MkdirTemp("", "yiwang-faults-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(root)) }()
	if err := os.Chmod(root, 0o755); err != nil { // PostgreSQL runs as a user of its own
		return false, err
	}
	began := time.Now()
	var rows []row
	notes := map[string]note{}
	for _, engine := range []string{"SQLite", "PostgreSQL"} {
		more, err := o.engine(ctx, engine, filepath.Join(root, engine), notes)
		rows = append(rows, more...)
		if err != nil {
			return false, fmt.Errorf("%s: %w", engine, err)
		}
	}
	table, ok := render(rows, notes)
	fmt.Print(table)
	if o.out == "" || o.only != "" {
		return ok, nil
	}
	return ok, os.WriteFile(o.out, []byte(page(table, time.Since(began))), 0o644)
}

// engine runs every trial of one engine on one town, so that each also meets what
// the others left.
func (o *options) engine(ctx context.Context, engine, root string, notes map[string]note) (rows []row, err error) {
	slots, pg := 1, (*cluster)(nil)
	if err := os.Mkdir(root, 0o755); err != nil {
		return nil, err
	}
	if engine == "PostgreSQL" {
		slots, pg = 2, &cluster{dir: filepath.Join(root, "pg")}
	}
	var town *town
	defer func() {
		if town != nil {
			err = errors.Join(err, town.close())
		}
	}()
	for _, tr := range trials {
		if tr.on != "" && tr.on != engine || !strings.Contains(tr.name+" "+engine, o.only) {
			continue
		}
		if town == nil {
			if town, err = newTown(ctx, o.bin, engine, root, slots, pg, os.Stderr); err != nil {
				return rows, err
			}
			town.notes = notes
			if err := town.up(); err != nil {
				return rows, err
			}
		}
		r, err := o.one(town, tr)
		rows = append(rows, r)
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// one runs a trial. What fails in it is its result; an error says that the trials
// themselves cannot go on.
func (o *options) one(t *town, tr trial) (r row, err error) {
	times := tr.times
	if o.long && tr.long {
		times *= 5
	}
	began, before, kills := time.Now(), t.ledger.writes(), t.kills
	r = row{trial: tr.name, engine: t.engine}
	var failed error
	r.done, failed = tr.run(t, times)
	r.finding, err = t.settle()
	if skipped, ok := errors.AsType[errSkipped](failed); ok {
		r.skipped = string(skipped)
	} else if failed != nil {
		r.failed = failed.Error()
	}
	r.writes = t.ledger.writes() - before + t.besides
	t.besides = 0
	r.kills = t.kills - kills
	fmt.Fprintf(t.say, "%s: %s: %d times, %d writes, lost %d, twice %d, late %d, %d notices, %d unknown, %v, %s %s\n",
		t.engine, tr.name, r.done, r.writes, r.lost, r.twice, r.late, r.notices, r.unknown, r.faults, time.Since(began).Round(100*time.Millisecond), r.failed+r.skipped)
	return r, errors.Join(err, t.ctx.Err())
}

func render(rows []row, notes map[string]note) (table string, ok bool) {
	var b strings.Builder
	b.WriteString("| fault | engine | times | writes acknowledged | lost | there twice | warnings and breaches so far | fired twice | not fired | notices so far | twice | unknown | verify |\n" +
		"|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|\n")
	ok = true
	var all row
	kills := map[string]int{}
	for _, r := range rows {
		ok = ok && r.failed == "" && r.ok()
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %s |\n", r.trial, r.engine, r.done, r.writes, r.lost, r.twice,
			r.clocks, r.fired, r.late, r.notices, r.again+r.ghosts, r.unknown, strings.NewReplacer("|", "/", "\n", " ").Replace(r.verdict()))
		all.done += r.done
		all.kills += r.kills
		kills[r.engine] += r.kills
		all.writes += r.writes
		all.lost += r.lost
		all.twice += r.twice
	}
	fmt.Fprintf(&b, "\n%d faults, %d writes acknowledged meanwhile, %d lost, %d there twice.\n", all.done, all.writes, all.lost, all.twice)
	fmt.Fprintf(&b, "Processes of the program that SIGKILL ended: %d (SQLite %d, PostgreSQL %d).\n", all.kills, kills["SQLite"], kills["PostgreSQL"])
	for _, what := range slices.Sorted(maps.Keys(notes)) {
		fmt.Fprintf(&b, "%s at most %s.\n", what, notes[what])
	}
	return b.String(), ok
}

func page(table string, took time.Duration) string {
	return fmt.Sprintf(`# Faults

Written by `+"`make faults`"+` on %s in %s: %d processors, %s/%s, %s. Eight clients file messages and
act on cases all the while, over HTTP; what got no answer they send again under the same id. After every
row, and each time after a kill of the first row, the database is read past the program and held against what
the clients and the gateway for notices remember; after every row `+"`yiwang verify`"+` is run too. PostgreSQL has
two processes of the program on it, and in the first row every third kill ends both at once.
"Unknown" are notices whose sender died between handing them over and noting it: they are shown to the
operator and never sent again by themselves. A backup, and what a moment is restored to, is verified, held
against what the clients remember, served, given one case more and verified again.

SIGKILL takes from a process all it has not yet given to the kernel; what the kernel has and the disk has not
survives it and would not survive a loss of power, which is tried nowhere. Against that stands that every commit
waits for the disk (`+"`synchronous=FULL`"+`, PostgreSQL's `+"`fsync`"+`), and a disk that does what it says.

%s`, time.Now().Format(time.DateOnly), took.Round(time.Second), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), table)
}

// begin starts a program of which nothing is expected.
func begin(ctx context.Context, bin string, args []string) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, bin, args...)
	cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
	return cmd, cmd.Start()
}
