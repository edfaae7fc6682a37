package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/work/exchange"
)

const exchangePath = "/api/exchange/{channel}"

func (s *server) exchangeRoutes(api huma.API) {
	in := op("exchangeImport", http.MethodPost, exchangePath, "Take in a file of another platform")
	in.Description = "JSON Lines after docs/exchange.md. What was refused stands in the answer with line and reason."
	route(s, api, in, signedIn, s.exchangeImport)
	api.OpenAPI().Paths[exchangePath].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/x-ndjson": {
		Schema: &huma.Schema{Type: "string"},
	}}}
	route(s, api, op("exchangeExport", http.MethodGet, exchangePath, "A file of a channel's cases for another platform"), signedIn, s.exchangeExport)
}

// mayExchange lets a platform with its key at the cases of its own channel, and who
// sees and may export all cases; administrators take files in and open none.
func (s *server) mayExchange(c *caller, channel string, takesIn bool) error {
	if _, ok := s.City.Channel(channel); !ok {
		return errs.E(errs.NotFound, "api.no_channel", nil).At("channel")
	}
	if c.key != nil {
		return unless(c.key.Channel == channel)
	}
	if takesIn {
		return unless(c.admin)
	}
	return unless(c.exports && s.Staff.Directory().ScopeOf(c.actor).All)
}

// ExchangeTally is what became of a file.
type ExchangeTally struct {
	From     string                 `json:"from"`
	Cases    int                    `json:"cases"`
	Created  int                    `json:"created"`
	Already  int                    `json:"already" doc:"Known, though there may be news of them"`
	Returned int                    `json:"returned" doc:"Own cases that came back"`
	Entries  int                    `json:"entries" doc:"Things that were new"`
	Results  int                    `json:"results" doc:"Answers taken over, to be audited"`
	Refused  []exchange.RefusedLine `json:"refused" nullable:"false"`
}

type exchangeImportInput struct {
	Channel string `path:"channel" maxLength:"60"`
	requestReader
}

func (s *server) exchangeImport(_ context.Context, c *caller, in *exchangeImportInput) (_ *body[ExchangeTally], err error) {
	if err := s.mayExchange(c, in.Channel, true); err != nil {
		return nil, err
	}
	ctx := in.request.Context() // without the time limit of other handlers
	f, err := os.CreateTemp("", "yiwang-exchange-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	if _, err := io.Copy(f, in.request.Body); err != nil {
		return nil, uploadError(err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	t, err := s.Exchange.Import(ctx, f, in.Channel, c.lang)
	if err != nil {
		return nil, err
	}
	out := ExchangeTally(t)
	return answer(out), s.Staff.Note(ctx, c.actor, "exchange_in", in.Channel, map[string]any{"from": t.From, "cases": t.Cases, "refused": len(t.Refused)})
}

type exchangeExportInput struct {
	Channel string `path:"channel" maxLength:"60"`
	Since   string `query:"since" maxLength:"10" doc:"First day of changes, e.g. 2026-11-01"`
	Files   bool   `query:"files" doc:"With the contents of attachments"`
}

func (s *server) exchangeExport(_ context.Context, c *caller, in *exchangeExportInput) (*huma.StreamResponse, error) {
	if err := s.mayExchange(c, in.Channel, false); err != nil {
		return nil, err
	}
	want := exchange.Wanted{Channel: in.Channel, Files: in.Files, Masked: !c.reveals}
	if in.Since != "" {
		day, err := time.ParseInLocation(time.DateOnly, in.Since, text.CST)
		if err != nil {
			return nil, errs.E(errs.Invalid, "intake.bad_time", nil).At("since")
		}
		want.Since = day.UnixMilli()
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "application/x-ndjson; charset=utf-8")
		ctx.SetHeader("Content-Disposition", `attachment; filename="`+in.Channel+`.jsonl"`)
		n, err := s.Exchange.Export(ctx.Context(), c.actor, ctx.BodyWriter(), want)
		if err != nil { // the file has no last line, so its reader refuses it
			s.Logger.ErrorContext(ctx.Context(), "an exchange file ended early", "request", c.id, "error", err)
			return
		}
		if err := s.Staff.Note(context.WithoutCancel(ctx.Context()), c.actor, "exchange_out", in.Channel, map[string]any{"cases": n}); err != nil {
			s.Logger.ErrorContext(ctx.Context(), "an export could not be noted", "request", c.id, "error", err)
		}
	}}, nil
}
