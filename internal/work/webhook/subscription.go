package webhook

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/outward"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/city"
	"yiwang/internal/core/org"
)

// Deps is what the feed stands on.
type Deps struct {
	DB     *sqldb.DB
	City   *city.City
	Staff  *org.Store // knows the keys
	Cases  *cases.Store
	Key    gm.Key         // seals the secrets
	Allow  []netip.Prefix // private networks that may be told all the same
	Site   string         // address of the house, which is the source of its events
	Logger *slog.Logger
}

// Feed keeps the subscriptions and tells them. It is safe for concurrent use;
// several processes may share one database.
type Feed struct {
	Deps
	client *http.Client
}

// New returns the feed.
func New(d Deps) *Feed {
	if d.Logger == nil {
		d.Logger = slog.Default()
	}
	return &Feed{Deps: d, client: outward.GuardedClient(d.Allow)}
}

// Subscription is one system that is told.
type Subscription struct {
	ID       string
	Key      string // id of the machine key: what it sees is told
	URL      string
	Kinds    []string // of actions; none is all
	Personal bool     // with personal values, where the key may open them
	Suite    gm.Suite // of the signature
	Active   bool
	At       int64 // when it was made
	Waiting  int   // events on their way
	Dead     int   // events that were given up
	Failures int   // in a row
	Sent     int64
	SentAt   int64  // of the latest that arrived, 0 never
	Said     string // why the latest try failed, "" where it did not
}

type subRow struct {
	ID       string `db:"id"`
	KeyID    string `db:"key_id"`
	URL      string `db:"url"`
	Kinds    string `db:"kinds"`
	Personal int    `db:"personal"`
	Suite    string `db:"suite"`
	Secret   []byte `db:"secret"`
	Active   int    `db:"active"`
	At       int64  `db:"at"`
	Seq      int64  `db:"seq"`
	NextAt   int64  `db:"next_at"`
	Failures int    `db:"failures"`
	Sent     int64  `db:"sent"`
	SentAt   int64  `db:"sent_at"`
	Said     string `db:"said"`
}

const subColumns = `id, key_id, url, kinds, personal, suite, secret, active, at, seq, next_at, failures, sent, sent_at, said`

func (r *subRow) subscription() Subscription {
	return Subscription{ID: r.ID, Key: r.KeyID, URL: r.URL, Kinds: strings.Fields(r.Kinds), Personal: r.Personal == 1, Suite: gm.Suite(r.Suite),
		Active: r.Active == 1, At: r.At, Failures: r.Failures, Sent: r.Sent, SentAt: r.SentAt, Said: r.Said}
}

// mostSubscriptions bounds how many systems are told; each has a worker.
const mostSubscriptions = 100

// Subscribe begins to tell a system of what happens from now on, and returns the
// secret of its signatures, in clear for this once. Errors: Invalid (the key, the
// address, a kind), Forbidden where the key may not open personal values, TooMany.
func (f *Feed) Subscribe(ctx context.Context, by org.Actor, s Subscription) (_ Subscription, secret string, err error) {
	defer errs.Wrap(&err, "webhook.Subscribe")
	_, actor, err := f.Staff.KeyActor(ctx, s.Key)
	if err != nil {
		return s, "", errs.E(errs.Invalid, "webhook.no_key", nil).At("key")
	}
	if s.Personal && !f.opens(actor) {
		return s, "", errs.E(errs.Forbidden, "webhook.not_personal", nil).At("personal")
	}
	if s.Suite == "" {
		s.Suite = gm.Intl
	}
	if _, err := gm.ParseSuite(string(s.Suite)); err != nil {
		return s, "", err
	}
	for _, k := range s.Kinds {
		if !slices.Contains(f.Kinds(), k) {
			return s, "", errs.E(errs.Invalid, "webhook.kind", errs.Args{"kind": k}).At("kinds")
		}
	}
	if err := outward.CheckURL(s.URL, f.Allow); err != nil {
		return s, "", err
	}
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return s, "", err
	}
	s.ID, secret = ulid.Make().String(), base64.StdEncoding.EncodeToString(raw)
	sealed, err := f.Key.Seal([]byte(secret), []byte(s.ID))
	if err != nil {
		return s, "", err
	}
	end, err := f.Cases.End(ctx)
	if err != nil {
		return s, "", err
	}
	err = f.DB.Write(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Get[int](ctx, tx, `select count(*) from subscription where active = 1`)
		if err != nil {
			return err
		}
		if n >= mostSubscriptions {
			return errs.E(errs.TooMany, "webhook.many", errs.Args{"most": mostSubscriptions})
		}
		s.At, s.Active = tx.Now(), true
		_, err = tx.Exec(ctx, `insert into subscription (`+subColumns+`, lease, holder) values (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, 0, 0, 0, 0, '', 0, '')`,
			s.ID, s.Key, s.URL, strings.Join(s.Kinds, " "), flag(s.Personal), string(s.Suite), sealed, s.At, end)
		return err
	})
	if err != nil {
		return s, "", err
	}
	return s, secret, f.Staff.Note(ctx, by, "webhook_made", s.ID, map[string]any{"key": s.Key, "url": s.URL, "personal": s.Personal})
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// opens reports whether an actor may open personal values.
func (f *Feed) opens(a org.Actor) bool {
	return slices.ContainsFunc(a.Roles, func(code string) bool {
		r, _ := f.Staff.Directory().Role(code)
		return r.Reveals
	})
}

// Kinds returns the kinds of actions that can be asked for, in order.
func (f *Feed) Kinds() []string {
	out := []string{"clock"}
	for _, fam := range f.City.Catalog.Families() {
		life := f.City.Catalog.Lifecycle(fam.Lifecycle)
		if life == nil {
			continue
		}
		for i := range life.Actions {
			out = append(out, life.Actions[i].Code)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Subscriptions returns all, the latest first, with what waits and what was given up.
func (f *Feed) Subscriptions(ctx context.Context) (_ []Subscription, err error) {
	defer errs.Wrap(&err, "webhook.Subscriptions")
	rows, err := sqldb.Select[subRow](ctx, f.DB.Read(), `select `+subColumns+` from subscription order by at desc, id`)
	if err != nil {
		return nil, err
	}
	type count struct {
		Sub   string `db:"sub"`
		State string `db:"state"`
		N     int    `db:"n"`
	}
	counts, err := sqldb.Select[count](ctx, f.DB.Read(), `select sub, state, count(*) as n from delivery group by sub, state`)
	if err != nil {
		return nil, err
	}
	out := make([]Subscription, len(rows))
	for i := range rows {
		out[i] = rows[i].subscription()
		for _, c := range counts {
			switch {
			case c.Sub != rows[i].ID:
			case c.State == dead:
				out[i].Dead = c.N
			default:
				out[i].Waiting = c.N
			}
		}
	}
	return out, nil
}

// End ends a subscription for good; what waited for it is forgotten. Error: NotFound.
func (f *Feed) End(ctx context.Context, by org.Actor, id string) (err error) {
	defer errs.Wrap(&err, "webhook.End(%s)", id)
	err = f.DB.Write(ctx, func(tx *sqldb.Tx) error {
		n, err := tx.Exec(ctx, `delete from subscription where id = ?`, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return errs.E(errs.NotFound, "webhook.none", nil)
		}
		_, err = tx.Exec(ctx, `delete from delivery where sub = ?`, id)
		return err
	})
	if err != nil {
		return err
	}
	return f.Staff.Note(ctx, by, "webhook_ended", id, nil)
}

// Delivery is an event that was given up.
type Delivery struct {
	Sub   string `db:"sub"`
	Seq   int64  `db:"seq"` // number of the action in the log
	Case  string `db:"case_id"`
	N     int    `db:"n"`
	Kind  string `db:"kind"`
	At    int64  `db:"at"`
	Tries int    `db:"tries"`
	Said  string `db:"said"` // why the last try failed
}

// Dead returns the events that were given up, the latest first, at most limit.
func (f *Feed) Dead(ctx context.Context, limit int) ([]Delivery, error) {
	return sqldb.Select[Delivery](ctx, f.DB.Read(), `select sub, seq, case_id, n, kind, at, tries, said from delivery
		where state = 'dead' order by at desc, sub, seq limit ?`, limit)
}

// Again sends events of a subscription again that were given up: one, or all where
// seq is negative. It returns how many.
func (f *Feed) Again(ctx context.Context, by org.Actor, sub string, seq int64) (n int, err error) {
	defer errs.Wrap(&err, "webhook.Again(%s)", sub)
	err = f.DB.Write(ctx, func(tx *sqldb.Tx) error {
		query, args := `update delivery set state = 'queued', tries = 0, at = ?, next_at = ? where state = 'dead' and sub = ?`, []any{tx.Now(), tx.Now(), sub}
		if seq >= 0 {
			query, args = query+` and seq = ?`, append(args, seq)
		}
		changed, err := tx.Exec(ctx, query, args...)
		if n = int(changed); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update subscription set next_at = 0 where id = ?`, sub)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, f.Staff.Note(ctx, by, "webhook_again", sub, map[string]any{"events": n})
}
