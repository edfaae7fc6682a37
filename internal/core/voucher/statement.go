package voucher

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
)

const (
	version = 1
	// mostBytes bounds a voucher; what is larger belongs into a file whose
	// digest is a field.
	mostBytes = 64 << 10
)

// Statement is what a voucher says.
type Statement struct {
	ID         string         // the voucher's own number, unique; letters, digits, dot, dash
	Kind       string         // what sort of voucher, as the matter declares it: receipt, decision …
	Subject    string         // whom it is about, as a register identifier; may be empty
	Case       string         // the case it came from; may be empty
	Matter     string         // the matter it came from; may be empty
	Issuer     string         // the unit that issues it
	IssuedAt   int64          // UTC milliseconds
	ValidUntil int64          // UTC milliseconds, exclusive; 0 for no end
	Fields     map[string]any // strings, booleans, integers up to 2^53−1, lists and maps of these
	Suite      gm.Suite       // set by Issue
	KeyID      string         // set by Issue: the key that signed
}

var (
	idForm   = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,127}$`)
	kindForm = regexp.MustCompile(`^[a-z][a-z0-9_.]{0,63}$`)
	keyForm  = regexp.MustCompile(`^[0-9a-f]{16}$`)
)

func (s Statement) check() error {
	bad := func(field string) error {
		return errs.E(errs.Invalid, "voucher.statement_wrong", errs.Args{"field": field}).At(field)
	}
	switch {
	case !idForm.MatchString(s.ID):
		return bad("id")
	case !kindForm.MatchString(s.Kind):
		return bad("kind")
	case s.Issuer == "":
		return bad("issuer")
	case !keyForm.MatchString(s.KeyID):
		return bad("key_id")
	case s.IssuedAt <= 0 || s.IssuedAt > mostInteger:
		return bad("issued_at")
	case s.ValidUntil != 0 && (s.ValidUntil <= s.IssuedAt || s.ValidUntil > mostInteger):
		return bad("valid_until")
	}
	return nil
}

// object returns the statement as the JSON object that is signed. What is empty
// is left out, so that one statement has one form.
func (s Statement) object() map[string]any {
	o := map[string]any{
		"v": version, "id": s.ID, "kind": s.Kind, "issuer": s.Issuer, "issued_at": s.IssuedAt,
		"alg": s.Suite.SignatureName(), "key_id": s.KeyID,
	}
	for name, value := range map[string]string{"subject": s.Subject, "case": s.Case, "matter": s.Matter} {
		if value != "" {
			o[name] = value
		}
	}
	if s.ValidUntil != 0 {
		o["valid_until"] = s.ValidUntil
	}
	if len(s.Fields) > 0 {
		o["fields"] = s.Fields
	}
	return o
}

// Issue signs a statement and returns the voucher: the canonical JSON of the
// statement with its signature as the member sig. It fails with Invalid if the
// statement cannot be said in it (errs.Error.Field names the part), and with
// TooLarge beyond 64 KB.
func Issue(ctx context.Context, key gm.Signer, s Statement) (_ []byte, err error) {
	defer errs.Wrap(&err, "voucher.Issue(%s)", s.ID)
	public := key.Verifier()
	s.Suite, s.KeyID = public.Suite(), public.KeyID()
	if err := s.check(); err != nil {
		return nil, err
	}
	o := s.object()
	message, err := canonical(o)
	if err != nil {
		return nil, err
	}
	signature, err := key.Sign(ctx, message)
	if err != nil {
		return nil, err
	}
	o["sig"] = base64.RawURLEncoding.EncodeToString(signature)
	signed, err := canonical(o)
	if err != nil {
		return nil, err
	}
	if len(signed) > mostBytes {
		return nil, errs.E(errs.TooLarge, "voucher.too_large", errs.Args{"limit_kb": mostBytes >> 10})
	}
	return signed, nil
}

// Verify checks a voucher offline against the keys that are trusted and the
// time given, and returns what it says. Use FaultOf to tell what is wrong with
// one that is refused. The statement is returned with an error only if nothing
// but its time is wrong: what is genuine but expired may still be shown so.
func Verify(voucher []byte, keys gm.Ring, at time.Time) (_ Statement, err error) {
	defer errs.Wrap(&err, "voucher.Verify")
	s, signature, err := parse(voucher)
	if err != nil {
		return Statement{}, err
	}
	key, ok := keys[s.KeyID]
	if !ok || key.Suite() != s.Suite {
		return Statement{}, errs.E(errs.Invalid, "voucher.forged", errs.Args{"key": s.KeyID})
	}
	message, err := canonical(s.object())
	if err != nil {
		return Statement{}, err
	}
	if err := key.Verify(message, signature); err != nil {
		return Statement{}, errs.E(errs.Invalid, "voucher.altered", nil).Because(err)
	}
	if s.ValidUntil != 0 && at.UnixMilli() >= s.ValidUntil {
		return s, errs.E(errs.Invalid, "voucher.expired", nil)
	}
	return s, nil
}

// wire is the form of a voucher in JSON.
type wire struct {
	Version    int            `json:"v"`
	ID         string         `json:"id"`
	Kind       string         `json:"kind"`
	Subject    string         `json:"subject"`
	Case       string         `json:"case"`
	Matter     string         `json:"matter"`
	Issuer     string         `json:"issuer"`
	IssuedAt   int64          `json:"issued_at"`
	ValidUntil int64          `json:"valid_until"`
	Fields     map[string]any `json:"fields"`
	Alg        string         `json:"alg"`
	KeyID      string         `json:"key_id"`
	Sig        string         `json:"sig"`
}

// parse reads a voucher without checking its signature. Only the canonical form
// is read: a voucher has one spelling, so its digest can stand for it.
func parse(voucher []byte) (Statement, []byte, error) {
	malformed := errs.E(errs.Invalid, "voucher.malformed", nil)
	if bytes.HasPrefix(voucher, []byte("%PDF-")) {
		return Statement{}, nil, errs.E(errs.Invalid, "voucher.malformed_print", nil)
	}
	if len(voucher) > mostBytes {
		return Statement{}, nil, malformed
	}
	var w wire
	d := json.NewDecoder(bytes.NewReader(voucher))
	d.UseNumber()
	if err := d.Decode(&w); err != nil {
		return Statement{}, nil, malformed.Because(err)
	}
	if w.Version > version {
		return Statement{}, nil, errs.E(errs.Invalid, "voucher.newer", errs.Args{"version": w.Version})
	}
	signature, err := base64.RawURLEncoding.DecodeString(w.Sig)
	if err != nil {
		return Statement{}, nil, malformed.Because(err)
	}
	s := Statement{
		ID: w.ID, Kind: w.Kind, Subject: w.Subject, Case: w.Case, Matter: w.Matter, Issuer: w.Issuer,
		IssuedAt: w.IssuedAt, ValidUntil: w.ValidUntil, Fields: w.Fields, KeyID: w.KeyID, Suite: gm.Intl,
	}
	if w.Alg == gm.SM.SignatureName() {
		s.Suite = gm.SM
	}
	if err := s.check(); err != nil {
		return Statement{}, nil, malformed.Because(err)
	}
	o := s.object()
	o["sig"] = base64.RawURLEncoding.EncodeToString(signature)
	again, err := canonical(o)
	if err != nil || !bytes.Equal(again, voucher) {
		return Statement{}, nil, malformed.Because(err)
	}
	return s, signature, nil
}
