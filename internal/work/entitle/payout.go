package entitle

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
)

// The states of a payout and of its lines.
const (
	Made     = "made"     // another person has to release it
	Released = "released" // it may go to the bank
	Due      = "due"      // of a line: the bank has not answered
	Paid     = "paid"
	Returned = "returned" // the bank gave it back: the next payout of the period has it again
)

// paying is the state of a case whose subject is paid.
const paying = "paying"

// Payout is one file for the bank.
type Payout struct {
	ID         string `db:"id" json:"id"`
	Service    string `db:"service" json:"service"`
	Period     string `db:"period" json:"period"` // 2026-11, 2026, or once
	State      string `db:"state" json:"state"`
	MadeBy     string `db:"made_by" json:"made_by"`
	MadeAt     int64  `db:"made_at" json:"made_at"`
	ReleasedBy string `db:"released_by" json:"released_by"`
	ReleasedAt int64  `db:"released_at" json:"released_at"`
	Lines      int64  `db:"lines" json:"lines"`
	Fen        int64  `db:"fen" json:"fen"`
	Digest     string `db:"digest" json:"digest"` // SHA-256 of the file
}

const payoutColumns = `id, service, period, state, made_by, made_at, released_by, released_at, lines, fen, digest`

// Line is one payment.
type Line struct {
	N       int64  `db:"n"`
	Subject string `db:"subject"`
	Case    string `db:"case_id"`
	Fen     int64  `db:"fen"`
	State   string `db:"state"`
	Note    string `db:"note"` // why the bank gave it back
	Sealed  []byte `db:"sealed"`
	To      Payee
}

// Payee is who is paid.
type Payee struct {
	Name    string `json:"name"`
	Number  string `json:"number"`  // of identity, or credit code
	Account string `json:"account"` // "" is the account of the social security card with that number
}

// Sums say how a payout or a period stands. Fen = Paid + Returned + Open.
type Sums struct {
	Lines    int64 `db:"lines" json:"lines"`
	Fen      int64 `db:"fen" json:"fen"`
	Paid     int64 `db:"paid" json:"paid"`
	Returned int64 `db:"returned" json:"returned"`
	Open     int64 `db:"open" json:"open"`
}

// Balanced reports whether every payment is accounted for once.
func (s Sums) Balanced() bool { return s.Fen == s.Paid+s.Returned+s.Open }

const sums = `count(*) as lines, cast(coalesce(sum(fen), 0) as bigint) as fen,
	cast(coalesce(sum(case when state = 'paid' then fen else 0 end), 0) as bigint) as paid,
	cast(coalesce(sum(case when state = 'returned' then fen else 0 end), 0) as bigint) as returned,
	cast(coalesce(sum(case when state = 'due' then fen else 0 end), 0) as bigint) as open`

// Period returns what a payout made now is for.
func (o *Office) Period(it Item) string {
	switch it.Every {
	case "month":
		return day(o.Now())[:7]
	case "year":
		return day(o.Now())[:4]
	}
	return "once"
}

// Payouts returns the payouts of an item, the latest first.
func (o *Office) Payouts(ctx context.Context, service string, limit int) ([]Payout, error) {
	return sqldb.Select[Payout](ctx, o.DB.Read(), `select `+payoutColumns+` from payout where service = ? order by made_at desc, id desc limit ?`, service, limit)
}

// Payout returns a payout and how it stands. Error: NotFound.
func (o *Office) Payout(ctx context.Context, id string) (p Payout, s Sums, err error) {
	if p, err = o.payout(ctx, o.DB.Read(), id); err != nil {
		return p, s, err
	}
	s, err = sqldb.Get[Sums](ctx, o.DB.Read(), `select `+sums+` from payout_line where payout = ?`, id)
	return p, s, err
}

func (o *Office) payout(ctx context.Context, q sqldb.Querier, id string) (Payout, error) {
	p, err := sqldb.Get[Payout](ctx, q, `select `+payoutColumns+` from payout where id = ?`, id)
	if errs.Is(err, errs.NotFound) {
		err = errs.E(errs.NotFound, "entitle.no_payout", nil)
	}
	return p, err
}

// Account is a period of an item with what was paid for it.
type Account struct {
	Period string `db:"period" json:"period"`
	Sums
}

// Ledger returns the periods of an item, the latest first.
func (o *Office) Ledger(ctx context.Context, service string) ([]Account, error) {
	return sqldb.Select[Account](ctx, o.DB.Read(), `select period, `+sums+` from payout_line where service = ? group by period order by period desc`, service)
}

// Make puts into a payout everybody who is to be paid for the period and was not, or
// whose payment came back. Whoever objected waits. Error: Conflict, where nobody is.
func (o *Office) Make(ctx context.Context, by org.Actor, it Item) (p Payout, err error) {
	defer errs.Wrap(&err, "entitle.Make(%s)", it.Service)
	p = Payout{ID: ulid.Make().String(), Service: it.Service, Period: o.Period(it), State: Made, MadeBy: by.ID, MadeAt: o.DB.Now()}
	lines, err := o.due(ctx, it, p.Period)
	if err != nil {
		return p, err
	}
	if len(lines) == 0 {
		return p, errs.E(errs.Conflict, "entitle.nobody_due", errs.Args{"period": p.Period})
	}
	for i := range lines {
		l := &lines[i]
		l.N = int64(i + 1)
		if err := o.seal(ctx, it, p.ID, l); err != nil {
			return p, err
		}
		p.Fen += l.Fen
	}
	p.Lines = int64(len(lines))
	p.Digest = gm.Intl.Digest(p.file(lines))
	return p, o.DB.Write(ctx, func(tx *sqldb.Tx) error {
		var b sqldb.Batch
		b.Add(`insert into payout (`+payoutColumns+`) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			p.ID, p.Service, p.Period, p.State, p.MadeBy, p.MadeAt, "", 0, p.Lines, p.Fen, p.Digest)
		for _, l := range lines {
			b.Add(`insert into payout_line (payout, n, service, period, subject, case_id, fen, state, note, sealed) values (?, ?, ?, ?, ?, ?, ?, ?, '', ?)`,
				p.ID, l.N, p.Service, p.Period, l.Subject, l.Case, l.Fen, Due, l.Sealed)
		}
		_, err := tx.Pipeline(ctx, &b)
		if errs.Is(err, errs.Exists) {
			return errs.E(errs.Conflict, "entitle.made_already", errs.Args{"period": p.Period}).Because(err)
		}
		return err
	})
}

// due returns a line for everybody who is to be paid for a period and was not. The
// tables are read one after the other: cases may lie on other machines than these.
func (o *Office) due(ctx context.Context, it Item, period string) (out []Line, err error) {
	all, err := sqldb.Select[Line](ctx, o.DB.Read(), `select 0 as n, subject, case_id, fen, state, '' as note, subject as sealed
		from entitlement where service = ? and state = 'granted' and fen > 0 order by subject`, it.Service)
	if err != nil {
		return nil, err
	}
	payable, err := sqldb.Select[string](ctx, o.DB.Read(), `select id from cases where `+cases.OfFamily(it.Family)+` and state = ?`, it.Family, paying)
	if err != nil {
		return nil, err
	}
	had, err := sqldb.Select[string](ctx, o.DB.Read(), `select subject from payout_line where service = ? and period = ? and state <> 'returned'`, it.Service, period)
	if err != nil {
		return nil, err
	}
	open, done := set(payable), set(had)
	for _, l := range all {
		if open[l.Case] && !done[l.Subject] {
			l.State = Due
			out = append(out, l)
		}
	}
	return out, nil
}

func set(all []string) map[string]bool {
	in := make(map[string]bool, len(all))
	for _, s := range all {
		in[s] = true
	}
	return in
}

// The register items that a payment needs.
const (
	itemName    = "name"
	itemAccount = "bank_account"
)

// seal reads who is paid and seals it under the key of the case.
func (o *Office) seal(ctx context.Context, it Item, payout string, l *Line) error {
	of := ""
	if it.Payee != "" {
		of = it.Payee + "."
	}
	known, err := o.Registers.Read(ctx, it, l.Subject, l.Case, o.Now(), []string{of + itemName, of + it.Number, of + itemAccount})
	if err != nil {
		return err
	}
	l.To = Payee{Name: known[of+itemName], Number: known[of+it.Number], Account: known[of+itemAccount]}
	plain, err := json.Marshal(l.To)
	if err != nil {
		return err
	}
	key, err := o.Cases.KeyOf(ctx, o.DB.Read(), l.Case)
	if err != nil {
		return err
	}
	l.Sealed, err = key.Seal(plain, []byte(payout))
	return err
}

// lines returns the payments of a payout, unsealed.
func (o *Office) lines(ctx context.Context, id string) ([]Line, error) {
	all, err := sqldb.Select[Line](ctx, o.DB.Read(), `select n, subject, case_id, fen, state, note, sealed from payout_line where payout = ? order by n`, id)
	if err != nil {
		return nil, err
	}
	for i := range all {
		key, err := o.Cases.KeyOf(ctx, o.DB.Read(), all[i].Case)
		if err != nil {
			return nil, err
		}
		plain, err := key.Open(all[i].Sealed, []byte(id))
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(plain, &all[i].To); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// file writes a payout as the bank takes it.
func (p *Payout) file(lines []Line) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{{"batch", p.ID, p.Service, p.Period, strconv.FormatInt(p.Lines, 10), Yuan(p.Fen)}, {"n", "name", "number", "account", "yuan"}}
	for _, l := range lines {
		rows = append(rows, []string{strconv.FormatInt(l.N, 10), l.To.Name, l.To.Number, l.To.Account, Yuan(l.Fen)})
	}
	if err := w.WriteAll(rows); err != nil {
		return nil // a buffer takes everything
	}
	return b.Bytes()
}

// Release lets a payout go to the bank. Errors: Forbidden where the same person made
// it; Conflict where it is not as it was made, or somebody in it has objected or been
// stopped since: then it is made anew.
func (o *Office) Release(ctx context.Context, by org.Actor, id string) (err error) {
	defer errs.Wrap(&err, "entitle.Release(%s)", id)
	p, err := o.payout(ctx, o.DB.Read(), id)
	if err != nil {
		return err
	}
	lines, err := o.lines(ctx, id)
	if err != nil {
		return err
	}
	if err := gm.CheckDigest(p.Digest, p.file(lines)); err != nil {
		return errs.E(errs.Conflict, "entitle.altered", nil).Because(err)
	}
	return o.DB.Write(ctx, func(tx *sqldb.Tx) error {
		now, err := o.payout(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case now.State != Made:
			return errs.E(errs.Conflict, "entitle.not_made", nil)
		case now.MadeBy == by.ID:
			return errs.E(errs.Forbidden, "entitle.own_payout", nil)
		}
		moved, err := moved(ctx, tx, lines)
		if err != nil {
			return err
		}
		if moved > 0 {
			return errs.E(errs.Conflict, "entitle.moved", errs.Args{"n": moved})
		}
		return tx.ExecOne(ctx, `update payout set state = ?, released_by = ?, released_at = ? where id = ? and state = ?`, Released, by.ID, tx.Now(), id, Made)
	})
}

// moved counts the lines whose case is no longer one that is paid.
func moved(ctx context.Context, tx *sqldb.Tx, lines []Line) (n int, err error) {
	for chunk := range slices.Chunk(lines, 500) {
		args := []any{paying}
		for _, l := range chunk {
			args = append(args, l.Case)
		}
		var still int
		err := tx.QueryRow(ctx, `select count(*) from cases where state = ? and id in (?`+strings.Repeat(", ?", len(chunk)-1)+`)`, args...).Scan(&still)
		if err != nil {
			return 0, err
		}
		n += len(chunk) - still
	}
	return n, nil
}

// Discard takes back a payout that was not released. Error: Conflict.
func (o *Office) Discard(ctx context.Context, id string) (err error) {
	defer errs.Wrap(&err, "entitle.Discard(%s)", id)
	return o.DB.Write(ctx, func(tx *sqldb.Tx) error {
		n, err := tx.Exec(ctx, `delete from payout where id = ? and state = ?`, id, Made)
		if err != nil {
			return err
		}
		if n == 0 {
			return errs.E(errs.Conflict, "entitle.not_made", nil)
		}
		_, err = tx.Exec(ctx, `delete from payout_line where payout = ?`, id)
		return err
	})
}

// File returns a released payout as the bank takes it. Errors: NotFound, Conflict.
func (o *Office) File(ctx context.Context, id string) ([]byte, error) {
	p, err := o.payout(ctx, o.DB.Read(), id)
	if err != nil {
		return nil, err
	}
	if p.State != Released {
		return nil, errs.E(errs.Conflict, "entitle.not_released", nil)
	}
	lines, err := o.lines(ctx, id)
	if err != nil {
		return nil, err
	}
	doc := p.file(lines)
	if err := gm.CheckDigest(p.Digest, doc); err != nil {
		return nil, errs.E(errs.Conflict, "entitle.altered", nil).Because(err)
	}
	return doc, nil
}

// answered is a line of the bank's answer.
type answered struct {
	n    int64
	paid bool
	why  string
}

// readAnswer reads the bank's answer: rows of number, paid or returned, and why.
// Error: Invalid, with the row.
func readAnswer(r io.Reader) ([]answered, error) {
	c := csv.NewReader(r)
	c.FieldsPerRecord = -1
	rows, err := c.ReadAll()
	if err != nil {
		return nil, errs.E(errs.Invalid, "entitle.bad_answer", errs.Args{"row": 0}).Because(err)
	}
	var out []answered
	for i, row := range rows {
		if len(row) > 0 && strings.TrimPrefix(row[0], "\ufeff") == "n" {
			continue
		}
		wrong := errs.E(errs.Invalid, "entitle.bad_answer", errs.Args{"row": i + 1})
		if len(row) < 2 {
			return nil, wrong
		}
		n, err := strconv.ParseInt(strings.TrimSpace(row[0]), 10, 64)
		if err != nil || row[1] != Paid && row[1] != Returned {
			return nil, wrong
		}
		a := answered{n: n, paid: row[1] == Paid}
		if len(row) > 2 {
			a.why = row[2]
		}
		out = append(out, a)
	}
	return out, nil
}

// Answer takes the bank's answer to a released payout: who was paid, and what came
// back. Everybody concerned is told. The same answer again changes nothing. Errors:
// Invalid, Conflict.
func (o *Office) Answer(ctx context.Context, id string, file io.Reader) (s Sums, err error) {
	defer errs.Wrap(&err, "entitle.Answer(%s)", id)
	rows, err := readAnswer(file)
	if err != nil {
		return s, err
	}
	p, s, err := o.Payout(ctx, id)
	if err != nil {
		return s, err
	}
	if p.State != Released {
		return s, errs.E(errs.Conflict, "entitle.not_released", nil)
	}
	lines, err := sqldb.Select[Line](ctx, o.DB.Read(), `select n, subject, case_id, fen, state, note, sealed from payout_line where payout = ? order by n`, id)
	if err != nil {
		return s, err
	}
	for i, r := range rows {
		if r.n < 1 || r.n > int64(len(lines)) {
			return s, errs.E(errs.Invalid, "entitle.bad_answer", errs.Args{"row": i + 1})
		}
	}
	for _, r := range rows {
		if err := o.answer(ctx, p, lines[r.n-1], r); err != nil {
			return s, err
		}
	}
	_, s, err = o.Payout(ctx, id)
	return s, err
}

func (o *Office) answer(ctx context.Context, p Payout, l Line, r answered) error {
	state, action := Returned, actBack
	if r.paid {
		state, action = Paid, actPaid
	}
	err := o.DB.Write(ctx, func(tx *sqldb.Tx) error {
		n, err := tx.Exec(ctx, `update payout_line set state = ?, note = ? where payout = ? and n = ? and state = 'due'`, state, r.why, p.ID, l.N)
		if err == nil && n == 0 && l.State != state {
			return errs.E(errs.Conflict, "entitle.answered", errs.Args{"n": l.N})
		}
		return err
	})
	if err != nil {
		return err
	}
	_, err = o.Cases.Act(ctx, machine, cases.Deed{Case: l.Case, Action: action, Once: p.ID + "/" + strconv.FormatInt(l.N, 10),
		Input: map[string]any{"period": periodWords(p.Period), "amount": Yuan(l.Fen), "why": r.why}})
	if errs.Is(err, errs.Conflict) {
		return nil // the case has ended since; the ledger has the payment
	}
	return err
}

// periodWords writes a period for people.
func periodWords(period string) string {
	y, m, ok := strings.Cut(period, "-")
	switch {
	case ok:
		return text.Say(text.Chinese, "entitle.month", errs.Args{"y": y, "m": strings.TrimLeft(m, "0")})
	case len(y) == 4:
		return text.Say(text.Chinese, "entitle.year", errs.Args{"y": y})
	}
	return text.Say(text.Chinese, "entitle.once", nil)
}
