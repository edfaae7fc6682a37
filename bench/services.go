package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"yiwang/bench/beside"
)

// services measures what the pillar of services promises, on each engine, adds what other
// programs have left in a directory, and writes the table of both.
func (p *plan) services(ctx context.Context, lines string) error {
	if lines == "" {
		return errors.New("-services wants the directory of -lines")
	}
	all, err := residents()
	if err != nil {
		return err
	}
	engines := p.disposable()
	var instant, told []beside.Line
	for _, engine := range []string{sqlite, postgreSQL} {
		if engines[engine] == nil {
			continue
		}
		i, t, err := p.waited(ctx, engine, engines[engine], all)
		if err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
		told, instant = append(told, t), append(instant, i)
	}
	checked, err := vouchers(ctx)
	if err != nil {
		return err
	}
	own := append(append(told, instant...), checked...)
	if p.persons > 0 {
		crowd, err := p.crowd(ctx, engines)
		if err != nil {
			return err
		}
		own = append(own, crowd...)
	}
	if err := beside.Write(lines, "5-services", own); err != nil {
		return err
	}
	measured, err := beside.Read(lines)
	if err != nil {
		return err
	}
	section := servicesIntro() + beside.Table(measured)
	fmt.Print(section)
	if p.out == "" {
		return nil
	}
	page, err := os.ReadFile(p.out)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.WriteFile(p.out, []byte(beside.Replace(string(page), servicesTitle, section)), 0o644)
}

// servicesTitle is the title of the section.
const servicesTitle = "Services"

func servicesIntro() string {
	return fmt.Sprintf(`Measured by `+"`script/bench services`"+` on %s: %d processors, %s/%s, %s; everything one after the other on
this machine. Beside each figure stands what is wanted, and how near it is: 1.00× and more reaches it.
Times of decisions are the least of many rounds. The rules over everyone are the same for all
engines, which have to grant the same to as many, rule by rule. What a registry does not give is left out.

`, time.Now().Format(time.DateOnly), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// maker makes an empty place and says how it is removed.
type maker = func(context.Context) (place, func() error, error)

// disposable returns how a place is made on each engine that is measured.
func (p *plan) disposable() map[string]maker {
	out := map[string]maker{}
	data := func() (place, error) {
		dir, err := os.MkdirTemp("", "yiwang-bench-")
		return place{data: filepath.Join(dir, "data")}, err
	}
	if p.sqlite {
		out[sqlite] = func(context.Context) (place, func() error, error) {
			at, err := data()
			return at, func() error { return os.RemoveAll(filepath.Dir(at.data)) }, err
		}
	}
	if p.pg != "" {
		out[postgreSQL] = func(ctx context.Context) (place, func() error, error) {
			const name = "yiwang_services"
			at, err := data()
			if err == nil {
				at.db, err = another(ctx, p.pg, name)
			}
			return at, func() error {
				return errors.Join(dropped(context.WithoutCancel(ctx), p.pg, name), os.RemoveAll(filepath.Dir(at.data)))
			}, err
		}
	}
	return out
}

// waited measures on one engine what people wait for.
func (p *plan) waited(ctx context.Context, engine string, make maker, all []resident) (instant, told beside.Line, err error) {
	at, remove, err := make(ctx)
	if err != nil {
		return instant, told, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	h, err := start(ctx, p.bin, at)
	if err != nil {
		return instant, told, err
	}
	defer func() { err = errors.Join(err, h.stop()) }()
	say := func(l beside.Line) beside.Line {
		fmt.Fprintf(os.Stderr, "%s: %s: %s\n", l.What, l.Engine, l.Figure)
		return l
	}
	f, err := h.told(ctx, elders(all))
	if err != nil {
		return instant, told, err
	}
	told = say(beside.Line{What: fmt.Sprintf("from a changed fact, reported over HTTP, to the notice that lies in the outbox, %d changes a second", toldRate), Engine: "Yiwang on " + engine,
		Figure: timed(f), Wanted: "≤ 1 s", Near: beside.AtMost(1, f.p99.Seconds())})
	applying, err := h.applicants(ctx, settled(all))
	if err != nil {
		return instant, told, err
	}
	began, err := h.burnt()
	if err != nil {
		return instant, told, err
	}
	if f, err = h.instant(ctx, applying); err != nil {
		return instant, told, err
	}
	ended, err := h.burnt()
	if err != nil {
		return instant, told, err
	}
	each := (ended - began) / time.Duration(f.n)
	instant = say(beside.Line{What: fmt.Sprintf("from submit to the page with the signed certificate, %d applicants a second", instantRate), Engine: "Yiwang on " + engine,
		Figure: timed(f) + fmt.Sprintf(", %s of processor each", round(each)), Wanted: "p99 ≤ 50 ms", Near: beside.AtMost(.05, f.p99.Seconds())})
	return instant, told, nil
}

func timed(f figure) string {
	return strings.Join([]string{"p50 " + round(f.p50), "p99 " + round(f.p99), fmt.Sprintf("n %d", f.n)}, ", ")
}
