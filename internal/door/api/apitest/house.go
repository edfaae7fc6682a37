package apitest

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	packs "yiwang/city"
	"yiwang/internal/base/blob"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/limit"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/core/schema"
	"yiwang/internal/door/api"
	"yiwang/internal/work/decide"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/duty"
	"yiwang/internal/work/entitle"
	"yiwang/internal/work/exchange"
	"yiwang/internal/work/guide"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/knowledge"
	"yiwang/internal/work/repeat"
	"yiwang/internal/work/seat"
	"yiwang/internal/work/topic"
	"yiwang/internal/work/view"
	"yiwang/internal/work/webhook"
)

// House is everything behind the staff door, on the demo city.
type House struct {
	Clock     *casestest.Clock
	City      *city.City
	DB        *sqldb.DB
	Staff     *org.Store
	Cases     *cases.Store
	View      *view.View
	Topics    *topic.Board
	Desk      *intake.Desk
	Files     *intake.Attachments
	Hooks     *webhook.Feed
	Duty      *duty.Store
	Rules     *decide.Store
	Answers   *knowledge.Base
	Calls     *seat.Board
	Registers *register.Store
	Exchange  *exchange.Office
	URL       string       // where the door is
	Door      http.Handler // the door itself, see Person.Knock

	in     map[string]*Person // who has signed in
	heeded int64              // number of the first action the index of repeats has not heard of
}

// Wide are rates that no test meets by chance.
var Wide = limit.Rates{Staff: 1_000_000, Key: 1_000_000, Address: 1_000_000}

// Run runs fn with a fresh house on SQLite and on PostgreSQL.
func Run(t *testing.T, fn func(t *testing.T, h *House)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, Open(t, sqldbtest.SQLiteURL)) })
	t.Run("postgres", func(t *testing.T) { fn(t, Open(t, sqldbtest.PostgresURL)) })
}

// Open opens a house on one engine, with its demo accounts.
func Open(t testing.TB, url func(testing.TB, fs.FS) string) *House {
	t.Helper()
	h := OpenEmpty(t, url)
	must(t, h.Staff.OpenDemo(t.Context()))
	return h
}

// OpenEmpty opens a house in which nobody can sign in yet.
func OpenEmpty(t testing.TB, url func(testing.TB, fs.FS) string) *House {
	t.Helper()
	pack, err := fs.Sub(packs.Demo(), "demo")
	must(t, err)
	return openPack(t, url, pack)
}

// OpenCity opens the house of another city: the demo's pack with other words in some
// of its files, old and new by turns.
func OpenCity(t testing.TB, url func(testing.TB, fs.FS) string, edits map[string][]string) *House {
	t.Helper()
	demo, err := fs.Sub(packs.Demo(), "demo")
	must(t, err)
	pack := fstest.MapFS{}
	must(t, fs.WalkDir(demo, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(demo, name)
		if words := edits[name]; len(words) > 0 {
			b = []byte(strings.NewReplacer(words...).Replace(string(b)))
		}
		pack[name] = &fstest.MapFile{Data: b}
		return err
	}))
	h := openPack(t, url, pack)
	must(t, h.Staff.OpenDemo(t.Context()))
	return h
}

func openPack(t testing.TB, url func(testing.TB, fs.FS) string, pack fs.FS) *House {
	t.Helper()
	c, found := city.Load(pack) // one of its own: publishing a duty list changes its catalog
	if c == nil {
		t.Fatalf("the pack does not load: %v", found)
	}
	var err error
	h := &House{Clock: &casestest.Clock{}, City: c, in: map[string]*Person{}}
	h.Clock.Set(casestest.Monday)
	logger := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	h.DB, err = sqldb.Open(t.Context(), sqldb.Config{URL: url(t, schema.Migrations()), Now: h.Clock.Now, Conns: 8, Logger: logger})
	must(t, err)
	t.Cleanup(func() { must(t, h.DB.Close()) })
	h.Staff, err = org.Open(t.Context(), h.DB, c.Directory)
	must(t, err)
	keys := casestest.NewKeys(t)
	h.Cases, err = cases.New(t.Context(), cases.Deps{DB: h.DB, City: c, Units: h.Staff.Directory,
		Master: keys.Master, MAC: keys.MAC, Signer: keys.Signer, Logger: logger})
	must(t, err)
	h.View = view.New(view.Deps{DB: h.DB, City: c, Units: h.Staff.Directory, Cases: h.Cases, Logger: logger})
	judge := newJudge(t)
	h.Desk = &intake.Desk{City: c, Units: h.Staff.Directory, Cases: h.Cases, Judge: judge, Repeats: repeat.New(), Now: h.Clock.Now}
	blobs, err := blob.New(t.TempDir())
	must(t, err)
	fileKey, err := gm.NewKey(gm.Intl)
	must(t, err)
	h.Files = &intake.Attachments{Blobs: blobs, Key: fileKey}
	h.Duty = duty.NewStore(h.DB, c, pack)
	h.Rules = decide.NewStore(h.DB, c.Rules)
	h.Answers, err = knowledge.Open(t.Context(), h.DB, c, pack)
	must(t, err)
	h.Calls = &seat.Board{DB: h.DB, Key: fileKey}
	h.Registers, err = register.Open(t.Context(), h.DB, c.Registers, fileKey)
	must(t, err)
	h.Topics = topic.NewBoard(topic.BoardDeps{DB: h.DB, City: c, Units: h.Staff.Directory, Cases: h.Cases, Judge: judge, Logger: logger})
	h.Hooks = webhook.New(webhook.Deps{DB: h.DB, City: c, Staff: h.Staff, Cases: h.Cases, Key: fileKey, Logger: logger})
	h.Exchange = &exchange.Office{DB: h.DB, City: c, Cases: h.Cases, Desk: h.Desk, Files: h.Files, MAC: keys.MAC}
	annals := &guide.Annals{DB: h.DB}
	_, err = annals.Note(t.Context(), c.Catalog.Editions())
	must(t, err)
	benefits := entitle.New(entitle.Deps{DB: h.DB, Units: h.Staff.Directory, Cases: h.Cases, Desk: h.Desk, Book: c.Rules, Now: h.Clock.Now, Logger: logger,
		Items: func() []entitle.Item {
			return []entitle.Item{{Entitlement: &matter.Entitlement{}, Service: "elder-allowance", Unit: "minzheng"}}
		}})
	h.Door = api.New(api.Deps{Hooks: h.Hooks, DB: h.DB, City: c, Staff: h.Staff, Cases: h.Cases, View: h.View, Topics: h.Topics, Desk: h.Desk,
		Files: h.Files, Judge: judge, Duty: h.Duty, Rules: h.Rules, Answers: h.Answers, Guides: guide.NewBook(h.City), Annals: annals, Calls: h.Calls, Registers: h.Registers, Exchange: h.Exchange, Entitle: benefits, Logger: logger, Rates: Wide})
	door := httptest.NewServer(h.Door)
	t.Cleanup(door.Close)
	h.URL = door.URL
	return h
}

// Settle numbers what has happened, folds it into figures and tells the index of
// repeats, which the house does by itself while it is served.
func (h *House) Settle(t testing.TB) {
	t.Helper()
	_, err := h.Cases.Sequence(t.Context(), "test")
	must(t, err)
	must(t, h.View.CatchUp(t.Context()))
	news, err := h.Cases.Since(t.Context(), h.heeded, 1000)
	must(t, err)
	for _, n := range news {
		must(t, h.Desk.Heed(t.Context(), n.Header))
		h.heeded = n.Seq + 1
	}
}

// judge is the machine that reads messages, taught nothing but the duty list.
type judge struct{ *dispatch.Learner }

// learned is the model of all tests of a binary; it never changes.
var learned = sync.OnceValues(func() (*dispatch.Model, error) {
	c, err := city.Embedded()
	if err != nil {
		return nil, err
	}
	var corpus dispatch.Corpus
	for _, m := range c.Catalog.InForce("appeal", "2026-11-23") {
		corpus.Duty = append(corpus.Duty, dispatch.Entry{Code: m.Code, Name: m.Name, Path: m.Levels, Description: m.Description, Words: m.Keywords})
	}
	model, _, err := dispatch.Train(context.Background(), corpus, dispatch.Options{})
	return model, err
})

func newJudge(t testing.TB) *judge {
	t.Helper()
	model, err := learned()
	must(t, err)
	return &judge{dispatch.NewLearner(model)}
}

// Explain says why a message is read as a matter.
func (j *judge) Explain(m dispatch.Message, code string) dispatch.Explanation {
	return j.Model().Explain(m, code, nil)
}

// Threshold is the confidence from which a matter is sent unseen.
func (j *judge) Threshold() float64 { return j.Model().Threshold(dispatch.Matter) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
