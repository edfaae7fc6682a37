package api_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"yiwang/internal/door/api"
	"yiwang/internal/door/api/apitest"
)

// Somebody makes a passkey, signs in with it, and cannot once it is removed; an answer
// counts once, and one for another site not at all.
func TestPasskeys(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		if err := h.Staff.UsePasskeys("localhost", "示范区", "http://localhost:8080"); err != nil {
			t.Fatal(err)
		}
		h.As(t, "fenbo").Post("/api/passkeys/begin", nil).Is(http.StatusForbidden) // a demo account is everybody's
		const password = "河边的三棵柳树开花了"
		admin := h.As(t, "guanli")
		admin.Post("/api/admin/staff", m{"id": "xinren", "name": "新人", "unit": "centre", "roles": []string{"dispatcher"}, "password": password}).OK()
		p := h.Nobody(t)
		p.Post("/api/session", m{"login": "xinren", "password": password}).OK()
		p.Post("/api/session/password", m{"old": password, "new": password + "又一年"}).OK()

		site := virtualwebauthn.RelyingParty{Name: "示范区", ID: "localhost", Origin: "http://localhost:8080"}
		device := virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte("xinren")})
		key := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
		begun := p.Post("/api/passkeys/begin", nil).OK()
		asked, err := virtualwebauthn.ParseAttestationOptions(options(t, begun))
		if err != nil {
			t.Fatal(err)
		}
		made := virtualwebauthn.CreateAttestationResponse(site, device, key, *asked)
		add := m{"token": begun.Text("token"), "name": "值班电脑", "response": json.RawMessage(made)}
		p.Post("/api/passkeys", m{"token": begun.Text("token"), "name": "", "response": json.RawMessage(made)}).Is(http.StatusUnprocessableEntity)
		p.Post("/api/passkeys", add).OK()
		p.Post("/api/passkeys", add).Is(http.StatusUnauthorized)
		device.AddCredential(key)

		answer := func(site virtualwebauthn.RelyingParty) m {
			begun := h.Nobody(t).Post("/api/session/passkey", nil).OK()
			asked, err := virtualwebauthn.ParseAssertionOptions(options(t, begun))
			if err != nil {
				t.Fatal(err)
			}
			return m{"token": begun.Text("token"), "response": json.RawMessage(virtualwebauthn.CreateAssertionResponse(site, device, key, *asked))}
		}
		right := answer(site)
		someone := h.Nobody(t)
		if in := someone.Post("/api/session/passkey/answer", right).OK(); in.Text("staff", "id") != "xinren" {
			t.Errorf("signed in as %s", in.Raw)
		}
		someone.Get("/api/cases").OK()
		h.Nobody(t).Post("/api/session/passkey/answer", right).Is(http.StatusUnauthorized)
		elsewhere := site
		elsewhere.Origin = "http://evil.example"
		h.Nobody(t).Post("/api/session/passkey/answer", answer(elsewhere)).Is(http.StatusUnauthorized)
		late := answer(site)
		h.Clock.Pass(11 * time.Minute)
		h.Nobody(t).Post("/api/session/passkey/answer", late).Is(http.StatusUnauthorized)

		own := p.Get("/api/passkeys").OK()
		if own.Len("items") != 1 || own.Text("items", 0, "used_at") == "0" {
			t.Errorf("passkeys: %s", own.Raw)
		}
		h.As(t, "shouli").Delete("/api/passkeys/" + own.Text("items", 0, "id")).Is(http.StatusNotFound)
		p.Delete("/api/passkeys/" + own.Text("items", 0, "id")).OK()
		h.Nobody(t).Post("/api/session/passkey/answer", answer(site)).Is(http.StatusUnauthorized)
		log := string(admin.Get("/api/admin/audit").OK().Raw)
		for _, kind := range []string{"passkey_added", "sign_in_by", "passkey_ended"} {
			if !strings.Contains(log, kind) {
				t.Errorf("nothing is noted of %s", kind)
			}
		}
	})
}

func options(t *testing.T, a *apitest.Answer) string {
	t.Helper()
	raw, err := json.Marshal(a.At("options"))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// provider is an identity provider of a city, as far as a sign-on needs one.
type provider struct {
	*httptest.Server
	key     *rsa.PrivateKey
	subject string
	login   string
	nonce   string
	client  string // for whom the token is
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key, client: "yiwang"}
	mux := http.NewServeMux()
	reply := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(v); err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, m{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("/authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		p.nonce = q.Get("nonce")
		if q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" {
			t.Error("the sign-on has no PKCE")
		}
		http.Redirect(w, r, q.Get("redirect_uri")+"?code=c&state="+url.QueryEscape(q.Get("state")), http.StatusFound)
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("code_verifier") == "" {
			t.Error("the code is taken without its verifier")
		}
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "k"))
		if err != nil {
			t.Error(err)
			return
		}
		raw, err := jwt.Signed(signer).Claims(m{"iss": p.URL, "sub": p.subject, "aud": p.client, "nonce": p.nonce, "preferred_username": p.login,
			"exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix()}).Serialize()
		if err != nil {
			t.Error(err)
		}
		reply(w, m{"access_token": "a", "token_type": "Bearer", "id_token": raw})
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// Staff come in by the city's identity provider, tied to who they were the first time;
// a token for another site, a foreign answer and an unknown person open nothing.
func TestIdentityProvider(t *testing.T) {
	h := apitest.Open(t, sqlite)
	p := newProvider(t)
	h.As(t, "guanli").Post("/api/admin/staff", m{"id": "xinren", "name": "新人", "unit": "centre", "roles": []string{"dispatcher"}}).OK()
	var door http.Handler
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { door.ServeHTTP(w, r) }))
	t.Cleanup(site.Close)
	door = api.New(api.Deps{DB: h.DB, City: h.City, Staff: h.Staff, Cases: h.Cases, View: h.View, Desk: h.Desk, Files: h.Files,
		OIDC: &api.OIDC{Issuer: p.URL, Client: "yiwang", Secret: "s", Site: site.URL, Title: "市统一身份认证"}})
	// enter goes to the provider and back and returns where it ends and who is in.
	enter := func() (end, who string) {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		c := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if strings.HasPrefix(r.URL.Path, "/desk/") {
				return http.ErrUseLastResponse
			}
			return nil
		}}
		res, err := c.Get(site.URL + "/api/session/oidc")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close() // nothing of it is read
		me, err := c.Get(site.URL + "/api/session")
		if err != nil {
			t.Fatal(err)
		}
		defer me.Body.Close() // read below
		var s struct {
			Staff struct{ ID string } `json:"staff"`
		}
		_ = json.NewDecoder(me.Body).Decode(&s) // a refusal has no staff
		return res.Header.Get("Location"), s.Staff.ID
	}
	p.subject, p.login = "sub-1", "xinren"
	if end, who := enter(); end != "/desk/" || who != "xinren" {
		t.Fatalf("ended at %s as %q", end, who)
	}
	p.login = "duban" // the name was given to another; the subject is still the same person
	if _, who := enter(); who != "xinren" {
		t.Errorf("the same subject came in as %q", who)
	}
	for name, change := range map[string]func(){
		"somebody else with the same name": func() { p.subject, p.login = "sub-2", "xinren" },
		"somebody who is not known":        func() { p.subject, p.login = "sub-3", "nobody" },
		"a demo account":                   func() { p.subject, p.login = "sub-4", "fenbo" },
		"no name at all":                   func() { p.subject, p.login = "sub-5", "" },
		"a token for another site":         func() { p.subject, p.login, p.client = "sub-1", "xinren", "another" },
	} {
		change()
		if end, who := enter(); who != "" || !strings.HasPrefix(end, "/desk/sign-in?failed=") {
			t.Errorf("%s came in as %q, at %s", name, who, end)
		}
	}
	p.client = "yiwang"
	// An answer that this browser did not ask for.
	res, err := http.Get(site.URL + "/api/session/oidc/back?code=c&state=x")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() // nothing of it is read
	for _, c := range res.Cookies() {
		if c.Name == "yw_session" {
			t.Error("a foreign answer signs in")
		}
	}
}
