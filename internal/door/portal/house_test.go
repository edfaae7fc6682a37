package portal_test

import (
	"context"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"yiwang/internal/app"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
)

// clockwork is the time of the house, moved by hand and never back.
type clockwork struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clockwork) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clockwork) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// house is the real house on a new database, shared by the tests of this
// package: each has its own door, cases and visitors.
type house struct {
	*app.App
	clock *clockwork
}

var shared struct {
	once sync.Once
	house
	dir string
	err error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.App != nil {
		_ = shared.Close()
	}
	if shared.dir != "" {
		_ = os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

func openHouse(t testing.TB) *house {
	t.Helper()
	shared.once.Do(func() {
		shared.clock = &clockwork{t: time.Date(2026, 11, 23, 15, 46, 0, 0, text.CST)}
		if shared.dir, shared.err = os.MkdirTemp("", "portal"); shared.err != nil {
			return
		}
		quiet := slog.New(slog.DiscardHandler)
		shared.App, shared.err = app.Open(context.Background(), app.Config{Data: shared.dir, Now: shared.clock.now, Logger: quiet})
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return &shared.house
}

// paper returns a case as the database has it.
func (h *house) paper(t testing.TB, number string) cases.View {
	t.Helper()
	c, err := h.Cases.ByNumber(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	v, err := h.Cases.Open(t.Context(), org.Appellant(), c.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// field is what the case was filed with.
func field(v cases.View, code string) string {
	for _, f := range v.Fields {
		if f.Code == code {
			return f.Text
		}
	}
	return ""
}

// answer takes a case through the offices to where its appellant may rate it.
func (h *house) answer(t testing.TB, number, said string) {
	t.Helper()
	const unit = "st-meilin-um"
	c := h.paper(t, number).Case
	if c.State == "received" {
		h.act(t, c.ID, "fenbo", "dispatch", map[string]any{"matter": "030503", "unit": unit})
	}
	c = h.paper(t, number).Case
	clerk := ""
	for _, s := range h.Staff.Directory().StaffOf(c.Unit) {
		if strings.Contains(strings.Join(s.Roles, " "), "head") {
			clerk = s.ID
		}
	}
	h.act(t, c.ID, clerk, "sign", nil)
	h.act(t, c.ID, clerk, "contact", map[string]any{"means": "phone", "note": "已通话"})
	h.act(t, c.ID, clerk, "resolve", map[string]any{"result": "solved", "answer": said})
	h.act(t, c.ID, "shenhe", "pass", nil)
}

func (h *house) act(t testing.TB, id, who, action string, input map[string]any) {
	t.Helper()
	by, ok := h.Staff.Directory().Actor(who)
	if !ok {
		t.Fatalf("nobody is called %q", who)
	}
	if _, err := h.Cases.Act(t.Context(), by, cases.Deed{Case: id, Action: action, Input: input}); err != nil {
		t.Fatalf("%s %s: %v", who, action, err)
	}
}

// newCodes counts the messages with a new query code that are on their way.
func (h *house) newCodes(t testing.TB) (n int) {
	t.Helper()
	err := h.DB.Read().QueryRow(t.Context(), `select count(*) from notice where template = 'new_code'`).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var (
	numberShown = regexp.MustCompile(`<dd class="code" data-copy>([^<]+)</dd>`)
	codeShown   = regexp.MustCompile(`<dd class="code big" data-copy>([^<]+)</dd>`)
	idShown     = regexp.MustCompile(`name="id" value="([^"]+)"`)
	areaShown   = regexp.MustCompile(`<option value="(\d+)" selected>`)
)

// shown returns what a page shows at a pattern.
func (b *browser) shown(what *regexp.Regexp) string {
	b.t.Helper()
	m := what.FindStringSubmatch(b.page)
	if m == nil {
		b.t.Fatalf("%s does not show %v:\n%s", b.path, what, plain(b.page))
	}
	return m[1]
}

// receipt returns the number and the query code of the page after filing.
func (b *browser) receipt() (number, code string) {
	b.t.Helper()
	return b.shown(numberShown), b.shown(codeShown)
}
