package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/voucher"
)

// issue signs a voucher about the case and enters its digest in the log: a
// certificate where the pack declares the kind as one, else what the case holds.
func (w *writing) issue(e *event, word string) error {
	kind := w.s.City.VoucherKind(w.m.family, word)
	if k := w.s.City.Vouchers.Find(kind); k != nil {
		return w.certify(e, k)
	}
	n := w.c.Version + 1
	st := voucher.Statement{
		ID: fmt.Sprintf("%s-%s-%d", kind, w.c.Number, n), Kind: kind, Case: w.c.Number, Matter: w.c.Matter,
		Issuer: w.c.Unit, IssuedAt: w.tx.Now(), Fields: map[string]any{"family": w.c.Family, "result": w.c.Result},
	}
	for name, v := range w.c.data() {
		if f, ok := v.(float64); ok {
			v = int64(f)
		}
		st.Fields[name] = v
	}
	return w.sign(e, st)
}

// sign makes a plain voucher and enters it.
func (w *writing) sign(e *event, st voucher.Statement) error {
	doc, err := voucher.Issue(w.ctx, w.s.Signer, st)
	if err != nil {
		return err
	}
	e.proof = append(e.proof, gm.Intl.Digest(doc))
	w.later(`insert into voucher (id, case_id, n, kind, at, doc) values (?, ?, ?, ?, ?, ?)`,
		st.ID, w.c.ID, w.c.Version+1, st.Kind, st.IssuedAt, string(doc))
	return nil
}

// certify issues a certificate. Its serial number belongs to this transaction, so a
// kind's certificates and its status lists have no gaps.
func (w *writing) certify(e *event, k *voucher.Kind) error {
	filed, err := w.filedFields()
	if err != nil {
		return err
	}
	d := voucher.Draft{
		Kind: k, Case: w.c.Number, Matter: w.c.Matter, Issuer: w.c.Unit, IssuerName: w.s.unitName(w.c.Unit), At: w.tx.Now(),
	}
	value := func(name string) string { return w.told(name, e, filed) }
	d.Holder, d.HolderNumber = value(k.Holder.Name), value(k.Holder.Number)
	for _, f := range k.Fields {
		line := voucher.Line{Code: f.Code, Title: f.Title, Value: f.Fixed}
		if f.Fixed == "" {
			line.Value = value(f.Source())
		}
		d.Lines = append(d.Lines, line)
	}
	if span, ok := voucher.ParseSpan(k.Valid); ok {
		d.Until = span.End(time.UnixMilli(d.At))
	}
	if k.Until != "" {
		day, err := time.ParseInLocation("2006-01-02", value(k.Until), text.CST)
		if err != nil {
			return errs.E(errs.Invalid, "voucher.field_missing", errs.Args{"field": k.Until}).At(k.Until).Because(err)
		}
		d.Until = day.AddDate(0, 0, 1).UnixMilli()
	}
	if k.CopyOf != "" {
		if err := w.original(&d, k.CopyOf); err != nil {
			return err
		}
	}
	var n int64
	if n, err = w.nextOf("voucher/" + k.Code); err != nil {
		return err
	}
	d.Serial = fmt.Sprintf("%s%08d", time.UnixMilli(d.At).In(text.CST).Format("2006"), n)
	d.List, d.Index = voucher.ListOf(k.Code, n-1)
	number, err := w.enter(e, d)
	if err != nil {
		return err
	}
	if err := w.registered(d, number); err != nil {
		return err
	}
	if former := value(k.Renews); former != "" {
		return w.replaces(e, d, former)
	}
	return nil
}

// enter signs a certificate, seals it, queues its row and returns its number.
func (w *writing) enter(e *event, d voucher.Draft) (number string, err error) {
	st, err := d.Statement()
	if err != nil {
		return "", err
	}
	doc, err := voucher.Issue(w.ctx, w.s.Signer, st)
	if err != nil {
		return "", err
	}
	e.proof = append(e.proof, gm.Intl.Digest(doc))
	row := voucher.Entry{Statement: st, CaseID: w.c.ID, N: int(w.c.Version + 1), List: d.List, Index: d.Index, Text: doc}
	if d.HolderNumber != "" {
		row.Holder = w.s.HolderDigest(d.HolderNumber)
	}
	sql, args, err := row.Insert(w.key)
	if err != nil {
		return "", err
	}
	w.later(sql, args...)
	return st.ID, nil
}

// HolderDigest returns by what the certificates of a holder are found again.
func (s *Store) HolderDigest(number string) string { return s.digest("holder", number) }

// Handed returns a certificate as it is handed over: with the proof that the log has
// it and with its status list. Errors: NotFound; Unavailable "cases.unnumbered" for
// the moment until the log has numbered it.
func (s *Store) Handed(ctx context.Context, id string) (_ voucher.File, err error) {
	defer errs.Wrap(&err, "cases.Handed(%s)", id)
	h, err := s.Certificates.Get(ctx, id)
	if err != nil {
		return voucher.File{}, err
	}
	of, err := s.ByNumber(ctx, h.Case)
	if err != nil {
		return voucher.File{}, err
	}
	proof, err := s.Prove(ctx, of.ID, h.N)
	if err != nil {
		return voucher.File{}, err
	}
	list, err := s.Certificates.List(ctx, h.List)
	return voucher.File{Voucher: h.Text, Inclusion: &proof, List: list}, err
}

// original fills a copy with what it is a copy of: the latest certificate of a kind
// that this case issued and that still counts.
func (w *writing) original(d *voucher.Draft, kind string) error {
	held, err := w.held(kind)
	if err != nil {
		return err
	}
	for i := len(held) - 1; i >= 0; i-- {
		h := held[i]
		if h.Over(w.tx.Now()) {
			continue
		}
		d.Original, d.OriginalSum = &h.Certificate, gm.Intl.Digest(h.Text)
		d.Lines = append(append([]voucher.Line{}, h.Lines...), d.Lines...)
		d.Holder, d.HolderNumber = h.Holder, h.HolderNumber
		if h.ValidUntil > 0 && (d.Until == 0 || d.Until > h.ValidUntil) {
			d.Until = h.ValidUntil
		}
		return nil
	}
	return errs.E(errs.Conflict, "voucher.none_valid", nil)
}

// held returns the certificates of a kind that this case issued.
func (w *writing) held(kind string) ([]voucher.Held, error) {
	all, err := w.s.Certificates.ByCase(w.ctx, w.tx, w.c.ID)
	var out []voucher.Held
	for _, h := range all {
		if h.Kind == kind {
			out = append(out, h)
		}
	}
	return out, err
}

// status changes the state of certificates. What was done is a signed statement of
// its own, and its digest stands in the log like that of the certificate.
func (w *writing) status(e *event, d *matter.Status) error {
	to, ok := voucher.ParseState(d.To)
	if !ok {
		return fmt.Errorf("cases: no certificate has the state %q", d.To)
	}
	held, err := w.held(w.m.family.VoucherKind(d.Voucher))
	if err != nil {
		return err
	}
	changed := 0
	for _, h := range held {
		if h.State.Final() || h.State == to {
			continue
		}
		changed++
		if err := w.restate(e, h, to, ""); err != nil {
			return err
		}
		if err := w.restated(h, to); err != nil {
			return err
		}
		if to == voucher.Rescinded {
			if err := w.revives(e, h); err != nil {
				return err
			}
		}
	}
	if changed == 0 {
		return errs.E(errs.Conflict, "voucher.none_valid", nil)
	}
	return nil
}

// restate changes the state of one certificate, with a signed statement that gives the
// reason where there is one beside the action itself.
func (w *writing) restate(e *event, h voucher.Held, to voucher.State, because string) error {
	w.later(`update certificate set state = ?, changed_at = ? where id = ?`, string(to), w.tx.Now(), h.ID)
	w.tx.After(func() { w.s.Certificates.Forget(h.List) })
	e.restated++
	st := voucher.Statement{
		ID: fmt.Sprintf("status-%s-%d-%d", w.c.Number, w.c.Version+1, e.restated), Kind: "status", Case: w.c.Number, Matter: w.c.Matter,
		Issuer: w.c.Unit, IssuedAt: w.tx.Now(), Fields: map[string]any{"certificate": h.ID, "state": string(to)},
	}
	if because != "" {
		st.Fields["because"] = because
	}
	return w.sign(e, st)
}

// told returns the value of a field as a certificate says it: that of the action's
// input, else what the case holds or was filed with; the title of a choice.
func (w *writing) told(name string, e *event, filed map[string]any) string {
	if name == "" {
		return ""
	}
	v, fields := filed[name], w.m.family.Fields
	if in, ok := e.input[name]; ok && e.decl != nil {
		v, fields = in, e.decl.decl.Input
	}
	for i := range fields {
		if fields[i].Code == name {
			return fields[i].Show(v)
		}
	}
	return said(v)
}

// said returns a value without a declaration as text.
func said(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case float64:
		return fmt.Sprint(int64(x))
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(raw)
}
