package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/notice"
	"yiwang/internal/core/org"
	"yiwang/internal/door/mail"
	"yiwang/internal/door/open311"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/rehearsal"
)

// Play says what life of the demo city is played into a new data directory.
type Play struct {
	Days   int    `json:"days"`    // until now
	PerDay int    `json:"per_day"` // messages of an ordinary day, 0 as the pack says
	Seed   uint64 `json:"seed"`    // 0 is the demo's own
}

// Played is what came of it.
type Played struct {
	Play
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Seconds float64   `json:"seconds"` // that playing took, without the account
	rehearsal.Account
}

// Rehearse plays days of the demo city's life into a new data directory as fast as
// the machine can, through real doors where messages come by e-mail or Open311, and
// gives account of what is left. progress may be nil. Error: Exists "rehearsal.began"
// where the directory holds cases already.
func Rehearse(ctx context.Context, cfg Config, p Play, progress func(done, total int64)) (out Played, err error) {
	defer errs.Wrap(&err, "app.Rehearse")
	end := time.Now().Truncate(time.Second)
	start := end.AddDate(0, 0, -p.Days)
	clock := rehearsal.NewClock(start)
	cfg.Now, cfg.City = clock.Now, ""
	if cfg.DB == "" {
		// What is invented needs no waiting for the disk; the file is synced once.
		file := filepath.Join(cfg.Data, dbFile)
		cfg.DB = "sqlite:" + file + "?synchronous=off"
		defer func() {
			if err == nil {
				err = syncFile(file)
			}
		}()
	}
	a, err := Open(ctx, cfg)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	stage, done, err := a.wideStage(ctx, p)
	if err != nil {
		return out, err
	}
	defer done()
	out = Played{Play: p, From: start, To: end}
	began := time.Now()
	played, err := stage.Begin(ctx, clock, end, func(part float64) {
		if progress != nil {
			progress(int64(part*float64(p.Days)*24), int64(p.Days)*24)
		}
	})
	if err != nil {
		return out, err
	}
	if !played {
		return out, errs.E(errs.Exists, "rehearsal.began", nil)
	}
	out.Seconds = time.Since(began).Seconds()
	if err := a.settlePast(ctx); err != nil {
		return out, err
	}
	if err := a.checkpoint(ctx); err != nil {
		return out, err
	}
	out.Account, err = stage.Account(ctx)
	return out, err
}

// settlePast brings everything that follows the log up to the end of a time that
// was only played.
func (a *App) settlePast(ctx context.Context) error {
	for {
		n, err := a.Cases.Sequence(ctx, a.Holder())
		if err != nil {
			return err
		}
		if n == 0 {
			return errors.Join(notice.Unaddress(ctx, a.DB), a.View.CatchUp(ctx))
		}
	}
}

// wideStage prepares a rehearsal that nobody looks on, with the doors by which
// messages come from outside; done closes them.
func (a *App) wideStage(ctx context.Context, p Play) (_ *rehearsal.Stage, done func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		if err != nil {
			cancel()
		}
	}()
	box, err := a.letterBox(ctx)
	if err != nil {
		return nil, nil, err
	}
	client, err := a.open311Client(ctx)
	if err != nil {
		return nil, nil, err
	}
	d := a.rehearsalDeps()
	d.PerDay, d.Seed, d.Unattended, d.View = p.PerDay, p.Seed, true, a.View
	d.Doors = map[string]rehearsal.Door{open311Channel: client}
	for _, ch := range a.City.Channels() {
		if ch.Kind == "mail" && ch.Code != "letter" { // letters on paper are typed in
			d.Doors[ch.Code] = box
		}
	}
	stage, err := rehearsal.New(d)
	return stage, cancel, err
}

// open311Channel is the channel of the app that files by Open311 in a rehearsal.
const open311Channel = "app"

// letterBox opens the door for letters on this machine and returns what writes to it.
func (a *App) letterBox(ctx context.Context) (rehearsal.Door, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() {
		err := mail.Serve(ctx, l, mail.Deps{
			DB: a.DB, City: a.City, Cases: a.Cases, Desk: a.Desk, Files: a.Files, Domain: a.mailDomain(), Key: a.mailKey, Logger: a.Logger,
		})
		if err != nil {
			a.Logger.ErrorContext(ctx, "the rehearsed letter box closed", "error", err)
		}
	}()
	return func(ctx context.Context, m intake.Message) (cases.Filed, error) {
		const from = "citizen@letters.example"
		id := m.ExternalID + "@letters.example"
		to := m.Channel + "@" + a.mailDomain()
		err := handOver(l.Addr().String(), from, to, letterOf(&m, id, from, to))
		var refusal *smtp.SMTPError
		if errors.As(err, &refusal) && !refusal.Temporary() {
			return cases.Filed{}, errs.E(errs.Invalid, "rehearsal.door", nil).Because(err)
		}
		if err != nil {
			return cases.Filed{}, err
		}
		caseID, err := sqldb.Get[string](ctx, a.DB.Read(), `select case_id from letter where message_id = ?`, id)
		if err != nil {
			return cases.Filed{}, err
		}
		c, err := a.Cases.Get(ctx, caseID)
		return cases.Filed{ID: c.ID, Number: c.Number, Case: c}, err
	}, nil
}

// handOver brings one letter to a server that is on this machine.
func handOver(addr, from, to string, letter []byte) (err error) {
	c, err := smtp.Dial(addr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	return c.SendMail(from, []string{to}, bytes.NewReader(letter))
}

// letterOf writes a message as RFC 5322 has it.
func letterOf(m *intake.Message, id, from, to string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: %s <%s>\r\nTo: %s\r\nMessage-ID: <%s>\r\nDate: %s\r\nSubject: %s\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
		mime.QEncoding.Encode("utf-8", m.Name), from, to, id, time.UnixMilli(m.WrittenAt).Format(time.RFC1123Z), mime.BEncoding.Encode("utf-8", m.Title))
	w := quotedprintable.NewWriter(&b)
	for _, part := range []string{m.Address, m.Text} {
		if part != "" {
			fmt.Fprintf(w, "%s\r\n", part) // a buffer takes everything
		}
	}
	_ = w.Close()
	return b.Bytes()
}

// open311Client opens the Open311 door on this machine and returns what files by it.
// Messages without a place go to the desk: Open311 takes none.
func (a *App) open311Client(ctx context.Context) (rehearsal.Door, error) {
	_, secret, err := a.Staff.MakeKey(ctx, org.Machine("rehearsal"), org.Key{Name: "rehearsal", Channel: open311Channel, Unit: a.City.Centre, Roles: []string{"counter"}})
	if err != nil {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	srv := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: open311.New(open311.Deps{
		DB: a.DB, City: a.City, Staff: a.Staff, Cases: a.Cases, View: a.View, Desk: a.Desk, Files: a.Files, Logger: a.Logger,
	})}
	context.AfterFunc(ctx, func() { _ = srv.Close() }) // nobody waits for its answers any more
	go func() { _ = srv.Serve(l) }()                   // it ends with the context
	to := "http://" + l.Addr().String() + open311.Root + "v2/requests.json"
	return func(ctx context.Context, m intake.Message) (cases.Filed, error) {
		if m.Address == "" && m.Lng == 0 {
			return a.Desk.File(ctx, m)
		}
		return a.postRequest(ctx, to, secret, &m)
	}, nil
}

// postRequest files one message as an app does.
func (a *App) postRequest(ctx context.Context, to, secret string, m *intake.Message) (f cases.Filed, err error) {
	form := url.Values{"api_key": {secret}, "service_code": {"appeal"}, "description": {m.Text}, "phone": {m.Phone}, "last_name": {m.Name}, "address_string": {m.Address}}
	if m.Lng != 0 {
		form.Set("lat", fmt.Sprint(m.Lat))
		form.Set("long", fmt.Sprint(m.Lng))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return f, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Idempotency-Key", m.ExternalID)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return f, err
	}
	var answer []struct {
		ID string `json:"service_request_id"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil || res.StatusCode != http.StatusOK || len(answer) != 1 {
		return f, errs.E(errs.Invalid, "rehearsal.door", nil).Because(fmt.Errorf("%s: %.200s", res.Status, raw))
	}
	c, err := a.Cases.ByNumber(ctx, answer[0].ID)
	return cases.Filed{ID: c.ID, Number: c.Number, Case: c}, err
}
