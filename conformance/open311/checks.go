package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// check is one rule with the way to try it.
type check struct {
	name, rule string
	extension  bool
	try        func(*client) error
}

// checks lists all checks in the order in which they are tried.
func checks() []check {
	return slices.Concat(generalChecks(), discoveryChecks(), serviceChecks(), filingChecks(), requestChecks(), errorChecks(), extensionChecks())
}

func generalChecks() []check {
	return []check{
		{name: "general.xml", rule: "XML is served", try: func(c *client) error { _, err := c.ok("services", "xml"); return err }},
		{name: "general.xml_type", rule: "XML comes as text/xml; charset=utf-8", try: contentType("xml", "text/xml")},
		{name: "general.xml_declaration", rule: "XML begins with its declaration", try: func(c *client) error {
			r, err := c.ok("services", "xml")
			if err == nil && !bytes.HasPrefix(r.body, []byte("<?xml ")) {
				err = fmt.Errorf("begins with %.20q", r.body)
			}
			return err
		}},
		{name: "general.json_type", rule: "JSON comes as application/json", try: contentType("json", "application/json")},
		{name: "general.empty_argument", rule: "an empty argument is none", try: func(c *client) error {
			_, err := c.ok("services", "xml", "jurisdiction_id", c.jurisdiction, "start_date", "")
			return err
		}},
	}
}

func contentType(format, kind string) func(*client) error {
	return func(c *client) error {
		r, err := c.ok("services", format)
		if err != nil {
			return err
		}
		if r.kind != kind || !strings.EqualFold(r.params["charset"], "utf-8") {
			return fmt.Errorf("%s, charset %q", r.kind, r.params["charset"])
		}
		return nil
	}
}

// finds discovery in the endpoint or beside it.
func (c *client) discover(format string) (*reply, error) {
	places := []string{c.target.discovery, c.url[:strings.LastIndexByte(c.url, '/')] + "/discovery", c.url + "/discovery"}
	var r *reply
	var err error
	for _, p := range places {
		if p == "" {
			continue
		}
		if r, err = c.at(p, format); err == nil && r.status == http.StatusOK {
			return r, nil
		}
	}
	return r, wants(r, err, http.StatusOK)
}

func discoveryChecks() []check {
	part := func(path ...string) func(*client) error {
		return func(c *client) error {
			r, err := c.discover("xml")
			if err != nil {
				return err
			}
			if n := r.root.get(path...); n.null {
				return fmt.Errorf("%s is missing or empty", strings.Join(path, "/"))
			}
			return nil
		}
	}
	return []check{
		{name: "discovery.xml", rule: "discovery is served as XML", try: func(c *client) error {
			r, err := c.discover("xml")
			if err == nil && r.root.name != "discovery" {
				err = fmt.Errorf("root is <%s>", r.root.name)
			}
			return err
		}},
		{name: "discovery.json", rule: "discovery is served as JSON", try: func(c *client) error { _, err := c.discover("json"); return err }},
		{name: "discovery.changeset", rule: "changeset is a time in the past", try: func(c *client) error {
			r, err := c.discover("xml")
			if err != nil {
				return err
			}
			t, err := moment(r.root.get("changeset").text)
			if err == nil && t.After(c.now()) {
				err = fmt.Errorf("%s lies ahead", t)
			}
			return err
		}},
		{name: "discovery.contact", rule: "contact is given", try: part("contact")},
		{name: "discovery.key_service", rule: "key_service is given", try: part("key_service")},
		{name: "discovery.endpoint", rule: "an endpoint speaks GeoReport v2", try: func(c *client) error {
			r, err := c.discover("xml")
			if err != nil {
				return err
			}
			for _, e := range r.root.get("endpoints").kids {
				if e.name == "endpoint" && strings.EqualFold(strings.TrimSuffix(e.get("specification").text, "/"), "http://wiki.open311.org/GeoReport_v2") {
					return endpoint(e)
				}
			}
			return fmt.Errorf("no endpoint with specification http://wiki.open311.org/GeoReport_v2")
		}},
	}
}

func endpoint(e node) error {
	if u, err := url.Parse(e.get("url").text); err != nil || !u.IsAbs() {
		return fmt.Errorf("url %q is not absolute", e.get("url").text)
	}
	if t := e.get("type").text; t != "production" && t != "test" {
		return fmt.Errorf("type %q", t)
	}
	if e.get("changeset").null {
		return fmt.Errorf("changeset is missing")
	}
	for _, f := range e.get("formats").kids {
		if f.text == "text/xml" {
			return nil
		}
	}
	return fmt.Errorf("text/xml is not among the formats")
}

// moment reads a time with its zone.
func moment(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, fmt.Errorf("time %q is not W3C date and time with a zone", s)
	}
	return t, nil
}

func serviceChecks() []check {
	each := func(fn func(node) error) func(*client) error {
		return func(c *client) error {
			if len(c.services) == 0 {
				return skipped("there are no services")
			}
			for _, s := range c.services {
				if err := fn(s); err != nil {
					return fmt.Errorf("service %s: %w", s.get("service_code").text, err)
				}
			}
			return nil
		}
	}
	return []check{
		{name: "services.list", rule: "GET services lists at least one service", try: func(c *client) error {
			r, err := c.ok("services", "xml")
			if err != nil {
				return err
			}
			if r.root.name != "services" {
				return fmt.Errorf("root is <%s>", r.root.name)
			}
			c.services = r.root.kids
			if len(c.services) == 0 {
				return fmt.Errorf("no service")
			}
			if c.service == "" {
				c.service = c.services[0].get("service_code").text
			}
			return nil
		}},
		{name: "services.element", rule: "each is a <service>", try: each(func(s node) error {
			if s.name != "service" {
				return fmt.Errorf("<%s>", s.name)
			}
			return nil
		})},
		{name: "services.code", rule: "service_code is given and used once", try: func(c *client) error {
			seen := map[string]bool{}
			return each(func(s node) error {
				code := s.get("service_code").text
				if code == "" || seen[code] {
					return fmt.Errorf("code %q is empty or repeated", code)
				}
				seen[code] = true
				return nil
			})(c)
		}},
		{name: "services.name", rule: "service_name is given", try: each(func(s node) error {
			if s.get("service_name").null {
				return fmt.Errorf("no name")
			}
			return nil
		})},
		{name: "services.elements", rule: "description, keywords and group are there", try: each(func(s node) error {
			for _, name := range []string{"description", "keywords", "group"} {
				if !s.has(name) {
					return fmt.Errorf("no <%s>", name)
				}
			}
			return nil
		})},
		{name: "services.metadata", rule: "metadata is true or false", try: each(oneOf("metadata", "true", "false"))},
		{name: "services.type", rule: "type is realtime, batch or blackbox", try: each(oneOf("type", "realtime", "batch", "blackbox"))},
		{name: "services.json_same", rule: "JSON says what XML says (bare array, no root)", try: func(c *client) error { return c.same("services") }},
		{name: "definition.attributes", rule: "a service with metadata has a definition with well-formed attributes", try: func(c *client) error {
			for _, s := range c.services {
				if s.get("metadata").text == "true" {
					return c.definition(s.get("service_code").text)
				}
			}
			return skipped("no service has metadata")
		}},
		{name: "definition.json", rule: "JSON is an object, not an array", try: func(c *client) error {
			for _, s := range c.services {
				if s.get("metadata").text == "true" {
					r, err := c.ok("services/"+s.get("service_code").text, "json")
					if err == nil && r.root.kind != 'o' {
						err = fmt.Errorf("not an object")
					}
					return err
				}
			}
			return skipped("no service has metadata")
		}},
		{name: "definition.unknown", rule: "an unknown service_code is 404", try: fails(http.StatusNotFound, "services/no-such-service-x")},
	}
}

func oneOf(name string, values ...string) func(node) error {
	return func(n node) error {
		if v := n.get(name).text; !slices.Contains(values, v) {
			return fmt.Errorf("%s is %q", name, v)
		}
		return nil
	}
}

// definition checks the attributes of a service.
func (c *client) definition(code string) error {
	r, err := c.ok("services/"+code, "xml")
	if err != nil {
		return err
	}
	if r.root.name != "service_definition" || r.root.get("service_code").text != code {
		return fmt.Errorf("<%s> of %q", r.root.name, r.root.get("service_code").text)
	}
	orders := map[string]bool{}
	for _, a := range r.root.get("attributes").kids {
		where := "attribute " + a.get("code").text
		for _, name := range []string{"variable", "code", "datatype", "required", "datatype_description", "order", "description"} {
			if !a.has(name) {
				return fmt.Errorf("%s has no <%s>", where, name)
			}
		}
		kind := a.get("datatype").text
		if !slices.Contains([]string{"string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"}, kind) {
			return fmt.Errorf("%s: datatype %q", where, kind)
		}
		if o := a.get("order").text; orders[o] || o == "" || o == "0" {
			return fmt.Errorf("%s: order %q is empty, 0 or repeated", where, o)
		}
		orders[a.get("order").text] = true
		if strings.HasSuffix(kind, "list") && len(a.get("values").kids) == 0 {
			return fmt.Errorf("%s is a list without values", where)
		}
		for _, v := range a.get("values").kids {
			if v.name != "value" || v.get("key").null || v.get("name").null {
				return fmt.Errorf("%s has a value without key or name", where)
			}
		}
	}
	return nil
}

// same compares XML and JSON of one path by the Spark convention.
func (c *client) same(path string, query ...string) error {
	x, err := c.ok(path, "xml", query...)
	if err != nil {
		return err
	}
	j, err := c.ok(path, "json", query...)
	if err != nil {
		return err
	}
	return alike(x.root.name, x.root, j.root)
}

func alike(where string, x, j node) error {
	if x.null {
		if !j.null && len(j.kids) > 0 || j.text != "" {
			return fmt.Errorf("%s is empty in XML, not in JSON", where)
		}
		return nil
	}
	if len(x.kids) == 0 {
		if x.text != j.text {
			return fmt.Errorf("%s is %.40q in XML, %.40q in JSON", where, x.text, j.text)
		}
		return nil
	}
	if len(x.kids) != len(j.kids) {
		return fmt.Errorf("%s has %d parts in XML, %d in JSON", where, len(x.kids), len(j.kids))
	}
	for i, k := range x.kids {
		other := j.kids[i]
		if j.kind == 'o' {
			other = j.get(k.name)
		}
		if err := alike(where+"/"+k.name, k, other); err != nil {
			return err
		}
	}
	return nil
}
