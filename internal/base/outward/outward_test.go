package outward_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/outward"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// A receiver believes what was signed with its secret a moment ago, and nothing else.
func TestSigned(t *testing.T) {
	now := time.Now()
	secret := []byte("between the two of us")
	for _, suite := range []gm.Suite{gm.Intl, gm.SM} {
		var got error
		var later time.Duration
		srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			got = outward.Verify(r.Header, secret, body, now.Add(later))
		}))
		defer srv.Close()
		m := outward.Message{URL: srv.URL, ID: "1", Type: "application/json", Body: []byte(`{}`), Suite: suite, Secret: secret, At: now}
		send := func() {
			t.Helper()
			if _, _, err := outward.Post(t.Context(), outward.GuardedClient(loopback), m); err != nil {
				t.Fatal(err)
			}
		}
		if send(); got != nil {
			t.Errorf("%s: %v", suite, got)
		}
		later = time.Hour // the same message, recorded and played again
		if send(); !errs.Is(got, errs.Unauthenticated) {
			t.Errorf("%s: an old message: %v", suite, got)
		}
		later, m.Secret = 0, []byte("guessed")
		if send(); !errs.Is(got, errs.Unauthenticated) {
			t.Errorf("%s: a wrong secret: %v", suite, got)
		}
	}
}

// Nothing reaches the house's own network by an address that a stranger chose,
// neither at once nor by a redirect.
func TestGuarded(t *testing.T) {
	reached := 0
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	defer inside.Close()
	m := outward.Message{URL: inside.URL, Suite: gm.Intl, At: time.Now()}
	if _, _, err := outward.Post(t.Context(), outward.GuardedClient(nil), m); !errs.Is(err, errs.Invalid) {
		t.Errorf("a private address: %v", err)
	}
	away := httptest.NewServer(http.RedirectHandler(inside.URL, http.StatusTemporaryRedirect))
	defer away.Close()
	m.URL = away.URL
	if status, _, err := outward.Post(t.Context(), outward.GuardedClient(loopback), m); status != 307 || !errs.Is(err, errs.Invalid) {
		t.Errorf("a redirect: %d, %v", status, err)
	}
	if reached > 0 {
		t.Errorf("the inside was reached %d times", reached)
	}
}

func TestPublic(t *testing.T) {
	for _, a := range []string{"127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "192.168.1.1", "0.0.0.0", "::1", "::", "fd00::1", "fe80::1%eth0",
		"::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "224.0.0.1", "255.255.255.255"} {
		if outward.Public(netip.MustParseAddr(a)) {
			t.Errorf("%s is taken for public", a)
		}
	}
	for _, a := range []string{"8.8.8.8", "114.114.114.114", "2400:3200::1"} {
		if !outward.Public(netip.MustParseAddr(a)) {
			t.Errorf("%s is not taken for public", a)
		}
	}
}

func TestCheckURL(t *testing.T) {
	for url, fine := range map[string]bool{
		"https://hooks.example.cn/yiwang?x=1": true, "https://127.0.0.1/": true, "http://127.0.0.1:8080/": true,
		"http://hooks.example.cn/": false, "https://user:pass@example.cn/": false, "https://10.0.0.1/": false,
		"https://[::ffff:10.0.0.1]/": false, "file:///etc/passwd": false, "https:///x": false, "https://example.cn/#x": false,
	} {
		if err := outward.CheckURL(url, loopback); (err == nil) != fine {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// What a receiver says decides whether it is asked again.
func TestAgain(t *testing.T) {
	status := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	defer srv.Close()
	for s, kind := range map[int]errs.Kind{400: errs.Invalid, 404: errs.Invalid, 410: errs.Invalid, 408: errs.Unavailable, 429: errs.Unavailable, 500: errs.Unavailable, 503: errs.Unavailable} {
		status = s
		_, _, err := outward.Post(t.Context(), outward.Client(), outward.Message{URL: srv.URL, Suite: gm.Intl, At: time.Now()})
		if !errs.Is(err, kind) {
			t.Errorf("%d: %v, want %v", s, err, kind)
		}
	}
}
