package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"yiwang/internal/base/document"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/pace"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/door/api"
	"yiwang/internal/door/desk"
	"yiwang/internal/door/open311"
	"yiwang/internal/door/portal"
	"yiwang/internal/work/brief"
)

// Serve opens a data directory and runs until ctx ends. It prints to out where
// it listens and, in a demo directory, the demo accounts.
func Serve(ctx context.Context, cfg Config, out io.Writer) (err error) {
	if cfg.lives() {
		if err := begin(ctx, cfg, out); err != nil {
			return err
		}
	}
	cfg.recallLater = true
	a, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.populate(ctx); err != nil {
		return err
	}
	l, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return err
	}
	if a.SMTP != "" {
		if a.post, err = net.Listen("tcp", a.SMTP); err != nil {
			return err
		}
	}
	handler, err := a.Handler(ctx)
	if err != nil {
		return err
	}
	code, err := a.firstStart(ctx)
	if err != nil {
		return err
	}
	a.greet(out, l.Addr(), code)
	return a.Run(ctx, l, handler)
}

// Run serves the doors on l and does everything that happens by itself, until
// ctx ends; then it lets requests finish and signs the log once more.
func (a *App) Run(ctx context.Context, l net.Listener, handler http.Handler) error {
	g, ctx := errgroup.WithContext(ctx)
	srv := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog:    slog.NewLogLogger(a.Logger.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	g.Go(func() error {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return srv.Shutdown(stop)
	})
	g.Go(func() error { return a.control(ctx) })
	a.background(ctx, g)
	err := g.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	last, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(err, a.checkpoint(last))
}

// background starts the work that nobody asks for.
func (a *App) background(ctx context.Context, g *errgroup.Group) {
	quiet := a.pace.With(ctx)
	g.Go(func() error { return a.fireClocks(ctx) })
	g.Go(func() error { return a.View.Follow(ctx) })
	g.Go(func() error { return a.followTopics(quiet) })
	g.Go(func() error { return a.every(ctx, sparePause, "memory", a.tendMemory) })
	g.Go(func() error { return a.index(ctx) })
	g.Go(func() error { return a.every(ctx, time.Minute, "checkpoint", a.checkpoint) })
	g.Go(func() error { return a.every(ctx, 3*time.Second, "directory", a.refreshStaff) })
	for _, box := range a.outboxes() {
		g.Go(func() error {
			return a.every(ctx, lookForNotices, "notices "+box.Channel, func(ctx context.Context) error { return send(ctx, &box, betweenBatches) })
		})
	}
	g.Go(func() error { return a.every(quiet, 3*time.Second, "duty list", a.refreshDuty) })
	g.Go(func() error { return a.every(ctx, 3*time.Second, "decision tables", a.Rules.Refresh) })
	g.Go(func() error { return a.every(ctx, time.Hour, "attachments", a.sweepFiles) })
	g.Go(func() error { return a.every(ctx, time.Minute, "briefs", a.settleBriefs) })
	g.Go(func() error { return a.keepFor(quiet) })
	g.Go(func() error { return a.every(ctx, time.Hour, "decline", a.warnOfDecline) })
	g.Go(func() error { return a.Entitle.Follow(ctx) })
	g.Go(func() error { return a.every(ctx, time.Minute, "entitlements", a.Entitle.Nightly) })
	g.Go(func() error { return a.learn(ctx) })
	g.Go(func() error { return a.Hooks.Run(ctx, a.Holder()) })
	if a.post != nil {
		g.Go(func() error { return a.takeMail(ctx, a.post) })
	}
	g.Go(func() error { return a.trainAsked(quiet) })
	g.Go(func() error {
		return a.every(ctx, 24*time.Hour, "repeats", func(context.Context) error {
			a.Repeats.Sweep(a.DB.Now())
			return nil
		})
	})
	if a.lives() {
		g.Go(func() error { return a.live(ctx) })
	}
	if a.DB.Engine() == sqldb.Postgres {
		g.Go(func() error { return a.number(ctx) })
	}
}

// every does something again and again. A failure is logged and tried again at
// the next turn: the house does not fall because the database was away.
func (a *App) every(ctx context.Context, pause time.Duration, name string, do func(context.Context) error) error {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			a.Logger.ErrorContext(ctx, "background work failed", "work", name, "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// How often what this process filed is entered into the index of words, and what
// others left.
const (
	indexPause  = 400 * time.Millisecond
	indexOthers = 30 * time.Second
)

// index enters the words of new cases, many at once.
func (a *App) index(ctx context.Context) error {
	var all time.Time
	return a.every(ctx, indexPause, "index of words", func(ctx context.Context) error {
		if time.Since(all) < indexOthers {
			return a.Cases.Index(ctx)
		}
		err := a.Cases.IndexAll(ctx)
		if err == nil {
			all = time.Now()
		}
		return err
	})
}

// clockPoll is how long the clocks sleep at most; a clock started meanwhile by
// another process is seen at the next turn.
const clockPoll = 500 * time.Millisecond

// fireClocks lets clocks fire as they fall due.
func (a *App) fireClocks(ctx context.Context) error {
	for {
		_, next, err := a.Cases.Fire(ctx)
		if err != nil && ctx.Err() == nil {
			a.Logger.ErrorContext(ctx, "clocks could not be fired", "error", err)
		}
		pause := clockPoll
		if next > 0 {
			pause = min(pause, time.Duration(max(1, next-a.DB.Now()))*time.Millisecond)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// number gives committed actions their numbers on PostgreSQL, as soon as this
// process has written something and otherwise several times a second.
func (a *App) number(ctx context.Context) error {
	for {
		written := a.Cases.Written()
		n, err := a.Cases.Sequence(ctx, a.Holder())
		if err != nil && ctx.Err() == nil {
			a.Logger.ErrorContext(ctx, "actions could not be numbered", "error", err)
		}
		if n > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-written:
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (a *App) sweepFiles(ctx context.Context) error {
	return a.Files.Sweep(ctx, a.Now(), a.Cases.Attached)
}

// learnBatch is how many actions are looked through at once for decisions to learn.
const learnBatch = 500

// learn teaches the machine what people decide, within a second of it, by
// following the log from where the lessons were read at the start.
func (a *App) learn(ctx context.Context) error {
	for a.recallLater {
		err := a.recall(a.pace.Part(ctx, awaitedParts))
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return nil // half of it is not worth keeping
		}
		a.Logger.ErrorContext(ctx, "what the machine has learnt could not be recalled", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	kept := a.Now()
	if a.Judge.afresh == a.opened {
		kept = time.Time{} // nothing is kept yet of what took long
	}
	for {
		changed := a.Cases.Changed()
		more, err := a.learnSome(ctx)
		if err != nil && ctx.Err() == nil {
			a.Logger.ErrorContext(ctx, "corrections could not be learnt", "error", err)
		}
		if more {
			continue
		}
		end := ctx.Err() != nil
		if end || a.Now().Sub(kept) > keepEvery {
			kept = a.Now()
			if err := a.keepLearnt(context.WithoutCancel(ctx), end); err != nil {
				a.Logger.ErrorContext(ctx, "what the machine has learnt could not be kept", "error", err)
			}
		}
		if end {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-time.After(time.Second):
		}
	}
}

// learnSome looks through the next actions and reports whether there may be more.
func (a *App) learnSome(ctx context.Context) (more bool, err error) {
	a.Judge.learning.Lock()
	defer a.Judge.learning.Unlock()
	batch, err := a.Cases.Since(ctx, a.Judge.next, learnBatch)
	if err != nil {
		return false, err
	}
	for _, n := range batch {
		if err := a.heedErasure(n.Header); err != nil {
			return false, err
		}
		if err := a.Desk.Heed(ctx, n.Header); err != nil {
			return false, err
		}
		l, ok, err := a.lessonIn(ctx, n.Header)
		if err != nil {
			return false, err
		}
		if ok {
			a.Judge.learn(l)
		}
		a.Judge.next = n.Seq + 1
	}
	return len(batch) == learnBatch, nil
}

// lessonIn returns what an action teaches, if it does. Error: of the context only; a
// damaged one must not hold up what comes after.
func (a *App) lessonIn(ctx context.Context, h *cases.Header) (cases.Lesson, bool, error) {
	if !cases.Teaches(h) {
		return cases.Lesson{}, false, nil
	}
	l, err := a.Cases.LessonAt(ctx, h.Case, h.N)
	if err != nil && ctx.Err() != nil {
		return l, false, err
	}
	if err != nil && !errs.Is(err, errs.NotFound) {
		a.Logger.ErrorContext(ctx, "a lesson cannot be read", "case", h.Case, "error", err)
	}
	return l, err == nil, nil
}

// refreshDuty takes in what another process published, and fits the machine to the
// list wherever another one is in force: it was published, or its day has come.
func (a *App) refreshDuty(ctx context.Context) error {
	if _, err := a.Duty.Refresh(ctx); err != nil {
		return err
	}
	return a.fitJudge(ctx)
}

func (a *App) refreshStaff(ctx context.Context) error {
	stale, err := a.Staff.Stale(ctx)
	if err != nil || !stale {
		return err
	}
	return a.Staff.Reload(ctx)
}

// checkpoint signs the log and leaves the note in the data directory, from where
// an operator copies it to a place the database's keeper cannot reach.
func (a *App) checkpoint(ctx context.Context) error {
	note, err := a.Cases.Checkpoint(ctx)
	if err != nil {
		return err
	}
	tmp := a.dir.file(latestNote + ".new")
	if err := os.WriteFile(tmp, []byte(note), 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, a.dir.file(latestNote))
}

// Holder names this process in leases.
func (a *App) Holder() string {
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	return fmt.Sprintf("%s/%d", host, os.Getpid())
}

func (a *App) greet(out io.Writer, addr net.Addr, code string) {
	fmt.Fprintf(out, "\n%s\n  citizens  http://%s/\n  staff     http://%s/desk/\n", a.City.Title, addr, addr)
	if a.post != nil {
		fmt.Fprintf(out, "  e-mail    mail@%s by smtp://%s\n", a.mailDomain(), a.post.Addr())
	}
	if code != "" {
		fmt.Fprintf(out, "\n  nobody has an account yet: make the first administrator at http://%s/desk/ with the set-up code\n    %s\n  which also stands in %s\n", addr, code, a.dir.file(keysDir, setupFile))
	}
	for i, d := range a.Staff.DemoAccounts() {
		if i == 0 {
			fmt.Fprintf(out, "\n  demo accounts, password %s\n", d.Password)
		}
		unit, _ := a.Staff.Directory().Unit(d.Staff.Unit)
		fmt.Fprintf(out, "    %-10s %s  %s  %s\n", d.Staff.ID, a.roleTitles(d.Staff.Roles), d.Staff.Name, unit.Name)
	}
	if a.Demo {
		a.greetPeople(out, addr)
	}
}

// greetPeople names the invented people whom the pack brings with it and as whom one
// can sign in among the citizens.
func (a *App) greetPeople(out io.Writer, addr net.Addr) {
	first := true
	for _, g := range a.City.Registers.Given() {
		if g.About == "" || g.Facts["idnumber"] == "" || g.Facts["phone"] == "" {
			continue
		}
		if first {
			fmt.Fprintf(out, "\n  invented residents, to sign in as at http://%s/me by name and number\n", addr)
			first = false
		}
		fmt.Fprintf(out, "    %s  %s  %s\n", g.Facts["name"], g.Facts["idnumber"], g.About)
	}
}

// fonts finds the outlines that PDF files are drawn with.
func (a *App) fonts() (*document.Faces, error) {
	if a.Font == "" {
		return document.FindFaces()
	}
	return document.FindFaces(a.Font)
}

// settleBriefs closes the issues whose chosen cases are all closed.
func (a *App) settleBriefs(ctx context.Context) error {
	d := brief.Desk{City: a.City, Units: a.Staff.Directory, Cases: a.Cases, View: a.View, Now: a.Now}
	return d.Settle(ctx)
}

// roleTitles names the roles of an account for whoever chooses one.
func (a *App) roleTitles(codes []string) string {
	titles := make([]string, 0, len(codes))
	for _, code := range codes {
		if r, ok := a.Staff.Directory().Role(code); ok {
			titles = append(titles, r.Title)
		}
	}
	return strings.Join(titles, " ")
}

// guarded has work behind the scenes give way, and gives every answer the headers that let a browser do nothing with it, also
// those that no door makes, such as redirects to a cleaned path. Doors allow more.
func guarded(p *pace.Pace, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.Served()
		defer p.Served()
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		next.ServeHTTP(w, r)
	})
}

// Handler returns all doors.
func (a *App) Handler(ctx context.Context) (http.Handler, error) {
	office, err := newOffice(a)
	if err != nil {
		return nil, err
	}
	site, err := portal.New(portal.Deps{Office: office, Drafts: drafts{a.DB}, Key: a.siteKey, Now: a.Now, Logger: a.Logger, Secure: a.secure()})
	if err != nil {
		return nil, err
	}
	staff := api.New(api.Deps{DB: a.DB, City: a.City, Staff: a.Staff, Cases: a.Cases, View: a.View, Topics: a.Topics, Desk: a.Desk,
		Files: a.Files, Judge: a.Judge, Models: a, Hooks: a.Hooks, Duty: a.Duty, Rules: a.Rules, Answers: a.Answers, Guides: a.Guides, Annals: a.Annals, Calls: a.Calls, Entitle: a.Entitle, Registers: a.Registers, Exchange: a.exchangeOffice(), Fonts: sync.OnceValues(a.fonts), Secure: a.secure(), OIDC: a.oidc, Rates: a.Rates, Logger: a.Logger})
	rooms, err := desk.Handler()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, path := range []string{"/api/", "/healthz", "/metrics"} {
		mux.Handle(path, staff)
	}
	mux.Handle("/desk/", rooms)
	mux.Handle(open311.Root, open311.New(open311.Deps{DB: a.DB, City: a.City, Staff: a.Staff, Cases: a.Cases, View: a.View, Desk: a.Desk,
		Files: a.Files, Site: strings.TrimRight(a.URL, "/"), Rates: a.Rates, Logger: a.Logger}))
	mux.Handle("/", site.Handler())
	proxies, err := networks(a.Proxies)
	if err != nil {
		return nil, err
	}
	return guarded(a.pace, behindProxies(proxies, mux)), nil
}
