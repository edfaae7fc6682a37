package mail

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"strings"
	"time"

	"blitiri.com.ar/go/spf"
	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/publicsuffix"

	"yiwang/internal/base/outward"
)

// Resolver is where the checks of senders look names up.
type Resolver interface {
	spf.DNSResolver
}

// Verdict is what the sender's own domain says of a letter, each "none" where it
// says nothing or could not be asked.
type Verdict struct {
	SPF, DKIM, DMARC string
	Forged           bool // the domain that the letter claims to come from disowns it
}

// String returns the verdict for a record.
func (v Verdict) String() string { return "spf=" + v.SPF + " dkim=" + v.DKIM + " dmarc=" + v.DMARC }

// checkTime bounds how long the looks take together: a letter waits for them.
const checkTime = 5 * time.Second

// mostSignatures bounds how many signatures of one letter are checked.
const mostSignatures = 5

// check asks the domain of a letter's sender about it (RFC 7208, 6376, 7489). It
// says nothing of letters handed over inside the own network: that relay has asked.
func check(ctx context.Context, dns Resolver, ip netip.Addr, helo, envelope, from string, raw []byte) Verdict {
	v := Verdict{SPF: "none", DKIM: "none", DMARC: "none"}
	_, domain, ok := strings.Cut(from, "@")
	if dns == nil || !ok || !outward.Public(ip) {
		return v
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	result, _ := spf.CheckHostWithSender(net.IP(ip.AsSlice()), helo, envelope, spf.WithContext(ctx), spf.WithResolver(dns)) // the result says what the error does
	v.SPF = string(result)
	_, spfDomain, _ := strings.Cut(envelope, "@")
	aligned := result == spf.Pass && together(spfDomain, domain)
	look := func(name string) ([]string, error) { return dns.LookupTXT(ctx, name) }
	signatures, _ := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: look, MaxVerifications: mostSignatures}) // none is no error here
	for _, s := range signatures {
		if s.Err != nil {
			if v.DKIM == "none" {
				v.DKIM = "fail"
			}
			continue
		}
		v.DKIM = "pass"
		aligned = aligned || together(s.Domain, domain)
	}
	policy := policyOf(domain, look)
	switch {
	case policy == nil:
		v.Forged = result == spf.Fail && together(spfDomain, domain) && !aligned
	case aligned:
		v.DMARC = "pass"
	default:
		v.DMARC = "fail"
		v.Forged = policy.Policy != dmarc.PolicyNone
	}
	return v
}

// policyOf returns what a domain, or the organisation it belongs to, wants done
// with letters it does not vouch for; nil where it says nothing.
func policyOf(domain string, look func(string) ([]string, error)) *dmarc.Record {
	for _, d := range []string{domain, organisation(domain)} {
		if r, err := dmarc.LookupWithOptions(d, &dmarc.LookupOptions{LookupTXT: look}); err == nil {
			return r
		}
	}
	return nil
}

// together reports whether two domains belong to one organisation.
func together(a, b string) bool { return a != "" && organisation(a) == organisation(b) }

func organisation(domain string) string {
	domain = strings.ToLower(strings.TrimSuffix(domain, "."))
	if o, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return o
	}
	return domain
}
