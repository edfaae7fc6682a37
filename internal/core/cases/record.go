package cases

import (
	"strings"
	"time"

	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/register"
	"yiwang/internal/core/voucher"
)

// RecordedField is the field of a case's data that says what it counts in a register:
// the item, the source and the days.
const RecordedField = "recorded"

// record counts something of whoever the case is of, or takes back what this case
// counted. A case that is nobody's in the registers counts nowhere.
func (w *writing) record(e *event, d *matter.Record) error {
	of, ok := w.applicant()
	name, item, _ := strings.Cut(d.Item, ".")
	if w.s.Registers == nil || !ok {
		return nil
	}
	r := w.s.Registers.Book().Find(name)
	key := ""
	if r != nil {
		key = r.Whose(of.Register)
	}
	if key == "" {
		return nil
	}
	today := time.UnixMilli(w.tx.Now()).In(text.CST).Format(time.DateOnly)
	c := register.Counted{Told: register.Told{Register: name, Source: d.Source, Key: key, Value: of.ID, Of: of, New: true}, Item: item, From: today, N: 1}
	if d.Undo != "" {
		from, to, counted := w.recorded(d.Item)
		if !counted {
			return nil
		}
		c.N, c.From, c.To = -1, from, to
		if d.Undo == "now" && today > from {
			c.From = today
		}
		if to != "" && c.From > to {
			return nil // its time is over
		}
		e.set["data."+RecordedField] = ""
	} else {
		if span, ok := voucher.ParseSpan(d.For); ok {
			c.To = time.UnixMilli(span.End(time.UnixMilli(w.tx.Now())) - 1).In(text.CST).Format(time.DateOnly)
		}
		e.set["data."+RecordedField] = strings.Join([]string{d.Item, c.From, c.To}, " ")
	}
	return w.s.Registers.Count(w.ctx, w.tx, c)
}

// recorded returns the days on which this case counts in a register.
func (w *writing) recorded(item string) (from, to string, ok bool) {
	said, _ := w.c.data()[RecordedField].(string)
	parts := strings.Split(said, " ")
	if len(parts) != 3 || parts[0] != item {
		return "", "", false
	}
	return parts[1], parts[2], true
}

// applicant returns whom the case is for.
func (w *writing) applicant() (register.Subject, bool) {
	parties, _ := w.parties()
	for _, p := range parties {
		if p.Role == Applicant {
			return register.Subject{Register: p.Register, ID: p.ID}, true
		}
	}
	return register.Subject{}, false
}

// registered enters a certificate into the register that its kind names.
func (w *writing) registered(d voucher.Draft, number string) error {
	if d.Kind.Register == "" || w.s.Registers == nil {
		return nil
	}
	of, _ := w.applicant()
	facts := []register.Fact{{Item: register.PaperKind, Value: d.Kind.Code}, {Item: register.PaperIssued, Value: dayOf(d.At)}, {Item: register.PaperState, Value: voucher.Valid.Word()}}
	if d.Until > 0 {
		facts = append(facts, register.Fact{Item: register.PaperUntil, Value: dayOf(d.Until - 1)})
	}
	_, err := w.s.Registers.Enter(w.ctx, w.tx, register.Told{
		Register: d.Kind.Register, Source: w.s.issuerSource(d.Kind.Register), Key: register.PaperNumber, Value: number, Of: of, New: true, Facts: facts,
	})
	return err
}

// dayOf is the day of a moment (UTC milliseconds) in China.
func dayOf(at int64) string { return time.UnixMilli(at).In(text.CST).Format(time.DateOnly) }

// restated says in the register what became of a certificate.
func (w *writing) restated(h voucher.Held, to voucher.State) error {
	k := w.s.City.Vouchers.Find(h.Kind)
	if k == nil || k.Register == "" || w.s.Registers == nil {
		return nil
	}
	_, err := w.s.Registers.Enter(w.ctx, w.tx, register.Told{Register: k.Register, Source: w.s.issuerSource(k.Register), Key: register.PaperNumber, Value: h.ID,
		Facts: []register.Fact{{Item: register.PaperState, Value: to.Word(), From: time.UnixMilli(w.tx.Now()).In(text.CST).Format(time.DateOnly)}}})
	return err
}

// issuerSource is the source that says what is issued here: the register's first that
// does not settle what others say.
func (s *Store) issuerSource(name string) string {
	if r := s.Registers.Book().Find(name); r != nil {
		for _, src := range r.Sources {
			if !src.Final {
				return src.Code
			}
		}
	}
	return ""
}
