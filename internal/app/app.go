package app

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	packs "yiwang/city"
	"yiwang/internal/base/blob"
	"yiwang/internal/base/decl"
	"yiwang/internal/base/discreet"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/limit"
	"yiwang/internal/base/pace"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/city"
	"yiwang/internal/core/notice"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/core/schema"
	"yiwang/internal/door/api"
	"yiwang/internal/door/mail"
	"yiwang/internal/work/apply"
	"yiwang/internal/work/decide"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/duty"
	"yiwang/internal/work/entitle"
	"yiwang/internal/work/guide"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/knowledge"
	"yiwang/internal/work/repeat"
	calls "yiwang/internal/work/seat"
	"yiwang/internal/work/topic"
	"yiwang/internal/work/view"
	"yiwang/internal/work/webhook"
)

// Config says what to open.
type Config struct {
	Data string // data directory
	DB   string // "" is SQLite in the data directory; or postgres://…
	// Standby is a PostgreSQL that follows DB and answers what may be seconds old, see
	// sqldb.DB.Behind; "" where there is none.
	Standby string
	City    string // city pack; "" is the embedded demo
	Addr    string // HOST:PORT of the doors; "" opens none
	URL     string // public address of the site, for links in messages; "" is http://Addr
	Font    string // font file for PDF before those of the machine; "" only those
	Life    bool   // let the demo city live: cases arrive and are handled
	Now     func() time.Time
	Logger  *slog.Logger

	Gateways      map[string]string // by channel of notices: URL of the service that delivers them
	GatewaySecret string            // file with the secret that signs what goes there

	SMTP         string // HOST:PORT where letters by e-mail come in; "" takes none
	MailDomain   string // of the mailboxes; "" is the host of URL, else localhost
	SMTPRelay    string // HOST:PORT or smtps://HOST:PORT that notices by e-mail go to; "" leaves them in the outbox
	DKIMKey      string // file with the private key that signs them
	DKIMSelector string

	OIDCIssuer string // address of the identity provider of staff; "" is none
	OIDCClient string // id of this site there
	OIDCSecret string // file with the secret of this site there
	OIDCClaim  string // claim that holds the login name; "" is preferred_username
	OIDCTitle  string // as the sign-in page calls the provider

	Proxies []string // networks (CIDR) of proxies whose X-Forwarded-For is believed

	Rates limit.Rates // of staff, other systems and strangers at the doors of programs; limit.Usual where there are none

	WebhookAllow []string // private networks (CIDR) that other systems may be told at

	recallLater bool // the doors open before the machine has recalled what it learnt
}

// backgroundParts is of which part of a processor work that nobody waits for takes no
// more while people are served.
const backgroundParts = 10

// awaitedParts is the same for work whose end is missed: until then the machine has not
// recalled what it learnt, and the pages of topics are empty.
const awaitedParts = 2

// App is an opened house.
type App struct {
	Config
	dir       *dir
	keys      keys
	pack      fs.FS // the declarations that City was read from
	DB        *sqldb.DB
	MAC       gm.Key
	City      *city.City
	Staff     *org.Store
	Cases     *cases.Store
	Files     *intake.Attachments
	Judge     *judge
	Repeats   *repeat.Index
	Desk      *intake.Desk
	View      *view.View
	Topics    *topic.Board
	Duty      *duty.Store
	Rules     *decide.Store
	Answers   *knowledge.Base
	Guides    *guide.Book
	Annals    *guide.Annals
	Registers *register.Store
	Entitle   *entitle.Office
	Calls     *calls.Board
	Door      *apply.Door // by which people come in
	Demo      bool        // the embedded pack: demo accounts may exist
	fitted    string      // the duty list that the machine knows
	opened    int64       // when, UTC milliseconds
	Hooks     *webhook.Feed

	pace          *pace.Pace // of work that nobody waits for
	gatewaySecret []byte
	siteKey       gm.Key // of the citizens' site
	oidc          *api.OIDC
	mailKey       gm.Key // makes the tokens in addresses of letters
	dkim          *mail.DKIM
	post          net.Listener // where letters by e-mail come in, nil where none do

	modelling   sync.Mutex     // one model is trained or changed at a time
	training    atomic.Bool    // it is being trained
	learntUntil int64          // up to when the serving model has learnt the corrections itself
	trainFor    chan org.Actor // somebody asked for a training
	learnBy     dispatch.Options
}

// BadPack is a city pack that yiwang check would refuse.
type BadPack struct{ Findings []decl.Finding }

// Error returns the findings, a line each.
func (e *BadPack) Error() string {
	var b strings.Builder
	for _, f := range e.Findings {
		b.WriteString(f.Say(text.English) + "\n")
	}
	return b.String()
}

// Open takes the data directory, opens everything in it and brings the schema up
// to date. Errors: Conflict "app.owned" where a server runs on it, *BadPack.
func Open(ctx context.Context, cfg Config) (a *App, err error) {
	defer errs.Wrap(&err, "app.Open(%s)", cfg.Data)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	cfg.Logger = slog.New(discreet.Handler(cfg.Logger.Handler()))
	a = &App{Config: cfg, Demo: cfg.City == "", trainFor: make(chan org.Actor), pace: pace.New(backgroundParts),
		learnBy: dispatch.Options{Tasks: []dispatch.Task{dispatch.Matter}, Precision: wantedPrecision}}
	if a.dir, err = own(cfg.Data); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.keys, err = a.dir.openKeys(); err != nil {
		return a, err
	}
	if err = a.loadCity(); err != nil {
		return a, err
	}
	if err = a.openGateways(); err != nil {
		return a, err
	}
	if err = a.openMail(); err != nil {
		return a, err
	}
	if err = a.openDB(ctx); err != nil {
		return a, err
	}
	return a, a.openWork(ctx)
}

func (a *App) loadCity() (err error) {
	if a.Config.City == "" {
		if a.pack, err = fs.Sub(packs.Demo(), "demo"); err != nil {
			return err
		}
	} else {
		a.pack = os.DirFS(a.Config.City)
	}
	// Each house has a city of its own: publishing a duty list changes its catalog.
	var findings []decl.Finding
	a.City, findings = city.Load(a.pack)
	if decl.Faulty(findings) {
		return &BadPack{findings}
	}
	return nil
}

func (a *App) openDB(ctx context.Context) (err error) {
	if a.DB, err = sqldb.Open(ctx, sqldb.Config{URL: a.url(), Standby: a.Config.Standby, Now: a.Now, Logger: a.Logger}); err != nil {
		return err
	}
	if err = a.DB.Migrate(ctx, schema.Migrations()); err != nil {
		return err
	}
	a.opened = a.DB.Now()
	if err = a.refuseMoved(ctx); err != nil {
		return err
	}
	if a.MAC, err = openKey(ctx, a.DB, a.keys.master, macSetting); err != nil {
		return err
	}
	if a.siteKey, err = openKey(ctx, a.DB, a.keys.master, siteSetting); err != nil {
		return err
	}
	a.mailKey, err = openKey(ctx, a.DB, a.keys.master, mailSetting)
	return err
}

func (a *App) openWork(ctx context.Context) (err error) {
	a.Duty = duty.NewStore(a.DB, a.City, a.pack)
	if _, err = a.Duty.Refresh(ctx); err != nil {
		return err
	}
	a.Rules = decide.NewStore(a.DB, a.City.Rules)
	if err = a.Rules.Open(ctx); err != nil {
		return err
	}
	if err = a.openRegisters(ctx); err != nil {
		return err
	}
	a.Guides, a.Annals = guide.NewBook(a.City), &guide.Annals{DB: a.DB}
	if _, err = a.Annals.Note(ctx, a.City.Catalog.Editions()); err != nil {
		return err
	}
	a.Calls = &calls.Board{DB: a.DB}
	if a.Calls.Key, err = openKey(ctx, a.DB, a.keys.master, callSetting); err != nil {
		return err
	}
	if a.Answers, err = knowledge.Open(ctx, a.DB, a.City, a.pack); err != nil {
		return err
	}
	if a.Staff, err = org.Open(ctx, a.DB, a.City.Directory); err != nil {
		return err
	}
	if err = a.openSignOn(); err != nil {
		return err
	}
	if a.Files, err = a.openFiles(ctx); err != nil {
		return err
	}
	a.Door = &apply.Door{DB: a.DB, Registers: a.Registers, Key: a.MAC, Show: a.City.Synthetic && a.Gateways[notice.SMS] == ""}
	a.Cases, err = cases.New(ctx, cases.Deps{
		DB: a.DB, City: a.City, Units: a.Staff.Directory, Master: a.keys.master, MAC: a.MAC,
		Signer: a.keys.signer, Logger: a.Logger, Facts: a.knower().Facts, Registers: a.Registers,
	})
	if err != nil {
		return err
	}
	if err = a.sealOld(ctx); err != nil {
		return err
	}
	if err = a.openJudge(ctx); err != nil {
		return err
	}
	a.Repeats = repeat.New()
	a.Desk = &intake.Desk{
		City: a.City, Units: a.Staff.Directory, Cases: a.Cases, Judge: a.Judge, Repeats: a.Repeats, Habits: a.Judge.habits, Now: a.Now,
	}
	a.openEntitlements()
	a.Topics = topic.NewBoard(topic.BoardDeps{DB: a.DB, City: a.City, Units: a.Staff.Directory, Cases: a.Cases, Judge: a.Judge, Logger: a.Logger})
	a.Desk.Heard = a.Topics.Hear
	if !a.recallLater {
		if err = a.recall(ctx); err != nil {
			return err
		}
	}
	a.View = view.New(view.Deps{DB: a.DB, City: a.City, Units: a.Staff.Directory, Cases: a.Cases, Logger: a.Logger})
	if err = a.openHooks(ctx); err != nil {
		return err
	}
	if a.Demo {
		return a.Staff.OpenDemo(ctx)
	}
	return nil
}

func (a *App) openFiles(ctx context.Context) (*intake.Attachments, error) {
	blobs, err := blob.New(a.dir.file(blobsDir))
	if err != nil {
		return nil, err
	}
	key, err := openKey(ctx, a.DB, a.keys.master, blobSetting)
	return &intake.Attachments{Blobs: blobs, Key: key}, err
}

// Close lets go of everything Open took.
func (a *App) Close() error {
	var err error
	if a.DB != nil {
		err = a.DB.Close()
	}
	if a.dir != nil {
		err = errors.Join(err, a.dir.release())
	}
	return err
}
