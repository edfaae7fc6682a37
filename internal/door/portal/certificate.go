package portal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rsc.io/qr"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/voucher"
)

// Certificates is what the pages of certificates need of the house.
type Certificates interface {
	// CertificatesOf returns the certificates that a case issued, oldest first.
	CertificatesOf(ctx context.Context, caseID string) ([]voucher.Held, error)
	// Handed returns a certificate as its holder takes it away.
	Handed(ctx context.Context, id string) (voucher.File, error)
	// CertificatePaper writes a certificate as PDF.
	CertificatePaper(ctx context.Context, h voucher.Held, w io.Writer) error
	// ShowCertificate makes a show-code; see voucher.Store.Show.
	ShowCertificate(ctx context.Context, id string, fields []string, purpose string) (token string, until time.Time, err error)
	// PeekShown says what a show-code is for without using it up.
	PeekShown(ctx context.Context, token string) (title, purpose string, err error)
	// SeeShown uses a show-code up.
	SeeShown(ctx context.Context, token, verifier string) (voucher.Shown, error)
	// Showings returns who was shown a certificate, newest first.
	Showings(ctx context.Context, id string) ([]voucher.Showing, error)
	// CheckVoucher checks what somebody was handed, against the state as it is now.
	CheckVoucher(ctx context.Context, f voucher.File) (voucher.Verdict, error)
	// ReportVoucher has somebody look into a voucher that does not pass, and returns the
	// number of that case. Error: Invalid where it passes or is none.
	ReportVoucher(ctx context.Context, raw []byte, note string) (number string, err error)
	// StatusList returns a signed status list. Error: NotFound.
	StatusList(ctx context.Context, id string) ([]byte, error)
	// PublicKeys returns the keys that this city signs with, as PEM.
	PublicKeys(ctx context.Context) ([]byte, error)
}

// certificateView is a certificate as its holder sees it.
type certificateView struct {
	ID, Title, Issuer, Holder string
	Lines                     []voucher.Line
	Issued                    timeView
	Until                     string // the last day
	Ends                      bool
	Over                      string // why it no longer counts, "" where it does
	Link                      string
	Showings                  []showingView
	Problems                  []problem
	Purpose                   string
	Chosen                    map[string]bool
}

type showingView struct {
	At       timeView
	Verifier string
	Purpose  string
}

func (v *visit) certificate(h voucher.Held) certificateView {
	out := certificateView{
		ID: h.ID, Title: h.Title, Issuer: h.IssuerName, Holder: h.Holder, Lines: h.Lines,
		Issued: v.moment(time.UnixMilli(h.IssuedAt)), Ends: h.ValidUntil > 0, Link: "/track/certificate/" + h.ID, Chosen: map[string]bool{},
	}
	if out.Ends {
		out.Until = v.lastDay(h.ValidUntil)
	}
	if h.State != voucher.Valid {
		out.Over = text.Say(v.lang, "voucher.state_"+h.State.Word(), nil)
	} else if out.Ends && !v.site.now().Before(time.UnixMilli(h.ValidUntil)) {
		out.Over = text.Say(v.lang, "voucher.state_lapsed", nil)
	}
	return out
}

// lastDay says the last day before an end, exclusive, in UTC milliseconds.
func (v *visit) lastDay(end int64) string {
	return time.UnixMilli(end - 1).In(text.CST).Format(v.say("day", nil))
}

// certificates returns those of a case for its page.
func (s *Site) certificates(v *visit, caseID string) ([]certificateView, error) {
	held, err := s.office.CertificatesOf(v.ctx(), caseID)
	out := make([]certificateView, len(held))
	for i, h := range held {
		out[len(held)-1-i] = v.certificate(h)
	}
	return out, err
}

// ownCertificate returns the certificate of the address, of the case whose code was
// given in this browser.
func (s *Site) ownCertificate(v *visit) (voucher.Held, error) {
	p, err := s.openProgress(v)
	if err != nil {
		return voucher.Held{}, err
	}
	held, err := s.office.CertificatesOf(v.ctx(), p.CaseID)
	if err != nil {
		return voucher.Held{}, err
	}
	i := slices.IndexFunc(held, func(h voucher.Held) bool { return h.ID == v.r.PathValue("id") })
	if i < 0 {
		return voucher.Held{}, errs.E(errs.NotFound, "portal.error_not_found", nil)
	}
	return held[i], nil
}

func (s *Site) showCertificate(v *visit) error {
	h, err := s.ownCertificate(v)
	if errs.Is(err, errs.Unauthenticated) {
		return v.goTo("/track")
	}
	if err != nil {
		return err
	}
	return s.drawCertificate(v, 200, h, v.certificate(h))
}

func (s *Site) drawCertificate(v *visit, status int, h voucher.Held, view certificateView) error {
	list, err := s.office.Showings(v.ctx(), h.ID)
	if err != nil {
		return err
	}
	for _, x := range list {
		if x.UsedAt > 0 {
			view.Showings = append(view.Showings, showingView{v.moment(time.UnixMilli(x.UsedAt)), x.Verifier, x.Purpose})
		}
	}
	return v.show(status, "certificate", h.Title, view)
}

// takeCertificate sends the certificate as a file, with its proof.
func (s *Site) takeCertificate(v *visit) error {
	h, err := s.ownCertificate(v)
	if err != nil {
		return err
	}
	f, err := s.office.Handed(v.ctx(), h.ID)
	if err != nil {
		return err
	}
	b, err := f.Bytes()
	if err != nil {
		return err
	}
	v.attach("application/jsonl; charset=utf-8", h.ID+".voucher")
	_, err = v.w.Write(b)
	return err
}

func (s *Site) printCertificate(v *visit) error {
	h, err := s.ownCertificate(v)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := s.office.CertificatePaper(v.ctx(), h, &b); err != nil {
		return err
	}
	v.attach("application/pdf", h.ID+".pdf")
	_, err = v.w.Write(b.Bytes())
	return err
}

func (v *visit) attach(kind, name string) {
	v.w.Header().Set("Content-Type", kind)
	v.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

// shownCode is the page with a show-code.
type shownCode struct {
	Title, Purpose string
	Link           string // to the certificate
	Address        string // what the code says
	Size           int
	Path           string // of the black squares
	Until          timeView
}

// makeShown makes a show-code of what the holder chose.
func (s *Site) makeShown(v *visit) error {
	h, err := s.ownCertificate(v)
	if err != nil {
		return err
	}
	if err := v.slow(s.limits.file, s.address(v.r)); err != nil {
		return err
	}
	sent, err := s.readForm(v)
	if err != nil {
		return err
	}
	fields := sent.Values["fields"]
	token, until, err := s.office.ShowCertificate(v.ctx(), h.ID, fields, sent.Get("purpose"))
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Kind == errs.Invalid {
		view := v.certificate(h)
		view.Purpose = sent.Get("purpose")
		for _, f := range fields {
			view.Chosen[f] = true
		}
		view.Problems = []problem{{Field: e.Field, Said: text.Error(v.lang, err)}}
		return s.drawCertificate(v, 422, h, view)
	}
	if err != nil {
		return err
	}
	scheme := "http://"
	if s.secure || v.r.TLS != nil {
		scheme = "https://"
	}
	page := shownCode{
		Title: h.Title, Purpose: sent.Get("purpose"), Link: "/track/certificate/" + h.ID,
		Address: scheme + v.r.Host + "/show/" + token, Until: v.moment(until),
	}
	if page.Path, page.Size, err = squares(page.Address); err != nil {
		return err
	}
	return v.show(200, "showcode", v.say("show_title", nil), page)
}

// squares returns a QR code as an SVG path with a quiet zone of four, and its width.
func squares(address string) (string, int, error) {
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		return "", 0, err
	}
	const quiet = 4
	var b strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	return b.String(), code.Size + 2*quiet, nil
}

// lookView is the page of whoever was shown a code.
type lookView struct {
	Token, Title, Purpose string
	Problems              []problem
	Verifier              string
}

// askVerifier asks who looks, before the code is used up.
func (s *Site) askVerifier(v *visit) error {
	if err := v.slow(s.limits.guess, s.address(v.r)); err != nil {
		return err
	}
	token := v.r.PathValue("token")
	title, purpose, err := s.office.PeekShown(v.ctx(), token)
	if err != nil {
		return err
	}
	return v.show(200, "look", v.say("look_title", nil), lookView{Token: token, Title: title, Purpose: purpose})
}

func (s *Site) lookAtShown(v *visit) error {
	if err := v.slow(s.limits.guess, s.address(v.r)); err != nil {
		return err
	}
	sent, err := s.readForm(v)
	if err != nil {
		return err
	}
	token := v.r.PathValue("token")
	seen, err := s.office.SeeShown(v.ctx(), token, sent.Get("verifier"))
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Kind == errs.Invalid {
		title, purpose, peeked := s.office.PeekShown(v.ctx(), token)
		if peeked != nil {
			return peeked
		}
		view := lookView{Token: token, Title: title, Purpose: purpose, Verifier: sent.Get("verifier"), Problems: []problem{{Field: e.Field, Said: text.Error(v.lang, err)}}}
		return v.show(422, "look", v.say("look_title", nil), view)
	}
	if err != nil {
		return err
	}
	return v.show(200, "seen", seen.Title, struct {
		voucher.Shown
		Good  bool
		State string
		When  timeView
	}{seen, seen.State == voucher.Valid, text.Say(v.lang, "voucher.state_"+seen.State.Word(), nil), v.moment(time.UnixMilli(seen.At))})
}

// verifyView is the page on which anybody checks a voucher.
type verifyView struct {
	Done                   bool
	Good                   bool
	Says                   string
	ID, Title, Issuer      string
	Holder                 string
	Lines                  []voucher.Line
	Issued, Logged         timeView
	Until                  string
	Ends, IsLogged, Listed bool
	State                  string
	Suspect                string // the voucher, where it may be handed on to be looked into
	Reported               string
}

func (s *Site) verifyForm(v *visit) error {
	return v.show(200, "verify", v.say("verify_title", nil), verifyView{})
}

// statusList serves a status list to whoever checks offline.
func (s *Site) statusList(v *visit) error {
	list, err := s.office.StatusList(v.ctx(), v.r.PathValue("list"))
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/json")
	_, err = v.w.Write(list)
	return err
}

// publicKeys serves the keys to whoever checks offline.
func (s *Site) publicKeys(v *visit) error {
	keys, err := s.office.PublicKeys(v.ctx())
	if err != nil {
		return err
	}
	v.attach("application/x-pem-file", "sign.pub.pem")
	_, err = v.w.Write(keys)
	return err
}

// mostVoucher bounds what is sent to be checked.
const mostVoucher = 2 << 20

func (s *Site) verify(v *visit) error {
	if err := v.slow(s.limits.upload, s.address(v.r)); err != nil {
		return err
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, mostVoucher)
	if err := v.r.ParseMultipartForm(mostVoucher); err != nil {
		return formError(err)
	}
	raw := []byte(strings.TrimSpace(v.r.PostFormValue("text")))
	if file, _, err := v.r.FormFile("file"); err == nil {
		read, err := io.ReadAll(file)
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
		if len(read) > 0 {
			raw = read
		}
	}
	f, err := voucher.ParseFile(raw)
	if err != nil {
		f = voucher.File{Voucher: raw}
	}
	verdict, fault := s.office.CheckVoucher(v.ctx(), f)
	if fault != nil && verdict.Fault == voucher.NoFault {
		return fault // not of the voucher: the house failed
	}
	view := verifyView{
		Done: true, Good: verdict.Good() && fault == nil, ID: verdict.ID, Title: verdict.Title, Issuer: verdict.IssuerName, Holder: verdict.Holder,
		Lines: verdict.Lines, IsLogged: verdict.Logged, Ends: verdict.ValidUntil > 0,
	}
	view.Says = text.Say(v.lang, "voucher.good", nil)
	if fault != nil {
		view.Says = text.Error(v.lang, fault)
	} else if !view.Good {
		view.Says = text.Say(v.lang, "voucher.stale", nil)
	}
	if verdict.IssuedAt > 0 {
		view.Issued, view.Until, view.Logged = v.moment(time.UnixMilli(verdict.IssuedAt)), v.lastDay(verdict.ValidUntil), v.moment(time.UnixMilli(verdict.LoggedAt))
	}
	if verdict.State != "" {
		view.State = text.Say(v.lang, "voucher.state_"+verdict.State.Word(), nil)
	}
	status := 200
	if !view.Good {
		status = 422
	}
	if fault != nil && verdict.Fault != voucher.Malformed && len(raw) <= mostReported && utf8.Valid(raw) {
		view.Suspect = string(raw)
	}
	return v.show(status, "verify", v.say("verify_title", nil), view)
}

// mostReported bounds a voucher that goes back with the page to be handed on.
const mostReported = 32 << 10

// reportVoucher hands a voucher that does not pass to somebody who looks into it.
func (s *Site) reportVoucher(v *visit) error {
	if err := v.slow(s.limits.file, s.address(v.r)); err != nil {
		return err
	}
	sent, err := s.readForm(v)
	if err != nil {
		return err
	}
	raw := sent.Get("voucher")
	if len(raw) > mostReported {
		return errs.E(errs.TooLarge, "portal.error_too_large", nil)
	}
	number, err := s.office.ReportVoucher(v.ctx(), []byte(raw), cut(sent.Get("note"), 1000))
	if err != nil {
		return err
	}
	return v.show(200, "verify", v.say("verify_title", nil), verifyView{Reported: number})
}
