package cases

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/textzh"
	"yiwang/internal/core/notice"
)

// sealedBody is a body as it lies in the database.
type sealedBody struct {
	salt, data []byte
	digest     string
}

// sealBody encrypts the personal part of an action under the key of its case.
// The header carries a salted digest of the plain text: it proves what was said
// for as long as the text is kept, and says nothing once salt and key are gone.
func sealBody(key gm.Key, id string, n int, b body) (sealedBody, error) {
	plain, err := json.Marshal(b)
	if err != nil {
		return sealedBody{}, err
	}
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return sealedBody{}, err
	}
	data, err := key.Seal(plain, about(id, n))
	if err != nil {
		return sealedBody{}, err
	}
	return sealedBody{salt: salt, data: data, digest: gm.Intl.Digest(append(salt[:16:16], plain...))}, nil
}

// openBody decrypts a body and checks it against the digest of its header.
func openBody(key gm.Key, id string, n int, salt, data []byte, digest string) (body, error) {
	plain, err := key.Open(data, about(id, n))
	if err != nil {
		return nil, err
	}
	if err := gm.CheckDigest(digest, append(salt[:len(salt):len(salt)], plain...)); err != nil {
		return nil, err
	}
	var b body
	if err := json.Unmarshal(plain, &b); err != nil {
		return nil, err
	}
	return b, nil
}

// about binds a sealed body to its place in the log.
func about(id string, n int) []byte {
	return append([]byte(id), byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

// KeyOf returns the key that the personal part of a case is sealed under. Error:
// NotFound where the case was erased.
func (s *Store) KeyOf(ctx context.Context, q sqldb.Querier, id string) (gm.Key, error) {
	var wrapped []byte
	err := q.QueryRow(ctx, `select wrapped from case_key where case_id = ?`, id).Scan(&wrapped)
	if err != nil {
		return gm.Key{}, err
	}
	return s.Master.Unwrap(ctx, wrapped, []byte(id))
}

// digest returns a keyed digest for looking something up without keeping it.
func (s *Store) digest(label string, parts ...string) string {
	sum := s.MAC.MAC(label, []byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// Person returns by what the same appellant is known again without saying who it
// is: a keyed digest of the telephone number or else of an account, 0 for neither.
func (s *Store) Person(phone, account string) uint32 {
	who := normalPhone(phone)
	if who == "" {
		who = account
	}
	if who == "" {
		return 0
	}
	sum := s.MAC.MAC("person", []byte(who))
	return binary.LittleEndian.Uint32(sum[:]) | 1
}

// headlineRunes bounds the title of a state row.
const headlineRunes = 60

// headline returns the masked title that lists show: what was given as title, or
// the beginning of the text.
func headline(title, text string) string {
	t := strings.Join(strings.Fields(title), " ")
	if t == "" {
		t = strings.Join(strings.Fields(text), " ")
	}
	t = textzh.Mask(t)
	if utf8.RuneCountInString(t) > headlineRunes {
		t = string([]rune(t)[:headlineRunes-1]) + "…"
	}
	return t
}

// CheckCode compares a query code with that of a case, in constant time over the
// digests. Error: NotFound, the same whether number or code was wrong.
func (s *Store) CheckCode(ctx context.Context, number, code string) (Case, error) {
	wrong := errs.E(errs.NotFound, "cases.number_or_code", nil)
	c, err := s.ByNumber(ctx, number)
	if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Invalid) {
		return Case{}, wrong
	}
	if err != nil {
		return Case{}, err
	}
	var kept string
	if err := s.DB.Read().QueryRow(ctx, `select code from case_key where case_id = ?`, c.ID).Scan(&kept); errs.Is(err, errs.NotFound) {
		return Case{}, wrong // erased
	} else if err != nil {
		return Case{}, err
	}
	if kept == "" || !hmac.Equal([]byte(kept), []byte(s.digest("code", c.ID, normalCode(code)))) {
		return Case{}, wrong
	}
	return c, nil
}

// normalAddress returns an e-mail address as it is compared, "" for what is none.
func normalAddress(typed string) string {
	a := strings.ToLower(strings.TrimSpace(typed))
	if at := strings.LastIndexByte(a, '@'); at < 1 || at == len(a)-1 {
		return ""
	}
	return a
}

// reach returns the digests by which the cases of a telephone number and of an
// e-mail address are found again.
func (s *Store) reach(filed body) (digests []string) {
	for _, by := range []string{normalPhone(filed.text("phone")), normalAddress(filed.text("email"))} {
		if by != "" {
			digests = append(digests, s.digest("contact", by))
		}
	}
	for _, p := range filed.parties() {
		digests = append(digests, s.partyDigest(p.Register, p.ID))
	}
	return digests
}

// Recover gives new query codes to the open and recent cases that were filed with
// a telephone number or an e-mail address, and queues a notice with each to it. It
// returns how many there were; the caller tells nobody.
func (s *Store) Recover(ctx context.Context, to string) (int, error) {
	p, channel := normalPhone(to), notice.SMS
	if address := normalAddress(to); address != "" {
		p, channel = address, notice.Mail
	}
	if p == "" {
		return 0, errs.E(errs.Invalid, "cases.phone", nil).At("phone")
	}
	ids, err := s.byDigest(ctx, s.digest("contact", p), 5)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := s.renewCode(ctx, id, channel); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// ByPhone returns the ids of the latest cases that were filed with a telephone
// number, newest first. Whoever asks notes why.
func (s *Store) ByPhone(ctx context.Context, phone string, limit int) ([]string, error) {
	p := normalPhone(phone)
	if p == "" {
		return nil, nil
	}
	return s.byDigest(ctx, s.digest("contact", p), limit)
}

// NewCode gives a case another query code and returns it in clear, this once. The
// caller has made sure that it is the appellant who asks.
func (s *Store) NewCode(ctx context.Context, id string) (code string, err error) {
	if code, err = newCode(); err != nil {
		return "", err
	}
	return code, s.DB.Write(ctx, func(tx *sqldb.Tx) error { return s.setCode(ctx, tx, id, code) })
}

func (s *Store) setCode(ctx context.Context, tx *sqldb.Tx, id, code string) error {
	return tx.ExecOne(ctx, `update case_key set code = ? where case_id = ?`, s.digest("code", id, code), id)
}

func (s *Store) renewCode(ctx context.Context, id, channel string) error {
	code, err := newCode()
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		c, err := getCase(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.setCode(ctx, tx, id, code); err != nil {
			return err
		}
		args, err := json.Marshal(map[string]any{"number": c.Number, "code": code})
		if err != nil {
			return err
		}
		l := notice.Letter{
			ID: id + "/code/" + s.digest("new_code", code)[:16], CaseID: id, N: int(c.Version), At: tx.Now(), Template: "new_code",
			Audience: "appellant", Channel: channel, Args: string(args),
		}
		sql, values := l.Insert()
		_, err = tx.Exec(ctx, sql, values...)
		return err
	})
}
