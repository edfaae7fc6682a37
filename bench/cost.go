package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// stage is a part of what a deed costs the program: what is spent below one of some
// functions, by the beginnings of their names.
type stage struct {
	what  string
	below []string
}

// stages are looked through in their order: time is counted for the first that has a
// function on the stack, so that what serves another stands before it.
var stages = []stage{
	{"notices, after the answer", []string{"yiwang/internal/core/notice.(*Outbox)"}},
	{"figures, topics, webhooks and clocks, after the answer", []string{
		"yiwang/internal/work/view.(*View).Follow", "yiwang/internal/work/topic", "yiwang/internal/work/webhook",
		"yiwang/internal/app.(*App).fireClocks", "yiwang/internal/app.(*App).every", "yiwang/internal/app.(*App).index"}},
	{"the machine reads the message", []string{"yiwang/internal/work/dispatch"}},
	{"what it repeats", []string{"yiwang/internal/work/repeat"}},
	{"commit, and the tree of the log", []string{
		"yiwang/internal/base/sqldb.(*groupWriter).commit", "yiwang/internal/base/sqldb.(*session).commit", "yiwang/internal/app.(*App).number"}},
	{"statements, with the driver", []string{"modernc.org/sqlite", "database/sql", "github.com/jackc/pgx", "yiwang/internal/base/sqldb.(*Tx).Pipeline"}},
	{"the case in memory: lifecycle, clocks, seals, log", []string{"yiwang/internal/core/cases", "yiwang/internal/core/clock", "yiwang/internal/core/rule"}},
	{"HTTP, JSON, keys and rights", []string{"net/http", "github.com/danielgtaylor/huma", "yiwang/internal/door/api", "yiwang/internal/door/portal"}},
	{"collector of memory", []string{"runtime.gcBgMarkWorker", "runtime.bgsweep", "runtime.bgscavenge"}},
}

const restOfCost = "the rest, mostly the scheduler"

// cost is what a deed takes of the program's processors, by stage.
type cost map[string]time.Duration

// spent drives a deed for a time while the program profiles itself.
func (h *house) spent(ctx context.Context, clients int, span time.Duration, do deed) (cost, error) {
	type told struct {
		p   *profile.Profile
		err error
	}
	ended := make(chan told, 1)
	go func() {
		p, err := h.profile(ctx, span)
		ended <- told{p, err}
	}()
	f, err := drive(ctx, clients, span, do)
	t := <-ended
	if err == nil {
		err = t.err
	}
	if err != nil {
		return nil, err
	}
	return costOf(t.p, f.n), nil
}

// profile asks the program on what it spends its processors.
func (h *house) profile(ctx context.Context, span time.Duration) (*profile.Profile, error) {
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", filepath.Join(h.data, "control.sock"))
	}}}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://control/profile?seconds=%d", max(1, int(span.Seconds()))), nil)
	if err != nil {
		return nil, err
	}
	raw, err := answer(&client, req)
	if err != nil {
		return nil, err
	}
	return profile.ParseData(raw)
}

func costOf(p *profile.Profile, n int) cost {
	c := cost{}
	for _, s := range p.Sample {
		c[stageOf(s)] += time.Duration(s.Value[len(s.Value)-1])
	}
	for what := range c {
		c[what] /= time.Duration(max(1, n))
	}
	return c
}

func stageOf(s *profile.Sample) string {
	for _, st := range stages {
		for _, l := range s.Location {
			for _, line := range l.Line {
				if slices.ContainsFunc(st.below, func(name string) bool { return strings.HasPrefix(line.Function.Name, name) }) {
					return st.what
				}
			}
		}
	}
	return restOfCost
}

// renderCosts writes what a filing takes on each engine.
func (t *table) renderCosts() string {
	if len(t.costs) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(`### What a filing costs

Of the program's own processors, in milliseconds a filing, by a profile that the program made of itself while
eight clients filed into an empty house; what PostgreSQL and the clients take comes on top.

| what for | ` + strings.Join(t.engines, " | ") + " |\n|---|" + strings.Repeat("---:|", len(t.engines)) + "\n")
	line := func(what string, of func(cost) time.Duration) {
		b.WriteString("| " + what + " |")
		for _, e := range t.engines {
			fmt.Fprintf(&b, " %.3f |", of(t.costs[e]).Seconds()*1000)
		}
		b.WriteString("\n")
	}
	for _, st := range append(slices.Clone(stages), stage{what: restOfCost}) {
		line(st.what, func(c cost) time.Duration { return c[st.what] })
	}
	line("**together**", func(c cost) (sum time.Duration) {
		for _, d := range c {
			sum += d
		}
		return sum
	})
	return b.String()
}
