package api

import (
	"context"
	"strings"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/matter"
	"yiwang/internal/work/view"
)

type actInput struct {
	ID     string `path:"id" maxLength:"100"`
	Action string `path:"action" maxLength:"60"`
	Prefer string `header:"Prefer" maxLength:"200" doc:"return=minimal leaves the case out of the answer (RFC 7240)"`
	Body   struct {
		Version int64          `json:"version,omitempty" doc:"The version the person saw; 0 does not check"`
		Input   map[string]any `json:"input,omitempty"`
		Once    string         `json:"once,omitempty" maxLength:"100" doc:"Id of this deed: sent again it changes nothing"`
	}
}

// Acted is a case after an action. It is null where the case is no longer for the
// caller's eyes, or the caller does not want it.
type Acted struct {
	Case *Case `json:"case"`
}

func (s *server) actOnCase(ctx context.Context, c *caller, in *actInput) (*body[Acted], error) {
	if err := s.act(ctx, c, in.ID, in.Action, in.Body.Version, in.Body.Input, in.Body.Once); err != nil {
		return nil, err
	}
	if strings.Contains(in.Prefer, "return=minimal") {
		return answer(Acted{}), nil
	}
	page, err := s.casePage(ctx, c, in.ID)
	if errs.Is(err, errs.NotFound) {
		return answer(Acted{}), nil
	}
	return answer(Acted{&page}), err
}

// act takes an action for the caller, with the files that came along.
func (s *server) act(ctx context.Context, c *caller, id, action string, version int64, input map[string]any, once string) error {
	held, err := s.Cases.Hold(ctx, id)
	if err != nil {
		return err
	}
	k := &held.Case
	if err := s.see(c, k); err != nil {
		return err
	}
	d := cases.Deed{Case: id, Version: version, Action: action, Input: input, Held: held}
	if once != "" {
		d.Once = c.actor.Ref() + "/" + once // of this caller: nobody spends another's
	}
	if life := s.life(k.Family); life != nil {
		if a := life.Action(action); a != nil {
			if err := s.free(ctx, c, k, a); err != nil {
				return err
			}
			if err := s.checked(ctx, c, k, a, input); err != nil {
				return err
			}
			if d.Files, err = s.takeFiles(ctx, c, fileIDs(a.Input, input)); err != nil {
				return err
			}
		}
	}
	if _, err := s.Cases.Act(ctx, c.actor, d); err != nil {
		return err
	}
	s.dropUploads(ctx, c, d.Files)
	if k.Lane == view.QueueLane {
		if err := s.View.Release(ctx, c.actor, id); err != nil {
			s.Logger.WarnContext(ctx, "a claim could not be released", "request", c.id, "error", err)
		}
	}
	return nil
}

// free refuses to move an item of the desk that somebody else has in hand.
func (s *server) free(ctx context.Context, c *caller, k *cases.Case, a *matter.ActionDecl) error {
	if k.Lane != view.QueueLane || a.To == "" {
		return nil
	}
	holder, until, err := s.View.InHand(ctx, c.actor, k.ID)
	if err != nil || holder == "" {
		return err
	}
	return s.claimed(ctx, c, holder, until)
}

// fileIDs returns the ids of the files that an input names.
func fileIDs(fields []matter.Field, input map[string]any) []string {
	var ids []string
	for _, f := range fields {
		if f.Type != matter.Files {
			continue
		}
		given, _ := input[f.Code].([]any)
		for _, v := range given {
			if id, ok := v.(string); ok {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

type bulkInput struct {
	Action string `path:"action" maxLength:"60"`
	Body   struct {
		IDs   []string       `json:"ids" minItems:"1" maxItems:"200" nullable:"false"`
		Input map[string]any `json:"input,omitempty"`
	}
}

// Several is the outcome of an action on several cases.
type Several struct {
	Done   []string `json:"done" nullable:"false"`
	Failed []Failed `json:"failed" nullable:"false"`
}

// Failed is a case on which an action could not be taken.
type Failed struct {
	ID     string `json:"id"`
	Detail string `json:"detail"`
	Code   string `json:"code"`
}

func (s *server) actOnCases(ctx context.Context, c *caller, in *bulkInput) (*body[Several], error) {
	out := Several{Done: []string{}, Failed: []Failed{}}
	for _, id := range in.Body.IDs {
		err := s.bulkAct(ctx, c, id, in.Action, in.Body.Input)
		if err == nil {
			out.Done = append(out.Done, id)
			continue
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		p := s.problem(ctx, err)
		out.Failed = append(out.Failed, Failed{ID: id, Detail: p.Detail, Code: p.Code})
	}
	return answer(out), nil
}

// bulkAct takes an action that its declaration allows on several cases at once.
func (s *server) bulkAct(ctx context.Context, c *caller, id, action string, input map[string]any) error {
	k, err := s.Cases.Get(ctx, id)
	if err != nil {
		return err
	}
	if err := s.see(c, &k); err != nil {
		return err
	}
	life := s.life(k.Family)
	if life == nil || life.Action(action) == nil {
		return errs.E(errs.Invalid, "cases.unknown_action", errs.Args{"action": ""})
	}
	if a := life.Action(action); !a.Bulk {
		return errs.E(errs.Invalid, "api.not_bulk", errs.Args{"action": a.Title})
	}
	return s.act(ctx, c, id, action, 0, input, "")
}

type revealInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Purpose string `json:"purpose" maxLength:"400"`
	}
}

// Revealed is a case with its personal data.
type Revealed struct {
	Fields    map[string]string `json:"fields"`
	FieldList []Value           `json:"field_list" nullable:"false"`
	Text      string            `json:"text"`
	Timeline  []Entry           `json:"timeline" nullable:"false"`
}

// Bounds of a purpose, in characters.
const minPurpose, maxPurpose = 2, 200

// purposeOf checks a purpose for which personal data is opened. Error: Invalid.
func purposeOf(typed string) (string, error) {
	purpose := strings.TrimSpace(typed)
	if n := utf8.RuneCountInString(purpose); n < minPurpose || n > maxPurpose || strings.ContainsRune(purpose, 0) {
		return "", errs.E(errs.Invalid, "api.purpose", nil).At("purpose")
	}
	return purpose, nil
}

func (s *server) revealCase(ctx context.Context, c *caller, in *revealInput) (*body[Revealed], error) {
	if err := s.seeID(ctx, c, in.ID); err != nil {
		return nil, err
	}
	if err := unless(c.reveals); err != nil {
		return nil, err
	}
	purpose, err := purposeOf(in.Body.Purpose)
	if err != nil {
		return nil, err
	}
	v, err := s.Cases.Open(ctx, c.actor, in.ID, purpose)
	if err != nil {
		return nil, err
	}
	var out Revealed
	out.Fields, out.FieldList, out.Text = filed(&v)
	out.Timeline, err = s.timeline(ctx, c, &v)
	return answer(out), err
}
