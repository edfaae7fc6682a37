package api

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/matter"
	replies "yiwang/internal/work/answer"
)

func (s *server) checkRoutes(api huma.API) {
	route(s, api, op("checkReply", http.MethodPost, "/api/cases/{id}/check", "Read a reply before it goes: does it answer"), signedIn, s.checkReply)
}

type checkInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Reply string `json:"reply" maxLength:"20000"`
	}
}

// ReplyCheck is what was found in a reply.
type ReplyCheck struct {
	Empty        bool           `json:"empty"`
	Answers      string         `json:"answers" enum:"full,partly,no"`
	AnswersTitle string         `json:"answers_title"`
	Grave        bool           `json:"grave" doc:"It should not go out without a reason"`
	Findings     []ReplyFinding `json:"findings" nullable:"false"`
}

// ReplyFinding is one thing to look at.
type ReplyFinding struct {
	Kind  string      `json:"kind"`
	Title string      `json:"title"`
	Why   string      `json:"why"`
	Grave bool        `json:"grave"`
	Words []ReplyWord `json:"words" nullable:"false"`
}

// ReplyWord is a piece that a finding rests on; places count characters.
type ReplyWord struct {
	Text      string `json:"text"`
	InMessage bool   `json:"in_message" doc:"It stands in the message, not in the reply"`
	From      int    `json:"from"`
	To        int    `json:"to"`
}

func (s *server) checkReply(ctx context.Context, c *caller, in *checkInput) (*body[ReplyCheck], error) {
	k, err := s.seen(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	p, err := s.pair(ctx, c, &k, in.Body.Reply)
	if err != nil {
		return nil, err
	}
	return answer(replyCheck(c.lang, p, replies.Read(p))), nil
}

// pair puts a reply beside the message of its case, as the caller sees it.
func (s *server) pair(ctx context.Context, c *caller, k *cases.Case, reply string) (replies.Pair, error) {
	message, err := s.Cases.MessageFor(ctx, c.actor, k)
	return replies.Pair{Title: k.Title, Message: message, Reply: reply}, err
}

func replyCheck(lang text.Lang, p replies.Pair, r replies.Reading) ReplyCheck {
	out := ReplyCheck{Empty: r.Empty, Answers: string(r.Answers), Grave: r.Grave(), Findings: []ReplyFinding{},
		AnswersTitle: text.Say(lang, "answer.degree_"+string(r.Answers), nil)}
	for _, f := range r.Findings {
		x := ReplyFinding{Kind: string(f.Kind), Grave: f.Kind.Grave(), Words: []ReplyWord{},
			Title: kindTitle(lang, f.Kind), Why: text.Say(lang, "answer.why_"+string(f.Kind), nil)}
		for _, w := range f.Words {
			whole := p.Reply
			if w.InMessage {
				whole = p.Message
			}
			x.Words = append(x.Words, ReplyWord{Text: w.Of(p), InMessage: w.InMessage,
				From: utf8.RuneCountInString(whole[:w.From]), To: utf8.RuneCountInString(whole[:w.To])})
		}
		out.Findings = append(out.Findings, x)
	}
	return out
}

func kindTitle(lang text.Lang, k replies.Kind) string {
	return text.Say(lang, "answer.kind_"+string(k), nil)
}

// checked refuses an action whose reply has a grave finding and comes without a
// reason. A reason for what was not found is dropped: it would count.
func (s *server) checked(ctx context.Context, c *caller, k *cases.Case, a *matter.ActionDecl, input map[string]any) error {
	for _, f := range a.Input {
		reply, _ := input[f.Code].(string)
		reason, _ := input[f.Check].(string)
		if f.Check == "" || strings.TrimSpace(reply) == "" {
			continue
		}
		p, err := s.pair(ctx, c, k, reply)
		if err != nil {
			return err
		}
		var found []string
		for _, x := range replies.Read(p).Findings {
			if x.Kind.Grave() {
				found = append(found, kindTitle(c.lang, x.Kind))
			}
		}
		switch {
		case len(found) == 0:
			delete(input, f.Check)
		case strings.TrimSpace(reason) == "":
			return errs.E(errs.Invalid, "answer.needs_reason", errs.Args{"found": strings.Join(found, text.Say(c.lang, "answer.comma", nil))}).At(f.Check)
		}
	}
	return nil
}
