package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/rule"
	"yiwang/internal/work/decide"
	"yiwang/internal/work/edition"
)

// rulesDesk is the desk that edits decision tables.
const rulesDesk = "rules"

func (s *server) ruleRoutes(api huma.API) {
	route(s, api, op("listRules", http.MethodGet, "/api/rules", "Decision tables in force"), signedIn, s.listRules)
	route(s, api, op("checkRule", http.MethodPost, "/api/rules/check", "Prove a table and run its examples, without saving it"), signedIn, s.checkRule)
	route(s, api, op("tryRule", http.MethodPost, "/api/rules/try", "Decide by a table that is not saved, and say why"), signedIn, s.tryRule)
	route(s, api, op("listRuleEditions", http.MethodGet, "/api/rules/{code}/editions", "Editions of a table"), signedIn, s.listRuleEditions)
	route(s, api, op("beginRuleEdition", http.MethodPost, "/api/rules/{code}/editions", "Begin a draft as a copy of what is in force"), signedIn, s.beginRuleEdition)
	route(s, api, op("putRuleEdition", http.MethodPut, "/api/rules/editions/{no}", "Save a draft"), signedIn, s.putRuleEdition)
	route(s, api, op("dropRuleEdition", http.MethodDelete, "/api/rules/editions/{no}", "Throw a draft away"), signedIn, s.dropRuleEdition)
	route(s, api, op("publishRuleEdition", http.MethodPost, "/api/rules/editions/{no}/publish", "Let a proved draft hold from its day on"), signedIn, s.publishRuleEdition)
	route(s, api, op("exportRule", http.MethodGet, "/api/rules/{code}/sheet", "The rows of an edition as a spreadsheet"), signedIn, s.exportRule)
	route(s, api, op("importRule", http.MethodPost, "/api/rules/editions/{no}/sheet", "Take the rows of a draft from a spreadsheet"), signedIn, s.importRule)
}

// RuleOption is a value of a choice.
type RuleOption struct {
	Code   string `json:"code" maxLength:"60"`
	Title  string `json:"title" maxLength:"120"`
	Grants bool   `json:"grants,omitempty" required:"false"`
}

// RuleFact is a fact that a table asks for.
type RuleFact struct {
	Code     string       `json:"code" maxLength:"60"`
	Title    string       `json:"title" maxLength:"120"`
	Type     string       `json:"type" enum:"number,yesno,choice,date,text"`
	Unit     string       `json:"unit,omitempty" required:"false" maxLength:"20"`
	Places   int          `json:"places,omitempty" required:"false"`
	Least    string       `json:"least,omitempty" required:"false" maxLength:"30"`
	Most     string       `json:"most,omitempty" required:"false" maxLength:"30"`
	Options  []RuleOption `json:"options,omitempty" required:"false" maxItems:"500"`
	Optional bool         `json:"optional,omitempty" required:"false"`
	Source   string       `json:"source,omitempty" required:"false" maxLength:"120"`
	Value    string       `json:"value,omitempty" required:"false" maxLength:"2000"`
}

// RuleResult is a thing that a decision says.
type RuleResult struct {
	Code    string       `json:"code" maxLength:"60"`
	Title   string       `json:"title" maxLength:"120"`
	Type    string       `json:"type" enum:"number,yesno,choice,date,text"`
	Unit    string       `json:"unit,omitempty" required:"false" maxLength:"20"`
	Places  int          `json:"places,omitempty" required:"false"`
	Options []RuleOption `json:"options,omitempty" required:"false" maxItems:"500"`
}

// RuleRow is a row of a table.
type RuleRow struct {
	Code   string            `json:"code" maxLength:"60"`
	When   map[string]string `json:"when,omitempty" required:"false"`
	Then   map[string]string `json:"then,omitempty" required:"false"`
	Clause string            `json:"clause,omitempty" required:"false" maxLength:"500"`
	From   string            `json:"from,omitempty" required:"false" maxLength:"10"`
	To     string            `json:"to,omitempty" required:"false" maxLength:"10"`
	Note   string            `json:"note,omitempty" required:"false" maxLength:"500"`
}

// RuleElse is what follows where no row holds.
type RuleElse struct {
	Then   map[string]string `json:"then"`
	Clause string            `json:"clause" maxLength:"500"`
}

// RuleExample is a decision that must come out.
type RuleExample struct {
	Name  string            `json:"name" maxLength:"120"`
	On    string            `json:"on" maxLength:"10"`
	Given map[string]string `json:"given,omitempty" required:"false"`
	Want  map[string]string `json:"want,omitempty" required:"false"`
	State string            `json:"state,omitempty" required:"false"`
}

// RuleTable is a decision table as the pack declares it.
type RuleTable struct {
	Code     string        `json:"code" maxLength:"60"`
	Title    string        `json:"title" maxLength:"120"`
	Basis    string        `json:"basis,omitempty" required:"false" maxLength:"300"`
	Hit      string        `json:"hit" enum:"unique,first,any,priority,collect"`
	Collect  string        `json:"collect,omitempty" required:"false"`
	Facts    []RuleFact    `json:"facts" maxItems:"64" nullable:"false"`
	Results  []RuleResult  `json:"results" maxItems:"64" nullable:"false"`
	Rows     []RuleRow     `json:"rows" maxItems:"10000" nullable:"false"`
	Else     *RuleElse     `json:"else,omitempty" required:"false"`
	Examples []RuleExample `json:"examples,omitempty" required:"false" maxItems:"1000"`
	Person   string        `json:"person,omitempty" required:"false" maxLength:"300"`
	From     string        `json:"from,omitempty" required:"false" maxLength:"10"`
}

// again brings a value into another type of the same JSON.
func again[To any](from any) (*To, error) {
	b, err := json.Marshal(from)
	if err != nil {
		return nil, err
	}
	to := new(To)
	return to, json.Unmarshal(b, to)
}

// RuleFinding is what is wrong with a table, where, and the mend.
type RuleFinding struct {
	Row   int               `json:"row" doc:"Place of the row from 0; -1 where it is not about a row"`
	Other int               `json:"other" doc:"The other row of two, -1 where there is none"`
	Fact  string            `json:"fact" doc:"Column of the cell, empty where it is not about a cell"`
	What  string            `json:"what"`
	Mend  string            `json:"mend"`
	Fault bool              `json:"fault"`
	Facts map[string]string `json:"facts,omitempty" required:"false" doc:"Facts that show it"`
}

// RuleChecked says whether a table may be published.
type RuleChecked struct {
	Version  string        `json:"version"`
	Sound    bool          `json:"sound"`
	Findings []RuleFinding `json:"findings" nullable:"false"`
}

// RuleBody is a table as it is sent.
type RuleBody struct{ Body RuleTable }

func (s *server) checkRule(_ context.Context, c *caller, in *RuleBody) (*body[RuleChecked], error) {
	t, err := again[rule.Table](in.Body)
	if err != nil {
		return nil, err
	}
	return answer(checkedRule(c, t)), nil
}

func checkedRule(c *caller, t *rule.Table) RuleChecked {
	_, proofs, faults := rule.Check(t)
	out := RuleChecked{Version: rule.VersionOf(t), Sound: !rule.Faulty(faults), Findings: []RuleFinding{}}
	for i, f := range faults {
		x := RuleFinding{Row: -1, Other: -1, What: text.Say(c.lang, f.Key, f.Args), Fault: !f.Doubt}
		if text.Has(c.lang, f.Key+"_mend") {
			x.Mend = text.Say(c.lang, f.Key+"_mend", f.Args)
		}
		if len(f.Path) > 1 && f.Path[0] == "rows" {
			x.Row, _ = f.Path[1].(int)
		}
		if len(f.Path) > 3 {
			x.Fact, _ = f.Path[3].(string)
		}
		if i < len(proofs) { // the proofs stand first
			x.Facts = proofs[i].Point
			if len(proofs[i].Rows) > 1 {
				x.Other = proofs[i].Rows[0]
			}
		}
		out.Findings = append(out.Findings, x)
	}
	return out
}

// RuleReason is one test and what it says.
type RuleReason struct {
	Row  string `json:"row"`
	Fact string `json:"fact"`
	Says string `json:"says" enum:"yes,no,unknown"`
	Text string `json:"text"`
}

// RuleTried is a decision with its reasons.
type RuleTried struct {
	State    string       `json:"state"`
	Grants   bool         `json:"grants"`
	Headline string       `json:"headline"`
	Basis    string       `json:"basis"`
	Person   string       `json:"person"`
	Because  []RuleReason `json:"because" nullable:"false"`
	Lacking  []RuleReason `json:"lacking" nullable:"false"`
	Missing  []string     `json:"missing" nullable:"false"`
	Rows     []string     `json:"rows" nullable:"false"`
	Cells    []RuleReason `json:"cells" nullable:"false" doc:"What every test of every row in force says"`
}

func (s *server) tryRule(_ context.Context, c *caller, in *struct {
	Body struct {
		Table RuleTable         `json:"table"`
		On    string            `json:"on" maxLength:"10"`
		Given map[string]string `json:"given"`
	}
}) (*body[RuleTried], error) {
	t, err := again[rule.Table](in.Body.Table)
	if err != nil {
		return nil, err
	}
	d, faults := rule.Build(t)
	if d == nil {
		return nil, errs.E(errs.Invalid, faults[0].Key, faults[0].Args)
	}
	out, err := d.Example(rule.Example{On: in.Body.On, Given: in.Body.Given})
	if err != nil {
		return nil, err
	}
	e := out.Explain(c.lang)
	tried := RuleTried{State: string(out.State), Grants: out.Grants(), Headline: e.Headline, Basis: e.Basis, Person: e.Person,
		Because: reasons(e.Because), Lacking: reasons(e.Lacking), Missing: list(e.Missing), Rows: list(out.Rows()), Cells: []RuleReason{}}
	for _, row := range out.Truths(c.lang) {
		tried.Cells = append(tried.Cells, reasons(row)...)
	}
	return answer(tried), nil
}

func reasons(all []rule.Reason) []RuleReason {
	out := make([]RuleReason, len(all))
	for i, r := range all {
		out[i] = RuleReason{r.Row, r.Fact, r.Says, r.Text}
	}
	return out
}

// RuleHead is a table in the list of all.
type RuleHead struct {
	Code    string `json:"code"`
	Title   string `json:"title"`
	Basis   string `json:"basis"`
	Rows    int    `json:"rows"`
	Facts   int    `json:"facts"`
	Version string `json:"version"`
	Drafts  int    `json:"drafts" doc:"Editions begun and not published"`
	Faulty  int    `json:"faulty" doc:"Of them, those that cannot be published as they are"`
}

func (s *server) listRules(ctx context.Context, _ *caller, _ *struct{}) (*body[items[RuleHead]], error) {
	out := []RuleHead{}
	now := time.UnixMilli(s.DB.Now())
	for _, code := range s.City.Rules.Codes() {
		d := s.City.Rules.On(code, now)
		if d == nil {
			d = s.City.Rules.Editions(code)[0]
		}
		t := d.Table()
		head := RuleHead{Code: code, Title: t.Title, Basis: t.Basis, Rows: len(t.Rows), Facts: len(t.Facts), Version: d.Version()}
		drafts, err := s.Rules.Drafts(ctx, code)
		if err != nil {
			return nil, err
		}
		for _, faulty := range drafts {
			head.Drafts++
			if faulty {
				head.Faulty++
			}
		}
		out = append(out, head)
	}
	return answer(items[RuleHead]{out}), nil
}

// RuleEdition is an edition of a table, whole.
type RuleEdition struct {
	No            int64     `json:"no" doc:"0 for those of the city pack"`
	Title         string    `json:"title"`
	From          string    `json:"from"`
	State         string    `json:"state" enum:"draft,published"`
	InForce       bool      `json:"in_force"`
	EditedName    string    `json:"edited_name"`
	EditedAt      int64     `json:"edited_at"`
	PublishedName string    `json:"published_name"`
	PublishedAt   int64     `json:"published_at"`
	Version       string    `json:"version"`
	Table         RuleTable `json:"table"`
}

// RuleCode names a table.
type RuleCode struct {
	Code string `path:"code" maxLength:"60"`
}

func (s *server) listRuleEditions(ctx context.Context, _ *caller, in *RuleCode) (*body[items[RuleEdition]], error) {
	all, err := s.Rules.Editions(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	force := s.City.Rules.On(in.Code, time.UnixMilli(s.DB.Now()))
	out := make([]RuleEdition, len(all))
	for i := range all {
		if out[i], err = s.ruleEdition(&all[i]); err != nil {
			return nil, err
		}
		out[i].InForce = force != nil && out[i].Version == force.Version() && out[i].State == edition.Published
	}
	return answer(items[RuleEdition]{out}), nil
}

func (s *server) ruleEdition(e *edition.Edition) (RuleEdition, error) {
	t, err := decide.TableOf(*e)
	if err != nil {
		return RuleEdition{}, err
	}
	shown, err := again[RuleTable](t)
	if err != nil {
		return RuleEdition{}, err
	}
	return RuleEdition{No: e.No, Title: e.Title, From: e.From, State: e.State, EditedName: s.staffName(e.EditedBy), EditedAt: e.EditedAt,
		PublishedName: s.staffName(e.PublishedBy), PublishedAt: e.PublishedAt, Version: rule.VersionOf(t), Table: *shown}, nil
}

func (s *server) beginRuleEdition(ctx context.Context, c *caller, in *struct {
	RuleCode
	Body struct {
		Title string `json:"title" minLength:"1" maxLength:"60"`
		From  string `json:"from" maxLength:"10" doc:"First day, 2026-12-01"`
	}
}) (*body[RuleEdition], error) {
	if err := c.needs(rulesDesk); err != nil {
		return nil, err
	}
	e, err := s.Rules.Begin(ctx, c.actor, in.Code, strings.TrimSpace(in.Body.Title), in.Body.From)
	if err != nil {
		return nil, err
	}
	out, err := s.ruleEdition(&e)
	if err != nil {
		return nil, err
	}
	return answer(out), s.Staff.Note(ctx, c.actor, "rule_begun", in.Code, nil)
}

func (s *server) putRuleEdition(ctx context.Context, c *caller, in *struct {
	EditionInput
	Body RuleTable
}) (*body[RuleChecked], error) {
	if err := c.needs(rulesDesk); err != nil {
		return nil, err
	}
	t, err := again[rule.Table](in.Body)
	if err != nil {
		return nil, err
	}
	return s.savedRule(ctx, c, in.No, t)
}

func (s *server) savedRule(ctx context.Context, c *caller, no int64, t *rule.Table) (*body[RuleChecked], error) {
	if _, err := s.Rules.Put(ctx, c.actor, no, t); err != nil {
		return nil, err
	}
	return answer(checkedRule(c, t)), nil
}

func (s *server) dropRuleEdition(ctx context.Context, c *caller, in *EditionInput) (*struct{}, error) {
	if err := c.needs(rulesDesk); err != nil {
		return nil, err
	}
	return nil, s.Rules.Shelf.Drop(ctx, in.No)
}

func (s *server) publishRuleEdition(ctx context.Context, c *caller, in *EditionInput) (*struct{}, error) {
	if err := c.needs(rulesDesk); err != nil {
		return nil, err
	}
	if err := s.Rules.Publish(ctx, c.actor, in.No); err != nil {
		return nil, err
	}
	return nil, s.Staff.Note(ctx, c.actor, "rule_published", strconv.FormatInt(in.No, 10), nil)
}

func (s *server) exportRule(ctx context.Context, c *caller, in *struct {
	RuleCode
	No int64 `query:"no" minimum:"0" doc:"An edition begun here; what the pack declares where left out"`
}) (*huma.StreamResponse, error) {
	all, err := s.Rules.Editions(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	e := &all[0]
	for i := range all {
		if all[i].No == in.No {
			e = &all[i]
		}
	}
	t, err := decide.TableOf(*e)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := decide.WriteSheet(&b, c.lang, t); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		ctx.SetHeader("Content-Disposition", `attachment; filename="rule-`+strconv.FormatInt(e.No, 10)+`.xlsx"`)
		if _, err := b.WriteTo(ctx.BodyWriter()); err != nil {
			s.Logger.DebugContext(ctx.Context(), "the caller has gone", "error", err)
		}
	}}, nil
}

func (s *server) importRule(ctx context.Context, c *caller, in *struct {
	EditionInput
	RawBody []byte `contentType:"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"`
}) (*body[RuleChecked], error) {
	if err := c.needs(rulesDesk); err != nil {
		return nil, err
	}
	e, err := s.Rules.Shelf.Get(ctx, in.No)
	if err != nil {
		return nil, err
	}
	t, err := decide.TableOf(e)
	if err != nil {
		return nil, err
	}
	if t, err = decide.ReadSheet(bytes.NewReader(in.RawBody), t); err != nil {
		return nil, err
	}
	return s.savedRule(ctx, c, in.No, t)
}
