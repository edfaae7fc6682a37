package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/city"
	"yiwang/internal/core/org"
	"yiwang/internal/work/intake"
)

// Office exchanges the cases of a house.
type Office struct {
	DB    *sqldb.DB
	City  *city.City
	Cases *cases.Store
	Desk  *intake.Desk
	Files *intake.Attachments
	MAC   gm.Key // makes the tokens
}

// Wanted says which cases are handed out.
type Wanted struct {
	Channel string   // those that came by it
	Numbers []string // or these
	Since   int64    // only what has changed since then, UTC milliseconds
	Masked  bool     // without personal values
	Files   bool     // with the contents of attachments
}

// purpose is why personal values are opened, as the log of openings says it.
const purpose = "exchange"

const (
	// batch is how many cases are looked up at once.
	batch = 200
	// recent is how many changed cases are found by when they changed; where more did,
	// all cases are gone through by their ids.
	recent = 100_000
)

// Export writes a file of the wanted cases for by, who may see them all, and
// returns how many there are. Each opening of personal values is logged.
func (o *Office) Export(ctx context.Context, by org.Actor, out io.Writer, want Wanted) (n int, err error) {
	defer errs.Wrap(&err, "exchange.Export")
	if want.Channel != "" {
		if _, ok := o.City.Channel(want.Channel); !ok {
			return 0, errs.E(errs.Invalid, "intake.unknown_channel", errs.Args{"channel": want.Channel}).At("channel")
		}
	}
	sum := sha256.New()
	enc := json.NewEncoder(io.MultiWriter(out, sum))
	enc.SetEscapeHTML(false)
	head := Head{Version, Peer{o.City.Code, o.City.Name}, time.UnixMilli(o.DB.Now()).UTC()}
	if err := enc.Encode(head); err != nil {
		return 0, err
	}
	err = o.each(ctx, want, func(id string) error {
		c, err := o.caseFor(ctx, by, id, want)
		if err == nil {
			n++
			err = enc.Encode(c)
		}
		return err
	})
	if err != nil {
		return n, err
	}
	return n, json.NewEncoder(out).Encode(Foot{true, n, hex.EncodeToString(sum.Sum(nil))})
}

// each visits the wanted cases, each once: what changes meanwhile may come as it was or
// as it is, and is never passed over.
func (o *Office) each(ctx context.Context, want Wanted, visit func(id string) error) error {
	if len(want.Numbers) > 0 {
		for _, typed := range want.Numbers {
			c, err := o.Cases.ByNumber(ctx, typed)
			if err != nil {
				return err
			}
			if err := visit(c.ID); err != nil {
				return err
			}
		}
		return nil
	}
	if want.Since > 0 {
		ids, err := sqldb.Select[string](ctx, o.DB.Read(), `select id from cases where updated_at >= ? and channel = ? order by updated_at, id limit ?`,
			want.Since, want.Channel, recent+1)
		if err != nil {
			return err
		}
		if len(ids) <= recent {
			return all(ids, visit)
		}
	}
	for after := ""; ; {
		ids, err := sqldb.Select[string](ctx, o.DB.Read(), `select id from cases where channel = ? and updated_at >= ? and id > ? order by id limit ?`,
			want.Channel, want.Since, after, batch)
		if err != nil {
			return err
		}
		if err := all(ids, visit); err != nil || len(ids) < batch {
			return err
		}
		after = ids[len(ids)-1]
	}
}

func all(ids []string, visit func(id string) error) error {
	for _, id := range ids {
		if err := visit(id); err != nil {
			return err
		}
	}
	return nil
}

func (o *Office) caseFor(ctx context.Context, by org.Actor, id string, want Wanted) (*Case, error) {
	reveal := purpose
	if want.Masked {
		reveal = ""
	}
	v, err := o.Cases.Open(ctx, by, id, reveal)
	if err != nil {
		return nil, err
	}
	k := &v.Case
	c := &Case{Number: k.Number, Token: o.token(id), FiledAt: moment(k.FiledAt), Fields: map[string]string{}, Lng: k.Lng, Lat: k.Lat, Area: k.Area,
		Matter: Named{Code: k.Matter}, Nature: k.Nature, Urgency: k.Urgency, State: o.state(k), Unit: o.unit(k.Unit), DueAt: moment(k.DueAt), Result: k.Result, Rating: k.Rating}
	if want.Masked {
		c.Lng, c.Lat = 0, 0
	}
	if m := o.City.Catalog.Find(k.Family, k.Matter); m != nil {
		c.Matter.Name = m.Name
	}
	for _, f := range v.Fields {
		c.Fields[f.Code] = f.Text
	}
	if c.State.Answered = v.Answer != "" && (k.Closed == 1 || k.Lane == "callback" || k.Lane == "rate"); c.State.Answered {
		c.Answer = v.Answer
	}
	if c.Yours, err = o.yours(ctx, id); err != nil {
		return nil, err
	}
	for i := range v.Entries {
		e, err := o.entry(ctx, &v, &v.Entries[i], want)
		if err != nil {
			return nil, err
		}
		if e != nil {
			c.Entries = append(c.Entries, *e)
		}
	}
	return c, nil
}

// ours are the kinds of actions that only mean something inside one house, or came
// by an exchange themselves.
var ours = []string{cases.ClockKind, cases.HandOverKind, Brought, BroughtInside, FedBack}

func (o *Office) entry(ctx context.Context, v *cases.View, e *cases.Entry, want Wanted) (*Entry, error) {
	h := e.Header
	if slices.Contains(ours, h.Kind) || len(h.Links) > 0 {
		return nil, nil
	}
	by, _, _ := strings.Cut(h.By, ":")
	out := &Entry{N: h.N, At: moment(h.At), Kind: h.Kind, Title: e.Title, By: by, Unit: o.unit(h.Unit), Citizen: e.Citizen}
	for _, x := range e.Values {
		out.Values = append(out.Values, Value{x.Code, x.Title, x.Text})
	}
	if !want.Files || want.Masked {
		return out, nil
	}
	all, err := o.Cases.Attachments(ctx, v.Case.ID)
	if err != nil {
		return nil, err
	}
	for _, f := range all {
		if f.N != h.N {
			continue
		}
		data, err := o.content(ctx, f.ID)
		if err != nil {
			return nil, err
		}
		out.Files = append(out.Files, File{f.Name, f.Type, data})
	}
	return out, nil
}

func (o *Office) content(ctx context.Context, id string) (data []byte, err error) {
	r, err := o.Files.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	defer r.Close() // only read; a damaged content has failed by then
	return io.ReadAll(r)
}

func (o *Office) state(k *cases.Case) State {
	s := State{Code: k.State, Closed: k.Closed == 1}
	if f := o.City.Catalog.Family(k.Family); f != nil {
		if st := o.City.Catalog.Lifecycle(f.Lifecycle).State(k.State); st != nil {
			s.Name = st.Title
		}
	}
	return s
}

func (o *Office) unit(code string) Named {
	n := Named{Code: code}
	if u, ok := o.Cases.Units().Unit(code); ok {
		n.Name = u.Name
	}
	return n
}

// token proves that whoever shows it was handed the case by this house.
func (o *Office) token(id string) string {
	sum := o.MAC.MAC("exchange", []byte(id))
	return fmt.Sprintf("%x", sum[:16])
}

// yours returns by which number and token another platform knows its case, nil
// where none handed it over.
func (o *Office) yours(ctx context.Context, id string) (*Yours, error) {
	rows, err := sqldb.Select[exchanged](ctx, o.DB.Read(), `select number, token from exchanged where case_id = ? order by channel, number`, id)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &Yours{rows[0].Number, rows[0].Token}, nil
}

type exchanged struct {
	Number string `db:"number"`
	Token  string `db:"token"`
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
