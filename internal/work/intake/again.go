package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/base/textzh"
	"yiwang/internal/core/cases"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/repeat"
)

// fewWords is how many characters a text needs for its words to tell it from
// others: 谢谢 is said by everybody.
const fewWords = 8

// likeness makes what a message is known again by.
func (d *Desk) likeness(r *ready, m *Message, read dispatch.Reading) {
	at := m.WrittenAt
	if at == 0 {
		at = d.Now().UnixMilli()
	}
	print := repeat.Of(repeat.Said{Title: m.Title, Text: m.Text, Address: m.Address, At: at,
		Person: d.Cases.Person(m.Phone, account(m.Name)), Read: read, Group: d.groupOf(r.filing.Family)})
	like := &cases.Likeness{Sketch: print.Bytes()}
	if key := textzh.Key(m.Text); utf8.RuneCountInString(key) >= fewWords {
		sum := sha256.Sum256([]byte(key))
		like.Words = hex.EncodeToString(sum[:16])
	}
	r.filing.Likeness = like
	r.entry = &repeat.Entry{ID: r.filing.ID, Area: r.filing.Area, Lng: r.filing.Lng, Lat: r.filing.Lat, Print: print}
	if m.History {
		r.entry.ClosedAt = at
	}
}

// account returns a name that is one of a channel's accounts; people's own names
// are shared by many.
func account(name string) string {
	if strings.ContainsAny(name, "0123456789") {
		return name
	}
	return ""
}

func (d *Desk) groupOf(family string) func(string) string {
	return func(code string) string {
		if m := d.City.Catalog.Find(family, code); m != nil && len(m.Levels) > 0 {
			return m.Levels[len(m.Levels)-1]
		}
		return code
	}
}

// meet looks what a message repeats, right before it is filed and in the order of
// filing, so that the second of two finds the first. What is sure is tied at once.
func (d *Desk) meet(r *ready) {
	if d.Repeats != nil && r.entry != nil {
		hits := d.Repeats.Meet(*r.entry)
		if r.reading != nil {
			r.reading.Repeats = hits
			r.filing.Ties = ties(hits)
		}
	}
	r.keep()
}

// keep puts the reading into the filing, as it is stored.
func (r *ready) keep() {
	if r.reading == nil {
		return
	}
	doc, err := json.Marshal(r.reading)
	if err != nil {
		return // the reading is plain data
	}
	r.filing.Reading = &cases.Reading{Model: r.reading.Model, Doc: doc}
}

// ties returns what is done about the first hit, where it is sure.
func ties(hits []repeat.Hit) []cases.Tie {
	if len(hits) == 0 || !hits[0].Sure {
		return nil
	}
	return []cases.Tie{{Action: hits[0].Action(), Case: hits[0].ID, Reason: hits[0].Say(text.Chinese)}}
}

// met ends the filing of a message: one that was not filed, or was there already, is
// taken out of the index again; of any other those hear who listen.
func (d *Desk) met(r *ready, filed cases.Filed, err error) {
	fresh := err == nil && !filed.Already
	if d.Repeats != nil && r.entry != nil && !fresh {
		d.Repeats.Forget(r.entry.ID)
	}
	if d.Heard != nil && r.heard != nil && fresh {
		d.Heard(*r.heard)
	}
}

// Nearby returns the cases that a message would repeat if it were filed.
func (d *Desk) Nearby(m Message) []repeat.Hit {
	if d.Repeats == nil {
		return nil
	}
	r := &ready{filing: cases.Filing{Family: "appeal", Area: m.Area, Lng: m.Lng, Lat: m.Lat}}
	d.likeness(r, &m, d.Judge.Read(dispatch.Message{Title: m.Title, Text: m.Text}))
	return d.Repeats.Find(*r.entry)
}

// How far back cases are remembered after a start, open and closed ones: the index
// lets go of older ones.
const (
	rememberOpen   = 400 * 24 * time.Hour
	rememberClosed = 200 * 24 * time.Hour
)

// Remember brings back what the index of repeats knew, with what people decided: before
// is what the last run kept, or where whole is not set it is empty and the database
// tells. What was filed meanwhile stands above it.
func (d *Desk) Remember(ctx context.Context, before *repeat.Index, whole bool) (err error) {
	defer errs.Wrap(&err, "intake.Remember")
	if !whole {
		now := d.Now()
		err = d.Cases.Known(ctx, now.Add(-rememberOpen).UnixMilli(), now.Add(-rememberClosed).UnixMilli(), func(k cases.Known) {
			remember(before, k)
		})
		if err != nil {
			return err
		}
	}
	d.Repeats.Under(before)
	judged, err := d.Cases.Judged(ctx)
	for _, v := range judged {
		d.Repeats.Heed(repeat.Verdict{Case: v.Case, Other: v.Other, Same: v.Same == 1})
	}
	return err
}

func remember(x *repeat.Index, k cases.Known) {
	if print, ok := repeat.Parse(k.Print); ok {
		x.Add(repeat.Entry{ID: k.ID, Area: k.Area, Lng: k.Lng, Lat: k.Lat, ClosedAt: k.ClosedAt, Print: print})
	}
}

// Heed keeps the index of repeats in step with an action of the log: what another
// process filed, what was closed or opened again, where it is, what was erased, and
// what people decided about two cases.
func (d *Desk) Heed(ctx context.Context, h *cases.Header) error {
	if h.Kind == cases.EraseKind {
		d.Repeats.Forget(h.Case)
		return nil
	}
	if h.N == 1 && !d.Repeats.Has(h.Case) {
		k, err := d.Cases.KnownOf(ctx, h.Case)
		if errs.Is(err, errs.NotFound) {
			return nil // of a family that repeats nothing
		}
		if err != nil {
			return err
		}
		remember(d.Repeats, k)
	}
	if closed, ok := h.Set["closed"]; ok {
		at := h.At
		if closed == 0.0 || closed == 0 {
			at = 0
		}
		if h.Kind != cases.HistoryKind {
			d.Repeats.Close(h.Case, at)
		}
	}
	if area, ok := h.Set["area"].(string); ok && h.N > 1 {
		d.Repeats.Move(h.Case, area)
	}
	for _, v := range cases.JudgedIn(h) {
		d.Repeats.Heed(repeat.Verdict{Case: v.Case, Other: v.Other, Same: v.Same == 1})
	}
	return nil
}
