package limit

import (
	"errors"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"yiwang/internal/base/errs"
)

// Keys is how many callers the limits of a door keep in each generation, some 2 MB.
const Keys = 20_000

// Waiting is the cause of a TooMany error that knows for how long.
type Waiting struct{ time.Duration }

// Error says how long.
func (w Waiting) Error() string { return "wait " + w.String() }

// TooMany returns a TooMany error with the text key, nil where there is nothing to
// wait for.
func TooMany(key string, wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	return errs.E(errs.TooMany, key, nil).Because(Waiting{wait})
}

// RetryAfter returns the header of that name for an error: whole seconds, at least one.
func RetryAfter(err error) string {
	w, _ := errors.AsType[Waiting](err)
	return strconv.Itoa(int(max(1, math.Ceil(w.Seconds()))))
}

// Address returns the address a request came from: a whole IPv4 address, the /64 of an
// IPv6 one, since a household has all of it.
func Address(r *http.Request) string {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	a := ap.Addr().Unmap()
	if a.Is4() {
		return a.String()
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return a.String()
	}
	return p.String()
}
