package notice

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
)

// State says how far a notice is.
type State string

// The states. A notice whose sender died between handing it over and noting so
// is unknown: it is shown to the operator and never silently sent again.
const (
	Queued      State = "queued"
	Sending     State = "sending"
	Sent        State = "sent"
	Failed      State = "failed"
	Unknown     State = "unknown"
	Unaddressed State = "unaddressed" // the person left no number
	Bounced     State = "bounced"     // handed over, and came back: the address takes nothing
)

// The channels. What goes in-app is read on the desk or the citizen's page and
// needs no sending.
const (
	InApp  = "inapp"
	SMS    = "sms"
	Mail   = "mail"
	WeChat = "wechat"
	IM     = "im"    // of the office, for staff
	Voice  = "voice" // a telephone exchange that connects two people
)

// Carried are the channels that need a carrier.
func Carried() []string { return []string{SMS, Mail, WeChat, IM, Voice} }

// Letter is a notice on its way.
type Letter struct {
	ID       string `db:"id"`
	CaseID   string `db:"case_id"`
	N        int    `db:"n"` // ordinal of the action that sent it
	Template string `db:"template"`
	Audience string `db:"audience"` // appellant, unit:CODE, staff:ID
	Channel  string `db:"channel"`
	InApp    int    `db:"inapp"` // 1 where it is read on the desk or the citizen's page as well
	Args     string `db:"args"`  // JSON object for the placeholders
	At       int64  `db:"at"`    // when it is queued, UTC milliseconds
	Tries    int    `db:"tries"`
}

// ofCase finds the letters of a case by their ids: each begins with the id of its case
// and a slash, which is followed by the nought.
const ofCase = ` where case_id = ? and id > ? and id < ?`

func caseArgs(id string) []any { return []any{id, id + "/", id + "0"} }

// Strip returns the statement that takes out of a case's letters what they say.
func Strip(caseID string) (sql string, args []any) {
	return `update notice set args = '{}'` + ofCase, caseArgs(caseID)
}

// Join lets what is read in-app go with the first letter that says the same to the same
// audience, and keeps it as one of its own only where there is none: letters that differ
// by their channel alone have ids that do.
func Join(letters []Letter) []Letter {
	var out []Letter
	for _, l := range letters {
		said := strings.TrimSuffix(l.ID, l.Channel)
		i := slices.IndexFunc(out, func(o Letter) bool { return strings.TrimSuffix(o.ID, o.Channel) == said })
		switch {
		case i >= 0 && out[i].Channel == InApp:
			l.InApp = 1
			out[i] = l
		case i >= 0 && l.Channel == InApp:
			out[i].InApp = 1
		default:
			out = append(out, l)
		}
	}
	return out
}

// Insert returns the statement that queues a letter. Its id says what it is, so that no
// path can queue it twice.
func (l *Letter) Insert() (sql string, args []any) {
	state, next := Queued, l.At
	if l.Channel == InApp {
		state, next = Sent, 0
	}
	return `insert into notice (id, case_id, n, template, audience, channel, inapp, args, state, at, next_at, lease, tries, receipt) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, '') on conflict (id) do nothing`,
		[]any{l.ID, l.CaseID, l.N, l.Template, l.Audience, l.Channel, l.InApp, l.Args, string(state), l.At, next}
}

// Carrier hands letters of one channel over to whoever delivers them.
type Carrier interface {
	// Carry returns a receipt. An Unavailable error says that nothing was handed
	// over, or that handing it over twice does no harm, and it may be tried again;
	// NotFound that there is no number to send to; ErrUnsure that it may have
	// left and must not be sent again unasked; any other that it never will.
	Carry(ctx context.Context, l Letter) (receipt string, err error)
}

// Bundler is a Carrier that hands several letters over at once, where none of them can
// hold up another.
type Bundler interface {
	Carrier
	// Bundle returns of each letter what Carry would.
	Bundle(ctx context.Context, letters []Letter) []Receipt
}

// Receipt is what became of a letter that a Bundler was given.
type Receipt struct {
	ID  string
	Err error
}

// ErrUnsure is the error of a carrier that does not know whether a letter has left.
var ErrUnsure = errors.New("notice: it may have been handed over")

// Outbox sends what is queued for one channel. Each channel has its own, so that
// a carrier which hangs holds up nothing but its own letters.
type Outbox struct {
	DB      *sqldb.DB
	Channel string
	Carrier Carrier
}

// Batch is how many letters are carried at once. That has to be over before their
// lease is: a carrier gives up within half of holdFor. Tries last a little over three hours.
const (
	Batch    = 20
	holdFor  = time.Minute
	maxTries = 20
)

// Run sends what is due and returns how many letters it dealt with.
func (o *Outbox) Run(ctx context.Context) (n int, err error) {
	defer errs.Wrap(&err, "notice.Run")
	waits, err := o.waits(ctx)
	if err != nil || !waits {
		return 0, err
	}
	letters, err := o.claim(ctx)
	if err == nil && len(letters) < Batch {
		err = o.giveUpOnUnknown(ctx)
	}
	if err != nil || len(letters) == 0 {
		return 0, err
	}
	if b, ok := o.Carrier.(Bundler); ok {
		all := make([]outcome, len(letters))
		for i, r := range b.Bundle(ctx, letters) {
			all[i] = o.outcome(letters[i], r.ID, r.Err)
		}
		return len(all), o.note(ctx, all)
	}
	ended := make(chan outcome, len(letters))
	for _, l := range letters {
		go func() {
			receipt, err := o.Carrier.Carry(ctx, l)
			ended <- o.outcome(l, receipt, err)
		}()
	}
	for n < len(letters) {
		// Those that have ended meanwhile are noted together, and none waits for one
		// that is slow.
		some := []outcome{<-ended}
		for len(ended) > 0 {
			some = append(some, <-ended)
		}
		n += len(some)
		err = errors.Join(err, o.note(ctx, some))
	}
	return n, err
}

// waits reports whether there is anything to do, without a turn of the one writer.
func (o *Outbox) waits(ctx context.Context) (bool, error) {
	now := o.DB.Now()
	free, args := sqldb.Free("lease", now, holdFor)
	n, err := sqldb.Get[int64](ctx, o.DB.Read(), `select count(*) from (
		select 1 from notice where state = 'queued' and channel = ? and next_at > 0 and next_at <= ?
		union all select 1 from notice where state = 'sending' and `+free+` limit 1) x`, append([]any{o.Channel, now}, args...)...)
	return n > 0, err
}

// claim marks letters as being sent, durably, before any of them leaves.
func (o *Outbox) claim(ctx context.Context) (letters []Letter, err error) {
	err = o.DB.Write(ctx, func(tx *sqldb.Tx) error {
		letters = nil
		ids, err := sqldb.Claim[string](ctx, tx, sqldb.Due{
			Table: "notice", Key: []string{"id"}, Lease: "lease", Where: "state = 'queued' and channel = ? and next_at > 0 and next_at <= ?",
			Args: []any{o.Channel, tx.Now()}, Order: "next_at, id", Limit: Batch, For: holdFor,
		})
		if err != nil || len(ids) == 0 {
			return err
		}
		these := " where id in (" + strings.TrimSuffix(strings.Repeat("?, ", len(ids)), ", ") + ")"
		args := make([]any, len(ids))
		for i, id := range ids {
			args[i] = id
		}
		letters, err = sqldb.Select[Letter](ctx, tx, `update notice set state = 'sending', tries = tries + 1`+these+`
			returning id, case_id, n, template, audience, channel, args, tries - 1 as tries`, args...)
		return err
	})
	return letters, err
}

// outcome is what became of a letter that was being sent.
type outcome struct {
	letter  Letter
	state   State
	next    int64 // when it is tried again, 0 never
	receipt string
}

func (o *Outbox) outcome(l Letter, receipt string, err error) outcome {
	switch {
	case err == nil:
		return outcome{l, Sent, 0, receipt}
	case errors.Is(err, ErrUnsure):
		return outcome{l, Unknown, 0, whyOf(err)}
	case errs.Is(err, errs.NotFound):
		return outcome{l, Unaddressed, 0, ""}
	case errs.Is(err, errs.Unavailable) && l.Tries+1 < maxTries:
		wait := time.Second << min(l.Tries, 10)
		return outcome{l, Queued, o.DB.Now() + wait.Milliseconds(), whyOf(err)}
	}
	return outcome{l, Failed, 0, whyOf(err)}
}

// whyOf says for a receipt why a letter did not go, without what a cause may
// quote: it could hold an address.
func whyOf(err error) string { return text.Error(text.Chinese, err) }

// note keeps what became of letters. Error: Conflict "sqldb.changed", where one of
// them was given up meanwhile; the others are noted.
func (o *Outbox) note(ctx context.Context, some []outcome) error {
	lost := false
	err := o.DB.Write(ctx, func(tx *sqldb.Tx) error {
		lost = false
		var all sqldb.Batch
		for _, x := range some {
			args, err := x.forget()
			if err != nil {
				return err
			}
			all.Add(`update notice set state = ?, next_at = ?, lease = 0, receipt = ?, args = ? where id = ? and state = 'sending'`,
				string(x.state), x.next, x.receipt, args, x.letter.ID)
		}
		changed, err := tx.Pipeline(ctx, &all)
		lost = slices.Contains(changed, 0)
		return err
	})
	if err == nil && lost {
		err = errs.E(errs.Conflict, "sqldb.changed", nil)
	}
	return err
}

// secret is the placeholder whose value is kept only until its letter has gone.
const secret = "code"

// forget returns the arguments of a letter, without the secret where it will not
// be tried again.
func (x *outcome) forget() (string, error) {
	args := x.letter.ArgsOf()
	if _, ok := args[secret]; !ok || x.state == Queued {
		return x.letter.Args, nil
	}
	delete(args, secret)
	doc, err := json.Marshal(args)
	return string(doc), err
}

// giveUpOnUnknown marks letters whose sender went away while it had them.
func (o *Outbox) giveUpOnUnknown(ctx context.Context) error {
	return o.DB.Write(ctx, func(tx *sqldb.Tx) error {
		free, args := sqldb.Free("lease", tx.Now(), holdFor)
		_, err := tx.Exec(ctx, `update notice set state = 'unknown', next_at = 0, lease = 0
			where state = 'sending' and `+free, args...)
		return err
	})
}

// Unaddress marks everything that waits as having nobody to go to: the people of
// a past that was only played have no telephones.
func Unaddress(ctx context.Context, db *sqldb.DB) error {
	return db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `update notice set state = ?, next_at = 0 where state = ? and next_at > 0`, string(Unaddressed), string(Queued))
		return err
	})
}

// ArgsOf returns the placeholders of a letter.
func (l *Letter) ArgsOf() errs.Args {
	var args errs.Args
	if json.Unmarshal([]byte(l.Args), &args) != nil {
		return errs.Args{} // it is our own JSON; an empty text shows the defect
	}
	return args
}

// Return notes that a letter which was handed over came back.
func Return(ctx context.Context, db *sqldb.DB, id, why string) error {
	return db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `update notice set state = ?, receipt = ? where id = ? and state in ('sent', 'unknown')`, string(Bounced), why, id)
		return err
	})
}

// Traced is a letter and what became of it.
type Traced struct {
	Letter
	State   State  `db:"state"`
	Receipt string `db:"receipt"`
}

const selectTraced = `select id, case_id, n, template, audience, channel, inapp, args, tries, state, at, receipt from notice`

// OfCase returns the letters of a case in the order in which they were queued, at most
// limit, and before each what was read in-app with it.
func OfCase(ctx context.Context, db *sqldb.DB, caseID string, limit int) ([]Traced, error) {
	rows, err := sqldb.Select[Traced](ctx, db.Read(), selectTraced+ofCase+` order by at, n, id limit ?`, append(caseArgs(caseID), limit)...)
	var out []Traced
	for _, r := range rows {
		if r.InApp == 1 {
			shown := Traced{Letter: r.Letter, State: Sent}
			shown.ID, shown.Channel, shown.InApp, shown.Tries = strings.TrimSuffix(r.ID, r.Channel)+InApp, InApp, 0, 0
			out = append(out, shown)
			r.InApp = 0
		}
		out = append(out, r)
	}
	return out, err
}

// Troubles returns the letters that failed, came back or are unknown, the latest
// first, at most limit.
func Troubles(ctx context.Context, db *sqldb.DB, limit int) ([]Traced, error) {
	return sqldb.Select[Traced](ctx, db.Read(), selectTraced+` where state in ('failed', 'unknown', 'bounced') order by at desc, id limit ?`, limit)
}

// Again queues a letter that did not arrive once more, because somebody said so.
// Errors: NotFound, Conflict "notice.code_gone" where its secret was forgotten.
func (b *Book) Again(ctx context.Context, db *sqldb.DB, id string) (err error) {
	defer errs.Wrap(&err, "notice.Again(%s)", id)
	return db.Write(ctx, func(tx *sqldb.Tx) error {
		l, err := sqldb.Get[Letter](ctx, tx, `select id, case_id, n, template, audience, channel, args, tries from notice
			where id = ? and state in ('failed', 'unknown', 'bounced')`, id)
		if errs.Is(err, errs.NotFound) {
			return errs.E(errs.NotFound, "notice.not_failed", nil)
		}
		if err != nil {
			return err
		}
		if _, has := l.ArgsOf()[secret]; !has && slices.Contains(b.Asks(l.Template), secret) {
			return errs.E(errs.Conflict, "notice.code_gone", nil)
		}
		return tx.ExecOne(ctx, `update notice set state = 'queued', next_at = ?, tries = 0, lease = 0, receipt = '' where id = ?`, tx.Now(), id)
	})
}
