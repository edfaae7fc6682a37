package portal

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"yiwang/internal/base/gm"
	"yiwang/internal/base/limit"
)

// Deps is what the citizens' site is built from.
type Deps struct {
	Office  Office
	Drafts  Drafts
	Key     gm.Key                     // seals drafts and signs cookies; all processes of a site share it
	Now     func() time.Time           // nil is time.Now
	Logger  *slog.Logger               // nil is slog.Default
	Secure  bool                       // cookies over TLS only, for a site behind a proxy that speaks it
	Address func(*http.Request) string // whom a rate limit counts; nil is limit.Address
}

// Site serves the citizens' pages.
type Site struct {
	office  Office
	drafts  Drafts
	key     gm.Key
	now     func() time.Time
	log     *slog.Logger
	secure  bool
	address func(*http.Request) string
	pages   pages
	assets  assets
	limits  limits
	working locks
	taken   *memory
}

// limits is what slows guessing and flooding down. Thousands of telephones share
// an address behind a carrier, so limits by address are wide; the narrow ones
// are those by case number and by telephone number.
type limits struct {
	any     *throttle // requests of an address
	file    *throttle // filings and acts of an address
	ask     *throttle // questions of an address
	draft   *throttle // drafts begun by an address
	upload  *throttle // files sent by an address
	guess   *throttle // query codes tried from an address
	wrong   *penalty  // query codes tried at a case number
	recover *throttle // lost codes asked for from an address
	phone   *throttle // lost codes asked for with a telephone number
	enter   *throttle // codes to sign in asked for with an identity number
}

const limitKeys = limit.Keys

func newLimits() limits {
	return limits{
		any:     newThrottle(240, 200*time.Millisecond, limitKeys),
		file:    newThrottle(40, 6*time.Second, limitKeys),
		ask:     newThrottle(60, time.Second, limitKeys),
		draft:   newThrottle(60, 3*time.Second, limitKeys),
		upload:  newThrottle(90, 2*time.Second, limitKeys),
		guess:   newThrottle(20, 6*time.Second, limitKeys),
		wrong:   newPenalty(3, 2*time.Second, 2*time.Minute, limitKeys),
		recover: newThrottle(6, time.Minute, limitKeys),
		phone:   newThrottle(2, 30*time.Minute, limitKeys),
		enter:   newThrottle(5, 5*time.Minute, limitKeys),
	}
}

// New puts the site together.
func New(d Deps) (*Site, error) {
	if d.Office == nil || d.Drafts == nil || d.Key.IsZero() {
		return nil, errors.New("portal: Office, Drafts and Key are needed")
	}
	s := &Site{
		office: d.Office, drafts: d.Drafts, key: d.Key,
		now: d.Now, log: d.Logger, secure: d.Secure, address: d.Address,
		limits: newLimits(), taken: newMemory(limitKeys),
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.address == nil {
		s.address = limit.Address
	}
	var err error
	if s.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if s.pages, err = loadPages(s.assets); err != nil {
		return nil, err
	}
	return s, nil
}

// Handler returns the site, to be mounted at the root. It answers every path
// that nobody else does with its own friendly page.
func (s *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	page := func(pattern string, h func(*visit) error) { mux.Handle(pattern, s.page(h)) }
	mux.Handle("GET /assets/{name}", http.HandlerFunc(s.serveAsset))
	page("GET /{$}", s.home)
	page("GET /help", s.help)
	page("GET /open", s.opened)
	page("GET /ask", s.ask)
	page("POST /ask", s.answer)
	page("POST /ask/mark", s.markAnswer)
	page("POST /ask/file", s.fileQuestion)
	page("POST /prefs", s.prefs)

	page("GET /file", s.onForm(s.showStep))
	page("POST /file", s.onForm(s.takeStep))
	page("GET /apply/{family}", s.onForm(s.showStep))
	page("POST /apply/{family}", s.onForm(s.takeStep))
	page("GET /enterprise", s.onForm(s.showStep))
	page("POST /enterprise", s.onForm(s.takeStep))
	page("GET /services", s.services)
	page("POST /services", s.findService)
	page("GET /services/{family}", s.service)
	page("GET /powers", s.powers)
	page("GET /policies", s.policies)
	page("GET /policies/{code}", s.policy)
	page("POST /policies/{code}", s.policy)
	page("GET /services/{family}/book", s.bookForm)
	page("POST /services/{family}/book", s.takeBooking)
	page("GET /services/{family}/apply", s.onForm(s.showStep))
	page("POST /services/{family}/apply", s.onForm(s.takeStep))
	page("POST /services/{family}/apply/hand/{material}", s.onForm(s.handIn))
	for _, base := range []string{"/file", "/apply/{family}", "/services/{family}/apply", enterprisePath} {
		page("GET "+base+"/{step}", s.onForm(s.showStep))
		page("POST "+base+"/{step}", s.onForm(s.takeStep))
		page("POST "+base+"/save", s.onForm(s.autosave))
		page("POST "+base+"/clear", s.onForm(s.clear))
		page("POST "+base+"/send", s.onForm(s.send))
		page("GET "+base+"/sent", s.onForm(s.sent))
		page("GET "+base+"/receipt.svg", s.onForm(s.receipt))
		page("GET "+base+"/map.svg", s.onForm(s.mapPicture))
		page("GET "+base+"/photo/{id}", s.onForm(s.draftPhoto))
		page("GET "+base+"/nearby", s.onForm(s.nearby))
		page("POST "+base+"/follow", s.onForm(s.follow))
	}

	page("GET /track", s.track)
	page("POST /track", s.openCase)
	page("POST /track/leave", s.leaveCase)
	page("GET /track/act/{action}", s.actForm)
	page("POST /track/act/{action}", s.act)
	page("GET /track/photo/{id}", s.casePhoto)
	page("GET /track/looks", s.looks)
	page("GET /track/certificate/{id}", s.showCertificate)
	page("GET /track/certificate/{id}/file", s.takeCertificate)
	page("GET /track/certificate/{id}/paper", s.printCertificate)
	page("POST /track/certificate/{id}/show", s.makeShown)
	page("GET /show/{token}", s.askVerifier)
	page("POST /show/{token}", s.lookAtShown)
	page("GET /verify", s.verifyForm)
	page("POST /verify", s.verify)
	page("POST /verify/report", s.reportVoucher)
	page("GET /verify/lists/{list}", s.statusList)
	page("GET /verify/keys.pem", s.publicKeys)
	page("GET /track/paper/{n}", s.casePaper)
	page("GET /me", s.signedIn(s.me))
	page("GET /me/facts", s.signedIn(s.myFacts))
	page("GET /me/case/{id}", s.signedIn(s.myCase))
	page("GET /me/enter", s.enter)
	page("POST /me/enter", s.knock)
	page("POST /me/code", s.admit)
	page("POST /me/leave", s.leave)
	page("GET /rate", s.rate)
	page("POST /rate", s.openCase)
	page("GET /r/{token}", s.quickRate)
	page("POST /r/{token}", s.takeQuickRate)
	page("GET /lost", s.lost)
	page("POST /lost", s.recoverCode)
	page("GET /following", s.following)
	page("/", s.nowhere)

	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(s.page(s.foreign))
	return s.recovering(secured(guard.Handler(mux)))
}

// secured adds the headers that keep the pages to themselves.
func secured(next http.Handler) http.Handler {
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; " +
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // "no-referrer" would make old browsers post with Origin: null
		h.Set("Permissions-Policy", "geolocation=(self), camera=(self), microphone=(self)")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// recovering turns a panic into the page that says what to do next.
func (s *Site) recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				s.log.ErrorContext(r.Context(), "a citizen's page panicked", "path", r.Pattern, "panic", p)
				v := &visit{site: s, w: w, r: r, lang: langOf(r), book: &Book{}}
				v.failed(errPanicked)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
