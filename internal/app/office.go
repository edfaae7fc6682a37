package app

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"strings"
	"sync"
	"time"

	"yiwang/internal/base/blob"
	"yiwang/internal/base/document"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/place"
	"yiwang/internal/door/portal"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/knowledge"
)

// webChannel is the code of the channel that is Yiwang's own citizens' site.
const webChannel = "web"

// office is the house as the citizens' door sees it.
type office struct {
	*App
	book   *portal.Book
	opened opened
	faces  func() (*document.Faces, error)
}

func newOffice(a *App) (*office, error) {
	book, err := portal.BookOf(a.City)
	return &office{App: a, book: book, faces: sync.OnceValues(a.fonts)}, err
}

// Book returns the declarations in force.
func (o *office) Book(context.Context) (*portal.Book, error) { return o.book, nil }

// File opens a case; see portal.Office.
func (o *office) File(ctx context.Context, f portal.Filing) (portal.Filed, error) {
	m := intake.Message{
		Family: f.Family, Channel: cmp.Or(f.Channel, webChannel), ExternalID: f.External, Actor: org.Appellant(),
		Area: f.Area, Fields: map[string]any{}, Files: keptFiles(f.Files), Parties: parties(f), Agreed: f.Agreed,
	}
	if f.Point != nil {
		m.Lng, m.Lat = f.Point.Lng, f.Point.Lat
	}
	known := map[string]*string{"title": &m.Title, "text": &m.Text, "address": &m.Address, "name": &m.Name, "phone": &m.Phone}
	for name, v := range f.Fields {
		if s, ok := v.(string); ok && known[name] != nil {
			*known[name] = s
		} else {
			m.Fields[name] = v
		}
	}
	filed, err := o.Desk.File(ctx, m)
	if err != nil {
		return portal.Filed{}, err
	}
	if filed.Already {
		// Only who holds the draft can file it again: the first receipt was lost.
		if filed.Code, err = o.Cases.NewCode(ctx, filed.ID); err != nil {
			return portal.Filed{}, err
		}
	}
	return portal.Filed{CaseID: filed.ID, Number: filed.Number, Code: filed.Code, At: time.UnixMilli(filed.Case.FiledAt)}, nil
}

func keptFiles(fs []portal.File) []cases.File {
	out := make([]cases.File, len(fs))
	for i, f := range fs {
		out[i] = cases.File{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, Digest: intake.Digest(f.ID)}
	}
	return out
}

// About says with what confidence a message is about which matters.
func (o *office) About(_ context.Context, message string) map[string]float64 {
	about := map[string]float64{}
	for _, m := range o.Judge.Read(dispatch.Message{Text: message}).Matters {
		about[m.Label] = m.P
	}
	return about
}

// Find returns the case with this number and query code.
func (o *office) Find(ctx context.Context, number, code string) (string, error) {
	c, err := o.Cases.CheckCode(ctx, number, code)
	return c.ID, err
}

// Look returns what the appellant of a case may see.
func (o *office) Look(ctx context.Context, id string) (p portal.Progress, err error) {
	me := org.Appellant()
	v, err := o.Cases.Open(ctx, me, id, "")
	if err != nil {
		return p, err
	}
	files, err := o.Cases.Attachments(ctx, id)
	if err != nil {
		return p, err
	}
	c, life := &v.Case, o.lifecycle(v.Case.Family)
	p = portal.Progress{
		CaseID: c.ID, Number: c.Number, Family: c.Family, Title: c.Title, Closed: c.Closed == 1,
		Unit: o.unitName(c.Unit), FiledAt: time.UnixMilli(c.FiledAt), Promise: o.promise(&v),
	}
	if st := life.State(c.State); st != nil {
		p.State = st.Citizen
	}
	for _, f := range v.Fields {
		if f.Code == applyField {
			if c.Closed == 0 {
				p.Apply = f.Text
			}
			continue
		}
		p.Said = append(p.Said, portal.Said{Title: f.Title, Value: f.Text})
	}
	shown := map[int][]portal.File{}
	for _, f := range files {
		shown[f.N] = append(shown[f.N], portal.File{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size})
	}
	for _, e := range v.ForCitizen() {
		h := e.Header
		p.Steps = append(p.Steps, portal.Step{
			At: time.UnixMilli(h.At), Text: e.Citizen, Unit: o.unitName(h.Unit), Mine: h.By == me.Ref(), Files: shown[h.N],
			Paper: o.Cases.PaperFor(c.Family, h), N: h.N,
		})
		p.Files = append(p.Files, shown[h.N]...)
	}
	p.Reasons = o.reasons(&v)
	for _, choice := range o.Cases.Choices(me, *c) {
		if d := life.Action(choice.Action); d != nil && choice.Open {
			to := life.State(d.To)
			p.Actions = append(p.Actions, portal.Choice{
				Code: d.Code, Title: d.Title, Hint: d.Hint, Main: choice.Main, Ends: to != nil && to.Closed, Input: d.Input,
			})
		}
	}
	return p, nil
}

// applyField is the field of a case that names the service which it asks to be applied
// for, as reminders do.
const applyField = "apply"

// Looks returns who opened the personal data of a case; see portal.Office.
func (o *office) Looks(ctx context.Context, id string) ([]portal.Glimpse, error) {
	all, err := o.Cases.Openings(ctx, id)
	var out []portal.Glimpse
	for _, l := range all {
		g := portal.Glimpse{At: time.UnixMilli(l.At), Purpose: l.Purpose}
		who, kind := strings.CutPrefix(l.Actor, string(org.IsStaff)+":")
		if kind {
			g.Unit, g.Role = o.lookerOf(ctx, who)
		}
		out = append(out, g)
	}
	return out, err
}

// lookerOf names the unit and the roles of a member of staff, or of another system.
func (o *office) lookerOf(ctx context.Context, id string) (unit, role string) {
	if p, ok := o.Staff.Directory().Staff(id); ok {
		return o.unitName(p.Unit), o.roleTitles(p.Roles)
	}
	if key, ok := strings.CutPrefix(id, org.KeyActor); ok {
		if k, _, err := o.Staff.KeyActor(ctx, key); err == nil {
			return o.unitName(k.Unit), k.Name
		}
	}
	return "", ""
}

// Paper returns the paper that went out to the appellant with an action.
func (o *office) Paper(ctx context.Context, id string, n int) (out portal.Handout, err error) {
	d, err := o.Cases.Paper(ctx, org.Appellant(), id, n)
	if err != nil {
		return out, err
	}
	var b bytes.Buffer
	if faces, err := o.faces(); err == nil {
		missing, err := d.PDF(&b, faces)
		if len(missing) > 0 {
			o.Logger.WarnContext(ctx, "characters that no font of this machine has are written as their codes", "characters", len(missing))
		}
		return portal.Handout{Name: d.Title + ".pdf", Type: "application/pdf", Body: b.Bytes()}, err
	}
	err = d.HTML(&b)
	return portal.Handout{Name: d.Title + ".html", Type: "text/html; charset=utf-8", Body: b.Bytes()}, err
}

// promise is the clock that is due next and whom it binds.
func (o *office) promise(v *cases.View) *portal.Promise {
	c := &v.Case
	d := o.Cases.Clock(c.Family, c.DueClock)
	if d == nil || c.DueAt == 0 {
		return nil
	}
	unit := o.City.Centre
	if d.Of == "unit" {
		unit = c.Unit
	}
	return &portal.Promise{Title: d.Title, Unit: o.unitName(unit), Due: time.UnixMilli(c.DueAt)}
}

func (o *office) lifecycle(family string) *matter.Lifecycle {
	return o.City.Catalog.Lifecycle(o.City.Catalog.Family(family).Lifecycle)
}

func (o *office) unitName(code string) string {
	u, _ := o.Staff.Directory().Unit(code)
	return u.Name
}

// Act takes an action that is open to the appellant.
func (o *office) Act(ctx context.Context, a portal.Act) error {
	_, err := o.Cases.Act(ctx, org.Appellant(), cases.Deed{
		Case: a.CaseID, Action: a.Action, Input: a.Input, Files: keptFiles(a.Files), Once: a.Once,
	})
	return err
}

// Recover sends new query codes to a telephone number that was filed with.
func (o *office) Recover(ctx context.Context, phone string) error {
	_, err := o.Cases.Recover(ctx, phone)
	return err
}

// nearbyMost is how many neighbours' cases are offered.
const nearbyMost = 3

// Nearby returns open cases that may be the same event.
func (o *office) Nearby(ctx context.Context, e portal.Event) (out []portal.Neighbour, err error) {
	area := e.Area
	if e.Point != nil {
		if f, ok := o.City.Places.At(place.Point{Lng: e.Point.Lng, Lat: e.Point.Lat}); ok {
			area = f.Area
		}
	}
	m := intake.Message{Text: e.Text, Area: area}
	if e.Point != nil {
		m.Lng, m.Lat = e.Point.Lng, e.Point.Lat
	}
	for _, hit := range o.Desk.Nearby(m) {
		n, err := o.Glance(ctx, hit.ID)
		if err != nil {
			return nil, err
		}
		if !n.Closed && len(out) < nearbyMost {
			out = append(out, n)
		}
	}
	return out, nil
}

// Glance returns what anybody may know of a case.
func (o *office) Glance(ctx context.Context, id string) (n portal.Neighbour, err error) {
	c, err := o.Cases.Get(ctx, id)
	if err != nil {
		return n, err
	}
	n = portal.Neighbour{CaseID: c.ID, Unit: o.unitName(c.Unit), FiledAt: time.UnixMilli(c.FiledAt), Closed: c.Closed == 1}
	n.About = o.City.Catalog.Family(c.Family).Title
	if m := o.City.Catalog.Find(c.Family, c.Matter); m != nil {
		n.About = m.Name
	}
	if a, ok := o.City.Places.Area(c.Area); ok {
		n.Where = a.Name
	}
	if st := o.lifecycle(c.Family).State(c.State); st != nil {
		n.State = st.Citizen
	}
	return n, nil
}

// Ask looks a question up in the knowledge base.
func (o *office) Ask(ctx context.Context, question string) (a portal.Advice, err error) {
	r, err := o.Answers.Ask(ctx, knowledge.AtPortal, question)
	a.ID, a.Sure = r.ID, r.Sure
	for _, h := range r.Hits {
		e := h.Entry
		a.Items = append(a.Items, portal.Guidance{Question: e.Question, English: e.English, Answer: e.Answer, Basis: e.Basis, Link: e.Link,
			Unit: o.unitName(e.Unit), Reviewed: e.Reviewed, Expires: e.Expires, Local: e.Local})
	}
	return a, err
}

// Mark notes what became of an answer.
func (o *office) Mark(ctx context.Context, id, mark string) error {
	return o.Answers.Mark(ctx, id, mark)
}

// Keep inspects and stores an uploaded file.
func (o *office) Keep(ctx context.Context, name string, r io.Reader) (portal.File, error) {
	f, err := o.Files.Keep(ctx, name, r)
	return portal.File{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size}, err
}

// thumbEdge is the longer edge of a thumbnail in pixels.
const thumbEdge = 480

// Open returns a kept file, or a thumbnail of a picture.
func (o *office) Open(ctx context.Context, id string, size portal.Size) (io.ReadCloser, portal.File, error) {
	f := portal.File{ID: id, Type: "application/octet-stream"}
	if kept, err := o.Cases.FindAttachment(ctx, id); err == nil {
		f.Name, f.Type, f.Size = kept.Name, kept.Type, kept.Size
	}
	r, err := o.Files.Open(ctx, id)
	if err != nil || size != portal.Small {
		return r, f, err
	}
	defer r.Close() // read whole below, or given up
	var small bytes.Buffer
	if err := blob.Downscale(&small, r, thumbEdge); err != nil {
		return nil, f, err
	}
	f.Type, f.Size = blob.JPEG, int64(small.Len())
	return io.NopCloser(&small), f, nil
}

// drafts keeps sealed drafts in the database.
type drafts struct{ db *sqldb.DB }

// LoadDraft returns a draft. Error: NotFound, also where its time is over.
func (d drafts) LoadDraft(ctx context.Context, id string) ([]byte, error) {
	var doc []byte
	err := d.db.Read().QueryRow(ctx, `select doc from draft where id = ? and until > ?`, id, d.db.Now()).Scan(&doc)
	return doc, err
}

// SaveDrafts keeps drafts, each until its time, and lets go of those whose time is over.
func (d drafts) SaveDrafts(ctx context.Context, all ...portal.Sealed) error {
	return d.db.Write(ctx, func(tx *sqldb.Tx) error {
		var batch sqldb.Batch
		batch.Add(`delete from draft where until < ?`, tx.Now())
		for _, one := range all {
			batch.Add(tx.Engine().Upsert("draft", []string{"id"}, []string{"until", "doc"}), one.ID, one.Until.UnixMilli(), one.Doc)
		}
		_, err := tx.Pipeline(ctx, &batch)
		return err
	})
}

// DropDraft forgets a draft.
func (d drafts) DropDraft(ctx context.Context, id string) error {
	return d.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `delete from draft where id = ?`, id)
		return err
	})
}

var _ portal.Office = (*office)(nil)
