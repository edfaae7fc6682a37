package cases

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
)

// Filing is a message at the door, read and ready to become a case.
type Filing struct {
	ID         string // a ULID; "" lets the store choose one
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
	Ties       []Tie               // cases that it surely speaks of again
	Steps      []Step              // what the machine does with it in the same transaction
	Parties    []Party             // whose it is, where that is known for certain
	Agreed     bool                // the applicant agreed that the registers are read for it
	Decisions  map[string]Decision // what tables said already, by code; the others are asked
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

// Tie links a new case to an earlier one, by an action that takes its number.
type Tie struct {
	Action string
	Case   string // id
	Reason string // in words
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
	out, err := s.fileOne(ctx, p)
	if lost := s.noteOthers(ctx, err != nil, p); lost != nil {
		err = errors.Join(err, lost)
	}
	return out, err
}

// FileAll opens several cases in one transaction; outcomes and errors stand in
// the order of the filings. An error of one does not stop the others, unless the
// transaction itself fails, which is returned last.
func (s *Store) FileAll(ctx context.Context, fs []Filing) ([]Filed, []error, error) {
	return s.Line().FileAll(ctx, fs)()
}

// noteOthers writes what was to be noted of filings of which nothing came, all of them
// where the transaction was undone: what was read was read.
func (s *Store) noteOthers(ctx context.Context, undone bool, ps ...*prepared) error {
	var rows []statement
	for _, p := range ps {
		if p != nil && (undone || !p.noted) {
			rows = append(rows, p.notes...)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return s.DB.Write(context.WithoutCancel(ctx), func(tx *sqldb.Tx) error {
		var batch sqldb.Batch
		for _, r := range joinInserts(rows) {
			batch.Add(r.sql, r.args...)
		}
		_, err := tx.Pipeline(ctx, &batch)
		return err
	})
}

// again files messages again where another transaction, of this process or another, has
// filed one of them under its id meanwhile, as when a caller sends again what was still
// under way: the next run, which is told so, finds it there.
func again(file func(exists bool) error) error {
	const runs = 3
	for run := 1; ; run++ {
		if err := file(run > 1); run == runs || !errs.Is(err, errs.Exists) {
			return err
		}
	}
}

// fileOne files a message by itself. What is known already is looked up before its
// transaction, in which nothing is left to ask. Whether its id was filed before it asks
// only when the insertion has said so: of a hundred messages hardly one comes again.
func (s *Store) fileOne(ctx context.Context, p *prepared) (out Filed, err error) {
	err = again(func(exists bool) error {
		// Of two who say the same at the same time the second is to find the first.
		before, said := s.saying.begin(p)
		defer said()
		k, err := lookUp(ctx, s.DB.Read(), exists, p)
		if err == nil && before != nil && !p.foundIn(k) {
			select {
			case <-before:
			case <-ctx.Done():
			}
			k, err = lookUp(ctx, s.DB.Read(), exists, p)
		}
		if err != nil {
			return err
		}
		return s.DB.Write(ctx, func(tx *sqldb.Tx) (err error) {
			out, err = s.file(ctx, tx, p, k.clone())
			return err
		})
	})
	return out, err
}

// saying is the messages that are being filed, by the digest of their words: of each the
// last that began, which ends its channel when it is filed.
type saying struct {
	mu  sync.Mutex
	now map[string]chan struct{}
}

// begin takes down that a message is being filed. It returns what ends with the message of
// the same words that began before, nil where there is none, and what to call when this one
// is filed.
func (s *saying) begin(p *prepared) (before <-chan struct{}, said func()) {
	if p.Likeness == nil || p.Likeness.Words == "" {
		return nil, func() {}
	}
	words, mine := p.Likeness.Words, make(chan struct{})
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == nil {
		s.now = map[string]chan struct{}{}
	}
	before, s.now[words] = s.now[words], mine
	return before, func() {
		close(mine)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.now[words] == mine {
			delete(s.now, words)
		}
	}
}

// together holds the rows of cases that are filed in one transaction, so that
// those of one kind are written by one statement.
type together struct {
	batch sqldb.Batch     // statements that stand ready
	rows  []statement     // of the latest cases, not joined yet
	held  int             // cases in rows
	cases map[string]bool // all that are not written, by id
}

// togetherMost is for how many cases a statement writes at most.
const togetherMost = 64

func (t *together) add(id string, rows []statement) {
	if t.cases == nil {
		t.cases = map[string]bool{}
	}
	t.rows, t.cases[id] = append(t.rows, rows...), true
	if t.held++; t.held == togetherMost {
		t.join()
	}
}

// join makes statements of the latest rows.
func (t *together) join() {
	for _, r := range joinInserts(t.rows) {
		t.batch.Add(r.sql, r.args...)
	}
	t.rows, t.held = nil, 0
}

// holds reports whether the rows of a case are not written yet.
func (t *together) holds(id string) bool { return t != nil && t.cases[id] }

// write writes what is held: at the end, and before anybody reads it.
func (t *together) write(ctx context.Context, tx *sqldb.Tx) error {
	if t == nil || len(t.cases) == 0 {
		return nil
	}
	t.join()
	_, err := tx.Pipeline(ctx, &t.batch)
	*t = together{}
	return err
}

// known is what earlier cases have in common with those about to be filed: one
// look for all of them, kept up as they are filed.
type known struct {
	ids     map[channelID]intakeKey
	words   map[string]string // digest of the words → id of the first case that said them
	numbers map[string]string // of the cases in words and of those that filings are to be tied to, by id

	together *together // nil where a case is filed by itself
}

type channelID struct{ channel, id string }

type intakeKey struct {
	Channel string `db:"channel"`
	ID      string `db:"external_id"`
	Case    string `db:"case_id"`
	Content string `db:"content"`
}

// lookUp looks for the cases that messages are to be tied to: those that are known, or
// else the first of these weeks that said the same words. Where that is asked for it looks for their ids.
func lookUp(ctx context.Context, q sqldb.Querier, ids bool, ps ...*prepared) (*known, error) {
	k := &known{ids: map[channelID]intakeKey{}, words: map[string]string{}, numbers: map[string]string{}}
	byChannel := map[string][]any{}
	var words, periods, ties []any
	for _, p := range ps {
		if p == nil {
			continue
		}
		if ids && p.ExternalID != "" {
			byChannel[p.Channel] = append(byChannel[p.Channel], p.ExternalID)
		}
		if w := p.sameAs(); w != "" {
			words = append(words, w)
			for _, period := range periodsTo(p.id) {
				if !slices.Contains(periods, any(period)) {
					periods = append(periods, period)
				}
			}
		}
		for _, t := range p.Ties {
			ties = append(ties, t.Case)
		}
	}
	var looks []string // as one question
	var args []any
	for channel, ids := range byChannel {
		ids = evened(ids)
		looks = append(looks, `select channel, external_id, case_id, content, '' as words, '' as number from intake_key
			where channel = ? and external_id in (`+placeholders(len(ids))+`)`)
		args = append(append(args, channel), ids...)
	}
	if len(words) > 0 {
		words, periods = evened(words), evened(periods)
		looks = append(looks, `select '' as channel, '' as external_id, c.id as case_id, '' as content, l.words, c.number
			from (select words, min(case_id) as first from likeness
				where substr(case_id, 1, 4) in (`+placeholders(len(periods))+`) and words in (`+placeholders(len(words))+`) group by words) l
			join cases c on c.id = l.first`)
		args = append(append(args, periods...), words...)
	}
	if len(ties) > 0 {
		ties = evened(ties)
		looks = append(looks, `select '' as channel, '' as external_id, id as case_id, '' as content, '' as words, number
			from cases where id in (`+placeholders(len(ties))+`)`)
		args = append(args, ties...)
	}
	if len(looks) == 0 {
		return k, nil
	}
	type earlier struct {
		intakeKey
		Words  string `db:"words"`
		Number string `db:"number"` // "" of a case that came by its key
	}
	all, err := sqldb.Select[earlier](ctx, q, strings.Join(looks, " union all "), args...)
	for _, e := range all {
		if e.Number == "" {
			k.ids[channelID{e.Channel, e.ID}] = e.intakeKey
			continue
		}
		k.numbers[e.Case] = e.Number
		if e.Words != "" {
			k.words[e.Words] = e.Case
		}
	}
	return k, err
}

// evened repeats the last of some values until they are a power of two, so that there
// are few statements that ask for several.
func evened(values []any) []any {
	for n := len(values); n&(n-1) != 0; n++ {
		values = append(values, values[len(values)-1])
	}
	return values
}

// clone returns a copy, for a transaction that may run again.
func (k *known) clone() *known {
	return &known{ids: maps.Clone(k.ids), words: maps.Clone(k.words), numbers: maps.Clone(k.numbers)}
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
	reach   []string // digests of the telephone number, the e-mail address and the parties
	rulings map[string]Decision
	notes   []statement // what those who were asked for facts want written
	noted   bool        // they stand in the transaction of the filing
}

// sameAs returns the digest by which messages that say the same are found, "" for none.
func (p *prepared) sameAs() string {
	if p.Likeness == nil || len(p.Ties) > 0 {
		return ""
	}
	return p.Likeness.Words
}

func (s *Store) prepare(ctx context.Context, f Filing) (*prepared, error) {
	number, err := s.numbers.take(ctx, s.City.NumberPrefix)
	if err != nil {
		return nil, err
	}
	p, err := s.prepareAs(ctx, f, number)
	if err != nil || f.History || p.m.actions["file"] == nil {
		return p, err
	}
	fields := maps.Clone(p.public)
	maps.Copy(fields, p.body)
	p.rulings = s.rulings(ctx, p.m.actions["file"], Asking{
		Case: p.id, Family: p.m.family, Parties: f.Parties, Agreed: f.Agreed, By: f.Actor, Day: time.UnixMilli(s.DB.Now()), Fields: fields,
		Note: func(sql string, args ...any) { p.notes = append(p.notes, statement{sql, args}) },
	})
	if p.rulings == nil {
		p.rulings = f.Decisions
	} else {
		maps.Copy(p.rulings, f.Decisions)
	}
	return p, nil
}

// prepareAs prepares a filing that has its number already.
func (s *Store) prepareAs(ctx context.Context, f Filing, number string) (*prepared, error) {
	m := s.machines[f.Family]
	if m == nil {
		return nil, errs.E(errs.Invalid, "cases.unknown_family", errs.Args{"family": f.Family}).At("family")
	}
	fields, err := matter.CheckInput(m.family.Fields, f.Fields)
	if err != nil {
		return nil, err
	}
	if f.Likeness != nil {
		f.Likeness = &Likeness{Words: s.sameWords(f.Likeness.Words), Sketch: f.Likeness.Sketch}
	}
	p := &prepared{Filing: f, m: m, id: f.ID, number: number, body: body{}, public: map[string]any{}}
	if p.id == "" {
		p.id = s.NewID()
	}
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
	if len(f.Parties) > 0 {
		p.body[partiesMember], p.body[agreedMember] = f.Parties, f.Agreed
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
	p.reach = s.reach(p.body)
	p.tokens = s.blind.said(p.body)
	return p, nil
}

// file writes a prepared filing and its steps.
func (s *Store) file(ctx context.Context, tx *sqldb.Tx, p *prepared, k *known) (Filed, error) {
	p.noted = false
	if filed, found, err := s.already(ctx, tx, p, k); err != nil || found {
		return filed, err
	}
	ties := p.tiesIn(k)
	if slices.ContainsFunc(ties, func(t Tie) bool { return k.together.holds(t.Case) }) {
		if err := k.together.write(ctx, tx); err != nil {
			return Filed{}, err
		}
	}
	w := &writing{s: s, ctx: ctx, tx: tx, m: p.m, key: p.key, fresh: true, mute: p.History}
	if err := w.open(p); err != nil {
		return Filed{}, err
	}
	if like := p.Likeness; like != nil {
		w.later(`insert into likeness (case_id, words, sketch, at) values (?, ?, ?, ?)`, p.id, like.Words, like.Sketch, tx.Now())
	}
	for _, t := range ties {
		if err := w.tie(t, k); err != nil {
			return Filed{}, err
		}
	}
	for _, step := range p.Steps {
		if err := w.act(step.By, step.Action, step.Input, nil); err != nil {
			return Filed{}, err
		}
	}
	w.rows = append(w.rows, p.notes...)
	if err := w.flushWith(k.together); err != nil {
		return Filed{}, err
	}
	p.noted = true
	k.ids[channelID{p.Channel, p.ExternalID}] = intakeKey{Case: p.id, Content: p.Content}
	k.numbers[p.id] = p.number
	if like := p.Likeness; like != nil && like.Words != "" && k.words[like.Words] == "" {
		k.words[like.Words] = p.id
	}
	return Filed{ID: p.id, Number: p.number, Code: p.code, Case: w.c}, nil
}

// already looks whether the channel's id was filed before.
func (s *Store) already(ctx context.Context, tx *sqldb.Tx, p *prepared, k *known) (Filed, bool, error) {
	before, ok := k.ids[channelID{p.Channel, p.ExternalID}]
	if !ok || p.ExternalID == "" {
		return Filed{}, false, nil
	}
	id := before.Case
	if before.Content != p.Content {
		return Filed{}, false, errs.E(errs.Conflict, "cases.id_reused", errs.Args{"id": p.ExternalID})
	}
	if err := k.together.write(ctx, tx); err != nil {
		return Filed{}, false, err
	}
	c, err := getCase(ctx, tx, id)
	return Filed{ID: id, Number: c.Number, Already: true, Case: c}, true, err
}

// tiesIn returns what a filing is tied to: to what intake has found, or else to the first
// case that said the same words.
func (p *prepared) tiesIn(k *known) []Tie {
	if first := k.words[p.sameAs()]; first != "" && !p.History {
		return []Tie{{Action: "link_repeat", Case: first}}
	}
	return p.Ties
}

// foundIn reports whether a filing is tied to something, and all of it is there.
func (p *prepared) foundIn(k *known) bool {
	ties := p.tiesIn(k)
	return len(ties) > 0 && !slices.ContainsFunc(ties, func(t Tie) bool { return k.numbers[t.Case] == "" })
}

// tie links the case to an earlier one. One that is not there, because its own
// filing failed after it was met, is left out, as is an action that the lifecycle
// does not declare.
func (w *writing) tie(t Tie, k *known) error {
	number, ok := k.numbers[t.Case]
	if !ok || w.m.actions[t.Action] == nil {
		return nil
	}
	w.ring().knows(number, t.Case)
	input := map[string]any{"case": number}
	if t.Reason != "" {
		input["reason"] = t.Reason
	}
	return w.act(org.Machine("repeat"), t.Action, input, nil)
}
