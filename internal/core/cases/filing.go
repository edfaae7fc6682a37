package cases

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/textzh"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
)

// Filing is a message at the door, read and ready to become a case.
type Filing struct {
	Family     string
	Channel    string
	ExternalID string // the channel's own id; the same id again is the same case
	Content    string // digest of what was sent, to tell a repetition from a reused id
	Actor      org.Actor
	Fields     map[string]any // the family's declared fields: title, text, address, name, phone …
	WrittenAt  int64          // when the person wrote it, 0 unknown
	Matter     string
	Nature     string
	Urgency    string
	Area, Grid string
	Lng, Lat   float64
	Unit       string // responsible from the start, where the family does not dispatch
	Files      []File
	Reading    *Reading // what the machine read, kept beside the case
	History    bool     // decided long ago: closed at once, no clocks, no notices
	Likeness   *Likeness
	Steps      []Step // what the machine does with it in the same transaction
}

// File is an attachment that has been stored in the blob store.
type File struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Digest string `json:"digest"`
}

// Likeness is by what a message is known again.
type Likeness struct {
	Words  string // digest of the normal form of its words, "" where they are too few
	Sketch []byte // by which likely repeats are found
}

// Reading is the machine's reading of a message, as it was when it decided.
type Reading struct {
	Model string
	Doc   json.RawMessage
}

// Step is an action taken by the machine right after another, in one transaction.
type Step struct {
	Action string
	Input  map[string]any
	By     org.Actor
}

// Filed is the outcome of a filing.
type Filed struct {
	ID, Number string
	Code       string // the query code, in clear for this once; "" where it was there already
	Already    bool   // the same external id with the same content was filed before
	Case       Case
}

// File opens a case. Errors: Invalid (a field), Conflict "cases.id_reused" (the
// external id was used with another content).
func (s *Store) File(ctx context.Context, f Filing) (_ Filed, err error) {
	defer errs.Wrap(&err, "cases.File(%s, %s)", f.Channel, f.ExternalID)
	p, err := s.prepare(ctx, f)
	if err != nil {
		return Filed{}, err
	}
	var out Filed
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		var werr error
		out, werr = s.file(ctx, tx, p)
		return werr
	})
	return out, err
}

// FileAll opens several cases in one transaction; outcomes and errors stand in
// the order of the filings. An error of one does not stop the others, unless the
// transaction itself fails, which is returned last.
func (s *Store) FileAll(ctx context.Context, fs []Filing) ([]Filed, []error, error) {
	prepared := make([]*prepared, len(fs))
	errors := make([]error, len(fs))
	for i := range fs {
		prepared[i], errors[i] = s.prepare(ctx, fs[i])
	}
	var out []Filed
	err := s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		out = make([]Filed, len(fs))
		for i, p := range prepared {
			if p == nil {
				continue
			}
			filed, err := s.file(ctx, tx, p)
			switch {
			case err == nil:
				out[i] = filed
			case errs.Is(err, errs.Conflict) || errs.Is(err, errs.Invalid):
				errors[i] = err
			default:
				return err
			}
		}
		return nil
	})
	return out, errors, err
}

// prepared is a filing with everything slow done before its transaction.
type prepared struct {
	Filing
	m       *machine
	id      string
	number  string
	key     gm.Key
	wrapped []byte
	code    string
	body    body
	public  map[string]any
	tokens  string
	phone   string // digest of the telephone number, "" where there is none
}

func (s *Store) prepare(ctx context.Context, f Filing) (*prepared, error) {
	m := s.machines[f.Family]
	if m == nil {
		return nil, errs.E(errs.Invalid, "cases.unknown_family", errs.Args{"family": f.Family}).At("family")
	}
	fields, err := matter.CheckInput(m.family.Fields, f.Fields)
	if err != nil {
		return nil, err
	}
	p := &prepared{Filing: f, m: m, id: ulid.Make().String(), body: body{}, public: map[string]any{}}
	for _, d := range m.family.Fields {
		v, ok := fields[d.Code]
		switch {
		case !ok:
		case d.Sealed():
			p.body[d.Code] = v
		default:
			p.public[d.Code] = v
		}
	}
	if f.WrittenAt != 0 {
		p.body["written_at"] = f.WrittenAt
	}
	if f.Lng != 0 || f.Lat != 0 {
		p.body["lng"], p.body["lat"] = f.Lng, f.Lat
	}
	if p.number, err = s.numbers.take(ctx, s.City.NumberPrefix); err != nil {
		return nil, err
	}
	if p.key, err = gm.NewKey(gm.Intl); err != nil {
		return nil, err
	}
	if p.wrapped, err = s.Master.Wrap(ctx, p.key, []byte(p.id)); err != nil {
		return nil, err
	}
	if p.code, err = newCode(); err != nil {
		return nil, err
	}
	if phone := normalPhone(p.body.text("phone")); phone != "" {
		p.phone = s.digest("contact", phone)
	}
	p.tokens = textzh.Tokens(strings.Join([]string{p.body.text("title"), p.body.text("text"), p.body.text("address")}, " "))
	return p, nil
}

// file writes a prepared filing and its steps.
func (s *Store) file(ctx context.Context, tx *sqldb.Tx, p *prepared) (Filed, error) {
	if p.ExternalID != "" {
		filed, found, err := s.already(ctx, tx, p)
		if err != nil || found {
			return filed, err
		}
	}
	w := &writing{s: s, ctx: ctx, tx: tx, m: p.m, key: p.key, fresh: true, mute: p.History}
	if err := w.open(p); err != nil {
		return Filed{}, err
	}
	if err := w.linkSame(p); err != nil {
		return Filed{}, err
	}
	for _, step := range p.Steps {
		if err := w.act(step.By, step.Action, step.Input, nil); err != nil {
			return Filed{}, err
		}
	}
	if err := w.flush(); err != nil {
		return Filed{}, err
	}
	return Filed{ID: p.id, Number: p.number, Code: p.code, Case: w.c}, nil
}

// already looks whether the channel's id was filed before.
func (s *Store) already(ctx context.Context, tx *sqldb.Tx, p *prepared) (Filed, bool, error) {
	var id, content string
	err := tx.QueryRow(ctx, `select case_id, content from intake_key where channel = ? and external_id = ?`,
		p.Channel, p.ExternalID).Scan(&id, &content)
	if errs.Is(err, errs.NotFound) {
		return Filed{}, false, nil
	}
	if err != nil {
		return Filed{}, false, err
	}
	if content != p.Content {
		return Filed{}, false, errs.E(errs.Conflict, "cases.id_reused", errs.Args{"id": p.ExternalID})
	}
	c, err := getCase(ctx, tx, id)
	return Filed{ID: id, Number: c.Number, Already: true, Case: c}, true, err
}

// linkSame ties a case to the first one that said the same words, and remembers
// its own.
func (w *writing) linkSame(p *prepared) error {
	like := p.Likeness
	if like == nil {
		return nil
	}
	w.later(`insert into likeness (case_id, words, sketch, at) values (?, ?, ?, ?)`, p.id, like.Words, like.Sketch, w.tx.Now())
	if like.Words == "" || p.History || w.m.actions["link_repeat"] == nil {
		return nil
	}
	number, err := sqldb.Get[string](w.ctx, w.tx, `select c.number from likeness l join cases c on c.id = l.case_id
		where l.words = ? order by l.at, l.case_id limit 1`, like.Words)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return w.act(org.Machine("repeat"), "link_repeat", map[string]any{"case": number}, nil)
}
