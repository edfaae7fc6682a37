package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// siteTrials happen to several machines. The town is looked at after each.
var siteTrials = []trial{
	{name: "pages, a photo of 18 MB and live changes through the proxy", run: throughProxy, times: 1},
	{name: "leader killed (SIGKILL of Patroni and PostgreSQL), then back as a standby", run: leaderKilled, times: 5, long: true},
	{name: "lead handed over (planned switchover)", run: handedOver, times: 2, long: true},
	{name: "standby killed that commits wait for, then back", run: standbyKilled, times: 2, long: true},
	{name: "leader hangs (SIGSTOP) until another leads, then goes on", run: leaderHangs, times: 5},
	{name: "leader cut off from etcd and from the other Patronis until another leads, then joined again", run: leaderCutOff, times: 3},
	{name: "standby hangs (SIGSTOP) that commits wait for, then goes on", run: standbyHangs, times: 3},
	{name: "etcd away for 30 to 60 s (SIGSTOP, SIGKILL by turns), then back", run: storeAway, times: 4},
	{name: "etcd away for 45 s, and a standby with it, then both back", run: storeAndStandbyAway, times: 2},
	{name: "node killed (SIGKILL), then back", run: nodeKilled, times: 3, long: true},
}

// longest bounds the wait for a new leader: Patroni's ttl and loop_wait, and a busy machine.
const longest = 3 * time.Minute

// writesAgain waits until writes are acknowledged again, and notes how the fault felt.
func (t *town) writesAgain() error {
	for end := time.Now().Add(longest); ; {
		err := t.ledger.waitWrites(t.ctx, 20)
		if err == nil || time.Now().After(end) || t.ctx.Err() != nil {
			t.outages = append(t.outages, t.ledger.felt())
			return err
		}
	}
}

// upset lets clients write, does something to a member in a role, waits until writes are
// acknowledged again, brings the member back and waits until all follow.
func upset(t *town, times int, role string, hit func(*member) error, back func(*member) error) (int, error) {
	t.work()
	for n := range times {
		if err := t.ledger.waitWrites(t.ctx, 100); err != nil {
			return n, err
		}
		between(0, time.Second)
		// A leader that nobody follows at the moment, as on a busy machine, cannot be
		// replaced: that is a second failure.
		if err := t.site.whole(longest); err != nil {
			return n, err
		}
		m := t.site.as(role)
		if m == nil {
			return n, fmt.Errorf("nobody is %s", role)
		}
		t.ledger.felt()
		if err := hit(m); err != nil {
			return n, err
		}
		if err := t.writesAgain(); err != nil {
			m.thaw() // the rest of the trials wants it
			return n, fmt.Errorf("%s: %w", m.name(), err)
		}
		if err := t.connect(); err != nil { // or we wait for one that hangs
			return n, err
		}
		if err := t.lookIn(n); err != nil {
			return n, err
		}
		if err := back(m); err != nil {
			return n, err
		}
		if err := t.site.whole(longest); err != nil {
			return n, err
		}
		fmt.Fprintf(t.say, "    %s %s, time %d: %+v\n", role, m.name(), n+1, t.outages[len(t.outages)-1])
	}
	return times, t.ledger.waitWrites(t.ctx, 20)
}

func leaderKilled(t *town, times int) (int, error) {
	return upset(t, times, "leader", func(m *member) error { m.kill(); return nil }, (*member).start)
}

func standbyKilled(t *town, times int) (int, error) {
	return upset(t, times, "sync_standby", func(m *member) error { m.kill(); return nil }, (*member).start)
}

// leaderHangs lets the old leader go on while the new one is at work: it must not
// acknowledge anything, and the houses must not stay with it.
func leaderHangs(t *town, times int) (int, error) {
	return upset(t, times, "leader", (*member).freeze, func(m *member) error {
		began := time.Now()
		left, err := t.quiet(patience)
		if err == nil && left > 0 {
			err = fmt.Errorf("%d clocks and numbers wait, and became no fewer in %v, with the old leader hanging", left, patience)
		}
		t.note("with the old leader hanging, clocks and numbers waited", time.Since(began))
		m.thaw()
		return err
	})
}

// handedOver is what a planned restart of the leader costs.
func handedOver(t *town, times int) (int, error) {
	t.work()
	for n := range times {
		if err := t.ledger.waitWrites(t.ctx, 100); err != nil {
			return n, err
		}
		t.ledger.felt()
		if err := t.site.switchover(); err != nil {
			return n, err
		}
		if err := errors.Join(t.site.whole(longest), t.writesAgain()); err != nil {
			return n, err
		}
	}
	return times, nil
}

// nodeKilled ends a house; the proxy has the other answer.
func nodeKilled(t *town, times int) (int, error) {
	t.work()
	for n := range times {
		if err := t.ledger.waitWrites(t.ctx, 100); err != nil {
			return n, err
		}
		between(0, time.Second)
		t.ledger.felt()
		t.kill(t.pick())
		if err := t.writesAgain(); err != nil {
			return n, err
		}
		if err := t.lookIn(n); err != nil {
			return n, err
		}
		if err := t.up(); err != nil {
			return n, err
		}
		time.Sleep(proxyAvoids) // or the proxy has nobody when the other is killed
	}
	return times, t.ledger.waitWrites(t.ctx, 100)
}

// proxyAvoids is above the fail_timeout of deploy/proxy.
const proxyAvoids = 6 * time.Second

// failover runs the trials of several machines and writes their table into a page.
func (o *options) failover(ctx context.Context) (ok bool, err error) {
	root, err := os.MkdirTemp("", "yiwang-failover-")
	if err != nil {
		return false, err
	}
	if o.keep {
		fmt.Fprintln(os.Stderr, "failover: kept in", root)
	} else {
		defer func() { err = errors.Join(err, os.RemoveAll(root)) }()
	}
	if err := os.Chmod(root, 0o755); err != nil { // PostgreSQL runs as a user of its own
		return false, err
	}
	if o.bin, err = filepath.Abs(o.bin); err != nil {
		return false, err
	}
	began := time.Now()
	s, err := newSite(ctx, root)
	defer func() { err = errors.Join(err, s.close()) }()
	if err != nil {
		return false, err
	}
	t, err := newTown(ctx, o.bin, "Patroni", root, 2, nil, os.Stderr)
	defer func() { err = errors.Join(err, t.close()) }()
	if err != nil {
		return false, err
	}
	t.site, t.notes = s, map[string]note{}
	if err := t.up(); err != nil {
		return false, err
	}
	var rows []row
	for _, tr := range siteTrials {
		if !strings.Contains(tr.name, o.only) {
			continue
		}
		r, err := o.one(t, tr)
		r.outages, t.outages = t.outages, nil
		rows = append(rows, r)
		if err != nil {
			return false, err
		}
	}
	table, ok := renderSite(rows, t.notes, time.Since(began), s.versions())
	fmt.Print(table)
	if o.out == "" {
		return ok, nil
	}
	return ok, splice("docs/growing.md", "script/failover", table, o.only != "")
}

func renderSite(rows []row, notes map[string]note, took time.Duration, versions string) (table string, ok bool) {
	var b strings.Builder
	fmt.Fprintf(&b, "On %s in %s: %d processors, %s/%s, %s.\n\n", time.Now().Format(time.DateOnly), took.Round(time.Second), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, versions)
	b.WriteString("| what happens | times | writes acknowledged | lost | there twice | notices so far | twice | unknown | verify | without an acknowledged write, s | refused meanwhile |\n" +
		"|---|---:|---:|---:|---:|---:|---:|---:|---|---|---|\n")
	ok = true
	for _, r := range rows {
		ok = ok && r.failed == "" && r.ok()
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d | %d | %d | %s | %s | %s |\n", r.trial, r.done, r.writes, r.lost, r.twice,
			r.notices, r.again+r.ghosts, r.unknown, strings.NewReplacer("|", "/", "\n", " ").Replace(r.verdict()), gaps(r.outages), refusals(r.outages))
	}
	b.WriteString("\n")
	for _, what := range slices.Sorted(maps.Keys(notes)) {
		fmt.Fprintf(&b, "%s at most %s.\n", what, notes[what])
	}
	return b.String(), ok
}

func gaps(all []outage) string {
	var each []string
	for _, o := range all {
		each = append(each, fmt.Sprintf("%.1f", o.longest.Seconds()))
	}
	return strings.Join(each, ", ")
}

// refusals counts answers by status; those that never came are said so.
func refusals(all []outage) string {
	sum := map[int]int{}
	for _, o := range all {
		for status, n := range o.answers {
			sum[status] += n
		}
	}
	var each []string
	for _, status := range slices.Sorted(maps.Keys(sum)) {
		what := fmt.Sprint(status)
		if status == 0 {
			what = "no answer"
		}
		each = append(each, fmt.Sprintf("%s: %d", what, sum[status]))
	}
	return strings.Join(each, ", ")
}

// splice puts a table between the marks of a program in a page. Where only a part was
// tried, the other rows and times stay as they were.
func splice(page, by, table string, part bool) error {
	raw, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(raw), "<!-- begin: "+by+" -->\n")
	was, after, ended := strings.Cut(rest, "<!-- end: "+by+" -->\n")
	if !found || !ended {
		return fmt.Errorf("%s has no marks of %s", page, by)
	}
	if part && was != "" {
		table = merge(was, table)
	}
	table = withSum(table)
	return os.WriteFile(page, []byte(before+"<!-- begin: "+by+" -->\n"+table+"<!-- end: "+by+" -->\n"+after), 0o644)
}

// merge replaces the lines of a table, and of the list after it, that another has as well.
func merge(was, by string) string {
	// What a line is about: the first cell, or the words before the time.
	about := func(line string) string {
		if cell, ok := strings.CutPrefix(line, "| "); ok {
			cell, _, _ = strings.Cut(cell, " |")
			return cell
		}
		what, _, _ := strings.Cut(line, " at most ")
		return what
	}
	anew := map[string]string{}
	for _, line := range strings.Split(by, "\n") {
		anew[about(line)] = line
	}
	lines := strings.Split(was, "\n")
	for i, line := range lines {
		if other, ok := anew[about(line)]; ok {
			lines[i] = other
			delete(anew, about(line))
		}
	}
	for _, what := range slices.Sorted(maps.Keys(anew)) {
		if strings.Contains(anew[what], " at most ") {
			lines = append(lines[:len(lines)-1], anew[what], "")
		}
	}
	return strings.Join(lines, "\n")
}

// withSum puts the sums of a table's first columns after it.
func withSum(table string) string {
	var sum [4]int // times, writes, lost, there twice
	lines := slices.DeleteFunc(strings.Split(table, "\n"), func(line string) bool { return strings.Contains(line, " acknowledged meanwhile") })
	last := 0
	for i, line := range lines {
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		last = i
		for n, cell := range strings.Split(line, "|")[2 : 2+len(sum)] {
			of, _ := strconv.Atoi(strings.TrimSpace(cell)) // the headings count nothing
			sum[n] += of
		}
	}
	said := fmt.Sprintf("%d times, %d writes acknowledged meanwhile, %d lost, %d there twice.", sum[0], sum[1], sum[2], sum[3])
	return strings.Join(slices.Insert(lines, last+2, said), "\n")
}
