package cases

import (
	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/register"
	"yiwang/internal/core/voucher"
)

// RevivedField is the field of a case's data that names the certificate which counts
// again because the one that took its place should not have been issued.
const RevivedField = "revived"

// replaces ends the certificate that a new one takes the place of, where it is the same
// holder's and counts today: in the register, and in its own state where it was issued
// here.
func (w *writing) replaces(e *event, d voucher.Draft, former string) error {
	today := dayOf(d.At)
	_, err := w.ofFormer(d.Kind, former, register.Fact{Item: register.PaperState, Value: register.Replaced, From: today}, func(f map[string]register.Fact) bool {
		return f[register.PaperState].Value == "" || f[register.PaperState].Value == register.PaperValid
	})
	if err != nil {
		return err
	}
	h, err := w.s.Certificates.In(w.ctx, w.tx, former)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil || h.HolderNumber == "" || h.HolderNumber != d.HolderNumber || h.Over(d.At) {
		return err
	}
	return w.restate(e, h, voucher.Lapsed, register.Replaced)
}

// revives makes the certificate count again that one took the place of which should not
// have been issued, where its own time is not over: nothing else ended it.
func (w *writing) revives(e *event, h voucher.Held) error {
	k := w.s.City.Vouchers.Find(h.Kind)
	if k == nil || k.Renews == "" {
		return nil
	}
	filed, err := w.filedFields()
	if err != nil {
		return err
	}
	former := said(filed[k.Renews])
	if former == "" {
		return nil
	}
	today := dayOf(w.tx.Now())
	revived, err := w.ofFormer(k, former, register.Fact{Item: register.PaperState, Value: register.PaperValid, From: today}, func(f map[string]register.Fact) bool {
		state, until := f[register.PaperState], f[register.PaperUntil].Value
		return state.Value == register.Replaced && state.From == dayOf(h.IssuedAt) && (until == "" || until >= today)
	})
	if err != nil {
		return err
	}
	was, err := w.s.Certificates.In(w.ctx, w.tx, former)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	if err == nil && was.State == voucher.Lapsed && was.ChangedAt == h.IssuedAt && (was.ValidUntil == 0 || w.tx.Now() < was.ValidUntil) {
		revived = true
		if err := w.restate(e, was, voucher.Valid, voucher.Rescinded.Word()+" "+h.ID); err != nil {
			return err
		}
	}
	if revived {
		e.set["data."+RevivedField] = former
	}
	return nil
}

// ofFormer writes down a fact of a certificate of the applicant's that the register has,
// where what it says of it by now allows that.
func (w *writing) ofFormer(k *voucher.Kind, number string, f register.Fact, when func(map[string]register.Fact) bool) (bool, error) {
	of, ok := w.applicant()
	if k.Register == "" || w.s.Registers == nil || !ok {
		return false, nil
	}
	return w.s.Registers.Enter(w.ctx, w.tx, register.Told{
		Register: k.Register, Source: w.s.issuerSource(k.Register), Key: register.PaperNumber, Value: number, Of: of, Facts: []register.Fact{f}, If: when,
	})
}

// revival is what people read of an action by which a former certificate counts again.
func revival(h *Header) string {
	number, _ := h.Set["data."+RevivedField].(string)
	if number == "" {
		return ""
	}
	return text.Say(text.Chinese, "cases.revived", errs.Args{"number": number})
}
