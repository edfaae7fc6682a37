package api

import (
	"context"
	"encoding/json"
	"slices"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/base/textzh"
	"yiwang/internal/core/cases"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/view"
)

// Reading is what the machine read in a message, and why it proposes what it does.
type Reading struct {
	Model     string        `json:"model"`
	Matters   []ReadMatter  `json:"matters" nullable:"false"`
	Nature    string        `json:"nature"`
	Urgency   string        `json:"urgency"`
	Place     *ReadPlace    `json:"place"`
	Unit      *ReadUnit     `json:"unit" doc:"Who would answer for the first matter"`
	Repeats   []LikelyAgain `json:"repeats" nullable:"false"`
	Demands   int           `json:"demands"`
	Parts     []ReadPart    `json:"parts" nullable:"false" doc:"How it may be split, where it makes several demands"`
	Sure      bool          `json:"sure" doc:"The machine sent it by itself"`
	Threshold float64       `json:"threshold"`
	WhyNot    string        `json:"why_not" doc:"Why it did not"`
}

// ReadPart is a piece of the text that asks for something of its own.
type ReadPart struct {
	Text       string `json:"text"`
	From       int    `json:"from"`
	To         int    `json:"to"`
	Matter     string `json:"matter"`
	MatterName string `json:"matter_name"`
	Unit       string `json:"unit"`
	UnitName   string `json:"unit_name"`
}

// ReadMatter is a matter the machine proposes.
type ReadMatter struct {
	Code        string      `json:"code"`
	Name        string      `json:"name"`
	Levels      []string    `json:"levels" nullable:"false"`
	Probability float64     `json:"probability"`
	Unit        string      `json:"unit"`
	UnitName    string      `json:"unit_name"`
	How         string      `json:"how"`
	Words       []ReadWord  `json:"words" nullable:"false"`
	Clause      string      `json:"clause" doc:"What the duty list says falls under it"`
	Basis       string      `json:"basis"`
	Neighbours  []Neighbour `json:"neighbours" nullable:"false"`
}

// ReadWord is a piece of the text that weighed; places count characters.
type ReadWord struct {
	Text   string  `json:"text"`
	Title  bool    `json:"title" doc:"It stands in the title"`
	From   int     `json:"from"`
	To     int     `json:"to"`
	Weight float64 `json:"weight"`
}

// Neighbour is a decided case that resembles the message.
type Neighbour struct {
	ID         string  `json:"id"`
	Number     string  `json:"number"`
	Title      string  `json:"title"`
	MatterName string  `json:"matter_name"`
	Similarity float64 `json:"similarity"`
}

// ReadPlace is where it happened, as far as was read.
type ReadPlace struct {
	Area     string  `json:"area"`
	AreaName string  `json:"area_name"`
	Grid     string  `json:"grid"`
	Words    string  `json:"words"`
	Score    float64 `json:"score"`
}

// ReadUnit is a unit with why it is that one.
type ReadUnit struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	How    string `json:"how"`
	Clause string `json:"clause"`
}

// LikelyAgain is a case that may be about the same thing.
type LikelyAgain struct {
	ID         string  `json:"id"`
	Number     string  `json:"number"`
	Title      string  `json:"title"`
	Score      float64 `json:"score"`
	Reason     string  `json:"reason"`
	Recurs     bool    `json:"recurs" doc:"It had been closed before: it happened again"`
	Action     string  `json:"action" doc:"The action that accepts the proposal"`
	FiledAt    int64   `json:"filed_at"`
	StateTitle string  `json:"state_title"`
	UnitName   string  `json:"unit_name"`
}

func (s *server) getReading(ctx context.Context, c *caller, in *idInput) (*body[Reading], error) {
	k, err := s.seen(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	r, err := s.reading(ctx, c, &k)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, errs.E(errs.NotFound, "api.no_reading", nil)
	}
	return answer(*r), nil
}

// reading returns the reading of a case, nil where there is none: what was stored
// when it was decided, with the words that weigh and the nearest cases of now.
func (s *server) reading(ctx context.Context, c *caller, k *cases.Case) (*Reading, error) {
	kept, err := s.Cases.Reading(ctx, k.ID)
	if errs.Is(err, errs.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var r intake.Reading
	if err := json.Unmarshal(kept.Doc, &r); err != nil {
		return nil, err
	}
	out := s.readingOf(c.lang, k.Family, &r)
	if out.Repeats, err = s.repeats(ctx, c, k.ID, &r); err != nil {
		return nil, err
	}
	if s.Judge != nil {
		err = s.explain(ctx, c, k, out, r.Parts)
	}
	return out, err
}

// readingOf names what a stored reading holds by code.
func (s *server) readingOf(lang text.Lang, family string, r *intake.Reading) *Reading {
	out := &Reading{Model: r.Model, Nature: r.Nature, Urgency: r.Urgency, Sure: r.Sure, Demands: r.Demands,
		Matters: []ReadMatter{}, Repeats: []LikelyAgain{}, Parts: []ReadPart{}}
	if r.Why != "" {
		out.WhyNot = text.Say(lang, r.Why, nil)
	}
	if s.Judge != nil {
		out.Threshold = min(1, s.Judge.Threshold()) // above 1 nothing is sure enough
	}
	if r.Place.Area != "" {
		out.Place = &ReadPlace{Area: r.Place.Area, AreaName: s.areaName(r.Place.Area), Grid: r.Place.Grid, Words: r.Place.Words, Score: r.Place.Score}
	}
	for i, sg := range r.Matters {
		m := ReadMatter{Code: sg.Matter, Name: sg.Matter, Probability: sg.P, Unit: sg.Unit, UnitName: s.unitName(sg.Unit),
			How: text.Say(lang, sg.How, sg.Args), Basis: sg.Clause, Levels: []string{}, Words: []ReadWord{}, Neighbours: []Neighbour{}}
		if decl := s.City.Catalog.Find(family, sg.Matter); decl != nil {
			m.Name, m.Levels, m.Clause = decl.Name, list(decl.Levels), decl.Description
		}
		out.Matters = append(out.Matters, m)
		if i == 0 && sg.Unit != "" {
			out.Unit = &ReadUnit{Code: sg.Unit, Name: m.UnitName, How: m.How, Clause: sg.Clause}
		}
	}
	return out
}

// repeats returns the likely repeats that the caller may see and about which
// nobody has decided.
func (s *server) repeats(ctx context.Context, c *caller, id string, r *intake.Reading) ([]LikelyAgain, error) {
	out := []LikelyAgain{}
	if len(r.Repeats) == 0 {
		return out, nil
	}
	decided, err := sqldb.Select[string](ctx, s.DB.Read(), `select other from link where case_id = ?`, id)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(r.Repeats))
	for i, h := range r.Repeats {
		ids[i] = h.ID
	}
	rows, err := s.View.Rows(ctx, c.actor, ids)
	if err != nil {
		return nil, err
	}
	byID := byID(rows)
	for i := range r.Repeats {
		h := &r.Repeats[i]
		if o := byID[h.ID]; o != nil && !slices.Contains(decided, h.ID) {
			out = append(out, LikelyAgain{ID: o.ID, Number: o.Number, Title: s.called(o.Family, o.Title), Score: h.Score, Reason: h.Say(c.lang),
				Recurs: h.Recurs, Action: h.Action(), FiledAt: o.FiledAt, StateTitle: s.stateTitle(o.Family, o.State), UnitName: s.unitName(o.Unit)})
		}
	}
	return out, nil
}

func byID(rows []view.Row) map[string]*view.Row {
	m := make(map[string]*view.Row, len(rows))
	for i := range rows {
		m[rows[i].ID] = &rows[i]
	}
	return m
}

// explain adds the parts' text, the words that weigh and the nearest decided cases.
func (s *server) explain(ctx context.Context, c *caller, k *cases.Case, out *Reading, parts []intake.Part) error {
	title, said, err := s.Cases.Message(ctx, k.ID)
	if errs.Is(err, errs.NotFound) {
		return nil // erased: there is nothing left to explain
	}
	if err != nil {
		return err
	}
	for _, p := range parts {
		if p.From < 0 || p.To > len(said) || p.From >= p.To {
			continue
		}
		from := utf8.RuneCountInString(said[:p.From])
		out.Parts = append(out.Parts, ReadPart{Text: textzh.Mask(said[p.From:p.To]), From: from, To: from + utf8.RuneCountInString(said[p.From:p.To]),
			Matter: p.Matter, MatterName: s.matterName(p.Matter), Unit: p.Unit, UnitName: s.unitName(p.Unit)})
	}
	msg := dispatch.Message{Title: title, Text: said, Channel: k.Channel}
	for i := range out.Matters {
		m := &out.Matters[i]
		e := s.Judge.Explain(msg, m.Code)
		for _, w := range e.Words {
			whole := said
			if w.Title {
				whole = title
			}
			from := utf8.RuneCountInString(whole[:w.From])
			m.Words = append(m.Words, ReadWord{Text: textzh.Mask(w.Text), Title: w.Title, From: from, To: from + utf8.RuneCountInString(w.Text), Weight: w.Weight})
		}
		if m.Neighbours, err = s.neighbours(ctx, c, k.ID, m.Code, e.Nearest); err != nil {
			return err
		}
	}
	return nil
}

// neighbours returns the nearest decided cases of a matter that the caller may see.
func (s *server) neighbours(ctx context.Context, c *caller, self, code string, near []dispatch.Near) ([]Neighbour, error) {
	var ids []string
	alike := map[string]float64{}
	for _, n := range near {
		if n.Matter == code && n.ID != self {
			ids = append(ids, n.ID)
			alike[n.ID] = n.Similarity
		}
	}
	rows, err := s.View.Rows(ctx, c.actor, ids)
	out := []Neighbour{}
	for i := range rows {
		r := s.row(&rows[i])
		out = append(out, Neighbour{ID: r.ID, Number: r.Number, Title: r.Title, MatterName: r.MatterName, Similarity: alike[r.ID]})
	}
	return out, err
}
