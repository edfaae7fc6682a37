package api

import (
	"context"
	_ "embed"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/core/voucher"
)

// described is the committed description of this door; a test keeps it true.
//
//go:embed openapi.json
var described []byte

func serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", revalidate)
	if _, err := w.Write(described); err != nil {
		return // the caller has gone
	}
}

func (s *server) proofRoutes(api huma.API) {
	route(s, api, op("getCheckpoint", http.MethodGet, "/api/log/checkpoint", "The latest signed checkpoint of the log"), anybody, s.getCheckpoint)
	route(s, api, op("getProof", http.MethodGet, "/api/cases/{id}/proof/{n}", "Proof that an action stands in the log"), signedIn, s.getProof)
}

func (s *server) getCheckpoint(ctx context.Context, _ *caller, _ *struct{}) (*huma.StreamResponse, error) {
	note, err := s.Cases.LatestCheckpoint(ctx)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "text/plain; charset=utf-8")
		s.send(ctx, []byte(note))
	}}, nil
}

type proofInput struct {
	ID string `path:"id" maxLength:"100"`
	N  int    `path:"n" minimum:"1" maximum:"1000000"`
}

func (s *server) getProof(ctx context.Context, c *caller, in *proofInput) (*body[voucher.Inclusion], error) {
	if err := s.seeID(ctx, c, in.ID); err != nil {
		return nil, err
	}
	p, err := s.Cases.Prove(ctx, in.ID, in.N)
	return answer(p), err
}
