package api

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/register"
	"yiwang/internal/work/apply"
	"yiwang/internal/work/guide"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/view"
)

// windowDesk is the room of those who sit at a window, windowChannel the channel by
// which they file, and bookingFamily the family of appointments.
const (
	windowDesk    = "window"
	windowChannel = "counter"
	bookingFamily = "booking"
)

func (s *server) windowRoutes(api huma.API) {
	route(s, api, op("listWindowServices", http.MethodGet, "/api/window/services", "Items that can be applied for at a window, with their forms"), signedIn, s.listWindowServices)
	route(s, api, op("lookAtWindow", http.MethodPost, "/api/window/look", "What the form of somebody who is present and agrees can be filled in with; the reading is noted"), signedIn, s.lookAtWindow)
	route(s, api, op("fileAtWindow", http.MethodPost, "/api/window/file", "Apply for somebody who is present"), signedIn, s.fileAtWindow)
	route(s, api, op("listBookings", http.MethodGet, "/api/window/bookings", "Appointments of a day"), signedIn, s.listBookings)
}

// WindowService is an item that can be applied for at a window.
type WindowService struct {
	Code      string           `json:"code"`
	Title     string           `json:"title"`
	UnitName  string           `json:"unit_name"`
	Guide     string           `json:"guide"`
	Limit     string           `json:"limit" doc:"Promised"`
	Fields    []Field          `json:"fields" nullable:"false" doc:"What is asked; materials stand apart"`
	Materials []WindowMaterial `json:"materials" nullable:"false"`
	Promises  []string         `json:"promises" nullable:"false" doc:"To be signed"`
}

// WindowMaterial is a material at the window.
type WindowMaterial struct {
	Code   string `json:"code"`
	Title  string `json:"title"`
	Hint   string `json:"hint"`
	Wanted bool   `json:"wanted" doc:"It has to be seen, come as a file, come later or be stood in for"`
	Defer  bool   `json:"defer" doc:"It may come later"`
}

func (s *server) listWindowServices(_ context.Context, c *caller, _ *struct{}) (*body[items[WindowService]], error) {
	if err := c.needs(windowDesk); err != nil {
		return nil, err
	}
	out := items[WindowService]{Items: []WindowService{}}
	for _, it := range s.Guides.Items() {
		f := s.City.Catalog.Family(it.Code)
		if f == nil || guide.StateOf(it) != guide.StateLive || s.mayFile(c, it.Code, windowChannel) != nil {
			continue
		}
		out.Items = append(out.Items, s.windowService(c, it, f))
	}
	return answer(out), nil
}

func (s *server) windowService(c *caller, it *matter.Service, f *matter.Family) WindowService {
	w := WindowService{Code: it.Code, Title: it.Title, UnitName: s.Guides.UnitName(it.Unit), Guide: it.Guide, Limit: s.serviceRow(c, it).Promised,
		Fields: []Field{}, Materials: []WindowMaterial{}, Promises: []string{}}
	for _, x := range fields(f.Fields) {
		if i := slices.IndexFunc(f.Fields, func(y matter.Field) bool { return y.Code == x.Code }); !f.Fields[i].Unasked && f.Fields[i].Type != matter.Files {
			w.Fields = append(w.Fields, x)
		}
	}
	wanting := apply.Lacks(it, nil)
	for i := range it.Materials {
		m := &it.Materials[i]
		if !slices.ContainsFunc(f.Fields, func(x matter.Field) bool { return x.Code == m.Code }) {
			continue
		}
		w.Materials = append(w.Materials, WindowMaterial{Code: m.Code, Title: m.Title, Hint: m.Hint, Defer: m.Defer,
			Wanted: slices.ContainsFunc(wanting, func(l apply.Lack) bool { return l.Code == m.Code })})
	}
	if it.Commit != nil {
		w.Promises = list(it.Commit.Promises)
	}
	return w
}

// atWindow returns the family of an item that the caller may file at a window. Errors:
// Forbidden, Invalid.
func (s *server) atWindow(c *caller, service string) (*matter.Family, error) {
	if err := c.needs(windowDesk); err != nil {
		return nil, err
	}
	f := s.City.Catalog.Family(service)
	if f == nil || f.Service == nil || guide.StateOf(f.Service) != guide.StateLive {
		return nil, errs.E(errs.Invalid, "api.no_family", nil).At("service")
	}
	return f, s.mayFile(c, service, windowChannel)
}

// WindowPerson is who is present, as far as the form needs it.
type WindowPerson struct {
	Name   string        `json:"name"`
	Known  []WindowKnown `json:"known" nullable:"false"`
	Stands []Titled      `json:"stands" nullable:"false" doc:"Materials that a certificate stands in for, with its name and number"`
}

// WindowKnown is a field that the register fills in.
type WindowKnown struct {
	Field  string `json:"field"`
	Value  string `json:"value"`
	Source string `json:"source"`
}

func (s *server) counter() *apply.Counter {
	return &apply.Counter{Registers: s.Registers, Cases: s.Cases}
}

func (s *server) lookAtWindow(ctx context.Context, c *caller, in *struct {
	Body struct {
		Service string `json:"service" maxLength:"80"`
		Number  string `json:"number" maxLength:"40" doc:"Of identity, or credit code"`
		Agreed  bool   `json:"agreed" doc:"They are present and agree that the registers are read"`
	}
}) (*body[WindowPerson], error) {
	f, err := s.atWindow(c, in.Body.Service)
	if err != nil {
		return nil, err
	}
	if !in.Body.Agreed {
		return nil, errs.E(errs.Invalid, "apply.not_agreed", nil).At("agreed")
	}
	p, err := s.counter().Look(ctx, c.actor, f, in.Body.Number)
	if err != nil {
		return nil, err
	}
	out := WindowPerson{Name: p.Name, Known: []WindowKnown{}, Stands: []Titled{}}
	for _, x := range f.Fields {
		if fact, ok := p.Known[x.Code]; ok {
			out.Known = append(out.Known, WindowKnown{x.Code, fact.Value, s.City.Registers.Find(p.Subject.Register).SourceTitle(fact.Source)})
		}
		if h, ok := p.Stands[x.Code]; ok {
			out.Stands = append(out.Stands, Titled{x.Code, h.Title + " " + h.ID})
		}
	}
	return answer(out), nil
}

// WindowFiling is an application of somebody who is present.
type WindowFiling struct {
	Service  string              `json:"service" maxLength:"80"`
	Number   string              `json:"number" maxLength:"40" doc:"Of whoever it is for; empty where they did not agree that registers are read"`
	Fields   map[string]any      `json:"fields"`
	Seen     []string            `json:"seen" nullable:"false" maxItems:"50" doc:"Materials whose original was looked at"`
	Later    []string            `json:"later" nullable:"false" maxItems:"50" doc:"Materials promised for later"`
	Files    map[string][]string `json:"files" doc:"Files by material"`
	Promised bool                `json:"promised" doc:"The promises were read out and signed"`
	Once     string              `json:"once" maxLength:"80" doc:"The same again is the same case"`
}

func (s *server) fileAtWindow(ctx context.Context, c *caller, in *struct{ Body WindowFiling }) (*body[Filed], error) {
	b := &in.Body
	f, err := s.atWindow(c, b.Service)
	if err != nil {
		return nil, err
	}
	m := intake.Message{Family: f.Code, Channel: windowChannel, Actor: c.actor, Fields: map[string]any{}}
	if b.Once != "" {
		m.ExternalID = "window/" + c.actor.ID + "/" + b.Once
	}
	for code, v := range b.Fields {
		m.Fields[code] = v
	}
	present, err := s.present(ctx, c, f, b.Number)
	if err != nil {
		return nil, err
	}
	if present.Subject.ID != "" {
		m.Agreed, m.Parties = true, []cases.Party{{Role: cases.Applicant, Register: present.Subject.Register, ID: present.Subject.ID}}
	}
	handed := b.handed(present)
	if err := wanting(c, f, handed, b.Promised); err != nil {
		return nil, err
	}
	for code, v := range apply.ByWay(f, handed, b.Promised) {
		m.Fields[code] = v
	}
	for code, ids := range b.Files {
		files, err := s.takeFiles(ctx, c, ids)
		if err != nil {
			return nil, err
		}
		if len(files) > 0 {
			m.Fields[code], m.Files = ids, append(m.Files, files...)
		}
	}
	filed, err := s.Desk.File(ctx, lift(m))
	if err != nil {
		return nil, err
	}
	s.dropUploads(ctx, c, m.Files)
	return answer(Filed{ID: filed.ID, Number: filed.Number, QueryCode: filed.Code, Already: filed.Already}), nil
}

// present looks again who is present; a number is never believed from the page alone.
func (s *server) present(ctx context.Context, c *caller, f *matter.Family, number string) (apply.Present, error) {
	if strings.TrimSpace(number) == "" {
		return apply.Present{Subject: register.Subject{}}, nil
	}
	return s.counter().Look(ctx, c.actor, f, number)
}

func (b *WindowFiling) handed(p apply.Present) map[string]apply.Handed {
	out := map[string]apply.Handed{}
	for code, ids := range b.Files {
		h := out[code]
		h.Files = len(ids) > 0
		out[code] = h
	}
	for _, code := range b.Seen {
		h := out[code]
		h.Seen = true
		out[code] = h
	}
	for _, code := range b.Later {
		h := out[code]
		h.Later = true
		out[code] = h
	}
	for code, held := range p.Stands {
		h := out[code]
		h.Certificate = held.Title + " " + held.ID
		out[code] = h
	}
	return out
}

// wanting refuses an application that lacks a material or a promise, as online. Error:
// Invalid, at the first that is wanting.
func wanting(c *caller, f *matter.Family, handed map[string]apply.Handed, promised bool) error {
	if lacks := apply.Lacks(f.Service, handed); len(lacks) > 0 {
		titles := make([]string, len(lacks))
		for i, l := range lacks {
			titles[i] = l.Title
		}
		return errs.E(errs.Invalid, "apply.wanting", errs.Args{"materials": strings.Join(titles, text.Say(c.lang, "guide.and", nil))}).At(lacks[0].Code)
	}
	if f.Service != nil && f.Service.Commit != nil && !promised {
		return errs.E(errs.Invalid, "apply.not_promised", nil).At("promised")
	}
	return nil
}

// Booking is an appointment at a window.
type Booking struct {
	ID      string `json:"id"`
	Number  string `json:"number"`
	Version int64  `json:"version"`
	Hour    int    `json:"hour"`
	Service string `json:"service"`
	Window  string `json:"window"`
	Name    string `json:"name" doc:"Masked"`
	State   string `json:"state"`
	Title   string `json:"state_title"`
	Calls   int64  `json:"calls" doc:"How often they were called"`
}

// BookingDay is the appointments of a day, by hour.
type BookingDay struct {
	Day   string    `json:"day"`
	Items []Booking `json:"items" nullable:"false"`
}

// bookedAhead is the longest before its day that an appointment was made.
const bookedAhead = 45 * 24 * time.Hour

func (s *server) listBookings(ctx context.Context, c *caller, in *struct {
	Day string `query:"day" maxLength:"10" doc:"Today where left out"`
}) (*body[BookingDay], error) {
	if err := c.needs(windowDesk); err != nil {
		return nil, err
	}
	now := time.UnixMilli(s.DB.Now()).In(text.CST)
	out := BookingDay{Day: cmp.Or(in.Day, now.Format(time.DateOnly)), Items: []Booking{}}
	q := view.Query{Family: bookingFamily, From: now.Add(-bookedAhead).UnixMilli(), Sort: view.ByFiled, Limit: view.MaxPage}
	for {
		page, err := s.View.List(ctx, c.actor, q)
		if err != nil {
			return nil, err
		}
		for i := range page.Rows {
			b, ok, err := s.booking(ctx, c, &page.Rows[i].Case, out.Day)
			if err != nil {
				return nil, err
			}
			if ok {
				out.Items = append(out.Items, b)
			}
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	slices.SortStableFunc(out.Items, func(a, b Booking) int {
		return cmp.Or(cmp.Compare(a.Hour, b.Hour), cmp.Compare(a.Number, b.Number))
	})
	return answer(out), nil
}

// booking tells an appointment; ok is whether it is of that day.
func (s *server) booking(ctx context.Context, c *caller, k *cases.Case, day string) (b Booking, ok bool, err error) {
	var data struct {
		Day  string `json:"day"`
		Hour int    `json:"hour"`
	}
	if err := json.Unmarshal([]byte(cmp.Or(k.Data, "{}")), &data); err != nil || data.Day != day {
		return b, false, err
	}
	v, err := s.Cases.Open(ctx, c.actor, k.ID, "")
	if err != nil {
		return b, false, err
	}
	b = Booking{ID: k.ID, Number: k.Number, Version: k.Version, Hour: data.Hour, State: k.State, Title: s.stateTitle(k.Family, k.State), Calls: k.Count("calls")}
	for _, f := range v.Fields {
		switch f.Code {
		case "service":
			b.Service = f.Text
		case "window":
			b.Window = f.Text
		case "name":
			b.Name = f.Text
		}
	}
	return b, true, nil
}
