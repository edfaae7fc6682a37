package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/base/textzh"
	"yiwang/internal/core/cases"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/knowledge"
	"yiwang/internal/work/seat"
)

// seatDesk is the desk that takes calls.
const seatDesk = "seat"

func (s *server) seatRoutes(api huma.API) {
	route(s, api, op("ring", http.MethodPost, "/api/calls", "A telephony system tells of a call"), signedIn, s.ring)
	route(s, api, op("listCalls", http.MethodGet, "/api/calls", "Calls that ring, those in hand, and the day's figures"), signedIn, s.listCalls)
	route(s, api, op("beginCall", http.MethodPost, "/api/calls/begin", "Begin a call that no telephony system told of"), signedIn, s.beginCall)
	route(s, api, op("takeCall", http.MethodPost, "/api/calls/{id}/take", "Take a call"), signedIn, s.takeCall)
	route(s, api, op("callerCases", http.MethodGet, "/api/calls/{id}/cases", "What the caller has told before; the look is noted"), signedIn, s.callerCases)
	route(s, api, op("finishCall", http.MethodPost, "/api/calls/{id}/finish", "End a call: answered, or made a case"), signedIn, s.finishCall)
	route(s, api, op("suggestForCall", http.MethodPost, "/api/calls/suggest", "Answers, matters and repeats for what is being typed"), signedIn, s.suggestForCall)
}

// CallRow is a call of the hotline.
type CallRow struct {
	ID          string `json:"id"`
	Line        string `json:"line" doc:"Number that was called"`
	Channel     string `json:"channel"`
	ChannelName string `json:"channel_name"`
	State       string `json:"state" enum:"ringing,talking,ended"`
	Phone       string `json:"phone" doc:"Of the caller, masked"`
	RangAt      int64  `json:"rang_at"`
	TakenAt     int64  `json:"taken_at"`
}

func (s *server) callRow(ctx context.Context, c seat.Call) (CallRow, error) {
	phone, err := s.Calls.Phone(ctx, c)
	ch, _ := s.City.Channel(c.Channel)
	return CallRow{ID: c.ID, Line: c.Line, Channel: c.Channel, ChannelName: ch.Name, State: c.State, Phone: textzh.MaskPhone(phone), RangAt: c.RangAt, TakenAt: c.TakenAt}, err
}

type ringInput struct {
	Body struct {
		ID    string `json:"id" minLength:"1" maxLength:"100" doc:"Of the telephony system: the same again is the same call"`
		Event string `json:"event" enum:"ringing,ended"`
		Line  string `json:"line,omitempty" maxLength:"40" doc:"Number or queue that was called, one of the city's numbers"`
		Phone string `json:"phone,omitempty" maxLength:"30" doc:"Of the caller; empty where it is withheld"`
	}
}

// ring is for machines: a key may tell of calls on numbers of its own channel.
func (s *server) ring(ctx context.Context, c *caller, in *ringInput) (*body[CallRow], error) {
	if c.key == nil {
		return nil, errs.E(errs.Forbidden, "errs.forbidden", nil)
	}
	b := &in.Body
	if b.Event == "ended" {
		return answer(CallRow{State: seat.Ended}), s.Calls.HangUp(ctx, c.key.ID, b.ID)
	}
	ch, ok := s.City.ChannelOf(b.Line)
	if !ok {
		return nil, errs.E(errs.Invalid, "seat.line", nil).At("line")
	}
	if c.key.Channel != "hotline" && c.key.Channel != ch.Code {
		return nil, errs.E(errs.Forbidden, "api.other_channel", nil).At("line")
	}
	call, err := s.Calls.Ring(ctx, c.key.ID, b.ID, ch.Code, b.Line, strings.TrimSpace(b.Phone))
	if err != nil {
		return nil, err
	}
	row, err := s.callRow(ctx, call)
	return answer(row), err
}

// SeatFigures are the day's calls.
type SeatFigures struct {
	Calls     int64 `json:"calls"`
	Answered  int64 `json:"answered" doc:"On the spot"`
	Orders    int64 `json:"orders" doc:"Became a case for a unit"`
	Abandoned int64 `json:"abandoned" doc:"Hung up before anybody took them"`
	Talk      int64 `json:"talk" doc:"Milliseconds of talk, of all taken"`
}

// Calls is what a seat looks at.
type Calls struct {
	AsOf    int64       `json:"as_of"`
	Ringing []CallRow   `json:"ringing" nullable:"false"`
	Mine    []CallRow   `json:"mine" nullable:"false"`
	Today   SeatFigures `json:"today"`
}

func (s *server) listCalls(ctx context.Context, c *caller, _ *struct{}) (*body[Calls], error) {
	if err := c.needs(seatDesk); err != nil {
		return nil, err
	}
	ringing, mine, err := s.Calls.Waiting(ctx, c.actor)
	if err != nil {
		return nil, err
	}
	out := Calls{AsOf: s.DB.Now(), Ringing: []CallRow{}, Mine: []CallRow{}}
	for from, to := range map[*[]seat.Call]*[]CallRow{&ringing: &out.Ringing, &mine: &out.Mine} {
		for _, call := range *from {
			row, err := s.callRow(ctx, call)
			if err != nil {
				return nil, err
			}
			*to = append(*to, row)
		}
	}
	morning := time.UnixMilli(out.AsOf).In(text.CST)
	f, err := s.Calls.Figures(ctx, time.Date(morning.Year(), morning.Month(), morning.Day(), 0, 0, 0, 0, text.CST).UnixMilli(), "")
	out.Today = SeatFigures(f)
	return answer(out), err
}

func (s *server) beginCall(ctx context.Context, c *caller, in *struct {
	Body struct {
		Phone string `json:"phone,omitempty" maxLength:"30"`
		Line  string `json:"line,omitempty" maxLength:"40"`
	}
}) (*body[CallRow], error) {
	if err := c.needs(seatDesk); err != nil {
		return nil, err
	}
	ch, ok := s.City.ChannelOf(in.Body.Line)
	if !ok {
		if ch, ok = s.City.Channel("hotline"); !ok {
			return nil, errs.E(errs.Invalid, "seat.line", nil).At("line")
		}
	}
	call, err := s.Calls.Ring(ctx, c.actor.Ref(), requestID(ctx), ch.Code, in.Body.Line, strings.TrimSpace(in.Body.Phone))
	if err == nil {
		call, err = s.Calls.Take(ctx, c.actor, call.ID)
	}
	if err != nil {
		return nil, err
	}
	row, err := s.callRow(ctx, call)
	return answer(row), err
}

// CallInput names a call.
type CallInput struct {
	ID string `path:"id" maxLength:"60"`
}

func (s *server) takeCall(ctx context.Context, c *caller, in *CallInput) (*body[CallRow], error) {
	if err := c.needs(seatDesk); err != nil {
		return nil, err
	}
	call, err := s.Calls.Take(ctx, c.actor, in.ID)
	if err != nil {
		return nil, err
	}
	row, err := s.callRow(ctx, call)
	return answer(row), err
}

// mostBefore is how many earlier cases of a caller are shown.
const mostBefore = 10

func (s *server) callerCases(ctx context.Context, c *caller, in *CallInput) (*body[items[Row]], error) {
	if err := c.needs(seatDesk); err != nil {
		return nil, err
	}
	call, err := s.Calls.Mine(ctx, c.actor, in.ID)
	if err != nil {
		return nil, err
	}
	phone, err := s.Calls.Phone(ctx, call)
	if err != nil {
		return nil, err
	}
	ids, err := s.Cases.ByPhone(ctx, phone, mostBefore)
	if err != nil {
		return nil, err
	}
	rows, err := s.View.Rows(ctx, c.actor, ids)
	if err != nil {
		return nil, err
	}
	return answer(items[Row]{s.rows(rows)}), s.Staff.Note(ctx, c.actor, "caller_cases", call.ID,
		map[string]any{"purpose": text.Say(text.Chinese, "seat.purpose", nil), "found": len(rows)})
}

type finishInput struct {
	CallInput
	Body struct {
		Outcome string `json:"outcome" enum:"answered,order,other"`
		Title   string `json:"title,omitempty" maxLength:"600"`
		Text    string `json:"text,omitempty" maxLength:"40000" doc:"What the caller said"`
		Name    string `json:"name,omitempty" maxLength:"150"`
		Phone   string `json:"phone,omitempty" maxLength:"30" doc:"Where to reach the caller, if not at the number of the call"`
		Address string `json:"address,omitempty" maxLength:"900"`
		Area    string `json:"area,omitempty" maxLength:"60"`
		Answer  string `json:"answer,omitempty" maxLength:"9000" doc:"What the caller was told, for an answer on the spot"`
		Asked   string `json:"asked,omitempty" maxLength:"40" doc:"The answer of the knowledge base that was used"`
	}
}

// finishCall files what was said: an answer on the spot is a case that is answered
// at once, so that both are counted and can be looked up again.
func (s *server) finishCall(ctx context.Context, c *caller, in *finishInput) (*body[Filed], error) {
	if err := c.needs(seatDesk); err != nil {
		return nil, err
	}
	call, err := s.Calls.Mine(ctx, c.actor, in.ID)
	if err != nil {
		return nil, err
	}
	b := &in.Body
	var filed cases.Filed
	if b.Outcome != seat.Other {
		if err := s.mayFile(c, "appeal", call.Channel); err != nil {
			return nil, err
		}
		m := intake.Message{Channel: call.Channel, ExternalID: "call:" + call.ID, Actor: c.actor, Title: b.Title, Text: b.Text, Name: b.Name,
			Phone: b.Phone, Address: b.Address, Area: b.Area, Fields: map[string]any{}}
		if m.Phone == "" {
			if m.Phone, err = s.Calls.Phone(ctx, call); err != nil {
				return nil, err
			}
		}
		if b.Outcome == seat.Answered {
			if strings.TrimSpace(b.Answer) == "" {
				return nil, errs.E(errs.Invalid, "seat.answer", nil).At("answer")
			}
			m.Hold = true
			m.Steps = []cases.Step{{Action: "answer", By: c.actor, Input: map[string]any{"answer": b.Answer}}}
		}
		if filed, err = s.Desk.File(ctx, m); err != nil {
			return nil, err
		}
	}
	if err := s.Calls.Finish(ctx, c.actor, call.ID, b.Outcome, filed.ID); err != nil {
		return nil, err
	}
	if mark := map[string]string{seat.Answered: knowledge.Good, seat.Order: knowledge.Case}[b.Outcome]; mark != "" && b.Asked != "" {
		if err := s.Answers.Mark(ctx, b.Asked, mark); err != nil {
			return nil, err
		}
	}
	return answer(Filed{ID: filed.ID, Number: filed.Number, QueryCode: filed.Code, Already: filed.Already}), nil
}

// CallHelp is what may help with what the caller says.
type CallHelp struct {
	Asked   string           `json:"asked" doc:"Names the question for counting what helped"`
	Sure    bool             `json:"sure" doc:"The first entry answers the question"`
	Entries []KnowledgeEntry `json:"entries" nullable:"false"`
	Reading *Reading         `json:"reading" doc:"Null while nothing can be read"`
}

func (s *server) suggestForCall(ctx context.Context, c *caller, in *struct {
	Body struct {
		Text  string `json:"text" maxLength:"40000"`
		Area  string `json:"area,omitempty" maxLength:"60"`
		Count bool   `json:"count,omitempty" doc:"The question is asked in earnest: count it"`
	}
}) (*body[CallHelp], error) {
	if err := c.needs(seatDesk); err != nil {
		return nil, err
	}
	said := strings.TrimSpace(in.Body.Text)
	out := CallHelp{Entries: []KnowledgeEntry{}}
	if said == "" {
		return answer(out), nil
	}
	found, err := s.Answers.Look(ctx, said)
	if in.Body.Count && err == nil {
		var r knowledge.Reply
		r, err = s.Answers.Ask(ctx, knowledge.AtSeat, string([]rune(said)[:min(len([]rune(said)), 600)]))
		out.Asked = r.ID
	}
	if err != nil {
		return nil, err
	}
	out.Sure = found.Sure
	for _, h := range found.Hits {
		out.Entries = append(out.Entries, *s.entryOut(h.Entry))
	}
	r, err := s.Desk.Look(intake.Message{Channel: "hotline", Actor: c.actor, Text: said, Area: in.Body.Area})
	if err != nil {
		return nil, err
	}
	out.Reading = s.readingOf(c.lang, "appeal", &r)
	out.Reading.Repeats, err = s.repeats(ctx, c, "", &r)
	return answer(out), err
}
