package seat

import (
	"context"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/org"
)

// Board is the calls of all seats. It is safe for concurrent use.
type Board struct {
	DB  *sqldb.DB
	Key gm.Key // seals the numbers of callers
}

// The states of a call.
const (
	Ringing = "ringing"
	Talking = "talking"
	Ended   = "ended"
)

// How a call ended.
const (
	Answered  = "answered"  // on the spot
	Order     = "order"     // it became a case for a unit
	Abandoned = "abandoned" // the caller hung up before anybody took it
	Other     = "other"     // silence, a wrong number
)

// Call is a call.
type Call struct {
	ID      string `db:"id"`
	Line    string `db:"line"`    // number that was called
	Channel string `db:"channel"` // which the line belongs to
	State   string `db:"state"`
	Seat    string `db:"seat"` // who took it
	RangAt  int64  `db:"rang_at"`
	TakenAt int64  `db:"taken_at"`
	EndedAt int64  `db:"ended_at"`
	Outcome string `db:"outcome"`
	Case    string `db:"case_id"`
	Sealed  []byte `db:"phone"`
}

const columns = `id, line, channel, state, seat, rang_at, taken_at, ended_at, outcome, case_id, phone`

// Ring notes a call that rings. The same source and id again is the same call.
func (b *Board) Ring(ctx context.Context, source, external, channel, line, phone string) (c Call, err error) {
	defer errs.Wrap(&err, "seat.Ring")
	id := ulid.Make().String()
	sealed, err := b.Key.Seal([]byte(phone), []byte(external))
	if err != nil {
		return c, err
	}
	err = b.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, `insert into call (source, external, `+columns+`) values (?, ?, ?, ?, ?, ?, '', ?, 0, 0, '', '', ?)
			on conflict (source, external) do nothing`, source, external, id, line, channel, Ringing, tx.Now(), sealed); err != nil {
			return err
		}
		c, err = sqldb.Get[Call](ctx, tx, `select `+columns+` from call where source = ? and external = ?`, source, external)
		return err
	})
	return c, err
}

// HangUp notes that the telephone was put down: a call nobody took is abandoned, one
// that was taken stays with its seat until it says what came of it. Error: NotFound.
func (b *Board) HangUp(ctx context.Context, source, external string) error {
	return b.DB.Write(ctx, func(tx *sqldb.Tx) error {
		c, err := sqldb.Get[Call](ctx, tx, `select `+columns+` from call where source = ? and external = ?`, source, external)
		if errs.Is(err, errs.NotFound) {
			return errs.E(errs.NotFound, "seat.no_call", nil)
		}
		if err != nil || c.State != Ringing {
			return err
		}
		return b.end(ctx, tx, c.ID, Abandoned, "")
	})
}

func (b *Board) end(ctx context.Context, tx *sqldb.Tx, id, outcome, caseID string) error {
	_, err := tx.Exec(ctx, `update call set state = ?, ended_at = ?, outcome = ?, case_id = ?, phone = ? where id = ?`,
		Ended, tx.Now(), outcome, caseID, []byte{}, id)
	return err
}

// Take gives a ringing call to a seat; taking one's own again is no error. Errors:
// NotFound, Conflict (somebody else has it, or it ended).
func (b *Board) Take(ctx context.Context, by org.Actor, id string) (c Call, err error) {
	defer errs.Wrap(&err, "seat.Take(%s)", id)
	err = b.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `update call set state = ?, seat = ?, taken_at = ? where id = ? and state = ?`, Talking, by.ID, tx.Now(), id, Ringing)
		if err != nil {
			return err
		}
		if c, err = one(ctx, tx, id); err != nil {
			return err
		}
		if c.State != Talking || c.Seat != by.ID {
			return errs.E(errs.Conflict, "seat.taken", nil)
		}
		return nil
	})
	return c, err
}

func one(ctx context.Context, q sqldb.Querier, id string) (Call, error) {
	c, err := sqldb.Get[Call](ctx, q, `select `+columns+` from call where id = ?`, id)
	if errs.Is(err, errs.NotFound) {
		err = errs.E(errs.NotFound, "seat.no_call", nil)
	}
	return c, err
}

// Mine returns a call that a seat has in hand. Errors: NotFound, Forbidden.
func (b *Board) Mine(ctx context.Context, by org.Actor, id string) (Call, error) {
	c, err := one(ctx, b.DB.Read(), id)
	if err == nil && (c.State != Talking || c.Seat != by.ID) {
		err = errs.E(errs.Forbidden, "seat.not_yours", nil)
	}
	return c, err
}

// Phone returns the caller's number in clear, "" where it was withheld.
func (b *Board) Phone(ctx context.Context, c Call) (string, error) {
	if len(c.Sealed) == 0 {
		return "", nil
	}
	external, err := sqldb.Get[string](ctx, b.DB.Read(), `select external from call where id = ?`, c.ID)
	if err != nil {
		return "", err
	}
	raw, err := b.Key.Open(c.Sealed, []byte(external))
	return string(raw), err
}

// Finish ends a call: answered on the spot, or with the case it became. Errors:
// NotFound, Forbidden (another seat's), Invalid.
func (b *Board) Finish(ctx context.Context, by org.Actor, id, outcome, caseID string) (err error) {
	defer errs.Wrap(&err, "seat.Finish(%s)", id)
	if outcome != Answered && outcome != Order && outcome != Other || outcome == Order && caseID == "" {
		return errs.E(errs.Invalid, "seat.outcome", nil).At("outcome")
	}
	return b.DB.Write(ctx, func(tx *sqldb.Tx) error {
		c, err := one(ctx, tx, id)
		if err != nil {
			return err
		}
		if c.State != Talking || c.Seat != by.ID {
			return errs.E(errs.Forbidden, "seat.not_yours", nil)
		}
		return b.end(ctx, tx, id, outcome, caseID)
	})
}

// stale is after how long a call that rings is no longer shown, in milliseconds:
// the telephony system that told of it has fallen silent.
const stale = 10 * 60 * 1000

// Waiting returns the calls that ring, the oldest first, and those that a seat has
// in hand.
func (b *Board) Waiting(ctx context.Context, by org.Actor) (ringing, mine []Call, err error) {
	ringing, err = sqldb.Select[Call](ctx, b.DB.Read(), `select `+columns+` from call where state = ? and rang_at > ? order by id limit 50`, Ringing, b.DB.Now()-stale)
	if err != nil {
		return nil, nil, err
	}
	mine, err = sqldb.Select[Call](ctx, b.DB.Read(), `select `+columns+` from call where state = ? and seat = ? order by id`, Talking, by.ID)
	return ringing, mine, err
}

// Split is how calls ended: the share answered on the spot against transferred.
type Split struct {
	Calls     int64 `db:"calls"`
	Answered  int64 `db:"answered"`
	Orders    int64 `db:"orders"`
	Abandoned int64 `db:"abandoned"`
	Talk      int64 `db:"talk"` // milliseconds, of those taken
}

// Figures counts the calls that rang since a time, of one channel or of all.
func (b *Board) Figures(ctx context.Context, since int64, channel string) (Split, error) {
	return sqldb.Get[Split](ctx, b.DB.Read(), `select count(*) as calls,
		coalesce(sum(case when outcome = 'answered' then 1 else 0 end), 0) as answered,
		coalesce(sum(case when outcome = 'order' then 1 else 0 end), 0) as orders,
		coalesce(sum(case when outcome = 'abandoned' then 1 else 0 end), 0) as abandoned,
		coalesce(sum(case when taken_at > 0 and ended_at > 0 then ended_at - taken_at else 0 end), 0) as talk
		from call where rang_at >= ? and (channel = ? or ? = '')`, since, channel, channel)
}
