package open311

import (
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/work/intake"
)

// mostText is how many characters GeoReport v2 lets a description have.
const mostText = 4000

// mostMedia is how many pictures come with a request.
const mostMedia = 9

// file answers POST requests.
func (c *call) file() (document, error) {
	if err := c.needKey(); err != nil {
		return document{}, err
	}
	if c.arg("service_code") == "" {
		return document{}, errs.E(errs.Invalid, "open311.needs_service", nil).At("service_code")
	}
	s, err := c.service(c.arg("service_code"))
	if err != nil {
		return document{}, err
	}
	m, err := c.message(s)
	if err != nil {
		return document{}, err
	}
	if m.Files, err = c.media(); err != nil {
		return document{}, err
	}
	filed, err := c.Desk.File(c.Context(), m)
	if err != nil {
		return document{}, err
	}
	notice := c.say("open311.filed_before", nil)
	if !filed.Already {
		notice = c.say("open311.filed", errs.Args{"number": filed.Number, "code": filed.Code, "site": c.site()})
	}
	o := object{{"service_request_id", filed.Number}, {"service_notice", notice}, {"account_id", c.arg("account_id")}}
	return document{"service_requests", list{"request", []any{o}}}, nil
}

// message makes what intake takes of the arguments. Errors: Invalid at an argument.
func (c *call) message(s service) (m intake.Message, err error) {
	m = intake.Message{
		Family: s.family.Code, Channel: c.key.Channel, ExternalID: c.Header.Get("Idempotency-Key"), Actor: org.Appellant(),
		Text: c.arg("description"), Name: fullName(c.arg("first_name"), c.arg("last_name")), Phone: c.arg("phone"),
		Address: c.arg("address_string"), Fields: map[string]any{},
	}
	if s.matter != nil {
		m.Matter = s.matter.Code
	}
	p, err := c.point()
	if err != nil {
		return m, err
	}
	if p != nil {
		m.Lng, m.Lat = p[0], p[1]
	}
	if id := c.arg("address_id"); id != "" {
		if _, ok := c.City.Places.Area(id); !ok {
			return m, errs.E(errs.Invalid, "open311.address_id", nil).At("address_id")
		}
		m.Area = id
	}
	switch n := utf8.RuneCountInString(m.Text); {
	case p == nil && m.Address == "" && m.Area == "":
		return m, errs.E(errs.Invalid, "open311.needs_place", nil).At("lat")
	case n > mostText:
		return m, errs.E(errs.Invalid, "open311.long", errs.Args{"length": n, "most": mostText}).At("description")
	}
	if link := c.arg("media_url"); link != "" {
		u, err := url.Parse(link)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return m, errs.E(errs.Invalid, "open311.media_url", nil).At("media_url")
		}
		// It is kept for people to look at, never fetched: the address is a stranger's.
		m.Text += "\n" + c.say("open311.picture", errs.Args{"url": link})
	}
	return m, c.attributes(s.family, &m)
}

// fullName puts a name together as its script wants it: 欧阳 + 娜娜, Nana + Ouyang.
func fullName(first, last string) string {
	if strings.ContainsFunc(first+last, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return last + first
	}
	return strings.TrimSpace(first + " " + last)
}

// attributes takes in attribute[code]=v for the fields that the family declares,
// and the fields that an argument of GeoReport v2 stands for. Errors: Invalid.
func (c *call) attributes(f *matter.Family, m *intake.Message) error {
	declared := asked(f, m.Matter)
	given := map[string]bool{}
	for name, values := range c.Form {
		code, ok := strings.CutPrefix(name, "attribute[")
		if !ok || len(values) == 0 {
			continue
		}
		code = strings.TrimSuffix(strings.TrimSuffix(code, "[]"), "]")
		i := slices.IndexFunc(declared, func(x matter.Field) bool { return x.Code == code })
		if i < 0 {
			return errs.E(errs.Invalid, "open311.attribute", nil).At(name)
		}
		if v := strings.TrimSpace(values[0]); v != "" {
			m.Fields[code], given[code] = typed(declared[i].Type, v), true
		}
	}
	if email := c.arg("email"); email != "" && slices.ContainsFunc(f.Fields, func(x matter.Field) bool { return x.Code == "email" }) {
		m.Fields["email"] = email
	}
	for _, x := range declared {
		if x.Required && !given[x.Code] {
			return errs.E(errs.Invalid, "open311.needs_attribute", errs.Args{"title": x.Title}).At("attribute[" + x.Code + "]")
		}
	}
	if slices.ContainsFunc(f.Fields, func(x matter.Field) bool { return x.Code == "text" }) {
		return nil
	}
	m.Text = "" // a form without words of one's own
	return nil
}

// typed is a value as the checks of the kernel expect it.
func typed(t matter.FieldType, v string) any {
	switch t {
	case matter.Date:
		day, _, _ := strings.Cut(v, "T")
		return day
	case matter.Yes:
		return v == "true" || v == "yes" || v == "1"
	}
	return v
}

// media keeps the pictures that came along (multipart, the de-facto extension).
func (c *call) media() ([]cases.File, error) {
	if c.MultipartForm == nil {
		return nil, nil
	}
	var heads []*multipart.FileHeader
	for _, name := range []string{"media", "media[]"} {
		heads = append(heads, c.MultipartForm.File[name]...)
	}
	if len(heads) > mostMedia {
		return nil, errs.E(errs.Invalid, "open311.media_many", errs.Args{"most": mostMedia}).At("media")
	}
	var out []cases.File
	for _, h := range heads {
		f, err := c.keep(h)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func (c *call) keep(h *multipart.FileHeader) (cases.File, error) {
	r, err := h.Open()
	if err != nil {
		return cases.File{}, err
	}
	defer r.Close() // it was only read
	return c.Files.Keep(c.Context(), h.Filename, r)
}

var _ http.Handler = door{}
