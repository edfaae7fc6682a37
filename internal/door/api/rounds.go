package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/work/intake"
)

// What rounds are filed as: the record, and what was heard by which channel.
const (
	roundsDesk   = "rounds"
	visitFamily  = "visit"
	roundChannel = "survey"
)

func (s *server) roundRoutes(api huma.API) {
	route(s, api, op("fileRound", http.MethodPost, "/api/rounds", "Enter what was heard on a round, many at a time"), signedIn, s.fileRound)
	route(s, api, op("listRounds", http.MethodGet, "/api/rounds", "Records of rounds"), signedIn, s.listRounds)
	route(s, api, op("getRound", http.MethodGet, "/api/rounds/{id}", "A round with what became of each thing heard"), signedIn, s.getRound)
	route(s, api, op("contactAppellant", http.MethodPost, "/api/cases/{id}/contact", "The number of an appellant for one call; it is noted"), signedIn, s.contactAppellant)
}

// RoundItem is one thing heard.
type RoundItem struct {
	Text    string `json:"text" maxLength:"40000"`
	Address string `json:"address,omitempty" maxLength:"900"`
	Area    string `json:"area,omitempty" maxLength:"60"`
	Name    string `json:"name,omitempty" maxLength:"150"`
	Phone   string `json:"phone,omitempty" maxLength:"30"`
}

type roundInput struct {
	Body struct {
		ID     string      `json:"id" minLength:"8" maxLength:"60" doc:"Chosen by the page: sending it twice files once"`
		Title  string      `json:"title" minLength:"1" maxLength:"600"`
		Day    string      `json:"day" maxLength:"10"`
		Place  string      `json:"place" minLength:"1" maxLength:"600"`
		People string      `json:"people" minLength:"1" maxLength:"600"`
		Area   string      `json:"area,omitempty" maxLength:"60" doc:"Of the things heard that name none"`
		Items  []RoundItem `json:"items" minItems:"1" maxItems:"200" nullable:"false"`
		Try    bool        `json:"try,omitempty" doc:"Only look what is wrong; file nothing"`
	}
}

// RoundLine is what became of one line.
type RoundLine struct {
	Line       int    `json:"line"`
	Problem    string `json:"problem" doc:"What is wrong with it; then nothing of the round is filed"`
	ID         string `json:"id"`
	Number     string `json:"number"`
	Title      string `json:"title"`
	Matter     string `json:"matter" doc:"As the machine reads it"`
	UnitName   string `json:"unit_name"`
	StateTitle string `json:"state_title"`
	Closed     bool   `json:"closed"`
}

// Round is a record with its lines.
type Round struct {
	ID      string      `json:"id"`
	Number  string      `json:"number"`
	Title   string      `json:"title"`
	FiledAt int64       `json:"filed_at"`
	Filed   bool        `json:"filed"`
	Lines   []RoundLine `json:"lines" nullable:"false"`
}

// fewestSaid is how many characters say something that can be acted on.
const fewestSaid = 6

func (s *server) fileRound(ctx context.Context, c *caller, in *roundInput) (*body[Round], error) {
	if err := c.needs(roundsDesk); err != nil {
		return nil, err
	}
	for _, family := range []string{visitFamily, "appeal"} {
		if err := s.mayFile(c, family, roundChannel); err != nil {
			return nil, err
		}
	}
	b := &in.Body
	out := Round{Title: b.Title, Lines: []RoundLine{}}
	messages, wrong := make([]intake.Message, len(b.Items)), false
	seen := map[string]int{}
	for i, item := range b.Items {
		m := intake.Message{Channel: roundChannel, Actor: c.actor, Text: strings.TrimSpace(item.Text), Address: item.Address, Name: item.Name, Phone: item.Phone, Area: item.Area}
		if m.Area == "" {
			m.Area = b.Area
		}
		line, err := s.tryLine(c, m, i+1, seen)
		if err != nil {
			return nil, err
		}
		wrong = wrong || line.Problem != ""
		messages[i] = m
		out.Lines = append(out.Lines, line)
	}
	if wrong || b.Try {
		return answer(out), nil
	}
	visit, err := s.Desk.File(ctx, intake.Message{Family: visitFamily, Channel: roundChannel, ExternalID: "round:" + b.ID, Actor: c.actor, Title: b.Title, Area: b.Area,
		Unit: c.actor.Unit, Fields: map[string]any{"day": b.Day, "place": b.Place, "people": b.People}})
	if err != nil {
		return nil, err
	}
	out.ID, out.Number, out.FiledAt, out.Filed = visit.ID, visit.Number, visit.Case.FiledAt, true
	for i, m := range messages {
		m.ExternalID = "round:" + b.ID + ":" + strconv.Itoa(i)
		m.Steps = []cases.Step{{Action: "hear", By: org.Machine("rounds"), Input: map[string]any{"case": visit.Number}}}
		filed, err := s.Desk.File(ctx, m)
		if err != nil {
			return nil, err // the lines before it are filed; sending the round again goes on after them
		}
		s.filedLine(&out.Lines[i], &filed.Case)
	}
	return answer(out), nil
}

// tryLine reads one line and says what is wrong with it.
func (s *server) tryLine(c *caller, m intake.Message, n int, seen map[string]int) (RoundLine, error) {
	line := RoundLine{Line: n, Title: m.Text}
	if len([]rune(m.Text)) < fewestSaid {
		line.Problem = text.Say(c.lang, "api.round_short", nil)
		return line, nil
	}
	if first := seen[m.Text]; first > 0 {
		line.Problem = text.Say(c.lang, "api.round_twice", errs.Args{"line": first})
		return line, nil
	}
	seen[m.Text] = n
	r, err := s.Desk.Look(m)
	if err != nil {
		if errs.Is(err, errs.Invalid) || errs.Is(err, errs.TooLarge) {
			line.Problem = text.Error(c.lang, err)
			return line, nil
		}
		return line, err
	}
	if len(r.Matters) > 0 {
		line.Matter, line.UnitName = s.matterName(r.Matters[0].Matter), s.unitName(r.Matters[0].Unit)
	}
	return line, nil
}

func (s *server) filedLine(l *RoundLine, k *cases.Case) {
	l.ID, l.Number, l.Title, l.Closed = k.ID, k.Number, s.called(k.Family, k.Title), k.Closed == 1
	l.Matter, l.UnitName, l.StateTitle = s.matterName(k.Matter), s.unitName(k.Unit), s.stateTitle(k.Family, k.State)
}

func (s *server) listRounds(ctx context.Context, c *caller, _ *struct{}) (*body[Rows], error) {
	if err := c.needs(roundsDesk); err != nil {
		return nil, err
	}
	return s.listCases(ctx, c, &listInput{Filter: Filter{Family: visitFamily, Sort: "filed"}, Limit: 50})
}

func (s *server) getRound(ctx context.Context, c *caller, in *idInput) (*body[Round], error) {
	if err := c.needs(roundsDesk); err != nil {
		return nil, err
	}
	k, err := s.seen(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	links, err := s.links(ctx, c, k.ID)
	if err != nil {
		return nil, err
	}
	out := Round{ID: k.ID, Number: k.Number, Title: k.Title, FiledAt: k.FiledAt, Filed: true, Lines: []RoundLine{}}
	for i, l := range links {
		item, err := s.Cases.Get(ctx, l.ID)
		if err != nil {
			return nil, err
		}
		line := RoundLine{Line: i + 1}
		s.filedLine(&line, &item)
		out.Lines = append(out.Lines, line)
	}
	return answer(out), nil
}

// Contact is the number of an appellant.
type Contact struct {
	Phone string `json:"phone"`
}

// contactAppellant lets whoever has a case to do reach its appellant without
// seeing anything else of them: for one call, with its purpose, noted.
func (s *server) contactAppellant(ctx context.Context, c *caller, in *revealInput) (*body[Contact], error) {
	k, err := s.seen(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	if err := unless(c.reveals || c.contacts && k.Closed == 0 && k.Unit == c.actor.Unit); err != nil {
		return nil, err
	}
	purpose, err := purposeOf(in.Body.Purpose)
	if err != nil {
		return nil, err
	}
	v, err := s.Cases.Open(ctx, c.actor, k.ID, text.Say(text.Chinese, "api.contact_purpose", errs.Args{"purpose": purpose}))
	if err != nil {
		return nil, err
	}
	for _, f := range v.Fields {
		if f.Code == "phone" && f.Text != "" {
			return answer(Contact{f.Text}), nil
		}
	}
	return nil, errs.E(errs.NotFound, "api.no_contact", nil)
}
