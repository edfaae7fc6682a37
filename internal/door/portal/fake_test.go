package portal_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/door/portal"
)

// house is an Office in memory that runs the declared lifecycles of the demo
// city just far enough to walk through the pages.
type house struct {
	mu     sync.Mutex
	city   *city.City
	book   *portal.Book
	now    func() time.Time
	cases  []*paper
	files  map[string][]byte
	types  map[string]portal.File
	asked  []string // telephone numbers that a code was asked for
	broken error    // returned by File
	acts   int
}

type paper struct {
	id, number, code, state, family, unit string
	filing                                portal.Filing
	at                                    time.Time
	steps                                 []portal.Step
	rating                                int
	due                                   *portal.Promise
}

func newHouse(t testing.TB, now func() time.Time) *house {
	t.Helper()
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	b, err := portal.BookOf(c)
	if err != nil {
		t.Fatal(err)
	}
	return &house{city: c, book: b, now: now, files: map[string][]byte{}, types: map[string]portal.File{}}
}

func (h *house) Book(context.Context) (*portal.Book, error) { return h.book, nil }

func (h *house) File(_ context.Context, f portal.Filing) (portal.Filed, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.broken != nil {
		return portal.Filed{}, h.broken
	}
	for _, p := range h.cases {
		if p.filing.External == f.External {
			return portal.Filed{CaseID: p.id, Number: p.number, At: p.at}, nil
		}
	}
	life := h.city.Catalog.Lifecycle(h.city.Catalog.Family(f.Family).Lifecycle)
	n := len(h.cases) + 1
	p := &paper{
		id: fmt.Sprintf("01CASE%020d", n), number: fmt.Sprintf("SF20261121%04d", n), code: fmt.Sprintf("K7M%dQ9PX", n),
		state: life.Start, family: f.Family, filing: f, at: h.now(),
	}
	p.steps = []portal.Step{{At: p.at, Text: life.Action("file").Citizen}}
	h.cases = append(h.cases, p)
	return portal.Filed{CaseID: p.id, Number: p.number, Code: p.code, At: p.at}, nil
}

func (h *house) find(id string) (*paper, error) {
	for _, p := range h.cases {
		if p.id == id {
			return p, nil
		}
	}
	return nil, errs.E(errs.NotFound, "errs.not_found", nil)
}

func (h *house) Find(_ context.Context, number, code string) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range h.cases {
		if p.number == number && p.code == code {
			return p.id, nil
		}
	}
	return "", errs.E(errs.NotFound, "errs.not_found", nil)
}

func (h *house) Look(_ context.Context, id string) (portal.Progress, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, err := h.find(id)
	if err != nil {
		return portal.Progress{}, err
	}
	life := h.life(p)
	state := life.State(p.state)
	out := portal.Progress{
		CaseID: p.id, Number: p.number, Family: p.family, State: state.Citizen, Closed: state.Closed,
		Unit: p.unit, FiledAt: p.at, Steps: p.steps, Promise: p.due, Files: p.filing.Files,
	}
	for _, f := range h.city.Catalog.Family(p.family).Fields {
		if v, ok := p.filing.Fields[f.Code]; ok && f.Type != matter.Files {
			out.Said = append(out.Said, portal.Said{Title: f.Title, Value: fmt.Sprint(v)})
		}
	}
	for _, a := range life.OpenIn(p.state) {
		if slices.Contains(a.Who, "appellant") && !(a.Code == "rate" && p.rating > 0 && p.state != "callback") {
			out.Actions = append(out.Actions, portal.Choice{Code: a.Code, Title: a.Title, Hint: a.Hint, Main: a.Main, Input: a.Input, Ends: a.To != "" && life.State(a.To).Closed})
		}
	}
	return out, nil
}

func (h *house) life(p *paper) *matter.Lifecycle {
	return h.city.Catalog.Lifecycle(h.city.Catalog.Family(p.family).Lifecycle)
}

func (h *house) Act(_ context.Context, a portal.Act) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, err := h.find(a.CaseID)
	if err != nil {
		return err
	}
	h.acts++
	d := h.life(p).Action(a.Action)
	p.steps = append(p.steps, portal.Step{At: h.now(), Text: d.Citizen, Mine: true, Files: a.Files})
	p.filing.Files = append(p.filing.Files, a.Files...)
	if level, ok := a.Input["level"].(int); ok {
		p.rating = level
		if level >= 4 {
			p.state = "handling"
			return nil
		}
	}
	if d.To != "" {
		p.state = d.To
	}
	return nil
}

func (h *house) Recover(_ context.Context, phone string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, phone)
	return nil
}

func (h *house) Nearby(_ context.Context, e portal.Event) ([]portal.Neighbour, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []portal.Neighbour
	for _, p := range h.cases {
		if e.Area != "" && p.filing.Area == e.Area {
			out = append(out, h.neighbour(p))
		}
	}
	return out, nil
}

func (h *house) neighbour(p *paper) portal.Neighbour {
	s := h.life(p).State(p.state)
	return portal.Neighbour{CaseID: p.id, About: "占道经营", Where: "梅林街道 梅都社区", State: s.Citizen, Unit: p.unit, FiledAt: p.at, Closed: s.Closed}
}

func (h *house) Glance(_ context.Context, id string) (portal.Neighbour, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, err := h.find(id)
	if err != nil {
		return portal.Neighbour{}, err
	}
	return h.neighbour(p), nil
}

func (h *house) Keep(_ context.Context, name string, r io.Reader) (portal.File, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return portal.File{}, err
	}
	kind := http.DetectContentType(b)
	if kind != "image/png" && kind != "image/jpeg" && kind != "application/pdf" {
		return portal.File{}, errs.E(errs.Invalid, "blob.type_refused", nil)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	f := portal.File{ID: fmt.Sprintf("file%d", len(h.files)+1), Name: name, Type: kind, Size: int64(len(b))}
	h.files[f.ID], h.types[f.ID] = b, f
	return f, nil
}

func (h *house) Open(_ context.Context, id string, _ portal.Size) (io.ReadCloser, portal.File, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b, ok := h.files[id]
	if !ok {
		return nil, portal.File{}, errs.E(errs.NotFound, "errs.not_found", nil)
	}
	return io.NopCloser(bytes.NewReader(b)), h.types[id], nil
}

// answer moves a case to where its appellant may rate it.
func (h *house) answer(number, text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range h.cases {
		if p.number == number {
			p.unit = "梅林街道综合行政执法队"
			p.state = "callback"
			p.steps = append(p.steps,
				portal.Step{At: h.now(), Text: "已分派给梅林街道综合行政执法队办理。", Unit: p.unit},
				portal.Step{At: h.now(), Text: text, Unit: p.unit})
		}
	}
}

// drawer keeps drafts in memory.
type drawer struct {
	mu   sync.Mutex
	rows map[string][]byte
}

func (d *drawer) LoadDraft(_ context.Context, id string) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	b, ok := d.rows[id]
	if !ok {
		return nil, errs.E(errs.NotFound, "errs.not_found", nil)
	}
	return b, nil
}

func (d *drawer) SaveDraft(_ context.Context, id string, sealed []byte, _ time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.rows == nil {
		d.rows = map[string][]byte{}
	}
	d.rows[id] = sealed
	return nil
}

func (d *drawer) DropDraft(_ context.Context, id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.rows, id)
	return nil
}

// areaChosen is the area that the page of a browser shows as chosen.
func (h *house) areaChosen(b *browser) string {
	m := chosen.FindStringSubmatch(b.page)
	if m == nil {
		b.t.Fatal("no area is chosen")
	}
	return m[1]
}

var chosen = regexp.MustCompile(`<option value="(\d+)" selected>`)
