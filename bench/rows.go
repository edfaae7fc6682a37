package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// measuring is one engine being measured.
type measuring struct {
	*plan
	engine string
	table  *table
	dir    string
	stored int
}

func (m *measuring) note(c cell) {
	m.table.put(m.engine, c)
	fmt.Fprintf(os.Stderr, "%s: %s: %s%s\n", m.engine, c.what, c.say(), c.against())
}

// empty measures a house that begins with nothing.
func (m *measuring) empty(ctx context.Context, at place) (err error) {
	h, err := start(ctx, m.bin, at)
	if err != nil {
		return err
	}
	stopped := false
	stop := func() error {
		if stopped {
			return nil
		}
		stopped = true
		return h.stop()
	}
	defer func() { err = errors.Join(err, stop()) }()
	people, err := h.hire()
	if err != nil {
		return err
	}
	// Its first minute is spent on making the demo city, which no other start does again.
	if err := h.settle(ctx, firstRest); err != nil {
		return err
	}
	for _, clients := range []int{1, 8, 64} {
		c := cell{what: creating(clients)}
		if clients == 8 {
			c.least, c.slowest = m.want(1500, 700), 50*time.Millisecond
		}
		if err := m.drive(ctx, h, c, clients, sending(h.client, h.appeal(fmt.Sprint(createSeries, clients)))); err != nil {
			return err
		}
	}
	if m.only.MatchString("what a filing costs") {
		if m.table.costs[m.engine], err = h.spent(ctx, 8, m.span, sending(h.client, h.appeal("cost"))); err != nil {
			return err
		}
	}
	c := cell{what: "whole lives a second (filed, dispatched, signed, contacted, resolved, audited, called back, rated), 8 clients", least: m.want(250, 100)}
	if err := m.drive(ctx, h, c, 8, h.life(people, "life")); err != nil {
		return err
	}
	if m.engine == sqlite {
		c := cell{what: "citizens' home pages a second, each by a new connection, 8 clients", least: 2000}
		if err := m.drive(ctx, h, c, 8, sending(manyAddresses(), h.get("", always("/")))); err != nil {
			return err
		}
		size, err := h.pageSize()
		if err != nil {
			return err
		}
		m.note(cell{what: "size of the citizens' home page", value: size, unit: "KB", most: 50})
	}
	if m.only.String() == "" {
		if err := m.live(ctx, h, people); err != nil {
			return err
		}
	}
	if err := m.imports(ctx, h, importing); err != nil {
		return err
	}
	if m.only.String() != "" {
		return nil
	}
	if err := stop(); err != nil {
		return err
	}
	return m.bare(ctx, at)
}

// live measures how soon those see a change who have a desk or a screen open.
func (m *measuring) live(ctx context.Context, h *house, people people) error {
	w, err := h.watch(ctx, people, 8*time.Second)
	if err != nil {
		return err
	}
	m.note(cell{what: fmt.Sprintf("%d desks and %d screens live, %d changes a second: until a reader sees a change", liveDesks, liveScreens, liveRate),
		figure: w.figure, timeOnly: true})
	m.note(cell{what: "until the last of them has seen it", value: w.last.Seconds(), unit: "s", most: 1})
	m.note(cell{what: "memory with these readers", value: w.memory, unit: "MB"})
	return nil
}

// drive drives a row, unless it was not asked for.
func (m *measuring) drive(ctx context.Context, h *house, c cell, clients int, do deed) (err error) {
	if !m.only.MatchString(c.what) {
		return nil
	}
	if c.figure, err = m.burn(ctx, h, clients, m.span, do); err == nil {
		m.note(c)
	}
	return err
}

// burn lets clients do a deed, and tells what of the processor each took the house.
func (m *measuring) burn(ctx context.Context, h *house, clients int, span time.Duration, do deed) (figure, error) {
	before, err := h.burnt()
	if err != nil {
		return figure{}, err
	}
	f, err := drive(ctx, clients, span, do)
	if err != nil {
		return f, err
	}
	after, err := h.burnt()
	f.cpu = (after - before) / time.Duration(f.n)
	return f, err
}

// creating is the row of so many clients who file in an empty house.
func creating(clients int) string {
	return fmt.Sprintf("appeals created a second, with dispatch, %d clients", clients)
}

// createSeries begins the ids of what they file.
const createSeries = "create-"

// last returns the rate of a row.
func (m *measuring) last(what string) float64 { return m.table.cells[rowKey(what)][m.engine].rate }

// series names messages so that a house which was kept has none of them yet.
func (m *measuring) series(name string) string { return fmt.Sprint(name, "-", time.Now().Unix()) }

// want returns the figure to reach on this engine.
func (m *measuring) want(embedded, server float64) float64 {
	if m.engine == sqlite {
		return embedded
	}
	return server
}

// bare compares with an insert of the same rows, in the same minute.
func (m *measuring) bare(ctx context.Context, at place) (err error) {
	to := "sqlite:" + filepath.Join(m.dir, "bare.db")
	if at.db != "" {
		if to, err = another(ctx, m.pg, "yiwang_bare"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, dropped(context.WithoutCancel(ctx), m.pg, "yiwang_bare")) }()
	}
	f, err := bare(ctx, at, to, 8)
	if err != nil {
		return err
	}
	m.note(cell{what: "the rows of an appeal inserted bare by the same driver, committed together likewise, 8 writers", figure: f})
	m.note(cell{what: "created with dispatch, as a share of that", value: 100 * m.last(creating(8)) / f.rate, unit: "%", atLeast: 25})
	return nil
}

// full measures a house in which cases are stored.
func (m *measuring) full(ctx context.Context, at place) (err error) {
	h, err := start(ctx, m.bin, at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.stop()) }()
	m.note(cell{what: "from the start to the first answer", value: h.started.Seconds(), unit: "s", most: 2})
	if err := h.settle(ctx, m.rest); err != nil {
		return err
	}
	held, err := h.memory()
	if err != nil {
		return err
	}
	m.note(cell{what: "memory at rest, with dispatch", value: held, unit: "MB", most: 400})
	people, err := h.hire()
	if err != nil {
		return err
	}
	if err := m.besideEmpty(ctx, h, people); err != nil {
		return err
	}
	if err := m.reads(ctx, h, people); err != nil {
		return err
	}
	return m.imports(ctx, h, importing+", beside those stored")
}

// besideEmpty files cases, and leads them through their lives, in a full house and in an
// empty one.
func (m *measuring) besideEmpty(ctx context.Context, full *house, inFull people) (err error) {
	const filing, life = "appeals created a second, 8 clients", "whole lives a second, 8 clients"
	if !m.only.MatchString(filing) && !m.only.MatchString(life) {
		return nil
	}
	at, drop, err := m.plan.place(ctx, m.engine, m.dir, "few")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	empty, err := start(ctx, m.bin, at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, empty.stop()) }()
	inEmpty, err := empty.hire()
	if err != nil {
		return err
	}
	if err := empty.settle(ctx, firstRest); err != nil {
		return err
	}
	err = m.inTurns(ctx, filing, empty, full, func(h *house, series string) deed { return sending(h.client, h.appeal(series)) })
	if err != nil {
		return err
	}
	return m.inTurns(ctx, life, empty, full, func(h *house, series string) deed {
		if h == full {
			return h.life(inFull, series)
		}
		return h.life(inEmpty, series)
	})
}

// inTurns drives an empty house and a full one by turns, so that what makes the machine
// slower for a minute makes both slower; the other is held still. It notes the turn of the
// middle share.
func (m *measuring) inTurns(ctx context.Context, what string, empty, full *house, do func(h *house, series string) deed) error {
	if !m.only.MatchString(what) {
		return nil
	}
	cells := make([]cell, 5)
	for i := range cells {
		turn := func(f *figure, driven, other *house) error {
			return other.still(func() (err error) {
				*f, err = m.burn(ctx, driven, 8, m.span, do(driven, m.series(fmt.Sprint("turn-", i))))
				return err
			})
		}
		var few, many figure
		if err := errors.Join(turn(&few, empty, full), turn(&many, full, empty)); err != nil {
			return err
		}
		cells[i] = cell{what: what, figure: many, share: 100 * many.rate / few.rate, least: .9 * few.rate}
	}
	slices.SortFunc(cells, func(a, b cell) int { return cmp.Compare(a.share, b.share) })
	m.note(cells[len(cells)/2])
	return nil
}

// reads measures what people look at.
func (m *measuring) reads(ctx context.Context, h *house, p people) error {
	ids, err := h.ids(p)
	if err != nil {
		return err
	}
	words := strings.Fields("路灯 占道 电梯 清运 油烟 施工噪声")
	for _, one := range []struct {
		what    string
		path    func(worker, turn int) string
		slowest time.Duration
	}{
		{"inbox of the dispatch desk: 50 cases, 2 clients", always("/api/cases?lane=dispatch&sort=due&limit=50"), 20 * time.Millisecond},
		{"inbox of a unit: 50 cases, 2 clients", always("/api/cases?unit=" + lifeUnit + "&open=1&sort=due&limit=50"), 20 * time.Millisecond},
		{"search for words that few cases have, 2 clients", func(w, i int) string {
			return fmt.Sprintf("/api/cases?q=%s+%d&limit=50", url.QueryEscape(words[(i+w)%len(words)]), (i*7919)%max(1, m.stored))
		}, 20 * time.Millisecond},
		{"search for a word that every twelfth case has, 2 clients", func(w, i int) string {
			return "/api/cases?q=" + url.QueryEscape(words[(i+w)%len(words)]) + "&limit=50"
		}, 20 * time.Millisecond},
		{"case page, 2 clients", func(w, i int) string { return "/api/cases/" + ids[(i*31+w*17)%len(ids)] }, 20 * time.Millisecond},
		{"figures of today, 1 client", always("/api/figures/today"), 100 * time.Millisecond},
	} {
		if !m.only.MatchString(one.what) {
			continue
		}
		clients := 2
		if strings.Contains(one.what, "1 client") {
			clients = 1
		}
		f, err := m.burn(ctx, h, clients, m.span/2, sending(h.client, h.get(p.centre, one.path)))
		if err != nil {
			return err
		}
		m.note(cell{what: one.what, figure: f, slowest: one.slowest})
	}
	if m.only.String() != "" {
		return nil
	}
	behind, err := h.behind(p)
	if err != nil {
		return err
	}
	m.note(cell{what: "how far figures are behind, the most of ten", value: behind.Seconds(), unit: "s", most: 1})
	return nil
}

// ids returns cases of all ages.
func (h *house) ids(p people) (ids []string, err error) {
	for _, path := range []string{"/api/cases?sort=filed&limit=200", "/api/cases?sort=filed&limit=200&to=" + time.Now().Add(-past/2).Format(time.DateOnly)} {
		var page struct {
			Items []struct{ ID string } `json:"items"`
		}
		if err := h.read(p.centre, path, &page); err != nil {
			return nil, err
		}
		for _, k := range page.Items {
			ids = append(ids, k.ID)
		}
	}
	if len(ids) == 0 {
		return nil, errors.New("no case is listed")
	}
	return ids, nil
}

func (h *house) read(key, path string, into any) error {
	req, err := h.get(key, always(path))(0, 0)
	if err != nil {
		return err
	}
	raw, err := answer(h.client, req)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

func (h *house) pageSize() (float64, error) {
	req, err := h.get("", always("/"))(0, 0)
	if err != nil {
		return 0, err
	}
	raw, err := answer(h.client, req)
	return float64(len(raw)) / 1000, err
}

// behind files cases and waits until the figures know of each.
func (h *house) behind(p people) (most time.Duration, err error) {
	received := func() (n int64, err error) {
		var f struct{ Today struct{ Received int64 } }
		return f.Today.Received, h.read(p.centre, "/api/figures/today", &f)
	}
	file := h.appeal(fmt.Sprint("behind-", time.Now().Unix()))
	for i := range 10 {
		was, err := received()
		if err != nil {
			return 0, err
		}
		if _, err := h.filed(file, 0, i); err != nil {
			return 0, err
		}
		began := time.Now()
		for {
			is, err := received()
			if err != nil {
				return 0, err
			}
			if is > was {
				break
			}
			if time.Since(began) > time.Minute {
				return 0, errors.New("the figures do not move")
			}
			time.Sleep(10 * time.Millisecond)
		}
		most = max(most, time.Since(began))
	}
	return most, nil
}

// importing is the row of imports into a house that has few cases.
const importing = "messages imported a second from a file, with dispatch"

// importRows is how many messages the imported file has.
const importRows = 15_000

// imports takes in a file through the house that runs.
func (m *measuring) imports(ctx context.Context, h *house, what string) error {
	if !m.only.MatchString(what) {
		return nil
	}
	name := filepath.Join(m.dir, "messages.jsonl")
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	lines, series := json.NewEncoder(f), m.series("file")
	for i := range importRows {
		title, text := saying(i + 500_000_000)
		if err := lines.Encode(map[string]string{"id": fmt.Sprint(series, "-", i), "title": title, "text": text, "phone": fmt.Sprintf("139%08d", i)}); err != nil {
			return err
		}
	}
	if err := f.Close(); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, m.bin, h.args("import", name, "--channel", "hotline", "--json")...)
	cmd.Stderr = os.Stderr
	raw, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	var t struct {
		Created int     `json:"created"`
		Seconds float64 `json:"seconds"`
	}
	if err := json.Unmarshal(raw, &t); err != nil {
		return err
	}
	if t.Created != importRows {
		return fmt.Errorf("import: %d of %d rows were created", t.Created, importRows)
	}
	m.note(cell{what: what, value: float64(t.Created) / t.Seconds, unit: "/s", atLeast: m.want(3000, 1500)})
	return nil
}
