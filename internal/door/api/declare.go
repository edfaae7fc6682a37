package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/place"
)

// Declarations is all that pages need to draw themselves; it changes with the
// city pack only.
type Declarations struct {
	Version    string      `json:"version"`
	Families   []Family    `json:"families" nullable:"false"`
	Lifecycles []Lifecycle `json:"lifecycles" nullable:"false"`
	Clocks     []ClockDecl `json:"clocks" nullable:"false"`
	Channels   []Channel   `json:"channels" nullable:"false"`
	Roles      []Titled    `json:"roles" nullable:"false"`
	Urgencies  []Titled    `json:"urgencies" nullable:"false"`
	Lanes      []Titled    `json:"lanes" nullable:"false"`
}

// Titled is a code with what people call it.
type Titled struct {
	Code  string `json:"code"`
	Title string `json:"title"`
}

// Family is a kind of matter with its form.
type Family struct {
	Code      string   `json:"code"`
	Title     string   `json:"title"`
	Lifecycle string   `json:"lifecycle"`
	Dispatch  bool     `json:"dispatch"`
	Service   bool     `json:"service" doc:"A service item; at a window it is applied for with its own form"`
	Guide     string   `json:"guide"`
	Natures   []string `json:"natures" nullable:"false"`
	Fields    []Field  `json:"fields" nullable:"false"`
	Results   []string `json:"results" nullable:"false"`
	Filers    []string `json:"filers" nullable:"false" doc:"Roles of staff that may file it"`
}

// Field is something a person is asked for.
type Field struct {
	Code     string   `json:"code"`
	Title    string   `json:"title"`
	Hint     string   `json:"hint,omitempty"`
	Type     string   `json:"type" enum:"text,longtext,choice,number,date,yes,unit,staff,area,matter,case,rating,files"`
	Options  []Option `json:"options,omitempty" nullable:"false"`
	Required bool     `json:"required"`
	Max      int      `json:"max,omitempty"`
	Personal bool     `json:"personal"`
	Public   bool     `json:"public" doc:"Shown to the appellant"`
	Matters  []string `json:"matters,omitempty" nullable:"false" doc:"Beginnings of the codes of matters it is asked of; none is all"`
	Phrases  []Phrase `json:"phrases,omitempty" nullable:"false" doc:"Texts that one click puts in"`
	Check    string   `json:"check,omitempty" doc:"This is the reply, read before it goes; code of the field for the reason to send it in spite of what was found"`
}

// Phrase is a text that one click puts into a field, where it may be changed.
type Phrase struct {
	Title   string   `json:"title"`
	Text    string   `json:"text"`
	Matters []string `json:"matters,omitempty" nullable:"false" doc:"Beginnings of the codes of matters it is meant for; none is all"`
}

// Option is a choice of a field.
type Option struct {
	Code  string `json:"code"`
	Title string `json:"title"`
	Basis string `json:"basis,omitempty"`
}

// Lifecycle is how cases of a family live.
type Lifecycle struct {
	Code    string      `json:"code"`
	States  []StateDecl `json:"states" nullable:"false"`
	Actions []Action    `json:"actions" nullable:"false"`
}

// StateDecl is a place in a lifecycle.
type StateDecl struct {
	Code     string `json:"code"`
	Title    string `json:"title"`
	Lane     string `json:"lane"`
	Of       string `json:"of"`
	Closed   bool   `json:"closed"`
	Reserved string `json:"reserved,omitempty"`
}

// Action is a step of a lifecycle.
type Action struct {
	Code  string  `json:"code"`
	Title string  `json:"title"`
	Hint  string  `json:"hint,omitempty"`
	Key   string  `json:"key,omitempty"`
	Bulk  bool    `json:"bulk"`
	Main  bool    `json:"main"`
	Input []Field `json:"input" nullable:"false"`
}

// ClockDecl is a time limit.
type ClockDecl struct {
	RuleSet   string `json:"rule_set"`
	Code      string `json:"code"`
	Title     string `json:"title"`
	Of        string `json:"of"`
	Limit     string `json:"limit"`
	Mode      string `json:"mode"`
	ToConfirm string `json:"to_confirm,omitempty"`
	Basis     string `json:"basis,omitempty"`
}

// Channel is a way messages come in.
type Channel struct {
	Code string `json:"code"`
	Name string `json:"name"`
	Kind string `json:"kind"`
}

func (s *server) declarationRoutes(api huma.API) {
	route(s, api, op("declarations", http.MethodGet, "/api/declarations", "Everything the pages draw themselves from"), signedIn, s.declarations)
	route(s, api, op("listMatters", http.MethodGet, "/api/matters", "Search the duty list"), signedIn, s.listMatters)
	route(s, api, op("listUnits", http.MethodGet, "/api/units", "Units"), signedIn, s.listUnits)
	route(s, api, op("listUnitStaff", http.MethodGet, "/api/units/{code}/staff", "People of a unit"), signedIn, s.listUnitStaff)
	route(s, api, op("listAreas", http.MethodGet, "/api/areas", "Areas of the city"), signedIn, s.listAreas)
	geo := op("areaOutlines", http.MethodGet, "/api/areas/{file}", "Outlines of a level of areas, e.g. street.geojson")
	route(s, api, geo, signedIn, s.areaOutlines)
}

// cached is an answer that the browser may keep as long as its tag holds.
type cached[T any] struct {
	Status       int
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Body         *T
}

// TagInput is the tag of what a browser has kept.
type TagInput struct {
	IfNoneMatch string `header:"If-None-Match" maxLength:"200"`
}

// revalidate lets a browser keep an answer and ask whether it still holds.
const revalidate = "private, no-cache"

func (s *server) declarations(_ context.Context, c *caller, in *TagInput) (*cached[Declarations], error) {
	tag := s.tag("declarations", string(c.lang))
	out := &cached[Declarations]{Status: http.StatusOK, ETag: tag, CacheControl: revalidate}
	if in.IfNoneMatch == tag {
		out.Status = http.StatusNotModified
		return out, nil
	}
	d := s.declare(c.lang)
	out.Body = &d
	return out, nil
}

// tag names an answer that depends on the pack and the program's texts only.
func (s *server) tag(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(append(parts, s.City.Version, declarationsForm), "\x00")))
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// declarationsForm is changed with the form of the answer, so that browsers ask anew.
const declarationsForm = "2"

// filers are the roles that a family's lifecycle lets file.
func (s *server) filers(f *matter.Family) []string {
	out := []string{}
	if life := s.City.Catalog.Lifecycle(f.Lifecycle); life != nil && life.Action("file") != nil {
		for _, who := range life.Action("file").Who {
			role, _, _ := strings.Cut(who, "@")
			if _, known := s.Staff.Directory().Role(role); known {
				out = append(out, role)
			}
		}
	}
	return out
}

func (s *server) declare(lang text.Lang) Declarations {
	d := Declarations{Version: s.City.Version, Clocks: []ClockDecl{}, Channels: []Channel{}, Roles: []Titled{}, Urgencies: []Titled{}, Lanes: []Titled{}}
	families := s.City.Catalog.Families()
	var lives []string
	for _, code := range sortedKeys(families) {
		f := families[code]
		d.Families = append(d.Families, Family{Code: f.Code, Title: f.Title, Lifecycle: f.Lifecycle, Dispatch: f.Dispatch, Service: f.Service != nil,
			Guide: f.Guide, Natures: list(f.Natures), Fields: fields(f.Fields), Results: list(f.Results), Filers: s.filers(f)})
		if !slices.Contains(lives, f.Lifecycle) {
			lives = append(lives, f.Lifecycle)
		}
	}
	var lanes []string
	for _, code := range lives {
		life := s.City.Catalog.Lifecycle(code)
		if life == nil {
			continue
		}
		d.Lifecycles = append(d.Lifecycles, lifecycle(life))
		for _, st := range life.States {
			if !slices.Contains(lanes, st.Lane) {
				lanes = append(lanes, st.Lane)
			}
		}
	}
	for _, code := range sortedKeys(s.City.ClockSets) {
		set := s.City.ClockSets[code]
		for _, k := range set.Clocks {
			d.Clocks = append(d.Clocks, ClockDecl{RuleSet: code, Code: k.Code, Title: k.Title, Of: k.Of, Limit: k.Limit, Mode: k.Mode,
				ToConfirm: set.ToConfirm, Basis: k.Basis})
		}
	}
	for _, ch := range s.City.Channels() {
		d.Channels = append(d.Channels, Channel{ch.Code, ch.Name, ch.Kind})
	}
	for _, r := range s.Staff.Directory().Roles() {
		d.Roles = append(d.Roles, Titled{r.Code, r.Title})
	}
	for _, u := range urgencies {
		d.Urgencies = append(d.Urgencies, Titled{u, named(lang, "api.urgency_", u)})
	}
	for _, l := range lanes {
		d.Lanes = append(d.Lanes, Titled{l, named(lang, "api.lane_", l)})
	}
	return d
}

// urgencies are the degrees of urgency, the highest first.
var urgencies = []string{"danger", "utility", "collective", "none"}

// named returns what the catalogue calls a code, the code itself where it has no name.
func named(lang text.Lang, prefix, code string) string {
	if text.Has(lang, prefix+code) {
		return text.Say(lang, prefix+code, nil)
	}
	return code
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func fields(all []matter.Field) []Field {
	out := make([]Field, len(all))
	for i, f := range all {
		out[i] = Field{Code: f.Code, Title: f.Title, Hint: f.Hint, Type: string(f.Type), Required: f.Required, Max: f.Max,
			Personal: f.Personal, Public: f.Public, Check: f.Check, Matters: f.Matters}
		for _, o := range f.Options {
			out[i].Options = append(out[i].Options, Option{o.Code, o.Title, o.Basis})
		}
		for _, p := range f.Phrases {
			out[i].Phrases = append(out[i].Phrases, Phrase(p))
		}
	}
	return out
}

func lifecycle(l *matter.Lifecycle) Lifecycle {
	out := Lifecycle{Code: l.Code, States: []StateDecl{}, Actions: []Action{}}
	for _, st := range l.States {
		out.States = append(out.States, StateDecl{Code: st.Code, Title: st.Title, Lane: st.Lane, Of: st.Of, Closed: st.Closed, Reserved: st.Reserved})
	}
	for i := range l.Actions {
		out.Actions = append(out.Actions, actionOf(&l.Actions[i]))
	}
	return out
}

func actionOf(a *matter.ActionDecl) Action {
	return Action{Code: a.Code, Title: a.Title, Hint: a.Hint, Key: a.Key, Bulk: a.Bulk, Main: a.Main, Input: fields(a.Input)}
}

// Matter is a line of the duty list.
type Matter struct {
	Code        string   `json:"code"`
	Name        string   `json:"name"`
	Levels      []string `json:"levels" nullable:"false"`
	Description string   `json:"description"`
	Fast        bool     `json:"fast"`
	Night       bool     `json:"night"`
	By          string   `json:"by"`
	Unit        string   `json:"unit" doc:"Who answers for it at the area asked about"`
	UnitName    string   `json:"unit_name"`
	How         string   `json:"how" doc:"Why that unit"`
	Clause      string   `json:"clause"`
	Backstop    string   `json:"backstop"`
}

type mattersInput struct {
	Q      string `query:"q" maxLength:"100"`
	Family string `query:"family" maxLength:"60" default:"appeal"`
	Area   string `query:"area" maxLength:"40"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"20"`
}

func (s *server) listMatters(_ context.Context, c *caller, in *mattersInput) (*body[items[Matter]], error) {
	type hit struct {
		m     *matter.Matter
		score int
	}
	var hits []hit
	for _, m := range s.City.Catalog.InForce(in.Family, matter.Today()) {
		if score := matches(m, strings.TrimSpace(in.Q)); score > 0 {
			hits = append(hits, hit{m, score})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.m.Code, b.m.Code)) })
	out := items[Matter]{Items: []Matter{}}
	for _, h := range hits[:min(len(hits), in.Limit)] {
		m := h.m
		a := s.City.Responsible(s.Staff.Directory(), m, in.Area)
		out.Items = append(out.Items, Matter{Code: m.Code, Name: m.Name, Levels: list(m.Levels), Description: m.Description, Fast: m.Fast,
			Night: m.Night, By: string(m.Duty.By), Unit: a.Unit, UnitName: s.unitName(a.Unit), How: text.Say(c.lang, a.How, a.Args),
			Clause: a.Clause, Backstop: m.Duty.Backstop})
	}
	return answer(out), nil
}

// matches says how well a matter fits what was typed, 0 not at all.
func matches(m *matter.Matter, q string) int {
	q = strings.ToLower(q)
	switch {
	case q == "":
		return 1
	case m.Code == q:
		return 9
	case strings.HasPrefix(m.Code, q):
		return 8
	case strings.HasPrefix(m.Name, q):
		return 7
	case strings.Contains(m.Name, q):
		return 6
	case slices.ContainsFunc(m.Keywords, func(k string) bool { return strings.Contains(k, q) }):
		return 5
	case slices.ContainsFunc(m.Levels, func(l string) bool { return strings.Contains(l, q) }):
		return 3
	case strings.Contains(m.Description, q):
		return 2
	}
	return 0
}

// Unit is a body that can be responsible.
type Unit struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Short    string `json:"short"`
	Kind     string `json:"kind"`
	Parent   string `json:"parent"`
	Area     string `json:"area"`
	Function string `json:"function"`
	Night    bool   `json:"night"`
	Approval bool   `json:"approval"`
	Phone    string `json:"phone"`
	Active   bool   `json:"active"`
}

func unitOf(u org.Unit) Unit {
	return Unit{Code: u.Code, Name: u.Name, Short: u.Short, Kind: string(u.Kind), Parent: u.Parent, Area: u.Area, Function: u.Function,
		Night: u.Night, Approval: u.Approval, Phone: u.Phone, Active: u.Active}
}

type searchInput struct {
	Q string `query:"q" maxLength:"100"`
}

func (s *server) listUnits(_ context.Context, _ *caller, in *searchInput) (*body[items[Unit]], error) {
	out := items[Unit]{Items: []Unit{}}
	for _, u := range s.Staff.Directory().Units() {
		if in.Q == "" || strings.Contains(u.Name, in.Q) || strings.Contains(u.Short, in.Q) || strings.HasPrefix(u.Code, in.Q) {
			out.Items = append(out.Items, unitOf(u))
		}
	}
	return answer(out), nil
}

// Person is a colleague.
type Person struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Roles  []string `json:"roles" nullable:"false"`
	Active bool     `json:"active"`
}

type codeInput struct {
	Code string `path:"code" maxLength:"60"`
}

func (s *server) listUnitStaff(_ context.Context, _ *caller, in *codeInput) (*body[items[Person]], error) {
	dir := s.Staff.Directory()
	if _, ok := dir.Unit(in.Code); !ok {
		return nil, errs.E(errs.NotFound, "org.no_unit", nil)
	}
	out := items[Person]{Items: []Person{}}
	for _, p := range dir.StaffOf(in.Code) {
		out.Items = append(out.Items, Person{ID: p.ID, Name: p.Name, Roles: list(p.Roles), Active: p.Active})
	}
	return answer(out), nil
}

// Area is a part of the city.
type Area struct {
	Code      string  `json:"code"`
	Name      string  `json:"name"`
	Level     string  `json:"level"`
	Parent    string  `json:"parent"`
	Residents int     `json:"residents"`
	Lng       float64 `json:"lng"`
	Lat       float64 `json:"lat"`
}

var levels = []place.Level{place.District, place.Street, place.Community, place.Grid}

type areasInput struct {
	Level string `query:"level" enum:"district,street,community,grid" doc:"Only this level; otherwise all but grids"`
}

func (s *server) listAreas(_ context.Context, _ *caller, in *areasInput) (*body[items[Area]], error) {
	out := items[Area]{Items: []Area{}}
	for _, l := range levels {
		if in.Level == "" && l == place.Grid || in.Level != "" && in.Level != string(l) {
			continue
		}
		for _, a := range s.City.Places.Level(l) {
			out.Items = append(out.Items, Area{Code: a.Code, Name: a.Name, Level: string(a.Level), Parent: a.Parent, Residents: a.Residents, Lng: a.Lng, Lat: a.Lat})
		}
	}
	return answer(out), nil
}

type outlinesInput struct {
	TagInput
	File string `path:"file" enum:"district.geojson,street.geojson,community.geojson,grid.geojson"`
}

func (s *server) areaOutlines(_ context.Context, _ *caller, in *outlinesInput) (*huma.StreamResponse, error) {
	level := strings.TrimSuffix(in.File, ".geojson")
	tag := s.tag("outlines", level)
	doc := s.City.Places.GeoJSON(place.Level(level))
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("ETag", tag)
		ctx.SetHeader("Cache-Control", revalidate)
		if in.IfNoneMatch == tag {
			ctx.SetStatus(http.StatusNotModified)
			return
		}
		ctx.SetHeader("Content-Type", "application/geo+json")
		s.send(ctx, doc)
	}}, nil
}

// send writes bytes to a caller who may have gone.
func (s *server) send(ctx huma.Context, b []byte) {
	if _, err := ctx.BodyWriter().Write(b); err != nil {
		s.Logger.DebugContext(ctx.Context(), "the caller has gone", "error", err)
	}
}

func (s *server) unitName(code string) string {
	u, _ := s.Staff.Directory().Unit(code)
	return u.Name
}
