package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// instantRate is how many applications are sent in a second, come what may.
const instantRate = 200

// instantForm is the service that is applied for: a decision table over the registers
// decides it, and what it grants is signed at once.
const instantForm = "/services/residence/apply"

var (
	codeShown       = regexp.MustCompile(`data-code>(\d{6})<`)
	oneself         = regexp.MustCompile(`value="(person/P[0-9]+)"`)
	certificateSeen = regexp.MustCompile(`href="(/track/certificate/[^"]+)"`)
)

// applicant is somebody who has signed in and filled in the form.
type applicant struct {
	who    resident
	client *http.Client
}

// applicants sign in by the code to their telephone and fill in the form up to its last
// button.
func (h *house) applicants(ctx context.Context, all []resident) ([]applicant, error) {
	out := make([]applicant, len(all))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(32)
	for i, who := range all {
		g.Go(func() (err error) {
			if out[i].client, err = browser(i); err != nil {
				return err
			}
			out[i].who = who
			if err := h.fillIn(ctx, out[i]); err != nil {
				return fmt.Errorf("%s: %w", who, err)
			}
			return nil
		})
	}
	return out, g.Wait()
}

func (h *house) fillIn(ctx context.Context, a applicant) error {
	page, err := h.send(ctx, a.client, "/me/enter?back="+url.QueryEscape(instantForm), url.Values{"name": {a.who["name"]}, "number": {a.who["idnumber"]}})
	if err != nil {
		return err
	}
	code := codeShown.FindStringSubmatch(page)
	if code == nil {
		return errors.New("no code to sign in by is shown")
	}
	if page, err = h.send(ctx, a.client, "/me/code?back="+url.QueryEscape(instantForm), url.Values{"code": {code[1]}}); err != nil {
		return err
	}
	self := oneself.FindStringSubmatch(page)
	if self == nil {
		return errors.New("the form does not offer to apply for oneself")
	}
	for _, step := range []struct {
		path string
		form url.Values
	}{
		{"", url.Values{"of": {self[1]}, "agreed": {"yes"}, "_go": {"next"}}},
		{"/form", url.Values{"use": {"bank"}, "_go": {"next"}}},
		{"/materials", url.Values{"_go": {"next"}}},
	} {
		if page, err = h.send(ctx, a.client, instantForm+step.path, step.form); err != nil {
			return err
		}
	}
	if !strings.Contains(page, instantForm+"/send") {
		return errors.New("the form does not come to its last page")
	}
	return nil
}

// send sends a form as a browser does, and goes where the answer leads.
func (h *house) send(ctx context.Context, client *http.Client, path string, form url.Values) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	page, err := answer(client, req)
	return string(page), err
}

// instant lets applicants press the last button, so many a second whether or not those
// before them have been answered, and times each from when it was to be pressed until the
// page with the signed certificate has come.
func (h *house) instant(ctx context.Context, all []applicant) (figure, error) {
	took := make([]time.Duration, len(all))
	g, ctx := errgroup.WithContext(ctx)
	began := time.Now()
	for i, a := range all {
		due := began.Add(time.Duration(i) * time.Second / instantRate)
		if err := sleepUntil(ctx, due); err != nil {
			break // g.Wait says why
		}
		g.Go(func() error {
			page, err := h.send(ctx, a.client, instantForm+"/send", nil)
			took[i] = time.Since(due)
			if err == nil && !certificateSeen.MatchString(page) {
				err = fmt.Errorf("%s: no certificate on the page", a.who)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return figure{}, err
	}
	return sum(took, time.Since(began))
}

func sleepUntil(ctx context.Context, at time.Time) error {
	select {
	case <-time.After(time.Until(at)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
