package portal

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Names of the cookies. Language and elder mode are plain; the others are signed.
const (
	cookieLang   = "lang"
	cookieElder  = "elder"
	cookieDraft  = "yw_draft"  // one for each form, told apart by its path
	cookieCase   = "yw_case"   // the case whose query code was right
	cookieFollow = "yw_follow" // cases of others that are being followed
)

const (
	sessionLife = 30 * time.Minute
	followLife  = 90 * 24 * time.Hour
	prefLife    = 365 * 24 * time.Hour
	maxFollowed = 10
)

// sign returns value with a proof that this site wrote it for this purpose.
func (s *Site) sign(purpose, value string) string {
	mac := s.key.MAC("portal "+purpose, []byte(value))
	return base64.RawURLEncoding.EncodeToString([]byte(value)) + "." + base64.RawURLEncoding.EncodeToString(mac[:16])
}

// unsign returns the value of a text made by sign, and whether it is genuine.
func (s *Site) unsign(purpose, signed string) (string, bool) {
	a, b, ok := strings.Cut(signed, ".")
	if !ok || len(signed) > 4096 {
		return "", false
	}
	value, err := base64.RawURLEncoding.DecodeString(a)
	if err != nil {
		return "", false
	}
	proof, err := base64.RawURLEncoding.DecodeString(b)
	if err != nil {
		return "", false
	}
	mac := s.key.MAC("portal "+purpose, value)
	return string(value), subtle.ConstantTimeCompare(proof, mac[:16]) == 1
}

// signedCookie reads a signed cookie that lives until the time it carries.
func (s *Site) signedCookie(r *http.Request, name string) (string, bool) {
	c, err := r.Cookie(name)
	if err != nil {
		return "", false
	}
	v, ok := s.unsign(name, c.Value)
	if !ok {
		return "", false
	}
	until, value, ok := strings.Cut(v, "|")
	if !ok {
		return "", false
	}
	sec, err := strconv.ParseInt(until, 10, 64)
	if err != nil || s.now().Unix() >= sec {
		return "", false
	}
	return value, true
}

func (s *Site) setSigned(w http.ResponseWriter, r *http.Request, name, path, value string, life time.Duration) {
	until := strconv.FormatInt(s.now().Add(life).Unix(), 10)
	s.setCookie(w, r, http.Cookie{Name: name, Path: path, Value: s.sign(name, until+"|"+value), HttpOnly: true}, life)
}

func (s *Site) setCookie(w http.ResponseWriter, r *http.Request, c http.Cookie, life time.Duration) {
	c.MaxAge = int(life / time.Second)
	if life <= 0 {
		c.MaxAge = -1
	}
	c.SameSite = http.SameSiteLaxMode
	c.Secure = s.secure || r.TLS != nil
	http.SetCookie(w, &c)
}

// newSecret returns an unguessable id of 26 letters and digits.
func newSecret() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // since Go 1.24 it never fails: the program stops instead
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])
}
