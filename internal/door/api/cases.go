package api

import (
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/place"
	"yiwang/internal/work/apply"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/view"
)

func (s *server) caseRoutes(api huma.API) {
	route(s, api, op("listCases", http.MethodGet, "/api/cases", "List cases"), signedIn, s.listCases)
	route(s, api, op("countCases", http.MethodGet, "/api/cases/counts", "Count open cases"), signedIn, s.countCases)
	route(s, api, op("exportCases", http.MethodGet, "/api/cases.csv", "Export what a list shows"), signedIn, s.exportCases)
	route(s, api, op("fileCase", http.MethodPost, "/api/cases", "File a case at the counter or on a call"), signedIn, s.fileCase)
	route(s, api, op("getCase", http.MethodGet, "/api/cases/{id}", "A case with its timeline"), signedIn, s.getCase)
	route(s, api, op("actOnCase", http.MethodPost, "/api/cases/{id}/actions/{action}", "Take an action"), signedIn, s.actOnCase)
	route(s, api, op("actOnCases", http.MethodPost, "/api/actions/{action}", "Take an action on several cases"), signedIn, s.actOnCases)
	route(s, api, op("revealCase", http.MethodPost, "/api/cases/{id}/reveal", "Open personal data, for a purpose"), signedIn, s.revealCase)
	route(s, api, op("getReading", http.MethodGet, "/api/cases/{id}/reading", "What the machine read, and why"), signedIn, s.getReading)
}

// Rows is a page of a list.
type Rows struct {
	Items []Row  `json:"items" nullable:"false"`
	Next  string `json:"next" doc:"Cursor of the next page, empty at the end"`
	AsOf  int64  `json:"as_of"`
}

type listInput struct {
	Filter
	After string `query:"after" maxLength:"300"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *server) listCases(ctx context.Context, c *caller, in *listInput) (*body[Rows], error) {
	q, err := in.query(c)
	if err != nil {
		return nil, err
	}
	q.After, q.Limit = in.After, in.Limit
	p, err := s.View.List(ctx, c.actor, q)
	return answer(Rows{Items: s.rows(p.Rows), Next: p.Next, AsOf: p.AsOf}), err
}

// Count is how many open cases share something.
type Count struct {
	Key   string `json:"key"`
	Count int64  `json:"count"`
	Late  int64  `json:"late"`
}

// Counts is open cases counted.
type Counts struct {
	AsOf  int64   `json:"as_of"`
	Items []Count `json:"items" nullable:"false"`
}

type countInput struct {
	Filter
	By string `query:"by" enum:"lane,state,unit,area,grid,urgency,nature,channel,matter" default:"lane"`
}

func (s *server) countCases(ctx context.Context, c *caller, in *countInput) (*body[Counts], error) {
	q, err := in.query(c)
	if err != nil {
		return nil, err
	}
	counts, err := s.View.Counts(ctx, c.actor, q, in.By)
	out := Counts{AsOf: s.DB.Now(), Items: []Count{}}
	for _, k := range counts {
		if in.By == "unit" {
			k.Key = k.Key[strings.LastIndexByte(k.Key, '/')+1:]
		}
		out.Items = append(out.Items, Count{k.Key, k.N, k.Late})
	}
	return answer(out), err
}

// mostExported bounds an export, in rows.
const mostExported = 100_000

func (s *server) exportCases(ctx context.Context, c *caller, in *struct{ Filter }) (*huma.StreamResponse, error) {
	if err := unless(c.exports); err != nil {
		return nil, err
	}
	q, err := in.query(c)
	if err != nil {
		return nil, err
	}
	// The first page is read before the answer begins, so that what is wrong with
	// the filters is answered as a problem.
	probe := q
	probe.Limit = 1
	if _, err := s.View.List(ctx, c.actor, probe); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		day := time.UnixMilli(s.DB.Now()).In(text.CST).Format("20060102-1504")
		ctx.SetHeader("Content-Type", "text/csv; charset=utf-8")
		ctx.SetHeader("Content-Disposition", `attachment; filename="cases-`+day+`.csv"`)
		n, err := s.export(ctx, c, q)
		if err != nil {
			// The answer has begun: it is broken off, so that nobody takes a part for
			// the whole.
			s.Logger.ErrorContext(ctx.Context(), "an export broke off", "request", c.id, "error", err)
			panic(http.ErrAbortHandler)
		}
		if err := s.Staff.Note(context.WithoutCancel(ctx.Context()), c.actor, "export", "cases", map[string]any{"rows": n}); err != nil {
			s.Logger.ErrorContext(ctx.Context(), "an export could not be noted", "request", c.id, "error", err)
		}
	}}, nil
}

var exported = []string{"number", "title", "state", "matter", "nature", "urgency", "channel", "area", "unit", "holder", "filed", "due", "late", "result", "rating"}

// export writes a table that spreadsheets open as it is: UTF-8 with its mark.
func (s *server) export(ctx huma.Context, c *caller, q view.Query) (n int, err error) {
	if _, err := io.WriteString(ctx.BodyWriter(), "\ufeff"); err != nil {
		return 0, err
	}
	w := csv.NewWriter(ctx.BodyWriter())
	w.UseCRLF = true
	head := make([]string, len(exported))
	for i, name := range exported {
		head[i] = text.Say(c.lang, "api.column_"+name, nil)
	}
	if err := w.Write(head); err != nil {
		return 0, err
	}
	err = s.View.Each(ctx.Context(), c.actor, q, mostExported, func(r view.Row) error {
		n++
		return w.Write(s.exportRow(c.lang, s.row(&r)))
	})
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	return n, err
}

func (s *server) exportRow(lang text.Lang, r Row) []string {
	late, rating := "", ""
	if r.Late {
		late = text.Say(lang, "api.yes", nil)
	}
	if r.Rating > 0 {
		rating = text.Say(lang, "api.rating_"+string(rune('0'+r.Rating)), nil)
	}
	cells := []string{r.Number, r.Title, r.StateTitle, r.MatterName, r.Nature, named(lang, "api.urgency_", r.Urgency), r.ChannelName,
		r.AreaName, r.UnitName, r.HolderName, minute(r.FiledAt), minute(r.DueAt), late, s.resultTitle(r.Family, r.Result), rating}
	for i, v := range cells {
		// A cell that begins like a formula would be run as one.
		if v != "" && strings.ContainsAny(v[:1], "=+-@\t\r") {
			cells[i] = "'" + v
		}
	}
	return cells
}

func minute(ms int64) string {
	if ms == 0 {
		return ""
	}
	return time.UnixMilli(ms).In(text.CST).Format("2006-01-02 15:04")
}

type fileInput struct {
	Body struct {
		Family     string         `json:"family" maxLength:"60"`
		Channel    string         `json:"channel" maxLength:"60"`
		ExternalID string         `json:"external_id,omitempty" maxLength:"200" doc:"The channel's own id: the same again is the same case"`
		Title      string         `json:"title,omitempty" maxLength:"2000"`
		Text       string         `json:"text,omitempty" maxLength:"400000"`
		Fields     map[string]any `json:"fields,omitempty"`
		Nature     string         `json:"nature,omitempty" maxLength:"60"`
		Urgency    string         `json:"urgency,omitempty" enum:"danger,utility,collective,none,"`
		Matter     string         `json:"matter,omitempty" maxLength:"60"`
		Area       string         `json:"area,omitempty" maxLength:"60"`
		Point      *place.Point   `json:"point,omitempty"`
		WrittenAt  int64          `json:"written_at,omitempty"`
		Files      []string       `json:"files,omitempty" maxItems:"20" nullable:"false"`
	}
}

// Filed is the receipt of a filing.
type Filed struct {
	ID        string `json:"id"`
	Number    string `json:"number"`
	QueryCode string `json:"query_code" doc:"In clear for this once; empty where it was filed before"`
	Already   bool   `json:"already"`
}

func (s *server) fileCase(ctx context.Context, c *caller, in *fileInput) (*body[Filed], error) {
	b := &in.Body
	if err := s.mayFile(c, b.Family, b.Channel); err != nil {
		return nil, err
	}
	if f := s.City.Catalog.Family(b.Family); f != nil && f.Service != nil {
		handed := map[string]apply.Handed{}
		for code, v := range b.Fields {
			ids, _ := v.([]any)
			handed[code] = apply.Handed{Files: len(ids) > 0}
		}
		if err := wanting(c, f, handed, b.Fields[matter.FieldPromise] != nil); err != nil {
			return nil, err
		}
	}
	files, err := s.takeFiles(ctx, c, b.Files)
	if err != nil {
		return nil, err
	}
	m := intake.Message{
		Family: b.Family, Channel: b.Channel, ExternalID: b.ExternalID, Actor: c.actor, WrittenAt: b.WrittenAt, Title: b.Title, Text: b.Text,
		Area: b.Area, Fields: b.Fields, Files: files, Matter: b.Matter, Nature: b.Nature, Urgency: b.Urgency,
	}
	if b.Point != nil {
		m.Lng, m.Lat = b.Point.Lng, b.Point.Lat
	}
	filed, err := s.Desk.File(ctx, lift(m))
	if err != nil {
		return nil, err
	}
	s.dropUploads(ctx, c, files)
	return answer(Filed{ID: filed.ID, Number: filed.Number, QueryCode: filed.Code, Already: filed.Already}), nil
}

// mayFile checks who files what by which channel. Errors: Invalid, Forbidden.
func (s *server) mayFile(c *caller, family, channel string) error {
	life := s.life(family)
	if life == nil {
		return errs.E(errs.Invalid, "api.no_family", nil).At("family")
	}
	if _, ok := s.City.Channel(channel); !ok {
		return errs.E(errs.Invalid, "api.no_channel", nil).At("channel")
	}
	if c.key != nil && c.key.Channel != channel {
		return errs.E(errs.Forbidden, "api.other_channel", nil).At("channel")
	}
	decl := life.Action("file")
	mine := org.CaseRef{FiledBy: c.actor.Ref(), Unit: c.actor.Unit, UnitPath: c.actor.Path}
	if decl == nil || !s.Staff.Directory().May(c.actor, decl.Who, mine) && !(c.key != nil && slices.Contains(decl.Who, "machine")) {
		return errs.E(errs.Forbidden, "errs.forbidden", nil)
	}
	return nil
}

// lift takes the fields that every message has out of the declared ones.
func lift(m intake.Message) intake.Message {
	rest := map[string]any{}
	for name, v := range m.Fields {
		to := map[string]*string{"title": &m.Title, "text": &m.Text, "address": &m.Address, "name": &m.Name, "phone": &m.Phone}[name]
		if given, ok := v.(string); ok && to != nil && *to == "" {
			*to = given
			continue
		}
		if name != "files" { // they come by their ids
			rest[name] = v
		}
	}
	m.Fields = rest
	return m
}
