package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
)

// Event is a CloudEvent in its structured JSON form.
type Event struct {
	SpecVersion string    `json:"specversion"`
	ID          string    `json:"id"` // CASE/N, the same however often it is sent
	Source      string    `json:"source"`
	Type        string    `json:"type"` // yiwang.case.KIND
	Subject     string    `json:"subject"`
	Time        time.Time `json:"time"`
	ContentType string    `json:"datacontenttype"`
	Data        Data      `json:"data"`
}

// mediaType is that of an event in its structured form.
const mediaType = "application/cloudevents+json; charset=utf-8"

// Data says what happened and what the case is after it. Codes are those of the
// declarations; times are UTC milliseconds, 0 is never.
type Data struct {
	Case       string            `json:"case"`
	Number     string            `json:"number"`
	N          int               `json:"n"` // ordinal in the case; one that is missing was not for this receiver
	Kind       string            `json:"kind"`
	By         string            `json:"by"` // citizen, staff, machine
	At         int64             `json:"at"`
	From       string            `json:"from,omitempty"` // state before, where it changed
	State      string            `json:"state"`
	StateName  string            `json:"state_name"`
	Lane       string            `json:"lane"`
	Closed     bool              `json:"closed"`
	Family     string            `json:"family"`
	Matter     string            `json:"matter"`
	MatterName string            `json:"matter_name"`
	Nature     string            `json:"nature"`
	Urgency    string            `json:"urgency"`
	Channel    string            `json:"channel"`
	Area       string            `json:"area"`
	Grid       string            `json:"grid"`
	Unit       string            `json:"unit"`
	UnitName   string            `json:"unit_name"`
	DueAt      int64             `json:"due_at"`
	Late       bool              `json:"late"`
	Rating     int               `json:"rating"`
	Personal   map[string]string `json:"personal,omitempty"` // what was filed and entered, where the receiver may know
}

// found ends a replay that has come to its action.
var found = errors.New("webhook: found")

// moment returns a case as it was around its n-th action.
func (f *Feed) moment(ctx context.Context, id string, n int) (at cases.Moment, err error) {
	err = f.Cases.Replay(ctx, id, func(m cases.Moment) error {
		if m.Header.N == n {
			at = m
			return found
		}
		return nil
	})
	if errors.Is(err, found) {
		return at, nil
	}
	if err == nil {
		err = errs.E(errs.NotFound, "cases.not_found", nil)
	}
	return at, err
}

// concerns reports whether a key is told of an action: where it sees the case
// before it or after it, so that it also hears that a case leaves it, and of the
// cases of its own channel.
func (f *Feed) concerns(k org.Key, a org.Actor, m *cases.Moment) bool {
	if k.Channel != "" && m.After.Channel == k.Channel {
		return true
	}
	scope := f.Staff.Directory().ScopeOf(a)
	return m.Header.N > 1 && scope.Admits(f.ref(&m.Before)) || scope.Admits(f.ref(&m.After))
}

func (f *Feed) ref(c *cases.Case) org.CaseRef {
	return org.CaseRef{Unit: c.Unit, UnitPath: f.Staff.Directory().Path(c.Unit), Holder: c.Holder, FiledBy: c.FiledBy, Area: c.Area}
}

// event makes the event of an action for a receiver.
func (f *Feed) event(ctx context.Context, s *subRow, a org.Actor, d *Delivery) ([]byte, error) {
	m, err := f.moment(ctx, d.Case, d.N)
	if err != nil {
		return nil, err
	}
	c, h := &m.After, m.Header
	by, _, _ := strings.Cut(h.By, ":")
	e := Event{
		SpecVersion: "1.0", ID: fmt.Sprintf("%s/%d", d.Case, d.N), Source: f.Site + "/", Type: "yiwang.case." + h.Kind, Subject: c.Number,
		Time: time.UnixMilli(h.At).UTC(), ContentType: "application/json",
		Data: Data{Case: c.ID, Number: c.Number, N: h.N, Kind: h.Kind, By: by, At: h.At, State: c.State, Lane: c.Lane, Closed: c.Closed == 1,
			Family: c.Family, Matter: c.Matter, Nature: c.Nature, Urgency: c.Urgency, Channel: c.Channel, Area: c.Area, Grid: c.Grid, Unit: c.Unit,
			DueAt: c.DueAt, Late: c.Late > 0, Rating: c.Rating},
	}
	if h.From != h.To && h.To != "" {
		e.Data.From = h.From
	}
	if fam := f.City.Catalog.Family(c.Family); fam != nil {
		if st := f.City.Catalog.Lifecycle(fam.Lifecycle).State(c.State); st != nil {
			e.Data.StateName = st.Title
		}
	}
	if mt := f.City.Catalog.Find(c.Family, c.Matter); mt != nil {
		e.Data.MatterName = mt.Name
	}
	if u, ok := f.Staff.Directory().Unit(c.Unit); ok {
		e.Data.UnitName = u.Name
	}
	// What a case left behind for others is not this receiver's to read.
	if s.Personal == 1 && f.opens(a) && f.Staff.Directory().ScopeOf(a).Admits(f.ref(c)) {
		if e.Data.Personal, err = f.personal(ctx, a, d); err != nil {
			return nil, err
		}
	}
	return json.Marshal(e)
}

// purpose is why personal values are opened, as the log of openings says it.
const purpose = "webhook"

// personal opens what was filed and what was entered in an action; the opening is
// logged with the key's name.
func (f *Feed) personal(ctx context.Context, a org.Actor, d *Delivery) (map[string]string, error) {
	v, err := f.Cases.Open(ctx, a, d.Case, purpose)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, x := range v.Fields {
		out[x.Code] = x.Text
	}
	if d.N > 1 && d.N <= len(v.Entries) {
		for _, x := range v.Entries[d.N-1].Values {
			out["entered."+x.Code] = x.Text
		}
	}
	return out, nil
}
