package app

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/org"
	"yiwang/internal/door/api"
)

// firstStart makes the code that the first administrator is made with, or reads the
// one that was made at an earlier start, and takes it away once somebody has an
// account. Who can read it can read the keys beside it too. "" where none is needed.
func (a *App) firstStart(ctx context.Context) (code string, err error) {
	path := a.dir.file(keysDir, setupFile)
	needed, err := a.Staff.NeedsSetup(ctx)
	if err != nil {
		return "", err
	}
	if !needed {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		return "", nil
	}
	raw, err := os.ReadFile(path)
	code = strings.TrimSpace(string(raw))
	if errors.Is(err, fs.ErrNotExist) || err == nil && code == "" {
		code = org.SetupCode()
		err = os.WriteFile(path, []byte(code+"\n"), 0o600)
	}
	if err == nil {
		a.Staff.AllowSetup(code)
	}
	return code, err
}

// openSignOn lets staff in by passkeys and by the identity provider. Browsers know
// passkeys at HTTPS addresses and at localhost, never at a bare number. Error: Invalid.
func (a *App) openSignOn() error {
	site, err := url.Parse(a.site())
	if err != nil {
		return errs.E(errs.Invalid, "org.passkey_site", nil).Because(err)
	}
	if host := site.Hostname(); host == "localhost" || site.Scheme == "https" && net.ParseIP(host) == nil {
		if err := a.Staff.UsePasskeys(host, a.City.Title, site.Scheme+"://"+site.Host); err != nil {
			return err
		}
	}
	if a.OIDCIssuer == "" {
		return nil
	}
	secret, err := os.ReadFile(a.OIDCSecret)
	if err != nil || a.OIDCClient == "" {
		return errs.E(errs.Invalid, "app.oidc", nil).Because(err)
	}
	title := a.OIDCTitle
	if title == "" {
		if u, err := url.Parse(a.OIDCIssuer); err == nil {
			title = u.Hostname()
		}
	}
	a.oidc = &api.OIDC{Issuer: a.OIDCIssuer, Client: a.OIDCClient, Secret: strings.TrimSpace(string(secret)), Claim: a.OIDCClaim, Site: a.site(), Title: title}
	return nil
}

// behindProxies tells whom a request comes from where it came through proxies that
// are believed: the last address in X-Forwarded-For that is none of theirs.
func behindProxies(trusted []netip.Prefix, next http.Handler) http.Handler {
	if len(trusted) == 0 {
		return next
	}
	ours := func(host string) bool {
		ip, err := netip.ParseAddr(strings.TrimSpace(host))
		return err == nil && slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(ip.Unmap()) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil && ours(host) {
			through := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
			for _, from := range slices.Backward(through) {
				ip, err := netip.ParseAddr(strings.TrimSpace(from))
				if err != nil {
					break // what stands before it is not to be believed either
				}
				r.RemoteAddr = netip.AddrPortFrom(ip, 0).String()
				if !ours(from) {
					break
				}
			}
		}
		next.ServeHTTP(w, r)
	})
}

// secure reports whether people reach the site by HTTPS only, so that cookies never
// travel otherwise.
func (a *App) secure() bool { return strings.HasPrefix(a.URL, "https://") }
