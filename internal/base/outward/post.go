package outward

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
)

// Message is one signed message to a system of others.
type Message struct {
	URL    string
	ID     string // the same message has the same id however often it is sent
	Type   string // media type of the body
	Body   []byte
	Suite  gm.Suite
	Secret []byte
	At     time.Time
}

// Timeout is how long a receiver may take to answer.
const Timeout = 10 * time.Second

// mostAnswer bounds what is read of an answer, in bytes.
const mostAnswer = 64 << 10

// Post sends a message and returns the beginning of the answer. Errors: Unavailable
// where it may be tried again (nobody answers, too busy, a failure there), Invalid
// where the receiver will never take it, a redirect included. The status is 0 where
// there was no answer.
func Post(ctx context.Context, c *http.Client, m Message) (status int, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body))
	if err != nil {
		return 0, nil, errs.E(errs.Invalid, "outward.url", nil)
	}
	req.Header.Set("Content-Type", m.Type)
	req.Header.Set("User-Agent", "yiwang")
	req.Header.Set(HeaderID, m.ID)
	req.Header.Set(HeaderTime, strconv.FormatInt(m.At.Unix(), 10))
	req.Header.Set(HeaderSignature, Sign(m.Suite, m.Secret, m.ID, m.At, m.Body))
	resp, err := c.Do(req)
	if err != nil {
		if errs.Is(err, errs.Forbidden) {
			return 0, nil, errs.E(errs.Invalid, "outward.private", nil)
		}
		if ctx.Err() != nil {
			return 0, nil, errs.E(errs.Unavailable, "outward.silent", errs.Args{"seconds": int(Timeout.Seconds())}).Because(err)
		}
		return 0, nil, errs.E(errs.Unavailable, "outward.unreachable", nil).Because(err)
	}
	defer resp.Body.Close() // what is wanted of it was read
	answer, err = io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	status = resp.StatusCode
	args := errs.Args{"status": status}
	switch {
	case status >= 200 && status < 300 && err == nil:
		return status, answer, nil
	case status >= 300 && status < 400:
		return status, nil, errs.E(errs.Invalid, "outward.redirect", args)
	case status >= 400 && status < 500 && !passing(status):
		return status, nil, errs.E(errs.Invalid, "outward.refused", args)
	}
	return status, nil, errs.E(errs.Unavailable, "outward.failed", args)
}

// passing are the refusals that are about now, not about the message.
func passing(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooEarly || status == http.StatusTooManyRequests
}

// Client returns a client for addresses that an operator configured. It follows no
// redirect and asks no proxy.
func Client() *http.Client { return client(nil) }

// GuardedClient returns a client for addresses that others chose: it connects to
// public addresses only, and to those allowed. What a name resolves to is looked at
// when the connection is made, so that a name which changes its mind gains nothing.
func GuardedClient(allow []netip.Prefix) *http.Client {
	return client(func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !Public(to.Addr()) && !within(to.Addr(), allow) {
			return errs.E(errs.Forbidden, "outward.private", nil)
		}
		return nil
	})
}

func client(control func(string, string, syscall.RawConn) error) *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: control}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: Timeout,
			MaxIdleConnsPerHost: 2, MaxConnsPerHost: 8, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		},
	}
}

// inner are the addresses that are nobody's on the internet, or wrap others: a
// wrapped one could carry a private address past the look.
var inner = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

func prefixes(all ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(all))
	for i, s := range all {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// Public reports whether an address is one of the open internet.
//
// https://www.iana.org/assignments/iana-ipv4-special-registry
// https://www.iana.org/assignments/iana-ipv6-special-registry
func Public(a netip.Addr) bool { return a.IsValid() && !within(a, inner) }

func within(a netip.Addr, all []netip.Prefix) bool {
	a = a.Unmap().WithZone("")
	for _, p := range all {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// CheckURL refuses an address that nothing can be sent to safely. Plain HTTP is
// taken where the host is an address that is allowed. Error: Invalid "outward.url".
func CheckURL(s string, allow []netip.Prefix) error {
	bad := errs.E(errs.Invalid, "outward.url", nil).At("url")
	u, err := url.Parse(s)
	if err != nil || len(s) > 1000 || u.Host == "" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return bad
	}
	a, err := netip.ParseAddr(strings.Trim(u.Hostname(), "[]"))
	literal := err == nil
	if literal && !Public(a) && !within(a, allow) {
		return errs.E(errs.Invalid, "outward.private", nil).At("url")
	}
	if u.Scheme == "https" || u.Scheme == "http" && literal && within(a, allow) {
		return nil
	}
	return bad
}
