package cases

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/rule"
)

// Party is a subject of a register that a case is about: whom it is for, or who
// applied in their name.
type Party struct {
	Role     string `json:"role"` // Applicant or Agent
	Register string `json:"register"`
	ID       string `json:"id"`
}

// The roles of parties.
const (
	Applicant = "applicant" // whom it is for
	Agent     = "agent"     // who applied in their name
)

// partiesMember and agreedMember are the members of a filing's sealed part that hold
// whose it is, and whether that person agreed that the registers are read for it.
const (
	partiesMember  = "parties"
	agreedMember   = "agreed"
	decisionMember = "decision"
)

// DecidedField is the field of a case's data that says what a table said of it last:
// one of the verdicts.
const DecidedField = "decided"

// The verdicts of a decision, as declarations see them.
const (
	Granted = "granted"
	Refused = "refused"
	Unclear = "unclear" // a person decides
)

// Asking is what a decision table wants to know about a case.
type Asking struct {
	Table   *rule.Decider
	Case    string // id
	Family  *matter.Family
	Parties []Party
	Agreed  bool // the applicant agreed that the registers are read
	By      org.Actor
	Day     time.Time
	Fields  map[string]any // what was filed

	// Note has a row of the source's own written in the transaction that the facts are
	// read for, as that they were read; nil where it has to write them itself.
	Note func(sql string, args ...any)
}

// Source finds facts that the form does not tell. It is asked before the transaction
// of an action. A doubt, in the words of a catalogue key, says that what is known
// contradicts itself: then a person decides, whatever the table says.
type Source func(ctx context.Context, a Asking) (facts rule.Facts, doubt string, err error)

// Decision is what a table said of a case, as it is kept: enough to make it again.
type Decision struct {
	Verdict string      `json:"verdict"`
	Doubt   string      `json:"doubt,omitempty"` // catalogue key of why a person decides although the table had an answer
	Record  rule.Record `json:"record"`
}

// formSource is how a record says that a fact comes from the form.
const formSource = "form"

// rulings works out before a transaction what the tables say that an action of a case
// asks, and those that the cases it opens ask when they are filed.
func (s *Store) rulings(ctx context.Context, a *compiledAction, ask Asking) map[string]Decision {
	var out map[string]Decision
	for _, table := range s.asks(ask.Family, a, nil) {
		d := s.City.Rules.On(table, ask.Day)
		if d == nil {
			continue // its decide effect finds nothing, and a person decides
		}
		if out == nil {
			out = map[string]Decision{}
		}
		ask.Table = d
		out[table] = s.decide(ctx, ask)
	}
	return out
}

// asks returns the tables that an action and the filings that follow from it ask.
func (s *Store) asks(f *matter.Family, a *compiledAction, found []string) []string {
	for i := range a.effects {
		switch d := a.effects[i].decl; {
		case d.Decide != nil:
			if code := f.RuleCode(d.Decide.Rule); code != "" && !slices.Contains(found, code) {
				found = append(found, code)
			}
		case d.Open != nil:
			for _, part := range f.PartCodes(d.Open.Family) {
				if m := s.machines[part]; m != nil && m.family != f && m.actions["file"] != nil {
					found = s.asks(m.family, m.actions["file"], found)
				}
			}
		}
	}
	return found
}

// decide makes one decision. What goes wrong on the way is a reason for a person to
// decide, and never one for losing the application.
func (s *Store) decide(ctx context.Context, ask Asking) Decision {
	facts, doubt := rule.Facts{}, ""
	if s.Facts != nil {
		known, why, err := s.Facts(ctx, ask)
		if err != nil {
			s.Logger.WarnContext(ctx, "facts for a decision could not be read", "table", ask.Table.Table().Code, "case", ask.Case, "error", err)
			why = "cases.doubt_unreadable"
		}
		maps.Copy(facts, known)
		doubt = why
	}
	for _, f := range ask.Table.Table().Facts {
		name, said := strings.CutPrefix(f.Source, formSource+".")
		if f.Source == "" {
			name, said = f.Code, true
		}
		if v, ok := ask.Fields[name]; ok && said && f.Value == "" {
			facts[f.Code] = rule.Known{Value: formValue(v), Source: formSource}
		}
	}
	d, err := ask.Table.Decide(ask.Day, facts)
	if err != nil {
		s.Logger.WarnContext(ctx, "a table could not take a fact", "table", ask.Table.Table().Code, "case", ask.Case, "error", err)
		doubt = "cases.doubt_value"
		if d, err = ask.Table.Decide(ask.Day, rule.Facts{}); err != nil {
			return Decision{Verdict: Unclear, Doubt: doubt}
		}
	}
	out := Decision{Verdict: Refused, Doubt: doubt, Record: d.Record()}
	switch {
	case d.State != rule.Decided || doubt != "":
		out.Verdict = Unclear
	case d.Grants():
		out.Verdict = Granted
	}
	return out
}

// formValue is a value of a form as a table takes it.
func formValue(v any) any {
	if yes, ok := v.(bool); ok {
		if yes {
			return "yes"
		}
		return "no"
	}
	return v
}

// asked puts together what the tables are asked about a case that is being acted on.
func (s *Store) asked(ctx context.Context, by org.Actor, c *Case, action string) (map[string]Decision, error) {
	if !s.deciding[action] {
		return nil, nil // so for nearly all: nothing is read for them
	}
	m := s.machines[c.Family]
	if m == nil || m.actions[action] == nil || len(s.asks(m.family, m.actions[action], nil)) == 0 {
		return nil, nil
	}
	filed, err := s.filedBodyIn(ctx, s.DB.Read(), c.ID)
	if err != nil {
		return nil, err
	}
	fields := c.data()
	maps.Copy(fields, filed)
	return s.rulings(ctx, m.actions[action], Asking{
		Case: c.ID, Family: m.family, Parties: filed.parties(), Agreed: filed[agreedMember] == true, By: by,
		Day: time.UnixMilli(s.DB.Now()), Fields: fields,
	}), nil
}

// decides enters what a table said into the log, and has the machine take what follows.
func (w *writing) decides(e *event, d *matter.Decide) error {
	code := w.m.family.RuleCode(d.Rule)
	said, ok := w.rulings[code]
	if !ok {
		said = Decision{Verdict: Unclear}
	}
	if e.body == nil {
		e.body = body{}
	}
	e.body[decisionMember] = said
	e.set["data."+DecidedField] = said.Verdict
	if said.Record.Version != "" {
		e.set["data.rule"] = code + "@" + said.Record.Version
	}
	next := map[string]string{Granted: d.Grant, Refused: d.Refuse, Unclear: d.Else}[said.Verdict]
	if by := d.By[w.s.firstResult(said.Record)]; by != "" && said.Verdict == Granted {
		next = by
	}
	if next != "" {
		e.next = append(e.next, next)
	}
	return nil
}

// firstResult returns what a decision says by the first result of its table.
func (s *Store) firstResult(r rule.Record) string {
	d := s.City.Rules.Version(r.Version)
	if d == nil {
		return ""
	}
	v, _ := r.Outcome[d.Table().Results[0].Code].(string)
	return v
}

// parties returns whose a filing is.
func (b body) parties() []Party {
	raw, err := json.Marshal(b[partiesMember])
	if err != nil {
		return nil
	}
	var out []Party
	if json.Unmarshal(raw, &out) != nil {
		return nil
	}
	return out
}

// decision returns what a table said in an action, nil where it asked none. Whoever
// asked it before, for a whole register, gives its record with the action as the field
// of that name.
func (b body) decision() *Decision {
	v, ok := b[decisionMember]
	if !ok {
		return nil
	}
	if given, ok := v.(string); ok {
		d := new(Decision)
		if json.Unmarshal([]byte(given), &d.Record) != nil {
			return nil
		}
		return d
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	d := new(Decision)
	if json.Unmarshal(raw, d) != nil {
		return nil
	}
	return d
}

// partyDigest is by what the cases of a subject are found again.
func (s *Store) partyDigest(register, id string) string { return s.digest("party", register, id) }

// CasesOf returns the ids of the cases that a subject is a party of, the latest first.
func (s *Store) CasesOf(ctx context.Context, register, id string, limit int) ([]string, error) {
	return sqldb.Select[string](ctx, s.DB.Read(), reached+`select c.id from held cross join contact k join cases c on c.id = k.case_id
		where substr(k.case_id, 1, 4) = held.period and k.digest = ? order by c.filed_at desc, c.id desc limit ?`, s.partyDigest(register, id), limit)
}

// IsParty reports whether a subject is a party of a case.
func (s *Store) IsParty(ctx context.Context, caseID, register, id string) (bool, error) {
	var n int
	err := s.DB.Read().QueryRow(ctx, `select count(*) from contact where digest = ? and case_id = ?`, s.partyDigest(register, id), caseID).Scan(&n)
	return n > 0, err
}

// Parties returns whose a case is. Error: NotFound; an erased case has none.
func (s *Store) Parties(ctx context.Context, caseID string) ([]Party, error) {
	b, err := s.filedBodyIn(ctx, s.DB.Read(), caseID)
	return b.parties(), err
}

// Decisions returns what tables said of a case, by the ordinal of the action.
func (v *View) Decisions() map[int]*Decision {
	out := map[int]*Decision{}
	for _, e := range v.Entries {
		if e.Decision != nil {
			out[e.Header.N] = e.Decision
		}
	}
	return out
}

// reserve takes one of the places of something. Whoever comes when all are taken, also
// at the very same moment, is refused.
func (w *writing) reserve(e *event, f *compiledEffect, facts rule.Vars) error {
	of, err := f.set["of"].Value(facts)
	if err != nil {
		return err
	}
	most, err := f.set["most"].Value(facts)
	if err != nil {
		return err
	}
	thing, _ := of.(string)
	if thing == "" || toInt(most) <= 0 {
		return errs.E(errs.Conflict, "cases.no_places", nil)
	}
	// The row is made first and raised after: one statement that raises it only below
	// its most is what keeps rivals apart on both engines.
	if _, err := w.tx.Exec(w.ctx, `insert into reserved (thing, taken) values (?, 0) on conflict (thing) do nothing`, thing); err != nil {
		return err
	}
	n, err := w.tx.Exec(w.ctx, `update reserved set taken = taken + 1 where thing = ? and taken < ?`, thing, toInt(most))
	if err != nil {
		return err
	}
	if n == 0 {
		return errs.E(errs.Conflict, "cases.all_taken", nil)
	}
	e.set["data.reserved"] = thing
	return nil
}

// release gives back what was reserved.
func (w *writing) release(f *compiledEffect, facts rule.Vars) error {
	of, err := f.value.Value(facts)
	if err != nil {
		return err
	}
	thing, _ := of.(string)
	_, err = w.tx.Exec(w.ctx, `update reserved set taken = taken - 1 where thing = ? and taken > 0`, thing)
	return err
}

// hasPart is the tie of a whole to its part.
const hasPart = "part_of<"

// Parts returns the ids of the cases that belong to one as its parts, in the order in
// which they were opened.
func (s *Store) Parts(ctx context.Context, id string) ([]string, error) {
	return sqldb.Select[string](ctx, s.DB.Read(), `select other from link where case_id = ? and kind = ? order by other`, id, hasPart)
}

// Taken returns how many places of some things are taken; what nobody reserved is left out.
func (s *Store) Taken(ctx context.Context, things []string) (map[string]int, error) {
	out := map[string]int{}
	if len(things) == 0 {
		return out, nil
	}
	type row struct {
		Thing string `db:"thing"`
		Taken int    `db:"taken"`
	}
	args := make([]any, len(things))
	for i, t := range things {
		args[i] = t
	}
	rows, err := sqldb.Select[row](ctx, s.DB.Read(), `select thing, taken from reserved where thing in (`+placeholders(len(things))+`)`, args...)
	for _, r := range rows {
		out[r.Thing] = r.Taken
	}
	return out, err
}
