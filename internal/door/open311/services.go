package open311

import (
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
)

// changed is when what this door offers last changed, for discovery.
const changed = "2026-11-21T00:00:00+08:00"

// discovery answers GET discovery.
func (c *call) discovery() (document, error) {
	formats := list{"format", []any{"text/xml", "application/json"}}
	kind := "production"
	if c.City.Synthetic {
		kind = "test"
	}
	endpoint := object{
		{"specification", "http://wiki.open311.org/GeoReport_v2"}, {"url", c.site() + strings.TrimSuffix(Base, "/")},
		{"changeset", changed}, {"type", kind}, {"formats", formats},
	}
	return document{"discovery", object{
		{"changeset", changed}, {"contact", c.say("open311.contact", errs.Args{"city": c.City.Title, "site": c.site()})},
		{"key_service", c.say("open311.key_service", nil)}, {"endpoints", list{"endpoint", []any{endpoint}}},
	}}, nil
}

func (c *call) site() string {
	if c.Site != "" {
		return c.Site
	}
	return "http://" + c.Host
}

func (c *call) say(key string, args errs.Args) string { return text.Say(c.lang, key, args) }

// service is something that can be asked for: a family as a whole, whose matter is
// then found by reading, or one matter.
type service struct {
	family *matter.Family
	matter *matter.Matter // nil for the family as a whole
}

func (s service) code() string {
	if s.matter != nil {
		return s.matter.Code
	}
	return s.family.Code
}

func (s service) name() string {
	if s.matter != nil {
		return s.matter.Name
	}
	return s.family.Title
}

// offered returns what citizens may ask for today: the families first, then the
// matters by code.
func (d door) offered() []service {
	var whole, parts []service
	today := d.today()
	families := d.City.Catalog.Families()
	for _, f := range families {
		if !f.Public {
			continue
		}
		whole = append(whole, service{family: f})
		for _, m := range d.City.Catalog.InForce(f.Code, today) {
			if m.Code != f.Code {
				parts = append(parts, service{f, m})
			}
		}
	}
	byCode := func(a, b service) int { return strings.Compare(a.code(), b.code()) }
	slices.SortFunc(whole, byCode)
	slices.SortFunc(parts, byCode)
	return append(whole, parts...)
}

func (d door) today() string {
	return time.UnixMilli(d.DB.Now()).In(text.CST).Format(time.DateOnly)
}

// service finds what a code stands for. Error: NotFound.
func (d door) service(code string) (service, error) {
	for _, s := range d.offered() {
		if s.code() == code {
			return s, nil
		}
	}
	return service{}, errs.E(errs.NotFound, "open311.no_service", nil).At("service_code")
}

// services answers GET services.
func (c *call) services() (document, error) {
	out := list{item: "service"}
	for _, s := range c.offered() {
		description, keywords, group := s.family.Guide, "", s.family.Title
		if s.matter != nil {
			description, keywords = s.matter.Description, strings.Join(s.matter.Keywords, ",")
			if len(s.matter.Levels) > 0 {
				group = s.matter.Levels[0]
			}
		}
		out.of = append(out.of, object{
			{"service_code", s.code()}, {"service_name", s.name()}, {"description", description},
			{"metadata", len(asked(s.family, s.code())) > 0}, {"type", "realtime"}, {"keywords", keywords}, {"group", group},
		})
	}
	return document{"services", out}, nil
}

// arguments are the declared fields that GeoReport v2 has arguments of its own for.
var arguments = map[string]string{
	"title": "", "text": "description", "address": "address_string", "name": "first_name", "phone": "phone", "email": "email", "files": "media_url",
}

// asked returns the declared fields of a family that go by attributes. A title is
// made from the text where none is given, so it is no attribute that clients
// would have to ask for. What is asked of some matters only is an attribute of those. Files have no datatype there.
func asked(f *matter.Family, about string) []matter.Field {
	var out []matter.Field
	for _, x := range f.Fields {
		if _, ok := arguments[x.Code]; !ok && !x.Unasked && x.Type != matter.Files && x.AsksOf(about) {
			out = append(out, x)
		}
	}
	return out
}

// datatypes are the types of fields as GeoReport v2 calls them.
var datatypes = map[matter.FieldType]string{
	matter.Text: "string", matter.LongText: "text", matter.Choice: "singlevaluelist", matter.AreaRef: "singlevaluelist", matter.Number: "number",
	matter.Date: "datetime", matter.Yes: "singlevaluelist",
}

// definition answers GET services/{code}.
func (c *call) definition(code string) (document, error) {
	s, err := c.service(code)
	if err != nil {
		return document{}, err
	}
	attributes := list{item: "attribute"}
	for i, f := range asked(s.family, s.code()) {
		kind, ok := datatypes[f.Type]
		if !ok {
			kind = "string"
		}
		values := list{item: "value"}
		for _, o := range f.Options {
			values.of = append(values.of, object{{"key", o.Code}, {"name", o.Title}})
		}
		if f.Type == matter.Yes {
			values.of = append(values.of, object{{"key", "true"}, {"name", c.say("open311.yes", nil)}})
		}
		attributes.of = append(attributes.of, object{
			{"variable", true}, {"code", f.Code}, {"datatype", kind}, {"required", f.Required},
			{"datatype_description", f.Hint}, {"order", i + 1}, {"description", f.Title}, {"values", values},
		})
	}
	return document{"service_definition", object{{"service_code", s.code()}, {"attributes", attributes}}}, nil
}
