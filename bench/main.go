package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// The engines, as the table names them.
const (
	sqlite     = "SQLite"
	postgreSQL = "PostgreSQL"
)

// plan is what is measured and how.
type plan struct {
	bin    string
	pg     string // an empty and disposable PostgreSQL database, "" measures SQLite alone
	sqlite bool
	span   time.Duration
	rest   time.Duration // of a full house between its start and what is driven
	stored int           // cases that are stored before the second half
	fill   time.Duration // how long storing them may take on each engine
	out    string
	check  bool           // verify what was stored, which takes long
	only   *regexp.Regexp // rows to drive
	keep   string         // directory in which what is stored stays for the next run, "" for none

	persons int // of the population that is loaded
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var p plan
	flag.StringVar(&p.bin, "bin", "bin/yiwang", "the program to measure")
	flag.StringVar(&p.pg, "db", "", "also measure on this PostgreSQL database (postgres://…, empty and disposable)")
	flag.BoolVar(&p.sqlite, "sqlite", true, "measure on SQLite")
	flag.DurationVar(&p.span, "for", 6*time.Second, "how long each row is driven")
	flag.DurationVar(&p.rest, "rest", 15*time.Second, "how long a full house is left alone after its start")
	flag.IntVar(&p.stored, "stored", 1_000_000, "cases stored before the second half; 0 leaves it out")
	flag.DurationVar(&p.fill, "fill", 10*time.Minute, "how long storing may take on each engine; fewer are stored where it is not enough")
	flag.BoolVar(&p.check, "verify", false, "verify the log of what was stored at the end")
	flag.StringVar(&p.out, "out", "docs/benchmarks.md", "where the table is written, in the section of the engines that were measured; empty writes none")
	flag.StringVar(&p.keep, "keep", "", "directory in which what is stored stays, and is found by the next run; PostgreSQL keeps it in a database of its own")
	only := flag.String("only", "", "drive only rows that match, and write nothing; on an empty house, unless -keep says where a full one is")
	endure := flag.Duration("soak", 0, "instead: spike, valley and overload, then a soak of this length, into the section of -out")
	services := flag.Bool("services", false, "instead: what services promise, beside what -lines holds, into the section of -out")
	lines := flag.String("lines", "", "directory of what bench/rule and engines of other makes have been measured to take")
	flag.IntVar(&p.persons, "persons", 1_946_000, "with -services: persons that are loaded; 0 leaves it out")
	flag.Parse()
	p.only = regexp.MustCompile(*only)
	if *only != "" {
		p.out = ""
		if p.keep == "" {
			p.stored = 0
		}
	}
	run := p.run
	if *endure > 0 {
		run = func(ctx context.Context) error { return p.endure(ctx, *endure) }
	}
	if *services {
		run = func(ctx context.Context) error { return p.services(ctx, *lines) }
	}
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (p *plan) run(ctx context.Context) error {
	t := &table{costs: map[string]cost{}}
	if p.sqlite {
		t.engines = append(t.engines, sqlite)
	}
	if p.pg != "" {
		t.engines = append(t.engines, postgreSQL)
	}
	for _, engine := range t.engines {
		if err := p.measure(ctx, engine, t); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	fmt.Print(t.render(), "\n", t.renderCosts())
	if p.out == "" {
		return nil
	}
	was, err := os.ReadFile(p.out)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.WriteFile(p.out, []byte(t.page(string(was), asked())), 0o644)
}

// asked are the flags of this run that say what was measured, as they were given.
func asked() string {
	var b strings.Builder
	flag.Visit(func(f *flag.Flag) {
		switch f.Name {
		case "stored", "fill", "for", "rest", "verify":
			fmt.Fprintf(&b, " --%s %s", f.Name, f.Value)
		}
	})
	return b.String()
}

// place makes a place for a new house, and returns what removes its database.
func (p *plan) place(ctx context.Context, engine, dir, name string) (at place, drop func() error, err error) {
	at = place{data: filepath.Join(dir, name)}
	if engine == sqlite {
		return at, func() error { return nil }, nil
	}
	at.db, err = another(ctx, p.pg, "yiwang_"+name)
	return at, func() error { return dropped(context.WithoutCancel(ctx), p.pg, "yiwang_"+name) }, err
}

// measure makes a place on an engine, drives everything there and removes it.
func (p *plan) measure(ctx context.Context, engine string, t *table) (err error) {
	dir, err := os.MkdirTemp("", "yiwang-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	at, drop, err := p.place(ctx, engine, dir, "empty")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	m := &measuring{plan: p, engine: engine, table: t, dir: dir, stored: p.stored}
	if err := m.empty(ctx, at); err != nil || p.stored == 0 {
		return err
	}
	return m.filled(ctx)
}
