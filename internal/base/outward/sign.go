package outward

import (
	"crypto/hmac"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
)

// Headers of a signed message.
const (
	HeaderID        = "Webhook-Id"
	HeaderTime      = "Webhook-Timestamp" // seconds since 1970
	HeaderSignature = "Webhook-Signature"
)

// schemes name what a signature was made with: v1 is HMAC-SHA-256, as Standard
// Webhooks has it, v1sm3 is HMAC-SM3 (GB/T 32905) over the same bytes.
var schemes = map[gm.Suite]string{gm.Intl: "v1", gm.SM: "v1sm3"}

// Sign returns the signature of a message: the keyed digest of id, time and body.
func Sign(s gm.Suite, secret []byte, id string, at time.Time, body []byte) string {
	m := hmac.New(s.NewHash, secret)
	m.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + ".")) // a hash never fails to write
	m.Write(body)
	return schemes[s] + "," + base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// Tolerance is how far the time of a message may be from that of its receiver: an
// older one is somebody's recording played again.
const Tolerance = 5 * time.Minute

// Verify checks the headers of a message against its body, as a receiver does.
// Errors: Unauthenticated "outward.unsigned", "outward.stale".
func Verify(h http.Header, secret, body []byte, now time.Time) error {
	seconds, err := strconv.ParseInt(h.Get(HeaderTime), 10, 64)
	if err != nil {
		return errs.E(errs.Unauthenticated, "outward.unsigned", nil)
	}
	at := time.Unix(seconds, 0)
	if d := now.Sub(at); d > Tolerance || d < -Tolerance {
		return errs.E(errs.Unauthenticated, "outward.stale", nil)
	}
	for given := range strings.FieldsSeq(h.Get(HeaderSignature)) {
		for s := range schemes {
			if hmac.Equal([]byte(given), []byte(Sign(s, secret, h.Get(HeaderID), at, body))) {
				return nil
			}
		}
	}
	return errs.E(errs.Unauthenticated, "outward.unsigned", nil)
}
