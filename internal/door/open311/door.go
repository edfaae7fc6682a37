package open311

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/limit"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/city"
	"yiwang/internal/core/org"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/view"
)

// Root is where the door is; Base is the endpoint of version 2 below it.
const (
	Root = "/open311/"
	Base = Root + "v2/"
)

// Deps is the house behind the door.
type Deps struct {
	DB     *sqldb.DB
	City   *city.City
	Staff  *org.Store // knows the keys
	Cases  *cases.Store
	View   *view.View
	Desk   *intake.Desk
	Files  *intake.Attachments
	Site   string      // address under which citizens reach the house, without a slash at the end
	Rates  limit.Rates // of callers; limit.Usual where there are none
	Logger *slog.Logger
}

type door struct {
	Deps
	keys, addresses *limit.Limit
}

// New returns the handler of everything under Root.
func New(d Deps) http.Handler {
	if d.Logger == nil {
		d.Logger = slog.Default()
	}
	d.Rates = d.Rates.Or(limit.Usual)
	return door{d, d.Rates.Key.Limit(), d.Rates.Address.Limit()}
}

// Sizes of requests in bytes: a form, and one with pictures.
const (
	maxForm  = 1 << 20
	maxMedia = 64 << 20
)

// ServeHTTP answers one request; whatever goes wrong is answered in the form that
// was asked for.
func (d door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set("Cache-Control", "no-store")
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Origin", "*") // what is public may be read from any page
	}
	path, format := strings.TrimPrefix(r.URL.Path, Root), "xml"
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		path, format = path[:i], path[i+1:]
	}
	known := format == "json" || format == "xml" && strings.HasSuffix(r.URL.Path, ".xml")
	answer := func(status int, doc document) {
		kind, body := "text/xml; charset=utf-8", doc.xml
		if format == "json" {
			kind, body = "application/json; charset=utf-8", doc.json
		}
		h.Set("Content-Type", kind)
		w.WriteHeader(status)
		if _, err := w.Write(body()); err != nil {
			d.Logger.DebugContext(r.Context(), "the caller has gone", "error", err)
		}
	}
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			panic(v)
		default:
			d.Logger.ErrorContext(r.Context(), "a request panicked", "door", "open311", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			answer(d.refusal(r, errs.E(errs.Internal, "errs.internal", nil)))
		}
	}()
	if !known {
		answer(d.refusal(r, errs.E(errs.NotFound, "open311.format", nil)))
		return
	}
	doc, err := d.route(w, r, strings.Split(strings.TrimPrefix(path, "v2/"), "/"))
	if err != nil {
		if errs.Is(err, errs.TooMany) {
			h.Set("Retry-After", limit.RetryAfter(err))
		}
		answer(d.refusal(r, err))
		return
	}
	answer(http.StatusOK, doc)
}

// route finds what was asked for.
func (d door) route(w http.ResponseWriter, r *http.Request, path []string) (document, error) {
	call := &call{door: d, Request: r, w: w}
	type method = func() (document, error)
	var methods map[string]method
	id := ""
	if len(path) == 2 {
		id = path[1]
	}
	switch {
	case len(path) == 1 && path[0] == "discovery":
		methods = map[string]method{http.MethodGet: call.discovery}
	case len(path) == 1 && path[0] == "services":
		methods = map[string]method{http.MethodGet: call.services}
	case len(path) == 1 && path[0] == "requests":
		methods = map[string]method{http.MethodGet: call.requests, http.MethodPost: call.file}
	case len(path) == 1 && path[0] == "servicerequestupdates":
		methods = map[string]method{http.MethodGet: call.updates, http.MethodPost: call.update}
	case id != "" && path[0] == "services":
		methods = map[string]method{http.MethodGet: func() (document, error) { return call.definition(id) }}
	case id != "" && path[0] == "tokens":
		methods = map[string]method{http.MethodGet: func() (document, error) { return call.token(id) }}
	case id != "" && path[0] == "requests":
		methods = map[string]method{http.MethodGet: func() (document, error) { return call.request(id) }}
	default:
		return document{}, errs.E(errs.NotFound, "open311.no_method", nil)
	}
	use := methods[r.Method]
	if r.Method == http.MethodHead {
		use = methods[http.MethodGet]
	}
	if use == nil {
		return document{}, errs.E(errs.Invalid, "open311.verb", errs.Args{"method": r.Method})
	}
	if err := call.read(); err != nil {
		return document{}, err
	}
	return use()
}

// call is one request with its arguments.
type call struct {
	door
	*http.Request
	w    http.ResponseWriter
	key  *org.Key // nil where none was given
	lang text.Lang
}

// read takes in the arguments, the jurisdiction and the key. Errors: Invalid,
// TooLarge, NotFound (another jurisdiction), Forbidden (a wrong key), TooMany.
func (c *call) read() error {
	c.lang = language(c.Request)
	limit := int64(maxForm)
	if strings.HasPrefix(c.Header.Get("Content-Type"), "multipart/") {
		limit = maxMedia
	}
	c.Body = http.MaxBytesReader(c.w, c.Body, limit)
	err := c.ParseForm()
	if limit == maxMedia && err == nil {
		err = c.ParseMultipartForm(maxForm)
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return errs.E(errs.TooLarge, "open311.large", errs.Args{"megabytes": limit >> 20})
	case err != nil:
		return errs.E(errs.Invalid, "open311.form", nil).Because(err)
	}
	if j := c.arg("jurisdiction_id"); j != "" && j != c.City.Code {
		return errs.E(errs.NotFound, "open311.jurisdiction", errs.Args{"jurisdiction": c.City.Code}).At("jurisdiction_id")
	}
	if secret := c.arg("api_key"); secret != "" {
		k, _, err := c.Staff.AuthenticateKey(c.Context(), secret)
		switch {
		case errs.Is(err, errs.Unauthenticated):
			if err := c.slow(); err != nil {
				return err
			}
			return errs.E(errs.Forbidden, "open311.wrong_key", nil).At("api_key")
		case err != nil:
			return err
		}
		c.key = &k
	}
	return c.slow()
}

// slow counts a request of a key, or of an address that gave none. Error: TooMany.
func (c *call) slow() error {
	if c.key != nil {
		return limit.TooMany("errs.too_many", c.keys.Take(c.key.ID, time.Now()))
	}
	return limit.TooMany("errs.too_many", c.addresses.Take(limit.Address(c.Request), time.Now()))
}

// arg returns an argument; an empty one is none.
func (c *call) arg(name string) string { return strings.TrimSpace(c.Form.Get(name)) }

// words returns the parts of an argument that is a list with commas.
func (c *call) words(name string) []string {
	var out []string
	for w := range strings.SplitSeq(c.arg(name), ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// needKey refuses a caller without a key that files by a channel. Error: Forbidden.
func (c *call) needKey() error {
	switch {
	case c.key == nil:
		return errs.E(errs.Forbidden, "open311.no_key", nil).At("api_key")
	case c.key.Channel == "":
		return errs.E(errs.Forbidden, "open311.no_channel", nil).At("api_key")
	}
	return nil
}

// statuses are the HTTP statuses of refusals: GeoReport v2 knows 403 for keys, 404
// for what is not there, and 400 for everything else that the caller can mend.
var statuses = map[errs.Kind]int{
	errs.NotFound: http.StatusNotFound, errs.Forbidden: http.StatusForbidden, errs.Unauthenticated: http.StatusForbidden,
	errs.Internal: http.StatusInternalServerError, errs.Unavailable: http.StatusServiceUnavailable, errs.TooMany: http.StatusTooManyRequests,
}

// refusal returns an error as GeoReport v2 wants it: always a list.
func (d door) refusal(r *http.Request, err error) (int, document) {
	status, ok := statuses[errs.KindOf(err)]
	if !ok {
		status = http.StatusBadRequest
	}
	if status == http.StatusInternalServerError {
		d.Logger.ErrorContext(r.Context(), "a request failed", "door", "open311", "error", err)
	}
	say := text.Error(language(r), err)
	var e *errs.Error
	if errors.As(err, &e) && e.Field != "" {
		say = e.Field + ": " + say
	}
	return status, document{"errors", list{"error", []any{object{{"code", status}, {"description", say}}}}}
}

func language(r *http.Request) text.Lang {
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(r.Header.Get("Accept-Language"))), "en") {
		return text.English
	}
	return text.Chinese
}
