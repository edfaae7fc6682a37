package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/blob"
	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/work/intake"
)

const uploadPath = "/api/attachments"

// Attachment is a file of a case, or one that waits for its case.
type Attachment struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
	N    int    `json:"n,omitempty" doc:"Ordinal of the action it came with"`

	Closed bool `json:"closed,omitempty" doc:"Personal: it has no name and is not handed over until the caller has opened the case's personal data for a purpose"`
}

func (s *server) fileRoutes(api huma.API) {
	up := op("uploadFile", http.MethodPost, uploadPath, "Upload a file for a case or an action")
	route(s, api, up, signedIn, s.uploadFile)
	// Only described: were it given to the framework, it would read the body whole.
	api.OpenAPI().Paths[uploadPath].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {
		Schema: &huma.Schema{Type: "object", Required: []string{"file"}, Properties: map[string]*huma.Schema{"file": {Type: "string", Format: "binary"}}},
	}}}
	route(s, api, op("getFile", http.MethodGet, uploadPath+"/{id}", "A file"), signedIn, s.getFile)
	route(s, api, op("getThumbnail", http.MethodGet, uploadPath+"/{id}/thumb", "A picture made small"), signedIn, s.getThumb)
}

func (s *server) uploads() *intake.Uploads { return &intake.Uploads{DB: s.DB, Files: s.Files} }

// uploadTime is how long a file may take to arrive: 20 MB over a weak connection.
const uploadTime = 5 * time.Minute

// requestReader hands a handler the request itself, whose body it reads as it comes.
type requestReader struct{ request *http.Request }

// Resolve takes the request before anything has been read of it.
func (r *requestReader) Resolve(ctx huma.Context) []error {
	var w http.ResponseWriter
	r.request, w = raw(ctx)
	// Not every connection has deadlines; the size is bounded in any case.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTime))
	return nil
}

func (s *server) uploadFile(_ context.Context, c *caller, in *requestReader) (*body[Attachment], error) {
	ctx := in.request.Context() // without the time limit of other handlers
	parts, err := in.request.MultipartReader()
	if err != nil {
		return nil, errs.E(errs.Invalid, "api.no_upload", nil).At("file")
	}
	for {
		part, err := parts.NextPart()
		if _, large := errors.AsType[*http.MaxBytesError](err); err != nil && !large {
			return nil, errs.E(errs.Invalid, "api.no_upload", nil).At("file").Because(err) // it ended, or is no form
		}
		if err != nil {
			return nil, uploadError(err)
		}
		if part.FormName() != "file" {
			continue
		}
		f, err := s.Files.Keep(ctx, part.FileName(), part)
		if err != nil {
			return nil, uploadError(err)
		}
		if err := s.uploads().Add(ctx, c.actor.Ref(), f); err != nil {
			return nil, err
		}
		return answer(Attachment{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size}), nil
	}
}

// uploadError tells an upload that ended early or is too large from a defect.
func uploadError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errs.E(errs.TooLarge, "errs.too_large", nil)
	}
	if errs.KindOf(err) != errs.Internal {
		return err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errs.E(errs.Invalid, "api.no_upload", nil).At("file").Because(err)
	}
	return err
}

// takeFiles returns the files with these ids that the caller has uploaded. Error:
// Invalid.
func (s *server) takeFiles(ctx context.Context, c *caller, ids []string) ([]cases.File, error) {
	var out []cases.File
	for _, id := range ids {
		f, err := s.uploads().Find(ctx, c.actor.Ref(), id)
		if errs.Is(err, errs.NotFound) {
			return nil, errs.E(errs.Invalid, "intake.no_file", nil).At("files")
		}
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// dropUploads forgets files that a case has taken. They belong to it already: a
// failure costs nothing but a row.
func (s *server) dropUploads(ctx context.Context, c *caller, files []cases.File) {
	if err := s.uploads().Drop(ctx, c.actor.Ref(), files); err != nil {
		s.Logger.WarnContext(ctx, "taken files could not be struck off", "request", c.id, "error", err)
	}
}

// findFile returns a file that the caller may open: of a case they see, or one
// they uploaded. Errors: NotFound, Forbidden for a personal one that was not opened.
func (s *server) findFile(ctx context.Context, c *caller, id string) (cases.File, error) {
	a, err := s.Cases.FindAttachment(ctx, id)
	if errs.Is(err, errs.NotFound) {
		return s.uploads().Find(ctx, c.actor.Ref(), id)
	}
	if err != nil {
		return cases.File{}, err
	}
	k, err := s.Cases.Get(ctx, a.CaseID)
	if err == nil {
		err = s.see(c, &k)
	}
	if err != nil {
		return cases.File{}, err
	}
	closed, err := s.closedFiles(ctx, c, &k)
	if err == nil && closed[a.N] {
		err = errs.E(errs.Forbidden, "api.file_closed", nil)
	}
	if err != nil {
		return cases.File{}, err
	}
	return cases.File{ID: a.ID, Name: a.Name, Type: a.Type, Size: a.Size, Digest: a.Digest}, nil
}

// opening is how long personal files stay open to who opened a case's personal data.
const opening = 30 * time.Minute

// closedFiles returns by which actions of a case files came that the caller may not open
// now: personal ones, unless their role opens personal data and they have done so lately.
func (s *server) closedFiles(ctx context.Context, c *caller, k *cases.Case) (map[int]bool, error) {
	personal, err := s.Cases.PersonalFiles(ctx, k)
	if err != nil || len(personal) == 0 || !c.reveals {
		return personal, err
	}
	opened, err := s.Cases.OpenedBy(ctx, c.actor, k.ID, opening)
	if opened {
		return nil, err
	}
	return personal, err
}

type fileIDInput struct {
	ID string `path:"id" maxLength:"120"`
}

// keepFile is how long a browser may show a file again without asking: its id
// never means another content, but a person may lose the right to see it.
const keepFile = "private, max-age=300"

func (s *server) getFile(ctx context.Context, c *caller, in *fileIDInput) (*huma.StreamResponse, error) {
	f, err := s.findFile(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	// Read whole before the answer begins: a file that is damaged is found out at
	// its end, and must not be handed over. It has at most 20 MB.
	content, err := s.readFile(ctx, f)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		how := "attachment"
		if slices.Contains(blob.Pictures(), f.Type) || f.Type == blob.PDF {
			how = "inline"
		}
		ctx.SetHeader("Content-Type", f.Type)
		ctx.SetHeader("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": f.Name}))
		ctx.SetHeader("Cache-Control", keepFile)
		if f.Type == blob.PDF {
			// A browser's viewer does not run in a sandbox.
			ctx.SetHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'")
		}
		r, w := raw(ctx)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}}, nil
}

func (s *server) readFile(ctx context.Context, f cases.File) (_ []byte, err error) {
	r, err := s.Files.Open(ctx, f.ID)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return io.ReadAll(r)
}

// thumbEdge is the longer side of a small picture, in pixels.
const thumbEdge = 360

func (s *server) getThumb(ctx context.Context, c *caller, in *fileIDInput) (*huma.StreamResponse, error) {
	f, err := s.findFile(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(f.Type, "image/") {
		return nil, errs.E(errs.NotFound, "intake.no_file", nil)
	}
	content, err := s.readFile(ctx, f)
	if err != nil {
		return nil, err
	}
	kind := f.Type
	var small bytes.Buffer
	if err := blob.Downscale(&small, bytes.NewReader(content), thumbEdge); err == nil {
		content, kind = small.Bytes(), blob.JPEG
	} else if !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.TooLarge) {
		return nil, err // a kind of picture that we cannot make small is shown as it is
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", kind)
		ctx.SetHeader("Cache-Control", keepFile)
		s.send(ctx, content)
	}}, nil
}
