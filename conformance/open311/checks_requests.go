package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// form returns the arguments of a filing, with some put differently.
func (c *client) form(change ...string) []string {
	f := []string{"api_key", c.key, "service_code", c.service, "lat", c.lat, "long", c.long, "description", "Open311 conformance check: please close.",
		"first_name", "Conformance", "last_name", "Check"}
	return append(f, change...)
}

func (c *client) needKey() error {
	if c.key == "" {
		return skipped("no --key: nothing is filed")
	}
	return nil
}

func (c *client) needFiled() error {
	if c.filed == "" {
		return skipped("nothing was filed")
	}
	return nil
}

func filingChecks() []check {
	refused := func(status int, change ...string) func(*client) error {
		return func(c *client) error {
			if err := c.needKey(); err != nil {
				return err
			}
			r, err := c.post("requests", "xml", c.form(change...)...)
			return errorBody(r, wants(r, err, status))
		}
	}
	return []check{
		{name: "post.no_key", rule: "filing without a key is 403", try: func(c *client) error {
			r, err := c.post("requests", "xml", "service_code", c.service, "lat", c.lat, "long", c.long)
			return errorBody(r, wants(r, err, http.StatusForbidden))
		}},
		{name: "post.wrong_key", rule: "filing with a wrong key is 403", try: func(c *client) error {
			r, err := c.post("requests", "xml", "api_key", "certainly-not-a-key", "service_code", c.service, "lat", c.lat, "long", c.long)
			return errorBody(r, wants(r, err, http.StatusForbidden))
		}},
		{name: "post.no_service", rule: "filing without service_code is 400", try: refused(http.StatusBadRequest, "service_code", "")},
		{name: "post.unknown_service", rule: "filing under an unknown service_code is 404", try: refused(http.StatusNotFound, "service_code", "no-such-service-x")},
		{name: "post.no_place", rule: "filing without any location is 400", try: refused(http.StatusBadRequest, "lat", "", "long", "")},
		{name: "post.bad_point", rule: "a point that is none is 400", try: refused(http.StatusBadRequest, "lat", "north", "long", "200")},
		{name: "post.long_description", rule: "a description over 4,000 characters is refused", try: refused(http.StatusBadRequest, "description", strings.Repeat("a", 4001))},
		{name: "post.file", rule: "filing answers service_request_id or token, not both", try: func(c *client) error {
			if err := c.needKey(); err != nil {
				return err
			}
			c.filedAt = c.now()
			r, err := c.post("requests", "xml", c.form()...)
			if err == nil && r.status != http.StatusOK && r.status != http.StatusCreated {
				err = wants(r, nil, http.StatusOK)
			}
			if err != nil {
				return err
			}
			if r.root.name != "service_requests" || len(r.root.kids) != 1 || r.root.kids[0].name != "request" {
				return fmt.Errorf("want <service_requests><request>: %.200s", r.body)
			}
			id, token := r.root.get("request", "service_request_id"), r.root.get("request", "token")
			if id.null == token.null {
				return fmt.Errorf("service_request_id %q, token %q: want exactly one", id.text, token.text)
			}
			c.filed = id.text
			return nil
		}},
		{name: "post.json", rule: "filing answers a JSON array of one", try: func(c *client) error {
			if err := c.needKey(); err != nil {
				return err
			}
			r, err := c.post("requests", "json", c.form("description", "Open311 conformance check, in JSON: please close.")...)
			if err == nil && (r.root.kind != 'a' || len(r.root.kids) != 1) {
				err = fmt.Errorf("%.120s", r.body)
			}
			return err
		}},
		{name: "post.notice", rule: "service_notice and account_id are there, if empty", try: func(c *client) error {
			if err := c.needKey(); err != nil {
				return err
			}
			r, err := c.post("requests", "xml", c.form("description", "Open311 conformance check, once more: please close.")...)
			if err != nil {
				return err
			}
			for _, name := range []string{"service_notice", "account_id"} {
				if q := r.root.get("request"); !q.has(name) {
					return fmt.Errorf("no <%s>", name)
				}
			}
			return nil
		}},
		{name: "post.unicode", rule: "UTF-8 comes back as it was sent, markup as text", try: func(c *client) error {
			if err := c.needKey(); err != nil {
				return err
			}
			r, err := c.post("requests", "xml", c.form("description", "路面坑洼 & <b>积水</b> “很深” é ü 🚲")...)
			if err == nil && r.root.get("request", "service_request_id").null && r.root.get("request", "token").null {
				err = fmt.Errorf("%.120s", r.body)
			}
			return err
		}},
	}
}

// elements are those of a request that every answer has, if empty.
var elements = []string{"service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible", "service_notice",
	"requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode", "lat", "long", "media_url"}

func requestChecks() []check {
	return []check{
		{name: "request.one", rule: "GET requests/{id} answers one <request> with its id", try: func(c *client) error {
			n, err := c.one()
			if err == nil && n.get("service_request_id").text != c.filed {
				err = fmt.Errorf("answered %q", n.get("service_request_id").text)
			}
			return err
		}},
		{name: "request.elements", rule: "all elements are there, if empty", try: func(c *client) error {
			n, err := c.one()
			for _, name := range elements {
				if err == nil && !n.has(name) {
					err = fmt.Errorf("no <%s>", name)
				}
			}
			return err
		}},
		{name: "request.status", rule: "status is open or closed", try: func(c *client) error {
			n, err := c.one()
			if err == nil {
				err = oneOf("status", "open", "closed")(n)
			}
			return err
		}},
		{name: "request.service", rule: "service_code is one of the services", try: func(c *client) error {
			n, err := c.one()
			if err == nil && !slices.ContainsFunc(c.services, func(s node) bool { return s.get("service_code").text == n.get("service_code").text }) {
				err = fmt.Errorf("service_code %q", n.get("service_code").text)
			}
			return err
		}},
		{name: "request.times", rule: "times have zones; requested is now, updated not before it", try: func(c *client) error {
			n, err := c.one()
			if err != nil {
				return err
			}
			asked, err := moment(n.get("requested_datetime").text)
			if err != nil {
				return err
			}
			updated, err := moment(n.get("updated_datetime").text)
			switch {
			case err != nil:
			case updated.Before(asked):
				err = fmt.Errorf("updated %s before requested %s", updated, asked)
			case asked.Before(c.filedAt.Add(-24*time.Hour)) || asked.After(c.filedAt.Add(24*time.Hour)):
				err = fmt.Errorf("requested %s, filed %s", asked, c.filedAt)
			}
			return err
		}},
		{name: "request.place", rule: "lat and long, where given, are numbers", try: func(c *client) error {
			if err := c.needFiled(); err != nil {
				return err
			}
			r, err := c.ok("requests/"+c.filed, "json")
			if err != nil {
				return err
			}
			for _, name := range []string{"lat", "long"} {
				if n := r.root.kids[0].get(name); !n.null && n.kind != 'n' {
					return fmt.Errorf("%s is %q", name, n.text)
				}
			}
			return nil
		}},
		{name: "request.json", rule: "JSON is an array of one that says what XML says", try: func(c *client) error {
			if err := c.needFiled(); err != nil {
				return err
			}
			return c.same("requests/" + c.filed)
		}},
		{name: "request.unknown", rule: "an unknown id is 404", try: fails(http.StatusNotFound, "requests/no-such-request-x")},
		{name: "requests.list", rule: "GET requests lists, a thousand at most", try: func(c *client) error {
			r, err := c.ok("requests", "xml")
			if err == nil && (r.root.name != "service_requests" || len(r.root.kids) > 1000) {
				err = fmt.Errorf("<%s> of %d", r.root.name, len(r.root.kids))
			}
			return err
		}},
		{name: "requests.recent", rule: "the list has what was just filed", try: func(c *client) error { return c.listed(true) }},
		{name: "requests.by_id", rule: "service_request_id takes several with commas", try: func(c *client) error {
			return c.listed(true, "service_request_id", c.filed+",no-such-request-x")
		}},
		{name: "requests.id_overrides", rule: "service_request_id overrides all other arguments", try: func(c *client) error {
			return c.listed(true, "service_request_id", c.filed, "status", "closed", "start_date", "2001-01-01T00:00:00Z", "end_date", "2001-02-01T00:00:00Z")
		}},
		{name: "requests.open", rule: "status=open lists it", try: func(c *client) error { return c.listed(true, "status", "open") }},
		{name: "requests.closed", rule: "status=closed does not", try: func(c *client) error { return c.listed(false, "status", "closed") }},
		{name: "requests.both", rule: "status=open,closed lists it", try: func(c *client) error { return c.listed(true, "status", "open,closed") }},
		{name: "requests.closed_only", rule: "status=closed lists nothing open", try: func(c *client) error {
			r, err := c.ok("requests", "xml", "status", "closed")
			if err != nil {
				return err
			}
			for _, n := range r.root.kids {
				if n.get("status").text != "closed" {
					return fmt.Errorf("%s is %s", n.get("service_request_id").text, n.get("status").text)
				}
			}
			return nil
		}},
		{name: "requests.by_service", rule: "service_code lists only that service", try: func(c *client) error {
			n, err := c.one()
			if err != nil {
				return err
			}
			code := n.get("service_code").text
			r, err := c.ok("requests", "xml", "service_code", code)
			if err != nil {
				return err
			}
			if len(r.root.kids) == 0 {
				return fmt.Errorf("nothing of %s, under which a request was filed", code)
			}
			return nil
		}},
		{name: "requests.range", rule: "start_date and end_date narrow by requested_datetime", try: func(c *client) error {
			at := func(d time.Duration) string { return c.filedAt.Add(d).UTC().Format(time.RFC3339) }
			if err := c.listed(true, "start_date", at(-48*time.Hour), "end_date", at(48*time.Hour)); err != nil {
				return err
			}
			return c.listed(false, "start_date", at(-96*time.Hour), "end_date", at(-48*time.Hour))
		}},
		{name: "requests.zone", rule: "times with an offset are understood", try: func(c *client) error {
			in := time.FixedZone("", -5*3600)
			return c.listed(true, "start_date", c.filedAt.Add(-30*time.Hour).In(in).Format(time.RFC3339), "end_date", c.filedAt.Add(30*time.Hour).In(in).Format(time.RFC3339))
		}},
		{name: "requests.json_same", rule: "JSON says what XML says", try: func(c *client) error { return c.same("requests", "service_request_id", c.filed) }},
		{name: "token.unknown", rule: "an unknown token is 404", try: fails(http.StatusNotFound, "tokens/no-such-token-x")},
	}
}

// one asks for what was filed.
func (c *client) one() (node, error) {
	if err := c.needFiled(); err != nil {
		return node{}, err
	}
	r, err := c.ok("requests/"+c.filed, "xml")
	if err != nil {
		return node{}, err
	}
	if r.root.name != "service_requests" || len(r.root.kids) != 1 || r.root.kids[0].name != "request" {
		return node{}, fmt.Errorf("want <service_requests><request>: %.200s", r.body)
	}
	return r.root.kids[0], nil
}

// listed checks that what was filed stands, or does not stand, in a list.
func (c *client) listed(want bool, query ...string) error {
	if err := c.needFiled(); err != nil {
		return err
	}
	r, err := c.ok("requests", "xml", query...)
	if err != nil {
		return err
	}
	there := slices.ContainsFunc(r.root.kids, func(n node) bool { return n.get("service_request_id").text == c.filed })
	if there != want {
		return fmt.Errorf("%s listed: %v, want %v (of %d)", c.filed, there, want, len(r.root.kids))
	}
	return nil
}
