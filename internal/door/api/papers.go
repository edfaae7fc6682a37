package api

import (
	"bytes"
	"context"
	"mime"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/document"
	"yiwang/internal/base/errs"
)

func (s *server) paperRoutes(api huma.API) {
	route(s, api, op("getPaper", http.MethodGet, "/api/cases/{id}/papers/{file}", "The paper that went out with an action: 3.pdf, 3.docx or 3.html"), signedIn, s.getPaper)
}

type paperInput struct {
	ID   string `path:"id" maxLength:"40"`
	File string `path:"file" maxLength:"20" pattern:"^[0-9]{1,6}\\.(pdf|docx|html)$" doc:"Ordinal of the action, and the form"`
}

func (s *server) getPaper(ctx context.Context, c *caller, in *paperInput) (*huma.StreamResponse, error) {
	if err := s.seeID(ctx, c, in.ID); err != nil {
		return nil, err
	}
	n, form := splitFile(in.File)
	d, err := s.Cases.Paper(ctx, c.actor, in.ID, n)
	if err != nil {
		return nil, err
	}
	return s.handOut(d, form)
}

// splitFile splits "3.pdf", whose form the route has checked.
func splitFile(name string) (n int, form string) {
	for i, r := range name {
		if r == '.' {
			return n, name[i+1:]
		}
		n = n*10 + int(r-'0')
	}
	return n, ""
}

// paperTypes are the forms a document is written in.
var paperTypes = map[string]string{
	"pdf":  "application/pdf",
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"html": "text/html; charset=utf-8",
}

// handOut writes a document in a form. Error: Unavailable, a PDF on a machine
// without a Chinese font.
func (s *server) handOut(d *document.Document, form string) (*huma.StreamResponse, error) {
	var b bytes.Buffer
	switch form {
	case "pdf":
		if s.Fonts == nil {
			return nil, errs.E(errs.Unavailable, "document.no_font", nil)
		}
		faces, err := s.Fonts()
		if err != nil {
			return nil, err
		}
		missing, err := d.PDF(&b, faces)
		if err != nil {
			return nil, err
		}
		if len(missing) > 0 {
			s.Logger.Warn("characters that no font of this machine has are written as their codes", "characters", len(missing))
		}
	case "docx":
		if err := d.DOCX(&b); err != nil {
			return nil, err
		}
	default:
		if err := d.HTML(&b); err != nil {
			return nil, err
		}
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		how := "inline"
		if form == "docx" {
			how = "attachment"
		}
		ctx.SetHeader("Content-Type", paperTypes[form])
		ctx.SetHeader("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": d.Title + "." + form}))
		ctx.SetHeader("Cache-Control", "private, no-store")
		ctx.SetHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'")
		s.send(ctx, b.Bytes())
	}}, nil
}
