package app

import (
	"context"
	"io"
	"time"

	"yiwang/internal/base/document"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/text"
	"yiwang/internal/core/voucher"
)

// CertificatesOf returns the certificates that a case and its parts issued: what came
// of one thing at once (一件事) is in one place.
func (o *office) CertificatesOf(ctx context.Context, caseID string) ([]voucher.Held, error) {
	out, err := o.Cases.Certificates.ByCase(ctx, o.DB.Read(), caseID)
	if err != nil {
		return nil, err
	}
	parts, err := o.Cases.Parts(ctx, caseID)
	if err != nil {
		return nil, err
	}
	for _, id := range parts {
		held, err := o.Cases.Certificates.ByCase(ctx, o.DB.Read(), id)
		if err != nil {
			return nil, err
		}
		out = append(out, held...)
	}
	return out, nil
}

// Handed returns a certificate as its holder takes it away.
func (o *office) Handed(ctx context.Context, id string) (voucher.File, error) {
	return o.Cases.Handed(ctx, id)
}

// ShowCertificate makes a show-code.
func (o *office) ShowCertificate(ctx context.Context, id string, fields []string, purpose string) (string, time.Time, error) {
	token, until, err := o.Cases.Certificates.Show(ctx, id, fields, purpose)
	return token, time.UnixMilli(until), err
}

// PeekShown says what a show-code is for.
func (o *office) PeekShown(ctx context.Context, token string) (title, purpose string, err error) {
	return o.Cases.Certificates.Peek(ctx, token)
}

// SeeShown uses a show-code up.
func (o *office) SeeShown(ctx context.Context, token, verifier string) (voucher.Shown, error) {
	return o.Cases.Certificates.Redeem(ctx, token, verifier)
}

// Showings returns who was shown a certificate.
func (o *office) Showings(ctx context.Context, id string) ([]voucher.Showing, error) {
	return o.Cases.Certificates.Showings(ctx, id)
}

// CheckVoucher checks a voucher against this city's keys. A certificate of ours is
// judged by its state as it is now, whatever list came with it.
func (o *office) CheckVoucher(ctx context.Context, f voucher.File) (voucher.Verdict, error) {
	ring := gm.NewRing(o.keys.signer.Verifier())
	if s, err := voucher.Verify(f.Voucher, ring, o.Now()); err == nil {
		if c, ok := voucher.AsCertificate(s); ok && c.List != "" {
			list, err := o.Cases.Certificates.List(ctx, c.List)
			if err != nil {
				return voucher.Verdict{}, err
			}
			f.List = list
		}
	}
	return f.Check(ring, o.Now())
}

// StatusList returns a signed status list.
func (o *office) StatusList(ctx context.Context, id string) ([]byte, error) {
	return o.Cases.Certificates.List(ctx, id)
}

// PublicKeys returns the keys that this city signs with.
func (o *office) PublicKeys(context.Context) ([]byte, error) {
	return gm.EncodePublic(o.keys.signer.Verifier())
}

// CertificatePaper writes a certificate as PDF.
func (o *office) CertificatePaper(_ context.Context, h voucher.Held, w io.Writer) error {
	faces, err := o.fonts()
	if err != nil {
		return err
	}
	day := func(at int64) string { return time.UnixMilli(at).In(text.CST).Format("2006年1月2日") }
	say := func(key string) string { return text.Say(text.Chinese, "portal.certificate_"+key, nil) }
	table := document.Table{Head: []string{h.Title, ""}, Widths: []float64{1, 3}}
	row := func(title, value string) { table.Rows = append(table.Rows, []string{title, value}) }
	if h.Holder != "" {
		row(say("holder"), h.Holder)
	}
	for _, l := range h.Lines {
		row(l.Title, l.Value)
	}
	row(say("issuer"), h.IssuerName)
	row(say("issued"), day(h.IssuedAt))
	if h.ValidUntil > 0 {
		row(say("until"), day(h.ValidUntil-1))
	}
	row(say("number"), h.ID)
	d := document.Document{Lang: string(text.Chinese), Title: h.Title, Made: time.UnixMilli(h.IssuedAt), Parts: []document.Part{
		table,
		document.Paragraph{Text: text.Say(text.Chinese, "voucher.paper_note", nil), Small: true},
	}}
	missing, err := d.PDF(w, faces)
	if len(missing) > 0 {
		o.Logger.Warn("no font of this machine has some characters of a certificate", "characters", string(missing))
	}
	return err
}
