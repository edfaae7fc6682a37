package portal

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/limit"
	"yiwang/internal/base/text"
)

var errPanicked = errors.New("portal: a page panicked")

// visit is one request of a person, with what every page needs.
type visit struct {
	site  *Site
	w     http.ResponseWriter
	r     *http.Request
	lang  text.Lang
	elder bool
	book  *Book
}

// page makes a handler of a page; an error becomes the friendly page of its kind.
func (s *Site) page(h func(*visit) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		elder, _ := r.Cookie(cookieElder)
		v := &visit{site: s, w: w, r: r, lang: langOf(r), elder: elder != nil && elder.Value == "on", book: &Book{}}
		if err := v.slow(s.limits.any, s.address(r)); err != nil {
			v.failed(err)
			return
		}
		book, err := s.office.Book(r.Context())
		if err == nil {
			v.book = book
			err = h(v)
		}
		if err != nil {
			v.failed(err)
		}
	})
}

func langOf(r *http.Request) text.Lang {
	if c, err := r.Cookie(cookieLang); err == nil && c.Value == string(text.English) {
		return text.English
	}
	return text.Chinese
}

func (v *visit) ctx() context.Context { return v.r.Context() }

func (v *visit) say(key string, args errs.Args) string { return text.Say(v.lang, "portal."+key, args) }

// slow takes a token of a limit and fails with TooMany where there is none.
func (v *visit) slow(t *throttle, key string) error {
	return tooMany(t.Take(key, v.site.now()))
}

func tooMany(wait time.Duration) error { return limit.TooMany("portal.too_many", wait) }

// goTo sends the browser on after a form was taken.
func (v *visit) goTo(path string) error {
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// failed answers with the page for an error: what went wrong and the ways on.
func (v *visit) failed(err error) {
	kind := errs.KindOf(err)
	if v.r.Context().Err() != nil && kind == errs.Internal {
		return // the person has gone; nobody reads the answer
	}
	status, page := http.StatusInternalServerError, "internal"
	switch kind {
	case errs.NotFound:
		status, page = http.StatusNotFound, "not_found"
	case errs.TooMany:
		status, page = http.StatusTooManyRequests, "too_many"
	case errs.TooLarge:
		status, page = http.StatusRequestEntityTooLarge, "too_large"
	case errs.Invalid:
		status, page = http.StatusUnprocessableEntity, "invalid"
	case errs.Conflict, errs.Exists:
		status, page = http.StatusConflict, "conflict"
	case errs.Forbidden, errs.Unauthenticated:
		status, page = http.StatusForbidden, "forbidden"
	case errs.Unavailable:
		status, page = http.StatusServiceUnavailable, "unavailable"
	default:
		v.site.log.ErrorContext(v.ctx(), "a citizen's page failed", "path", v.r.Pattern, "error", err)
	}
	args := errs.Args{"wait": ""}
	if w, ok := errors.AsType[limit.Waiting](err); ok {
		v.w.Header().Set("Retry-After", limit.RetryAfter(err))
		args["wait"] = v.wait(w.Duration)
	}
	said := v.say("error_"+page, args)
	if kind == errs.Invalid || kind == errs.Conflict || kind == errs.TooLarge {
		said = text.Error(v.lang, err)
	}
	title := v.say("error_"+page+"_title", nil)
	if err := v.show(status, "error", title, struct{ Title, Said, Back string }{title, said, v.back()}); err != nil {
		v.site.log.ErrorContext(v.ctx(), "the page of an error failed", "error", err)
		http.Error(v.w, said, status)
	}
}

// wait says a waiting time: seconds below a minute, minutes above.
func (v *visit) wait(d time.Duration) string {
	if d < time.Minute {
		return v.say("seconds", errs.Args{"n": int(math.Ceil(d.Seconds()))})
	}
	return text.Span(v.lang, d+time.Minute-1)
}

// back returns the page of this site that the person came from, "" if none.
func (v *visit) back() string {
	u, err := url.Parse(v.r.Referer())
	if err != nil || u.Host != v.r.Host {
		return ""
	}
	return localPath(u.Path)
}

// localPath returns p if it is a path of this site, else "".
func localPath(p string) string {
	if !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n") || len(p) > 200 {
		return ""
	}
	u, err := url.Parse(p)
	if err != nil || u.Host != "" || u.Scheme != "" {
		return ""
	}
	return (&url.URL{Path: u.Path}).EscapedPath()
}

// prefs turns the language or the elder mode over and goes back to the page.
func (s *Site) prefs(v *visit) error {
	f, err := s.readForm(v)
	if err != nil {
		return err
	}
	v.switchTo(f.Get("switch"))
	back := localPath(f.Get("back"))
	if back == "" {
		back = "/"
	}
	return v.goTo(back)
}

// switchTo sets the cookie of a switch: lang:zh, lang:en, elder:on or elder:off.
// It reports whether the word was one of them.
func (v *visit) switchTo(word string) bool {
	name, value, _ := strings.Cut(word, ":")
	switch word {
	case "lang:zh", "lang:en":
		v.lang = text.Lang(value)
	case "elder:on", "elder:off":
		v.elder = value == "on"
	default:
		return false
	}
	v.site.setCookie(v.w, v.r, http.Cookie{Name: name, Path: "/", Value: value}, prefLife)
	return true
}

// nowhere answers every path that is not a page.
func (s *Site) nowhere(*visit) error { return errs.E(errs.NotFound, "portal.error_not_found", nil) }

// foreign answers a form that another site tried to send in somebody's name.
func (s *Site) foreign(*visit) error { return errs.E(errs.Forbidden, "portal.error_forbidden", nil) }
