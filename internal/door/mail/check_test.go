package mail

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
)

// zone answers questions for text records, and knows nothing else.
type zone map[string]string

func (z zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	if txt, ok := z[strings.TrimSuffix(name, ".")]; ok {
		return []string{txt}, nil
	}
	return nil, &net.DNSError{Err: "none", Name: name, IsNotFound: true}
}

func (z zone) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	return nil, &net.DNSError{Err: "none", Name: name, IsNotFound: true}
}

func (z zone) LookupIPAddr(_ context.Context, name string) ([]net.IPAddr, error) {
	return nil, &net.DNSError{Err: "none", Name: name, IsNotFound: true}
}

func (z zone) LookupAddr(_ context.Context, name string) ([]string, error) {
	return nil, &net.DNSError{Err: "none", Name: name, IsNotFound: true}
}

// A letter is disowned where the domain it claims says so; silence is no guilt.
func TestCheck(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	z := zone{
		"strict.example":                 "v=spf1 ip4:8.8.8.8 -all",
		"_dmarc.strict.example":          "v=DMARC1; p=reject",
		"spfonly.example":                "v=spf1 ip4:8.8.8.8 -all",
		"relaxed.example":                "v=spf1 ip4:8.8.8.8 ~all",
		"_dmarc.relaxed.example":         "v=DMARC1; p=none",
		"s._domainkey.strict.example":    "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public),
		"s._domainkey.elsewhere.example": "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public),
	}
	signed := func(domain string) string {
		var out strings.Builder
		err := dkim.Sign(&out, strings.NewReader("From: a@strict.example\r\nSubject: x\r\n\r\nbody\r\n"), &dkim.SignOptions{Domain: domain, Selector: "s", Signer: private})
		if err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	for name, c := range map[string]struct {
		ip, envelope, from, raw string
		forged                  bool
	}{
		"its own server":         {"8.8.8.8", "a@strict.example", "a@strict.example", "", false},
		"another server":         {"9.9.9.9", "a@strict.example", "a@strict.example", "", true},
		"another envelope":       {"9.9.9.9", "a@nothing.example", "a@strict.example", "", true},
		"forwarded, but signed":  {"9.9.9.9", "a@nothing.example", "a@strict.example", signed("strict.example"), false},
		"signed by somebody":     {"9.9.9.9", "a@nothing.example", "a@strict.example", signed("elsewhere.example"), true},
		"below the organisation": {"9.9.9.9", "a@mail.strict.example", "a@mail.strict.example", "", true},
		"no policy, but -all":    {"9.9.9.9", "a@spfonly.example", "a@spfonly.example", "", true},
		"a policy of none":       {"9.9.9.9", "a@relaxed.example", "a@relaxed.example", "", false},
		"says nothing":           {"9.9.9.9", "a@nothing.example", "a@nothing.example", "", false},
		"inside the own network": {"10.0.0.1", "a@strict.example", "a@strict.example", "", false},
		"no sender that is one":  {"9.9.9.9", "", "", "", false},
	} {
		v := check(t.Context(), z, netip.MustParseAddr(c.ip), "helo.example", c.envelope, c.from, []byte(c.raw))
		if v.Forged != c.forged {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
