package topic

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/pace"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/place"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/intake"
)

// Bounds of the board.
const (
	// Window is how far back the board looks.
	Window = 60 * 24 * time.Hour
	// most is how many cases it groups, the latest; all cost is bounded by it.
	most = 20_000
	// pause is the least time between two groupings; a grouping that took longer
	// than a quarter of it makes the pause longer.
	pause = 20 * time.Second
)

// BoardDeps is what a board looks at.
type BoardDeps struct {
	DB     *sqldb.DB
	City   *city.City
	Units  func() *org.Directory
	Cases  *cases.Store
	Judge  Judge
	Logger *slog.Logger
}

// Member is a case of a topic.
type Member struct {
	ID       string `db:"id"`
	Number   string `db:"number"`
	Title    string `db:"title"`
	Matter   string `db:"matter"`
	Channel  string `db:"channel"`
	Area     string `db:"area"`
	Unit     string `db:"unit"`
	UnitPath string `db:"unit_path"`
	FiledBy  string `db:"filed_by"`
	FiledAt  int64  `db:"filed_at"`
	Closed   int    `db:"closed"`
}

// Live is a topic of the running city. Its id is that of its first case, so it stays
// while the topic grows.
type Live struct {
	Topic
	ID       string
	Area     string // code of the street that at least half of its cases are in, "" where none is
	Members  []Member
	Open     int
	Week     int   // cases of the last seven days
	LastWeek *int  // of the seven days before; nil where the log does not reach
	LastYear *int  // of its matter and street in the same seven days a year ago
	Theme    *Case // the theme case that gathers it, nil for none
}

// Case is a reference to a case.
type Case struct{ ID, Number string }

// Snapshot is what the board showed at one time.
type Snapshot struct {
	AsOf     int64 // UTC milliseconds
	Cases    int   // cases grouped
	Took     time.Duration
	Topics   []Live
	Warnings []Warning
}

// Board keeps the topics of the running city. It is safe for concurrent use.
type Board struct {
	BoardDeps
	mu    sync.Mutex // one refresh at a time
	known map[string]Message
	now   atomic.Pointer[Snapshot]

	keptBefore map[string]Reading // by an earlier run, until the first refresh
	past       *past              // nil before the first refresh

	hearing   sync.Mutex
	heard     [2]map[string]Message // since the last refresh, the latest first
	forgotten map[string]bool       // erased since then
}

// NewBoard returns a board that shows nothing until it is refreshed.
func NewBoard(d BoardDeps) *Board {
	b := &Board{BoardDeps: d, known: map[string]Message{}, heard: [2]map[string]Message{{}, {}}, forgotten: map[string]bool{}}
	b.now.Store(&Snapshot{})
	return b
}

// Now returns the latest snapshot. It is not to be changed.
func (b *Board) Now() *Snapshot { return b.now.Load() }

// Follow refreshes the board as cases come, until ctx ends; the first time, before which
// it shows nothing, as first says.
func (b *Board) Follow(ctx, first context.Context) error {
	for turn := first; ; turn = ctx {
		changed := b.Cases.Changed()
		if err := b.Refresh(turn); err != nil && ctx.Err() == nil {
			b.Logger.ErrorContext(ctx, "topics could not be grouped", "error", err)
		}
		rest := max(pause, 4*b.Now().Took)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(rest):
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
	}
}

// Hear takes in a message that was just judged and filed, so that the next refresh
// need not open and judge it again.
func (b *Board) Hear(h intake.Heard) {
	m := messageOf(h.Title, h.Text, ReadingOf(h.Reading))
	b.hearing.Lock()
	defer b.hearing.Unlock()
	if len(b.heard[0]) == most/2 { // the oldest would hardly be grouped any more
		b.heard = [2]map[string]Message{{}, b.heard[0]}
	}
	b.heard[0][h.Case] = m
}

// Forget drops what is known of a case that was erased: it is not kept, and gone with the
// next refresh.
func (b *Board) Forget(id string) {
	b.hearing.Lock()
	defer b.hearing.Unlock()
	b.forgotten[id] = true
}

// Keep returns how the messages of the window were read, by case, so that the next run
// need not read them again: before the first refresh has ended also what was recalled.
// Places in them are as people wrote them.
func (b *Board) Keep() map[string]Reading {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hearing.Lock()
	b.heed()
	b.hearing.Unlock()
	out := make(map[string]Reading, len(b.known)+len(b.keptBefore))
	maps.Copy(out, b.keptBefore)
	for id, m := range b.known {
		out[id] = m.Reading
	}
	return out
}

// heed drops the messages of cases that were erased. Its caller holds both locks.
func (b *Board) heed() {
	for id := range b.forgotten {
		for _, of := range []map[string]Message{b.known, b.heard[0], b.heard[1]} {
			delete(of, id)
		}
		delete(b.keptBefore, id)
	}
	clear(b.forgotten)
}

// Recall takes what Keep returned, before the first refresh.
func (b *Board) Recall(kept map[string]Reading) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keptBefore = kept
}

// messageOf keeps of a message what grouping needs.
func messageOf(title, text string, r Reading) Message {
	runes := 0
	for at := range text {
		if runes == textRunes {
			text = strings.Clone(text[:at])
			break
		}
		runes++
	}
	return Message{Title: title, Text: text, Reading: r}
}

// Refresh groups the cases of the window. Only messages that it has neither heard
// nor seen are opened and read.
func (b *Board) Refresh(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "topic.Refresh")
	b.mu.Lock()
	defer b.mu.Unlock()
	began := time.Now()
	now := b.DB.Now()
	members, err := sqldb.Select[Member](ctx, b.DB.Behind(), `select id, number, title, matter, channel, area, unit, unit_path, filed_by, filed_at, closed
		from cases where family = 'appeal' and filed_at >= ? order by filed_at desc limit ?`, now-Window.Milliseconds(), most)
	if err != nil {
		return err
	}
	slices.Reverse(members)
	messages, err := b.read(ctx, members)
	if err != nil {
		return err
	}
	s := &Snapshot{AsOf: now, Cases: len(members)}
	topics := Find(ctx, messages, Options{Now: now, Window: Window.Milliseconds(), Matters: b.matterNames()})
	themes, err := b.themes(ctx)
	if err != nil {
		return err
	}
	first, err := b.begin(ctx)
	if err != nil {
		return err
	}
	for _, t := range topics {
		if t.Heat.Messages > 1 { // one voice is no topic
			s.Topics = append(s.Topics, b.live(t, members, themes, first, now))
		}
	}
	if err := b.lookBack(ctx, first, now); err != nil {
		return err
	}
	for i := range s.Topics[:min(len(s.Topics), shown)] {
		s.Topics[i].LastYear = b.past.lastYear(&s.Topics[i])
	}
	if s.Warnings, err = b.warnings(ctx, now); err != nil {
		return err
	}
	s.Took = time.Since(began)
	b.now.Store(s)
	return nil
}

// shown is how many topics are compared with a year ago.
const shown = 100

// read returns the messages of cases, in their order, and forgets all others.
func (b *Board) read(ctx context.Context, members []Member) ([]Message, error) {
	b.hearing.Lock()
	b.heed()
	heard := b.heard
	b.heard = [2]map[string]Message{{}, {}}
	b.hearing.Unlock()
	known, work := make(map[string]Message, len(members)), pace.Start(ctx)
	out := make([]Message, 0, len(members))
	for _, m := range members {
		msg, ok := b.known[m.ID]
		for _, h := range heard {
			if !ok {
				msg, ok = h[m.ID]
			}
		}
		if !ok {
			title, text, err := b.Cases.Message(ctx, m.ID)
			if err != nil && ctx.Err() != nil {
				maps.Copy(b.known, known) // what was read is kept
				return nil, err
			}
			if err != nil && !errs.Is(err, errs.NotFound) {
				b.Logger.ErrorContext(ctx, "a message cannot be read", "case", m.ID, "error", err)
			}
			r, kept := b.keptBefore[m.ID]
			if !kept {
				r = ReadingOf(b.Judge.Read(dispatch.Message{Title: title, Text: text}))
			} else if title+text == "" {
				r = Reading{} // erased since
			}
			msg = messageOf(title, text, r)
		}
		msg.ID, msg.At, msg.Channel = m.ID, m.FiledAt, m.Channel
		known[m.ID] = msg
		if m.Matter != "" {
			msg.Matters = []Weighed{{m.Matter, 1}} // decided since
		}
		out = append(out, msg)
		work.Rest()
	}
	b.known, b.keptBefore = known, nil
	return out, nil
}

func (b *Board) live(t Topic, members []Member, themes map[string]Case, first, now int64) Live {
	l := Live{Topic: t}
	streets := map[string]float64{}
	last := 0
	for _, i := range t.Rows {
		m := members[i]
		l.Members = append(l.Members, m)
		if m.Closed == 0 {
			l.Open++
		}
		switch age := now - m.FiledAt; {
		case age < week:
			l.Week++
		case age < 2*week:
			last++
		}
		if s := b.street(m.Area); s != "" {
			streets[s]++
		}
		if c, ok := themes[m.ID]; ok {
			l.Theme = &c
		}
	}
	l.ID = l.Members[0].ID
	if area, n := mostOf(streets); 2*n >= float64(len(l.Members)) {
		l.Area = area
	}
	if first > 0 && first <= now-2*week {
		l.LastWeek = &last
	}
	if l.Place == "" {
		if a, ok := b.City.Places.Area(l.Area); ok {
			l.Place = a.Name
			l.Title = a.Name + "：" + l.Title
		}
	}
	return l
}

// street returns the street that an area lies in, "" where it lies in none.
func (b *Board) street(area string) string {
	if s, ok := b.City.Places.Up(area, place.Street); ok {
		return s.Code
	}
	return ""
}

func (b *Board) matterNames() map[string]string {
	names := map[string]string{}
	for _, m := range b.City.Catalog.InForce("appeal", matter.Today()) {
		names[m.Code] = m.Name
	}
	return names
}

// themes returns which theme case gathers a case.
func (b *Board) themes(ctx context.Context) (map[string]Case, error) {
	type row struct {
		Other  string `db:"other"`
		ID     string `db:"id"`
		Number string `db:"number"`
	}
	rows, err := sqldb.Select[row](ctx, b.DB.Read(), `select l.other, c.id, c.number from cases c
		join link l on l.case_id = c.id and l.kind = 'gathered_in<' where c.family = ? and c.family <> 'appeal'`, ThemeFamily)
	out := map[string]Case{}
	for _, r := range rows {
		out[r.Other] = Case{r.ID, r.Number}
	}
	return out, err
}

// begin returns when the first case of the log was filed, 0 for none.
func (b *Board) begin(ctx context.Context) (int64, error) {
	var first *int64
	err := b.DB.Read().QueryRow(ctx, `select min(filed_at) from cases where family = 'appeal'`).Scan(&first)
	if err != nil || first == nil {
		return 0, err
	}
	return *first, nil
}

// Seen returns the topics of which an actor may see at least half of the cases,
// with only the cases that the actor may see.
func (b *Board) Seen(by org.Actor) []Live {
	f := b.Units().ScopeOf(by)
	var out []Live
	for _, l := range b.Now().Topics {
		if !f.All {
			l.Members = slices.DeleteFunc(slices.Clone(l.Members), func(m Member) bool {
				return !f.Admits(org.CaseRef{Unit: m.Unit, UnitPath: m.UnitPath, FiledBy: m.FiledBy})
			})
		}
		if 2*len(l.Members) >= l.Heat.Messages {
			out = append(out, l)
		}
	}
	return out
}
