package entitle

import (
	"context"
	"strconv"
	"time"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/org"
	"yiwang/internal/core/rule"
)

// Run is one run of an item's table over everyone in its register.
type Run struct {
	ID      string `db:"id" json:"id"`
	Service string `db:"service" json:"service"`
	At      int64  `db:"at" json:"at"`
	Actor   string `db:"actor" json:"actor"`
	Version string `db:"version" json:"version"`
	People  int64  `db:"people" json:"people"`
	Granted int64  `db:"granted" json:"granted"`
	Refused int64  `db:"refused" json:"refused"`
	Unsure  int64  `db:"unsure" json:"unsure"`
	Began   int64  `db:"began" json:"began"`
	Ended   int64  `db:"ended" json:"ended"`
	Changed int64  `db:"changed" json:"changed"`
	Failed  int64  `db:"failed" json:"failed"`
	Millis  int64  `db:"ms" json:"ms"`
}

const runColumns = `id, service, at, actor, version, people, granted, refused, unsure, began, ended, changed, failed, ms`

// Runs returns the runs of an item, the latest first.
func (o *Office) Runs(ctx context.Context, service string, limit int) ([]Run, error) {
	return sqldb.Select[Run](ctx, o.DB.Read(), `select `+runColumns+` from entitlement_run where service = ? order by at desc, id desc limit ?`, service, limit)
}

// Everyone runs an item's table over everyone and settles every difference. One who
// cannot be settled is counted, logged, and met again by the next run.
func (o *Office) Everyone(ctx context.Context, by org.Actor, code string) (r Run, err error) {
	defer errs.Wrap(&err, "entitle.Everyone(%s)", code)
	o.running.Lock()
	defer o.running.Unlock()
	began := time.Now()
	it, err := o.Item(code)
	if err != nil {
		return r, err
	}
	d, err := o.table(it)
	if err != nil {
		return r, err
	}
	ids, crowd, err := o.Registers.All(ctx, it, o.Now(), d)
	if err != nil {
		return r, err
	}
	tallies, err := rule.Everyone(crowd, o.Now(), []*rule.Decider{d})
	if err != nil {
		return r, err
	}
	t := &tallies[0]
	r = Run{ID: ulid.Make().String(), Service: code, At: o.DB.Now(), Actor: by.Ref(), Version: d.Version(), People: int64(len(ids)),
		Granted: int64(t.Granted), Refused: int64(t.Refused), Unsure: int64(t.Missing + t.Open)}
	if err := o.differences(ctx, it, d, ids, crowd, t, &r); err != nil {
		return r, err
	}
	r.Millis = time.Since(began).Milliseconds()
	return r, o.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `insert into entitlement_run (`+runColumns+`) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			r.ID, r.Service, r.At, r.Actor, r.Version, r.People, r.Granted, r.Refused, r.Unsure, r.Began, r.Ended, r.Changed, r.Failed, r.Millis)
		return err
	})
}

// differences settles whom the table sees otherwise than the standings say.
func (o *Office) differences(ctx context.Context, it Item, d *rule.Decider, ids []string, crowd rule.Crowd, t *rule.Tally, r *Run) error {
	all, err := sqldb.Select[Standing](ctx, o.DB.Read(), `select `+standingColumns+` from entitlement where service = ?`, it.Service)
	if err != nil {
		return err
	}
	standing := make(map[string]Standing, len(all))
	for _, st := range all {
		standing[st.Subject] = st
	}
	for i, id := range ids {
		st, known := standing[id]
		delete(standing, id)
		if !known && !t.Has(i) && !t.Lacks(i) {
			continue
		}
		if known && st.State == Ended && !t.Has(i) && !t.Lacks(i) {
			continue
		}
		if known && st.State == Granted && t.Has(i) {
			same, err := d.Decide(o.Now(), crowd.Facts(i))
			if err != nil {
				return err
			}
			if it.amount(&same) == st.Fen {
				continue
			}
		}
		st.Service, st.Subject = it.Service, id
		o.tally(ctx, it, st, d, r)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// tally settles one subject by facts with their sources and counts what was done.
func (o *Office) tally(ctx context.Context, it Item, st Standing, d *rule.Decider, r *Run) {
	did, err := o.one(ctx, it, st, d)
	switch {
	case err != nil:
		r.Failed++
		o.Logger.ErrorContext(ctx, "an entitlement could not be settled", "service", it.Service, "subject", st.Subject, "error", err)
	case did == began:
		r.Began++
	case did == ended:
		r.Ended++
	case did == changed, did == doubted:
		r.Changed++
	}
}

func (o *Office) one(ctx context.Context, it Item, st Standing, d *rule.Decider) (done, error) {
	facts, doubted, err := o.Registers.Of(ctx, it, machine, st.Subject, o.Now(), d)
	if err != nil {
		return nothing, err
	}
	dec, err := d.Decide(o.Now(), facts)
	if err != nil {
		return nothing, err
	}
	return o.settle(ctx, it, st, &dec, doubted)
}

// Consider decides an item for one subject anew.
func (o *Office) Consider(ctx context.Context, it Item, subject string) error {
	d, err := o.table(it)
	if err != nil {
		return err
	}
	st, err := o.Standing(ctx, it.Service, subject)
	if err != nil {
		return err
	}
	_, err = o.one(ctx, it, st, d)
	return err
}

const (
	cursorSetting = "entitle_cursor"
	changeBatch   = 500
	lookAgain     = 200 * time.Millisecond // between two looks for facts that another process changed
)

// Follow decides anew for everybody of whom a fact changes, until ctx ends.
func (o *Office) Follow(ctx context.Context) error {
	changed := make(chan struct{}, 1)
	o.Registers.Follow(func() {
		select {
		case changed <- struct{}{}:
		default: // it is known already
		}
	})
	for {
		n, err := o.Heed(ctx)
		if err != nil && ctx.Err() == nil {
			o.Logger.ErrorContext(ctx, "changed facts could not be followed", "error", err)
		}
		if n == changeBatch {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-time.After(lookAgain):
		}
	}
}

// Heed decides anew for those of whom a fact changed since it was last called, and
// returns how many changes there were.
func (o *Office) Heed(ctx context.Context) (int, error) {
	after, err := o.cursor(ctx)
	if err != nil {
		return 0, err
	}
	all, next, err := o.Registers.Changes(ctx, after, changeBatch)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	met := map[Changed]bool{}
	for _, c := range all {
		if met[c] {
			continue
		}
		met[c] = true
		for _, it := range o.Items() {
			if it.Register != c.Register {
				continue
			}
			if c.ID == "" {
				if _, err := o.Everyone(ctx, machine, it.Service); err != nil {
					return 0, err
				}
				continue
			}
			if err := o.Consider(ctx, it, c.ID); err != nil && !errs.Is(err, errs.NotFound) {
				o.Logger.ErrorContext(ctx, "an entitlement could not be settled", "service", it.Service, "subject", c.ID, "error", err)
			}
		}
	}
	return len(all), o.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `insert into setting (name, value) values (?, ?) on conflict (name) do update set value = excluded.value`,
			cursorSetting, strconv.FormatInt(next, 10))
		return err
	})
}

func (o *Office) cursor(ctx context.Context) (int64, error) {
	var v string
	err := o.DB.Read().QueryRow(ctx, `select value from setting where name = ?`, cursorSetting).Scan(&v)
	if errs.Is(err, errs.NotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(v, 10, 64)
}

// Nightly runs every item once in a day, from three in the morning on. It is called
// again and again.
func (o *Office) Nightly(ctx context.Context) error {
	now := o.Now()
	start := time.Date(now.Year(), now.Month(), now.Day(), 3, 0, 0, 0, now.Location())
	if now.Before(start) {
		return nil
	}
	for _, it := range o.Items() {
		last, err := o.Runs(ctx, it.Service, 1)
		if err != nil {
			return err
		}
		if len(last) > 0 && last[0].At >= start.UnixMilli() {
			continue
		}
		if _, err := o.Everyone(ctx, machine, it.Service); err != nil {
			return err
		}
	}
	return nil
}
