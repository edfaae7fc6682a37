package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/door/api/apitest"
)

// fuzzers are the callers of FuzzDoor, those of the matrix whom setting the stage has
// signed in already and two more: each sign-in costs a password's hash.
const fuzzers = "DCAKHSZPM-"

// Whatever is sent to any route of the staff door by whom, the answer is no internal
// error and repeats no secret: what lets anybody in, what is kept of passwords and
// keys, and, but for an opening by who may, what a person left of themselves. Left out
// are live, which does not end, the ways in and out, and setUp: they hash a password or
// end what the next input needs.
//
// One house is behind the door as long as the process runs, and there is no network
// between: an input costs what its answer costs.
func FuzzDoor(f *testing.F) {
	h := apitest.Open(f, sqlite)
	stage := setStage(f, h)
	people := map[string]*apitest.Person{"-": h.Nobody(f), "M": stage.machine}
	secrets := stage.machine.Secrets()
	for letter, login := range roster {
		if strings.Contains(fuzzers, letter) {
			people[letter] = h.As(f, login)
			secrets = append(secrets, people[letter].Secrets()...)
		}
	}
	for _, kept := range []string{`select password from account`, `select digest from session`, `select digest from machine_key`} {
		all, err := sqldb.Select[string](f.Context(), h.DB.Read(), kept)
		if err != nil || len(all) == 0 {
			f.Fatalf("%s: %d, %v", kept, len(all), err)
		}
		secrets = append(secrets, all...)
	}
	var routes []endpoint
	for _, e := range endpoints {
		switch e.id {
		case "live", "signOut", "signIn", "setUp":
		default:
			routes = append(routes, e)
		}
	}
	for i, e := range routes {
		_, query, _ := strings.Cut(e.at, "?")
		who := max(0, strings.IndexAny(fuzzers, e.who))
		f.Add(byte(who), uint16(i), "", query, []byte(e.body))
	}
	f.Add(byte(0), uint16(1), "../../etc/passwd", "limit=-1&after=%00", []byte(`{"input":{"unit":null}}`))
	f.Fuzz(func(t *testing.T, who byte, route uint16, id, query string, body []byte) {
		letter, e := string(fuzzers[int(who)%len(fuzzers)]), routes[int(route)%len(routes)]
		method, path := split(stage, e.at, id)
		req, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, bytes.NewReader([]byte(stage.fill(string(body)))))
		if err != nil || strings.ContainsFunc(query, unicode.IsControl) {
			return // no address at all
		}
		req.URL.RawQuery = query
		req.Header.Set("Content-Type", "application/json")
		got := people[letter].For(t).Knock(req)
		if got.Status >= http.StatusInternalServerError && got.Status != http.StatusServiceUnavailable {
			t.Fatalf("%s: %s %s?%s: %d %s", letter, method, path, query, got.Status, got.Raw)
		}
		all := fmt.Sprint(got.Header) + string(got.Raw)
		for _, v := range secrets {
			if strings.Contains(all, v) {
				t.Fatalf("%s: %s %s?%s repeats the secret %s: %s", letter, method, path, query, v, all)
			}
		}
		if !strings.Contains(opening[e.id], letter) {
			for what, v := range personal {
				if strings.Contains(all, v) && !strings.Contains(id+query+string(body), v) {
					t.Fatalf("%s: %s %s?%s shows the %s: %s", letter, method, path, query, what, all)
				}
			}
		}
	})
}

// split returns the method and the path of a route with an id in its place, or with
// what is on the stage where there is none.
func split(stage *stage, at, id string) (method, path string) {
	method, path, _ = strings.Cut(at, " ")
	path, _, _ = strings.Cut(path, "?")
	if id == "" {
		return method, stage.fill(path)
	}
	return method, placeholder.ReplaceAllString(path, url.PathEscape(id))
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)
