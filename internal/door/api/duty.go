package api

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
	"yiwang/internal/work/duty"
	"yiwang/internal/work/edition"
)

// dutyDesk is the desk that edits the duty list.
const dutyDesk = "duty"

func (s *server) dutyRoutes(api huma.API) {
	route(s, api, op("listEditions", http.MethodGet, "/api/duty/editions", "Editions of the duty list"), signedIn, s.listEditions)
	route(s, api, op("beginEdition", http.MethodPost, "/api/duty/editions", "Begin a draft as a copy"), signedIn, s.beginEdition)
	route(s, api, op("dropEdition", http.MethodDelete, "/api/duty/editions/{no}", "Throw a draft away"), signedIn, s.dropEdition)
	route(s, api, op("publishEdition", http.MethodPost, "/api/duty/editions/{no}/publish", "Let a draft hold from its day on"), signedIn, s.publishEdition)
	route(s, api, op("listDuties", http.MethodGet, "/api/duty/editions/{no}/matters", "The list of an edition"), signedIn, s.listDuties)
	route(s, api, op("putDuty", http.MethodPut, "/api/duty/editions/{no}/matters/{code}", "Change or add a matter of a draft"), signedIn, s.putDuty)
	route(s, api, op("dropDuty", http.MethodDelete, "/api/duty/editions/{no}/matters/{code}", "Take a matter out of a draft"), signedIn, s.dropDuty)
	route(s, api, op("compareEditions", http.MethodGet, "/api/duty/editions/{no}/difference", "What changed since another edition"), signedIn, s.compareEditions)
	route(s, api, op("exportEdition", http.MethodGet, "/api/duty/editions/{no}/sheet", "An edition as a spreadsheet"), signedIn, s.exportEdition)
	route(s, api, op("importEdition", http.MethodPost, "/api/duty/editions/{no}/sheet", "Take a spreadsheet for a draft"), signedIn, s.importEdition)
	route(s, api, op("whoIsResponsible", http.MethodGet, "/api/duty/responsible", "Who answers for a matter at a place on a day"), signedIn, s.whoIsResponsible)
	route(s, api, op("unwantedMatters", http.MethodGet, "/api/duty/unwanted", "Matters that units hand back or dispute"), signedIn, s.unwantedMatters)
}

// Edition is a list of duties with a day from which it holds.
type Edition struct {
	No            int64  `json:"no"`
	Title         string `json:"title"`
	From          string `json:"from" doc:"First day; empty for the list the city began with"`
	State         string `json:"state" enum:"draft,published"`
	InForce       bool   `json:"in_force"`
	EditedBy      string `json:"edited_by"`
	EditedName    string `json:"edited_name"`
	EditedAt      int64  `json:"edited_at"`
	PublishedName string `json:"published_name"`
	PublishedAt   int64  `json:"published_at"`
}

// DutyRow is a line of the duty list.
type DutyRow struct {
	Code        string   `json:"code" maxLength:"60"`
	Name        string   `json:"name" maxLength:"120"`
	Levels      []string `json:"levels" maxItems:"2" nullable:"false"`
	LevelCodes  []string `json:"level_codes" maxItems:"2" nullable:"false"`
	Description string   `json:"description" maxLength:"2000"`
	Keywords    []string `json:"keywords" maxItems:"200" nullable:"false"`
	By          string   `json:"by" enum:"function,place,both"`
	Unit        string   `json:"unit" maxLength:"60"`
	UnitName    string   `json:"unit_name,omitempty"`
	Function    string   `json:"function" maxLength:"60"`
	Level       string   `json:"level" maxLength:"20"`
	Backstop    string   `json:"backstop" maxLength:"60"`
	Basis       string   `json:"basis" maxLength:"500"`
	Fast        bool     `json:"fast"`
	Night       bool     `json:"night"`
	From        string   `json:"from" maxLength:"10"`
	To          string   `json:"to" maxLength:"10"`
}

// Finding is what is wrong with a line, and the mend.
type Finding struct {
	Line  int    `json:"line"`
	What  string `json:"what"`
	Mend  string `json:"mend"`
	Fault bool   `json:"fault"`
}

// Taken says whether an edit was taken, and what is wrong where it was not.
type Taken struct {
	Taken    bool      `json:"taken"`
	Findings []Finding `json:"findings" nullable:"false"`
}

// EditionInput names an edition.
type EditionInput struct {
	No int64 `path:"no" minimum:"0"`
}

func (s *server) listEditions(ctx context.Context, _ *caller, _ *struct{}) (*body[items[Edition]], error) {
	all, err := s.Duty.Editions(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Edition, len(all))
	for i, e := range all {
		out[i] = Edition{No: e.No, Title: e.Title, From: e.From, State: e.State, EditedBy: e.EditedBy, EditedName: s.staffName(e.EditedBy),
			EditedAt: e.EditedAt, PublishedName: s.staffName(e.PublishedBy), PublishedAt: e.PublishedAt}
	}
	out[edition.InForce(all, s.Duty.Shelf.Today())].InForce = true
	return answer(items[Edition]{out}), nil
}

func (s *server) beginEdition(ctx context.Context, c *caller, in *struct {
	Body struct {
		Like  int64  `json:"like" minimum:"0" doc:"Edition to begin from"`
		Title string `json:"title" minLength:"1" maxLength:"60"`
		From  string `json:"from" maxLength:"10" doc:"First day, 2026-12-01"`
	}
}) (*body[Edition], error) {
	if err := c.needs(dutyDesk); err != nil {
		return nil, err
	}
	e, err := s.Duty.Begin(ctx, c.actor, in.Body.Like, strings.TrimSpace(in.Body.Title), in.Body.From)
	if err != nil {
		return nil, err
	}
	return answer(Edition{No: e.No, Title: e.Title, From: e.From, State: e.State, EditedBy: e.EditedBy, EditedName: s.staffName(e.EditedBy), EditedAt: e.EditedAt}),
		s.Staff.Note(ctx, c.actor, "duty_begun", e.Title, nil)
}

func (s *server) dropEdition(ctx context.Context, c *caller, in *EditionInput) (*struct{}, error) {
	if err := c.needs(dutyDesk); err != nil {
		return nil, err
	}
	return nil, s.Duty.Shelf.Drop(ctx, in.No)
}

func (s *server) publishEdition(ctx context.Context, c *caller, in *EditionInput) (*struct{}, error) {
	if err := c.needs(dutyDesk); err != nil {
		return nil, err
	}
	if err := s.Duty.Publish(ctx, c.actor, in.No); err != nil {
		return nil, err
	}
	return nil, s.Staff.Note(ctx, c.actor, "duty_published", strconv.FormatInt(in.No, 10), nil)
}

func (s *server) listDuties(ctx context.Context, _ *caller, in *EditionInput) (*body[items[DutyRow]], error) {
	all, err := s.Duty.Matters(ctx, in.No)
	if err != nil {
		return nil, err
	}
	out := make([]DutyRow, len(all))
	for i, m := range all {
		out[i] = s.dutyRow(m)
	}
	return answer(items[DutyRow]{out}), nil
}

func (s *server) dutyRow(m *matter.Matter) DutyRow {
	d := m.Duty
	return DutyRow{Code: m.Code, Name: m.Name, Levels: list(m.Levels), LevelCodes: list(m.LevelCodes), Description: m.Description, Keywords: list(m.Keywords),
		By: string(d.By), Unit: d.Unit, UnitName: s.unitName(d.Unit), Function: d.Function, Level: d.Level, Backstop: d.Backstop, Basis: d.Basis,
		Fast: m.Fast, Night: m.Night, From: m.From, To: m.To}
}

func (r *DutyRow) matter() *matter.Matter {
	return &matter.Matter{Code: r.Code, Name: r.Name, Family: duty.Family, Levels: r.Levels, LevelCodes: r.LevelCodes, Description: r.Description, Keywords: r.Keywords,
		Duty: matter.Duty{By: matter.By(r.By), Unit: r.Unit, Function: r.Function, Level: r.Level, Backstop: r.Backstop, Basis: r.Basis},
		Fast: r.Fast, Night: r.Night, From: r.From, To: r.To}
}

// DutyInput names a matter of an edition.
type DutyInput struct {
	EditionInput
	Code string `path:"code" maxLength:"60"`
}

func (s *server) putDuty(ctx context.Context, c *caller, in *struct {
	DutyInput
	Body DutyRow
}) (*body[Taken], error) {
	if err := c.needs(dutyDesk); err != nil {
		return nil, err
	}
	found, err := s.Duty.Put(ctx, c.actor, in.No, in.Code, in.Body.matter())
	return taken(c, found), err
}

func (s *server) dropDuty(ctx context.Context, c *caller, in *DutyInput) (*body[Taken], error) {
	if err := c.needs(dutyDesk); err != nil {
		return nil, err
	}
	found, err := s.Duty.Put(ctx, c.actor, in.No, in.Code, nil)
	return taken(c, found), err
}

func taken(c *caller, found []decl.Finding) *body[Taken] {
	out := Taken{Taken: !decl.Faulty(found), Findings: []Finding{}}
	for _, f := range found {
		out.Findings = append(out.Findings, Finding{Line: f.Pos.Line, What: f.What(c.lang), Mend: f.Mend(c.lang), Fault: !f.Doubt})
	}
	return answer(out)
}

// DutyChange is what one edition says otherwise than another.
type DutyChange struct {
	Code  string     `json:"code"`
	Name  string     `json:"name"`
	Kind  string     `json:"kind" enum:"added,removed,changed"`
	Cells []DutyCell `json:"cells" nullable:"false"`
}

// DutyCell is a column that changed, as people read it.
type DutyCell struct {
	Column string `json:"column"`
	Before string `json:"before"`
	After  string `json:"after"`
}

func (s *server) compareEditions(ctx context.Context, c *caller, in *struct {
	EditionInput
	With int64 `query:"with" minimum:"0"`
}) (*body[items[DutyChange]], error) {
	before, err := s.Duty.Matters(ctx, in.With)
	if err != nil {
		return nil, err
	}
	after, err := s.Duty.Matters(ctx, in.No)
	if err != nil {
		return nil, err
	}
	out := []DutyChange{}
	for _, d := range duty.Difference(before, after) {
		row := DutyChange{Code: d.Code, Name: d.Name, Kind: d.Kind, Cells: []DutyCell{}}
		for _, x := range d.Cells {
			row.Cells = append(row.Cells, DutyCell{text.Say(c.lang, "duty.column_"+x.Column, nil), s.dutyWord(c, x.Column, x.Before), s.dutyWord(c, x.Column, x.After)})
		}
		out = append(out, row)
	}
	return answer(items[DutyChange]{out}), nil
}

// dutyWord is a cell as people read it: a unit by its name, a code in words.
func (s *server) dutyWord(c *caller, column, v string) string {
	return duty.Shown(c.lang, column, v, s.unitName)
}

func (s *server) exportEdition(ctx context.Context, c *caller, in *EditionInput) (*huma.StreamResponse, error) {
	all, err := s.Duty.Matters(ctx, in.No)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := duty.WriteSheet(&b, c.lang, all, s.unitName); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		ctx.SetHeader("Content-Disposition", `attachment; filename="duty-`+strconv.FormatInt(in.No, 10)+`.xlsx"`)
		if _, err := b.WriteTo(ctx.BodyWriter()); err != nil {
			s.Logger.DebugContext(ctx.Context(), "the caller has gone", "error", err)
		}
	}}, nil
}

func (s *server) importEdition(ctx context.Context, c *caller, in *struct {
	EditionInput
	RawBody []byte `contentType:"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"`
}) (*body[Taken], error) {
	if err := c.needs(dutyDesk); err != nil {
		return nil, err
	}
	all, found, err := duty.ReadSheet(bytes.NewReader(in.RawBody))
	if err != nil || decl.Faulty(found) {
		return taken(c, found), err
	}
	found, err = s.Duty.Replace(ctx, c.actor, in.No, all)
	return taken(c, found), err
}

// Responsible is who answers, by which clause of which edition.
type Responsible struct {
	Matter      string `json:"matter"`
	MatterName  string `json:"matter_name"`
	InForce     bool   `json:"in_force" doc:"The matter was in force that day"`
	Unit        string `json:"unit"`
	UnitName    string `json:"unit_name"`
	How         string `json:"how"`
	Clause      string `json:"clause"`
	Backstop    bool   `json:"backstop"`
	EditionNo   int64  `json:"edition_no"`
	EditionName string `json:"edition_name"`
}

func (s *server) whoIsResponsible(ctx context.Context, c *caller, in *struct {
	Matter string `query:"matter" required:"true" maxLength:"60"`
	Area   string `query:"area" maxLength:"60"`
	Day    string `query:"day" required:"true" maxLength:"10"`
}) (*body[Responsible], error) {
	a, err := s.Duty.Responsible(ctx, s.Staff.Directory(), in.Matter, in.Area, in.Day)
	if err != nil {
		return nil, err
	}
	return answer(Responsible{Matter: a.Matter.Code, MatterName: a.Matter.Name, InForce: a.Matter.InForce(in.Day), Unit: a.Unit, UnitName: s.unitName(a.Unit),
		How: text.Say(c.lang, a.How, a.Args), Clause: a.Clause, Backstop: a.Backstop, EditionNo: a.Edition.No, EditionName: a.Edition.Title}), nil
}

// Unwanted is a matter that units do not want.
type Unwanted struct {
	Matter       string `json:"matter"`
	MatterName   string `json:"matter_name"`
	Received     int64  `json:"received"`
	Returned     int64  `json:"returned"`
	Redispatched int64  `json:"redispatched"`
	Open         int64  `json:"open"`
}

func (s *server) unwantedMatters(ctx context.Context, c *caller, in *struct {
	Days int `query:"days" minimum:"1" maximum:"366" default:"90"`
}) (*body[items[Unwanted]], error) {
	rows, err := s.View.Unwanted(ctx, c.actor, in.Days)
	if err != nil {
		return nil, err
	}
	out := make([]Unwanted, len(rows))
	for i, r := range rows {
		out[i] = Unwanted{Matter: r.Matter, Received: r.Received, Returned: r.Returned, Redispatched: r.Redispatched, Open: r.Open}
		if m := s.City.Catalog.Find(duty.Family, r.Matter); m != nil {
			out[i].MatterName = m.Name
		}
	}
	return answer(items[Unwanted]{out}), nil
}
