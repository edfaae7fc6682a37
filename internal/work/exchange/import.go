package exchange

import (
	"bytes"
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/work/intake"
)

// Actions of a lifecycle that take in what came from another platform. A family
// whose lifecycle does not declare them is not exchanged.
const (
	Brought       = "brought"        // an entry that the appellant reads
	BroughtInside = "brought_inside" // an entry for the offices only
	FedBack       = "fed_back"       // the result of a case that was handed over
)

// family is what other platforms hand over.
const family = "appeal"

// Tally counts what became of a file.
type Tally struct {
	From     string        `json:"from"` // who sent it
	Cases    int           `json:"cases"`
	Created  int           `json:"created"`
	Already  int           `json:"already"`  // known, though there may be news of them
	Returned int           `json:"returned"` // own cases that came back
	Entries  int           `json:"entries"`  // things that were new
	Results  int           `json:"results"`  // answers taken over, to be audited
	Refused  []RefusedLine `json:"refused"`
}

// RefusedLine is a line that was not taken.
type RefusedLine struct {
	Line   int    `json:"line"`
	Number string `json:"number"` // the sender's, "" where it could not be read
	Code   string `json:"code"`   // key of the reason
	Reason string `json:"reason"` // as an official reads it
}

// Import takes in a file for a channel. A file that is damaged as a whole is
// refused whole, with the line and the reason; a case that cannot be taken is
// refused alone. Importing the file again goes on where it stopped.
func (o *Office) Import(ctx context.Context, file io.ReadSeeker, channel string, lang text.Lang) (t Tally, err error) {
	defer errs.Wrap(&err, "exchange.Import(%s)", channel)
	t.Refused = []RefusedLine{}
	if _, ok := o.City.Channel(channel); !ok {
		return t, errs.E(errs.Invalid, "intake.unknown_channel", errs.Args{"channel": channel}).At("channel")
	}
	head, _, fault, err := Check(file)
	if err != nil {
		return t, err
	}
	if fault != nil {
		t.refuse(fault.Line, "", fault.Err, lang)
		return t, nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return t, err
	}
	t.From = head.From.Name
	in := lines(file)
	for n := 1; ; n++ {
		line, err := in.next()
		if err != nil {
			return t, err // it was read to its end before: it changed meanwhile
		}
		if n == 1 {
			continue
		}
		if _, ok := footOf(line); ok {
			return t, nil
		}
		t.Cases++
		c, err := caseOf(line)
		if err == nil {
			err = o.take(ctx, &c, head.From, channel, &t)
		}
		switch errs.KindOf(err) {
		case errs.Invalid, errs.Conflict, errs.TooLarge, errs.NotFound:
			t.refuse(n, c.Number, err, lang)
		default:
			if err != nil {
				return t, err
			}
		}
	}
}

func (t *Tally) refuse(line int, number string, err error, lang text.Lang) {
	r := RefusedLine{Line: line, Number: number, Code: "errs." + errs.KindOf(err).String(), Reason: text.Error(lang, err)}
	if e, ok := errors.AsType[*errs.Error](err); ok {
		r.Code = e.Key
	}
	t.Refused = append(t.Refused, r)
}

// take takes in one case: as the news of one that is known, or as a new one.
func (o *Office) take(ctx context.Context, c *Case, from Peer, channel string, t *Tally) error {
	if c.Yours != nil {
		id, err := o.own(ctx, c.Yours)
		if err != nil {
			return err
		}
		t.Returned++
		return o.news(ctx, id, c, from, func(e *Entry) bool { return e.Kind != "file" }, t)
	}
	m, err := o.message(ctx, c, from, channel)
	if err != nil {
		return err
	}
	filed, err := o.Desk.File(ctx, m)
	if err != nil {
		return err
	}
	err = o.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `insert into exchanged (channel, number, case_id, peer, token) values (?, ?, ?, ?, ?)
			on conflict (channel, number) do nothing`, channel, c.Number, filed.ID, from.Code, c.Token)
		return err
	})
	if err != nil {
		return err
	}
	if !filed.Already {
		t.Created++
		t.Entries += len(c.Entries)
		return nil
	}
	t.Already++
	known, err := o.known(ctx, filed.ID)
	if err != nil {
		return err
	}
	return o.news(ctx, filed.ID, c, from, func(e *Entry) bool { return !known[e.N] }, t)
}

// own returns the id of a case of this house that was handed over. A number alone
// is not enough to write in somebody's case.
func (o *Office) own(ctx context.Context, y *Yours) (string, error) {
	k, err := o.Cases.ByNumber(ctx, y.Number)
	if err != nil || !hmac.Equal([]byte(o.token(k.ID)), []byte(y.Token)) {
		return "", errs.E(errs.NotFound, "exchange.not_ours", errs.Args{"number": y.Number}).Because(err)
	}
	return k.ID, nil
}

// message is what a new case is filed from; what was said before comes along in
// the same transaction.
func (o *Office) message(ctx context.Context, c *Case, from Peer, channel string) (m intake.Message, err error) {
	f := o.City.Catalog.Family(family)
	m = intake.Message{Family: family, Channel: channel, ExternalID: c.Number, Actor: org.Machine("exchange"), WrittenAt: c.FiledAt.UnixMilli(),
		Title: c.Fields["title"], Text: c.Fields["text"], Name: c.Fields["name"], Phone: c.Fields["phone"], Address: c.Fields["address"],
		Lng: c.Lng, Lat: c.Lat, Area: c.Area, Urgency: c.Urgency, Fields: map[string]any{}}
	if c.FiledAt.IsZero() {
		m.WrittenAt = 0
	}
	if slices.Contains(f.Natures, c.Nature) {
		m.Nature = c.Nature
	}
	if o.City.Catalog.Find(family, c.Matter.Code) != nil {
		m.Matter = c.Matter.Code
	}
	for _, d := range f.Fields {
		// What this city does not ask for, it does not keep.
		if v := c.Fields[d.Code]; v != "" && d.Type != matter.Files && !slices.Contains([]string{"title", "text", "name", "phone", "address"}, d.Code) {
			m.Fields[d.Code] = v
		}
	}
	for i := range c.Entries {
		e := &c.Entries[i]
		files, err := o.keep(ctx, e)
		if err != nil {
			return m, err
		}
		m.Files = append(m.Files, files...)
		action, input := e.deed(from)
		m.Steps = append(m.Steps, cases.Step{Action: action, By: org.Machine("exchange"), Input: input})
	}
	return m, nil
}

// known returns which entries of its sender a case has.
func (o *Office) known(ctx context.Context, id string) (map[int]bool, error) {
	out := map[int]bool{}
	err := o.Cases.Replay(ctx, id, func(m cases.Moment) error {
		if n, ok := m.Header.Input["n"].(float64); ok && (m.Header.Kind == Brought || m.Header.Kind == BroughtInside) {
			out[int(n)] = true
		}
		return nil
	})
	return out, err
}

// news appends what is new to a known case, and takes over the result.
func (o *Office) news(ctx context.Context, id string, c *Case, from Peer, is func(*Entry) bool, t *Tally) error {
	before, err := o.Cases.Get(ctx, id)
	if err != nil {
		return err
	}
	version := before.Version
	for i := range c.Entries {
		e := &c.Entries[i]
		if !is(e) {
			continue
		}
		files, err := o.keep(ctx, e)
		if err != nil {
			return err
		}
		action, input := e.deed(from)
		k, err := o.Cases.Act(ctx, org.Machine("exchange"), cases.Deed{Case: id, Action: action, Input: input, Files: files, Once: once(from, c.Number, e.N)})
		if err != nil {
			return err
		}
		if k.Version > version {
			t.Entries++
		}
		version = k.Version
	}
	if c.Yours == nil || !c.State.Answered {
		return nil
	}
	return o.result(ctx, id, c, from, t)
}

// result hands the answer of another platform to the audit. A case that is past
// that keeps it as an entry only.
func (o *Office) result(ctx context.Context, id string, c *Case, from Peer, t *Tally) error {
	last := 0
	if len(c.Entries) > 0 {
		last = c.Entries[len(c.Entries)-1].N
	}
	before, err := o.Cases.Get(ctx, id)
	if err != nil {
		return err
	}
	k, err := o.Cases.Act(ctx, org.Machine("exchange"), cases.Deed{Case: id, Action: FedBack, Once: once(from, c.Number, -last),
		Input: map[string]any{"from": from.Name, "result": c.Result, "answer": c.Answer}})
	if errs.Is(err, errs.Conflict) {
		return nil
	}
	if err == nil && k.Version > before.Version {
		t.Results++
	}
	return err
}

func once(from Peer, number string, n int) string {
	return fmt.Sprintf("exchange:%s:%s:%d", from.Code, number, n)
}

// keep stores the files of an entry. Errors: Invalid and TooLarge, where one is not
// of a type that is taken, or not what it says it is.
func (o *Office) keep(ctx context.Context, e *Entry) (out []cases.File, err error) {
	for _, f := range e.Files {
		kept, err := o.Files.Keep(ctx, f.Name, bytes.NewReader(f.Data))
		if err != nil {
			return nil, err
		}
		if kept.Type != f.Type {
			return nil, errs.E(errs.Invalid, "exchange.mistyped", errs.Args{"name": kept.Name, "said": f.Type, "is": kept.Type}).At("files")
		}
		out = append(out, kept)
	}
	return out, nil
}

// deed is the action that keeps an entry. What was filed is not said twice.
func (e *Entry) deed(from Peer) (action string, input map[string]any) {
	input = map[string]any{"n": int64(e.N), "from": from.Name, "at": text.Exact(text.Chinese, e.At), "what": e.Title}
	if e.Kind == "file" {
		return BroughtInside, input
	}
	var said []string
	for _, v := range e.Values {
		if !strings.Contains(e.Citizen, v.Text) {
			said = append(said, v.Title+"："+v.Text)
		}
	}
	rest := strings.Join(said, "\n")
	switch {
	case e.Citizen == "":
		input["text"] = strings.TrimSpace(e.Unit.Name + "\n" + rest)
		return BroughtInside, input
	case e.By == "citizen": // their own words
		input["text"] = strings.TrimSpace(e.Citizen + "\n" + rest)
	default:
		input["text"], input["inside"] = e.Citizen, rest
	}
	return Brought, input
}
