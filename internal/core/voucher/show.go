package voucher

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
)

const (
	// ShowLife is for how long a show-code (亮码) may be used.
	ShowLife = time.Minute
	// showKind is the kind of statement that whoever looks gets.
	showKind = "showing"
	// mostPurpose bounds the words for a purpose or a verifier, in characters.
	mostPurpose = 100
)

// Shown is what somebody saw who was shown a certificate: the lines that its holder
// chose, and no others.
type Shown struct {
	Certificate string
	Title       string
	Issuer      string
	Holder      string // masked: the first character of the name alone
	Purpose     string
	Lines       []Line
	State       State
	ValidUntil  int64
	At          int64
	Signed      []byte // the same as a voucher of a minute's life, to be checked offline
}

// Showing is one use of a show-code, as the holder may read it.
type Showing struct {
	At       int64  `db:"at"`
	UsedAt   int64  `db:"used_at"` // 0 where nobody looked in time
	Purpose  string `db:"purpose"`
	Verifier string `db:"verifier"`
	Fields   string `db:"fields"`
}

var tokenCode = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// Show makes a show-code for chosen lines of a certificate: a secret that is good
// once and until the time returned. Errors: NotFound; Invalid "voucher.show_fields",
// "voucher.show_purpose"; Conflict "voucher.ended_…", "voucher.expired".
func (s *Store) Show(ctx context.Context, id string, fields []string, purpose string) (token string, until int64, err error) {
	defer errs.Wrap(&err, "voucher.Show(%s)", id)
	h, err := s.Get(ctx, id)
	if err != nil {
		return "", 0, err
	}
	lines := h.Chosen(fields)
	if len(lines) == 0 || len(lines) != len(fields) {
		return "", 0, errs.E(errs.Invalid, "voucher.show_fields", nil).At("fields")
	}
	purpose = strings.TrimSpace(purpose)
	if n := utf8.RuneCountInString(purpose); n == 0 || n > mostPurpose {
		return "", 0, errs.E(errs.Invalid, "voucher.show_purpose", errs.Args{"max": mostPurpose}).At("purpose")
	}
	if err := h.standing(s.DB.Now()); err != nil {
		return "", 0, err
	}
	var secret [20]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return "", 0, err
	}
	token = tokenCode.EncodeToString(secret[:])
	chosen, err := json.Marshal(fields)
	if err != nil {
		return "", 0, err
	}
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		until = tx.Now() + ShowLife.Milliseconds()
		_, err := tx.Exec(ctx, `insert into showing (digest, certificate, fields, purpose, at, until, used_at, verifier) values (?, ?, ?, ?, ?, ?, 0, '')`,
			tokenDigest(token), id, string(chosen), purpose, tx.Now(), until)
		return err
	})
	return token, until, err
}

// standing refuses a certificate that no longer counts.
func (h Held) standing(now int64) error {
	if h.State != Valid {
		return errs.E(errs.Conflict, "voucher.ended_"+h.State.Word(), nil)
	}
	if h.ValidUntil > 0 && now >= h.ValidUntil {
		return errs.E(errs.Conflict, "voucher.expired", nil)
	}
	return nil
}

// The database has the digest only: a copy of it shows nothing to anybody.
func tokenDigest(token string) string {
	return gm.Intl.Digest([]byte("show\n" + strings.ToUpper(strings.TrimSpace(token))))
}

// Peek returns what a show-code is for, without using it up. Errors: NotFound
// "voucher.show_unknown"; Conflict "voucher.show_used", "voucher.show_late".
func (s *Store) Peek(ctx context.Context, token string) (title, purpose string, err error) {
	defer errs.Wrap(&err, "voucher.Peek")
	r, err := s.showing(ctx, s.DB.Read(), token, s.DB.Now())
	if err != nil {
		return "", "", err
	}
	h, err := s.Get(ctx, r.Certificate)
	return h.Title, r.Purpose, err
}

type showingRow struct {
	Certificate string `db:"certificate"`
	Fields      string `db:"fields"`
	Purpose     string `db:"purpose"`
	Until       int64  `db:"until"`
	UsedAt      int64  `db:"used_at"`
}

func (s *Store) showing(ctx context.Context, q sqldb.Querier, token string, now int64) (showingRow, error) {
	r, err := sqldb.Get[showingRow](ctx, q, `select certificate, fields, purpose, until, used_at from showing where digest = ?`, tokenDigest(token))
	switch {
	case errs.Is(err, errs.NotFound):
		return r, errs.E(errs.NotFound, "voucher.show_unknown", nil)
	case err != nil:
		return r, err
	case r.UsedAt > 0:
		return r, errs.E(errs.Conflict, "voucher.show_used", nil)
	case now >= r.Until:
		return r, errs.E(errs.Conflict, "voucher.show_late", nil)
	}
	return r, nil
}

// Redeem uses a show-code up and returns what its holder chose to show. Who looks
// says who they are; the holder can read it. Errors: those of Peek; Invalid
// "voucher.show_verifier".
func (s *Store) Redeem(ctx context.Context, token, verifier string) (out Shown, err error) {
	defer errs.Wrap(&err, "voucher.Redeem")
	verifier = strings.TrimSpace(verifier)
	if n := utf8.RuneCountInString(verifier); n == 0 || n > mostPurpose {
		return out, errs.E(errs.Invalid, "voucher.show_verifier", errs.Args{"max": mostPurpose}).At("verifier")
	}
	var r showingRow
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		var err error
		if r, err = s.showing(ctx, tx, token, tx.Now()); err != nil {
			return err
		}
		// Two who scan at once: the second finds the first's time.
		n, err := tx.Exec(ctx, `update showing set used_at = ?, verifier = ? where digest = ? and used_at = 0`, tx.Now(), verifier, tokenDigest(token))
		if err == nil && n == 0 {
			err = errs.E(errs.Conflict, "voucher.show_used", nil)
		}
		return err
	})
	if err != nil {
		return out, err
	}
	h, err := s.Get(ctx, r.Certificate)
	if err != nil {
		return out, err
	}
	var fields []string
	if err := json.Unmarshal([]byte(r.Fields), &fields); err != nil {
		return out, err
	}
	out = Shown{
		Certificate: h.ID, Title: h.Title, Issuer: h.IssuerName, Holder: maskName(h.Holder), Purpose: r.Purpose,
		Lines: h.Chosen(fields), State: h.State, ValidUntil: h.ValidUntil, At: s.DB.Now(),
	}
	out.Signed, err = s.signShown(ctx, out, h)
	return out, err
}

func (s *Store) signShown(ctx context.Context, out Shown, h Held) ([]byte, error) {
	lines := make([]any, len(out.Lines))
	for i, l := range out.Lines {
		lines[i] = map[string]any{"code": l.Code, "title": l.Title, "value": l.Value}
	}
	return Issue(ctx, s.Signer, Statement{
		ID: "show-" + h.List + "-" + tokenDigest(h.ID + out.Purpose)[7:23], Kind: showKind, Issuer: h.Issuer, IssuedAt: out.At, ValidUntil: out.At + ShowLife.Milliseconds(),
		Fields: map[string]any{
			"certificate_title": out.Title, "holder": out.Holder, "purpose": out.Purpose, "state": string(out.State), linesMember: lines,
		},
	})
}

// maskName keeps the first character of a name.
func maskName(name string) string {
	if name == "" {
		return ""
	}
	_, n := utf8.DecodeRuneInString(name)
	return name[:n] + strings.Repeat("*", min(3, utf8.RuneCountInString(name[n:])))
}

// Showings returns who was shown a certificate, newest first.
func (s *Store) Showings(ctx context.Context, id string) ([]Showing, error) {
	return sqldb.Select[Showing](ctx, s.DB.Read(), `select at, used_at, purpose, verifier, fields from showing where certificate = ? order by at desc limit 100`, id)
}
