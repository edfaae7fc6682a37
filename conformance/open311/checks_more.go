package main

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strconv"
	"time"
)

// errorBody checks that a refusal is a list of errors with code and description.
func errorBody(r *reply, err error) error {
	if err != nil {
		return err
	}
	kids := r.root.kids
	if r.format == "xml" && r.root.name != "errors" {
		return fmt.Errorf("root is <%s>, want <errors>", r.root.name)
	}
	if r.format == "json" && r.root.kind != 'a' || len(kids) == 0 {
		return fmt.Errorf("want a list: %.120s", r.body)
	}
	for _, k := range kids {
		if r.format == "xml" && k.name != "error" {
			return fmt.Errorf("<%s>, want <error>", k.name)
		}
		if _, err := strconv.Atoi(k.get("code").text); err != nil || k.get("description").null {
			return fmt.Errorf("code %q, description %q", k.get("code").text, k.get("description").text)
		}
	}
	return nil
}

// fails checks that a path is refused with a status, in both formats.
func fails(status int, path string, query ...string) func(*client) error {
	return func(c *client) error {
		for _, format := range []string{"xml", "json"} {
			r, err := c.get(path, format, query...)
			if err := errorBody(r, wants(r, err, status)); err != nil {
				return err
			}
		}
		return nil
	}
}

func errorChecks() []check {
	return []check{
		{name: "error.jurisdiction", rule: "an unknown jurisdiction_id is 404", try: fails(http.StatusNotFound, "services", "jurisdiction_id", "no-such-jurisdiction-x")},
		{name: "error.bad_date", rule: "a time that is none is 400", try: fails(http.StatusBadRequest, "requests", "start_date", "yesterday")},
		{name: "error.bad_status", rule: "a status that is none is 400", try: fails(http.StatusBadRequest, "requests", "status", "sleeping")},
		{name: "error.unknown_service", rule: "a list of an unknown service_code is 404 or empty", try: func(c *client) error {
			r, err := c.get("requests", "xml", "service_code", "no-such-service-x")
			if err == nil && r.status == http.StatusOK && len(r.root.kids) == 0 {
				return nil
			}
			return errorBody(r, wants(r, err, http.StatusNotFound))
		}},
	}
}

func extensionChecks() []check {
	ext := func(name, rule string, try func(*client) error) check { return check{name, rule, true, try} }
	return []check{
		ext("ext.page", "page and page_size page through a list without repeating", func(c *client) error {
			seen := map[string]bool{}
			for _, page := range []string{"1", "2"} {
				r, err := c.ok("requests", "xml", "page", page, "page_size", "1")
				if err != nil {
					return err
				}
				if len(r.root.kids) > 1 {
					return fmt.Errorf("page %s has %d", page, len(r.root.kids))
				}
				for _, n := range r.root.kids {
					id := n.get("service_request_id").text
					if seen[id] {
						return fmt.Errorf("%s is on both pages", id)
					}
					seen[id] = true
				}
			}
			return nil
		}),
		ext("ext.extensions", "extensions=true adds extended_attributes and notes", func(c *client) error {
			if err := c.needFiled(); err != nil {
				return err
			}
			r, err := c.ok("requests/"+c.filed, "xml", "extensions", "true")
			if err != nil {
				return err
			}
			if n := r.root.get("request"); !n.has("extended_attributes") || !n.has("notes") {
				return fmt.Errorf("%.200s", r.body)
			}
			return nil
		}),
		ext("ext.updated_after", "updated_after narrows by updated_datetime", func(c *client) error {
			if err := c.listed(true, "updated_after", c.filedAt.Add(-48*time.Hour).UTC().Format(time.RFC3339)); err != nil {
				return err
			}
			return c.listed(false, "updated_after", c.filedAt.Add(48*time.Hour).UTC().Format(time.RFC3339))
		}),
		ext("ext.radius", "lat, long and radius narrow by distance", func(c *client) error {
			if err := c.listed(true, "lat", c.lat, "long", c.long, "radius", "500"); err != nil {
				return err
			}
			return c.listed(false, "lat", "0.5", "long", "0.5", "radius", "500")
		}),
		ext("ext.media", "multipart uploads are taken", func(c *client) error {
			if err := c.needKey(); err != nil {
				return err
			}
			r, err := c.upload()
			if err == nil && r.root.get("request", "service_request_id").null && r.root.get("request", "token").null {
				err = fmt.Errorf("HTTP %d: %.160s", r.status, r.body)
			}
			return err
		}),
		ext("ext.updates_need_key", "servicerequestupdates without a key is 403", fails(http.StatusForbidden, "servicerequestupdates")),
		ext("ext.update", "an update can be posted", func(c *client) error {
			if err := c.needFiled(); err != nil {
				return err
			}
			r, err := c.post("servicerequestupdates", "xml", "api_key", c.key, "service_request_id", c.filed, "update_id", "check-"+c.filed,
				"status", "OPEN", "updated_datetime", c.filedAt.UTC().Format(time.RFC3339), "description", "Conformance check: one more word.")
			if err == nil && (r.root.name != "service_request_updates" || r.root.get("request_update", "update_id").null) {
				err = fmt.Errorf("HTTP %d: %.160s", r.status, r.body)
			}
			return err
		}),
		ext("ext.updates", "servicerequestupdates lists updates with all elements", func(c *client) error {
			if err := c.needFiled(); err != nil {
				return err
			}
			r, err := c.ok("servicerequestupdates", "xml", "api_key", c.key, "start_date", c.filedAt.Add(-48*time.Hour).UTC().Format(time.RFC3339),
				"end_date", c.filedAt.Add(48*time.Hour).UTC().Format(time.RFC3339))
			if err != nil {
				return err
			}
			if r.root.name != "service_request_updates" {
				return fmt.Errorf("root is <%s>", r.root.name)
			}
			for _, n := range r.root.kids {
				for _, name := range []string{"update_id", "service_request_id", "status", "updated_datetime", "description", "media_url"} {
					if !n.has(name) {
						return fmt.Errorf("an update has no <%s>", name)
					}
				}
			}
			return nil
		}),
	}
}

// pixel is a white picture of one point, as PNG.
var pixel = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89" +
	"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff\xff\x7f\x00\t\xfb\x03\xfd\x05CE\xca\x00\x00\x00\x00IEND\xaeB`\x82")

// upload files with a picture.
func (c *client) upload() (*reply, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	f := c.form("description", "Open311 conformance check with a picture: please close.")
	for i := 0; i+1 < len(f); i += 2 {
		if err := w.WriteField(f[i], f[i+1]); err != nil {
			return nil, err
		}
	}
	p, err := w.CreateFormFile("media", "pixel.png")
	if err != nil {
		return nil, err
	}
	if _, err := p.Write(pixel); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(c.ctx, http.MethodPost, c.url+"/requests.xml", &b)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	return send(req, "xml")
}
