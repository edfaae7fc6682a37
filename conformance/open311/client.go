package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// target is the server that is checked.
type target struct {
	url, discovery, key, service, jurisdiction, lat, long string
	now                                                   func() time.Time
}

// client asks and remembers what later checks need.
type client struct {
	target
	ctx      context.Context
	services []node // as XML has them
	filed    string // service_request_id of what was filed
	filedAt  time.Time
}

// skipped is why a check could not be tried.
type skipped string

func (s skipped) Error() string { return string(s) }

// node is an element of an answer, from XML or from JSON.
type node struct {
	name string
	text string
	null bool // an empty element, or null
	kids []node
	kind byte // of JSON: 's'tring, 'n'umber, 'b'oolean, 'o'bject, 'a'rray
}

func (n node) get(path ...string) node {
	for _, p := range path {
		found := node{null: true}
		for _, k := range n.kids {
			if k.name == p {
				found = k
				break
			}
		}
		n = found
	}
	return n
}

func (n node) has(name string) bool {
	for _, k := range n.kids {
		if k.name == name {
			return true
		}
	}
	return false
}

// reply is an answer of the server.
type reply struct {
	status int
	kind   string
	params map[string]string
	body   []byte
	root   node
	format string
}

var web = &http.Client{Timeout: 20 * time.Second}

// get asks for a path below the endpoint; query is name, value, name, value …
func (c *client) get(path, format string, query ...string) (*reply, error) {
	return c.at(c.url+"/"+path, format, query...)
}

func (c *client) at(address, format string, query ...string) (*reply, error) {
	v := c.values(query)
	u := address + "." + format
	if len(v) > 0 {
		u += "?" + v.Encode()
	}
	req, err := http.NewRequestWithContext(c.ctx, http.MethodGet, u, nil)
	if err != nil {
		return nil, err
	}
	return send(req, format)
}

// post sends a form.
func (c *client) post(path, format string, form ...string) (*reply, error) {
	body := c.values(form).Encode()
	req, err := http.NewRequestWithContext(c.ctx, http.MethodPost, c.url+"/"+path+"."+format, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return send(req, format)
}

func (c *client) values(pairs []string) url.Values {
	v := url.Values{}
	if c.jurisdiction != "" {
		v.Set("jurisdiction_id", c.jurisdiction)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func send(req *http.Request, format string) (*reply, error) {
	resp, err := web.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() // read whole below
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return nil, err
	}
	r := &reply{status: resp.StatusCode, body: body, format: format}
	if r.kind, r.params, err = mime.ParseMediaType(resp.Header.Get("Content-Type")); err != nil {
		return r, fmt.Errorf("Content-Type %q: %w", resp.Header.Get("Content-Type"), err)
	}
	if !utf8.Valid(body) {
		return r, fmt.Errorf("the body is not UTF-8")
	}
	if format == "xml" {
		r.root, err = parseXML(body)
	} else {
		r.root, err = parseJSON(body)
	}
	if err != nil {
		return r, fmt.Errorf("HTTP %d, %s cannot be read: %w", r.status, format, err)
	}
	return r, nil
}

func parseXML(body []byte) (node, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	stack := []node{{}}
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return node{}, err
		}
		top := len(stack) - 1
		switch t := tok.(type) {
		case xml.StartElement:
			if t.Name.Space != "" {
				return node{}, fmt.Errorf("<%s> has a namespace", t.Name.Local)
			}
			stack = append(stack, node{name: t.Name.Local})
		case xml.CharData:
			stack[top].text += string(t)
		case xml.EndElement:
			n := stack[top]
			stack = stack[:top]
			if len(n.kids) > 0 {
				n.text = ""
			}
			n.text = strings.TrimSpace(n.text)
			n.null = n.text == "" && len(n.kids) == 0
			stack[top-1].kids = append(stack[top-1].kids, n)
		}
	}
	if len(stack[0].kids) != 1 {
		return node{}, fmt.Errorf("%d root elements", len(stack[0].kids))
	}
	return stack[0].kids[0], nil
}

func parseJSON(body []byte) (node, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	n, err := jsonNode(d, "")
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = fmt.Errorf("more than one value")
		}
	}
	return n, err
}

func jsonNode(d *json.Decoder, name string) (node, error) {
	tok, err := d.Token()
	if err != nil {
		return node{}, err
	}
	n := node{name: name}
	switch t := tok.(type) {
	case json.Delim:
		n.kind = map[json.Delim]byte{'{': 'o', '[': 'a'}[t]
		for d.More() {
			key := ""
			if t == '{' {
				k, err := d.Token()
				if err != nil {
					return n, err
				}
				key, _ = k.(string)
			}
			kid, err := jsonNode(d, key)
			if err != nil {
				return n, err
			}
			n.kids = append(n.kids, kid)
		}
		_, err = d.Token()
		return n, err
	case nil:
		n.null = true
	case string:
		n.kind, n.text = 's', t
	case json.Number:
		n.kind, n.text = 'n', t.String()
	case bool:
		n.kind, n.text = 'b', fmt.Sprint(t)
	}
	return n, nil
}

// ok asks in a format and wants HTTP 200.
func (c *client) ok(path, format string, query ...string) (*reply, error) {
	r, err := c.get(path, format, query...)
	return r, wants(r, err, http.StatusOK)
}

func wants(r *reply, err error, status int) error {
	if err != nil {
		return err
	}
	if r.status != status {
		return fmt.Errorf("HTTP %d, want %d: %.120s", r.status, status, r.body)
	}
	return nil
}
