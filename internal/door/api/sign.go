package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/org"
)

// Session is who is signed in and which rooms are open to them.
type Session struct {
	Staff      Me       `json:"staff"`
	Desks      []string `json:"desks" nullable:"false"`
	Reveals    bool     `json:"reveals"`
	Exports    bool     `json:"exports"`
	Admin      bool     `json:"admin"`
	Demo       bool     `json:"demo"`
	City       City     `json:"city"`
	MustChange bool     `json:"must_change"`
}

// Me is the person of a session.
type Me struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Unit     string   `json:"unit"`
	UnitName string   `json:"unit_name"`
	Roles    []string `json:"roles" nullable:"false"`
}

// City is the city that is served.
type City struct {
	Code      string `json:"code"`
	Name      string `json:"name"`
	Title     string `json:"title"`
	Synthetic bool   `json:"synthetic"`
	Notice    string `json:"notice"`
	Centre    string `json:"centre"`
}

// DemoAccount is an account anybody may use, in a demo only.
type DemoAccount struct {
	Login     string `json:"login"`
	Name      string `json:"name"`
	Role      string `json:"role"`
	RoleTitle string `json:"role_title"`
	UnitName  string `json:"unit_name"`
	Place     string `json:"place" enum:"centre,department,street,partner" doc:"What sort of body the unit belongs to"`
	Password  string `json:"password"`
}

// OpenSession is one of a person's own sessions.
type OpenSession struct {
	ID      string `json:"id"`
	At      int64  `json:"at"`
	SeenAt  int64  `json:"seen_at"`
	Current bool   `json:"current"`
}

type withCookie[T any] struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      T
}

type onlyCookie struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

type signInInput struct {
	Body struct {
		Login    string `json:"login" maxLength:"100"`
		Password string `json:"password" maxLength:"400"`
	}
}

func (s *server) signRoutes(api huma.API) {
	route(s, api, op("signIn", http.MethodPost, "/api/session", "Sign in"), anybody, s.signIn)
	route(s, api, op("signOut", http.MethodDelete, "/api/session", "Sign out"), anybody, s.signOut)
	route(s, api, op("whoAmI", http.MethodGet, "/api/session", "Who is signed in"), newcomer, s.whoAmI)
	route(s, api, op("changePassword", http.MethodPost, "/api/session/password", "Change one's own password"), newcomer, s.changePassword)
	route(s, api, op("listSessions", http.MethodGet, "/api/sessions", "One's own sessions"), signedIn, s.listSessions)
	route(s, api, op("endSession", http.MethodDelete, "/api/sessions/{id}", "End one of one's own sessions"), signedIn, s.endSession)
	route(s, api, op("demoAccounts", http.MethodGet, "/api/demo", "Accounts anybody may use, in a demo"), anybody, s.demoAccounts)
	route(s, api, op("needsSetup", http.MethodGet, "/api/setup", "Whether there is no administrator yet"), anybody, s.needsSetup)
	route(s, api, op("setUp", http.MethodPost, "/api/setup", "Make the first administrator"), anybody, s.setUp)
}

// cookie holds a session until a moment, UTC milliseconds; "" holds none. It says how long and
// not until when: the clock of whoever keeps it may be wrong.
func (s *server) cookie(token string, until int64) http.Cookie {
	c := http.Cookie{Name: sessionCookie, Value: token, Path: "/", HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode, MaxAge: -1}
	if token != "" {
		c.MaxAge = max(1, int((until-s.DB.Now())/1000))
	}
	return c
}

func (s *server) signIn(ctx context.Context, c *caller, in *signInInput) (*withCookie[Session], error) {
	if err := s.callers.try(c); err != nil {
		return nil, err
	}
	session, token, err := s.Staff.SignIn(ctx, in.Body.Login, in.Body.Password, c.token)
	if err != nil {
		return nil, err
	}
	return s.signedIn(session, token)
}

func (s *server) session(c *caller) Session {
	dir := s.Staff.Directory()
	u, _ := dir.Unit(c.actor.Unit)
	return Session{
		Staff: Me{ID: c.actor.ID, Name: c.actor.Name, Unit: c.actor.Unit, UnitName: u.Name, Roles: list(c.actor.Roles)},
		Desks: list(c.desks), Reveals: c.reveals, Exports: c.exports, Admin: c.admin, Demo: len(s.Staff.DemoAccounts()) > 0,
		City: City{Code: s.City.Code, Name: s.City.Name, Title: s.City.Title, Synthetic: s.City.Synthetic,
			Notice: s.City.Notice, Centre: s.City.Centre},
		MustChange: c.session.MustChange,
	}
}

func (s *server) signOut(ctx context.Context, c *caller, _ *struct{}) (*onlyCookie, error) {
	if c.token != "" {
		if err := s.Staff.SignOut(ctx, c.token); err != nil {
			return nil, err
		}
	}
	return &onlyCookie{s.cookie("", 0)}, nil
}

func (s *server) whoAmI(_ context.Context, c *caller, _ *struct{}) (*body[Session], error) {
	return answer(s.session(c)), nil
}

type passwordInput struct {
	Body struct {
		Old string `json:"old" maxLength:"400"`
		New string `json:"new" maxLength:"400"`
	}
}

func (s *server) changePassword(ctx context.Context, c *caller, in *passwordInput) (*struct{}, error) {
	if c.key != nil {
		return nil, errs.E(errs.Forbidden, "errs.forbidden", nil)
	}
	return nil, s.Staff.ChangePassword(ctx, c.actor.ID, c.token, in.Body.Old, in.Body.New)
}

func (s *server) listSessions(ctx context.Context, c *caller, _ *struct{}) (*body[items[OpenSession]], error) {
	all, err := s.Staff.Sessions(ctx, c.actor.ID)
	out := items[OpenSession]{Items: []OpenSession{}}
	for _, o := range all {
		out.Items = append(out.Items, OpenSession{ID: o.ID, At: o.At, SeenAt: o.SeenAt, Current: o.ID == c.session.ID})
	}
	return answer(out), err
}

type idInput struct {
	ID string `path:"id" maxLength:"100"`
}

func (s *server) endSession(ctx context.Context, c *caller, in *idInput) (*struct{}, error) {
	return nil, s.Staff.Revoke(ctx, c.actor.ID, in.ID)
}

// DemoAccounts lists the accounts of a demo.
type DemoAccounts struct {
	Accounts []DemoAccount `json:"accounts" nullable:"false"`
}

func (s *server) demoAccounts(_ context.Context, _ *caller, _ *struct{}) (*body[DemoAccounts], error) {
	dir := s.Staff.Directory()
	out := DemoAccounts{Accounts: []DemoAccount{}}
	for _, d := range s.Staff.DemoAccounts() {
		a := DemoAccount{Login: d.Staff.ID, Name: d.Staff.Name, Password: d.Password}
		if len(d.Staff.Roles) > 0 {
			r, _ := dir.Role(d.Staff.Roles[0])
			a.Role, a.RoleTitle = r.Code, r.Title
		}
		u, _ := dir.Unit(d.Staff.Unit)
		a.UnitName, a.Place = u.Name, placeOf(dir, u)
		out.Accounts = append(out.Accounts, a)
	}
	return answer(out), nil
}

// placeOf says what sort of body a unit belongs to: the centre, with the government
// that stands above all; a department, a street or a partner, each with its offices.
func placeOf(dir *org.Directory, u org.Unit) string {
	above := u
	for u.Kind == org.Office && above.Kind == org.Office {
		up, ok := dir.Unit(above.Parent)
		if !ok {
			break
		}
		above = up
	}
	switch {
	case above.Kind == org.Centre || above.Parent == "":
		return "centre"
	case above.Kind == org.Street || above.Kind == org.Community:
		return "street"
	case above.Kind == org.Partner || above.Kind == org.Utility:
		return "partner"
	}
	return "department"
}

// Setup says whether the first administrator has to be made, and how one signs in.
type Setup struct {
	Needed   bool   `json:"needed"`
	Passkeys bool   `json:"passkeys" doc:"Passkeys can be used at this address"`
	Provider string `json:"provider" doc:"Title of the identity provider, empty where there is none"`
}

func (s *server) needsSetup(ctx context.Context, _ *caller, _ *struct{}) (*body[Setup], error) {
	needed, err := s.Staff.NeedsSetup(ctx)
	out := Setup{Needed: needed, Passkeys: s.Staff.HasPasskeys()}
	if s.OIDC != nil {
		out.Provider = s.OIDC.Title
	}
	return answer(out), err
}

type setupInput struct {
	Body struct {
		Code     string `json:"code" maxLength:"60" doc:"Printed where the program was started for the first time"`
		Login    string `json:"login" maxLength:"100"`
		Name     string `json:"name" maxLength:"100"`
		Password string `json:"password" maxLength:"400"`
	}
}

func (s *server) setUp(ctx context.Context, c *caller, in *setupInput) (*struct{}, error) {
	if err := s.callers.try(c); err != nil {
		return nil, err
	}
	p := org.Staff{ID: in.Body.Login, Name: in.Body.Name, Unit: s.City.Centre}
	for _, r := range s.Staff.Directory().Roles() {
		if r.Admin {
			p.Roles = append(p.Roles, r.Code)
			break
		}
	}
	return nil, s.Staff.Setup(ctx, in.Body.Code, p, in.Body.Password)
}
