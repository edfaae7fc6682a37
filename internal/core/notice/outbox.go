package notice

import (
	"context"
	"encoding/json"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
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
)

// InApp is the channel of notices that are read on the desk or the citizen's
// page; they need no sending.
const InApp = "inapp"

// Letter is a notice on its way.
type Letter struct {
	ID       string `db:"id"`
	CaseID   string `db:"case_id"`
	N        int    `db:"n"` // ordinal of the action that sent it
	Template string `db:"template"`
	Audience string `db:"audience"` // appellant, unit:CODE, staff:ID
	Channel  string `db:"channel"`
	Args     string `db:"args"` // JSON object for the placeholders
	Tries    int    `db:"tries"`
}

// Insert returns the statement that queues a letter at a time, UTC milliseconds.
// Its id says what it is, so that no path can queue it twice.
func (l *Letter) Insert(n int64, at int64) (sql string, args []any) {
	state, next := Queued, at
	if l.Channel == InApp {
		state, next = Sent, 0
	}
	return `insert into notice (id, case_id, n, template, audience, channel, args, state, at, next_at, lease, tries, receipt)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, '') on conflict (id) do nothing`,
		[]any{l.ID, l.CaseID, n, l.Template, l.Audience, l.Channel, l.Args, string(state), at, next}
}

// Carrier hands letters of one channel over to whoever delivers them.
type Carrier interface {
	// Carry returns a receipt. An Unavailable error says that nothing was handed
	// over and it may be tried again; NotFound that there is no
	// number to send to; any other that it never will be.
	Carry(ctx context.Context, l Letter) (receipt string, err error)
}

// Outbox sends what is queued.
type Outbox struct {
	DB       *sqldb.DB
	Carriers map[string]Carrier // by channel
}

const (
	batch    = 50
	holdFor  = time.Minute
	maxTries = 8
)

// Run sends what is due and returns how many letters it dealt with.
func (o *Outbox) Run(ctx context.Context) (n int, err error) {
	defer errs.Wrap(&err, "notice.Run")
	if err := o.giveUpOnUnknown(ctx); err != nil {
		return 0, err
	}
	letters, err := o.claim(ctx)
	if err != nil {
		return 0, err
	}
	for _, l := range letters {
		if err := o.send(ctx, l); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// claim marks letters as being sent, durably, before any of them leaves.
func (o *Outbox) claim(ctx context.Context) (letters []Letter, err error) {
	err = o.DB.Write(ctx, func(tx *sqldb.Tx) error {
		letters = nil
		ids, err := sqldb.Claim[string](ctx, tx, sqldb.Due{
			Table: "notice", Key: []string{"id"}, Lease: "lease", Where: "next_at > 0 and next_at <= ? and state = 'queued'",
			Args: []any{tx.Now()}, Order: "next_at, id", Limit: batch, For: holdFor,
		})
		if err != nil {
			return err
		}
		for _, id := range ids {
			l, err := sqldb.Get[Letter](ctx, tx, `select id, case_id, n, template, audience, channel, args, tries from notice where id = ?`, id)
			if err != nil {
				return err
			}
			if err := tx.ExecOne(ctx, `update notice set state = 'sending', tries = tries + 1 where id = ?`, id); err != nil {
				return err
			}
			letters = append(letters, l)
		}
		return nil
	})
	return letters, err
}

func (o *Outbox) send(ctx context.Context, l Letter) error {
	if err := o.carry(ctx, l); err != nil {
		return err
	}
	return o.forget(ctx, l)
}

func (o *Outbox) carry(ctx context.Context, l Letter) error {
	carrier := o.Carriers[l.Channel]
	if carrier == nil {
		return o.note(ctx, l.ID, Failed, 0, "no carrier for "+l.Channel)
	}
	receipt, err := carrier.Carry(ctx, l)
	switch {
	case err == nil:
		return o.note(ctx, l.ID, Sent, 0, receipt)
	case errs.Is(err, errs.NotFound):
		return o.note(ctx, l.ID, Unaddressed, 0, "")
	case errs.Is(err, errs.Unavailable) && l.Tries+1 < maxTries:
		wait := time.Second << min(l.Tries, 10)
		return o.note(ctx, l.ID, Queued, o.DB.Now()+wait.Milliseconds(), err.Error())
	}
	return o.note(ctx, l.ID, Failed, 0, err.Error())
}

func (o *Outbox) note(ctx context.Context, id string, state State, next int64, receipt string) error {
	return o.DB.Write(ctx, func(tx *sqldb.Tx) error {
		return tx.ExecOne(ctx, `update notice set state = ?, next_at = ?, lease = 0, receipt = ? where id = ? and state = 'sending'`,
			string(state), next, receipt, id)
	})
}

// secret is the placeholder whose value is kept only until its letter has gone.
const secret = "code"

// forget removes the secret of a letter that will not be tried again.
func (o *Outbox) forget(ctx context.Context, l Letter) error {
	args := l.ArgsOf()
	if _, ok := args[secret]; !ok {
		return nil
	}
	delete(args, secret)
	doc, err := json.Marshal(args)
	if err != nil {
		return err
	}
	return o.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `update notice set args = ? where id = ? and state <> ?`, string(doc), l.ID, string(Queued))
		return err
	})
}

// giveUpOnUnknown marks letters whose sender went away while it had them.
func (o *Outbox) giveUpOnUnknown(ctx context.Context) error {
	return o.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `update notice set state = 'unknown', next_at = 0, lease = 0
			where next_at > 0 and state = 'sending' and lease < ?`, tx.Now())
		return err
	})
}

// Unaddress marks everything that waits as having nobody to go to: the people of
// a past that was only played have no telephones.
func (o *Outbox) Unaddress(ctx context.Context) error {
	return o.DB.Write(ctx, func(tx *sqldb.Tx) error {
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
