package cases

import (
	"fmt"

	"yiwang/internal/base/gm"
	"yiwang/internal/core/voucher"
)

// issue signs a voucher about the case and enters its digest in the log.
func (w *writing) issue(e *event, kind string) error {
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
	doc, err := voucher.Issue(w.ctx, w.s.Signer, st)
	if err != nil {
		return err
	}
	e.proof = append(e.proof, gm.Intl.Digest(doc))
	w.later(`insert into voucher (id, case_id, n, kind, at, doc) values (?, ?, ?, ?, ?, ?)`,
		st.ID, w.c.ID, n, kind, st.IssuedAt, string(doc))
	return nil
}
