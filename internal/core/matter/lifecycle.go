package matter

import (
	"slices"

	"yiwang/internal/base/decl"
)

// Lifecycle declares how a case of a family lives: its states, and the actions
// that move it, who may take them, and what each of them does.
type Lifecycle struct {
	Code    string       `yaml:"code" need:"yes"`
	Title   string       `yaml:"title" need:"yes"`
	Start   string       `yaml:"start" need:"yes"` // state of a case that has just been filed
	States  []State      `yaml:"states" need:"yes"`
	Actions []ActionDecl `yaml:"actions" need:"yes"`
	With    []string     `yaml:"with"` // codes of ActionSets: what they declare comes after Actions
}

// ActionSet declares actions that several lifecycles have alike, such as what everybody
// may do who was served: rate it, complain of it. A lifecycle that names it has them
// after its own.
type ActionSet struct {
	Code    string       `yaml:"code" need:"yes"`
	Title   string       `yaml:"title" need:"yes"`
	Actions []ActionDecl `yaml:"actions" need:"yes"`
}

// State is a place in a lifecycle.
type State struct {
	Code     string `yaml:"code" need:"yes"`
	Title    string `yaml:"title" need:"yes"`                                   // what staff read
	Citizen  string `yaml:"citizen" need:"yes"`                                 // what the citizen reads, in plain words
	Lane     string `yaml:"lane"`                                               // which lane of a desk shows it: dispatch, sign, contact, handle, audit, callback, done, …
	Of       string `yaml:"of" need:"yes" oneof:"centre unit appellant nobody"` // whose turn it is: centre, unit, appellant, nobody
	Closed   bool   `yaml:"closed"`                                             // the case needs nobody any more; its clocks are cancelled
	Reserved string `yaml:"reserved"`                                           // why nothing leads here yet; empty for a state in use
}

// ActionDecl declares an action of a lifecycle.
type ActionDecl struct {
	Code    string   `yaml:"code" need:"yes"`
	Title   string   `yaml:"title" need:"yes"` // the verb on the button
	Hint    string   `yaml:"hint"`             // what it will do, to the clock too
	From    []string `yaml:"from"`             // states it is open in; ["*"] is every state that is not closed, ["**"] every state
	To      string   `yaml:"to"`               // state it leads to; "" stays
	Branch  []Branch `yaml:"branch"`           // other states it leads to; the first whose When holds counts before To
	Who     []string `yaml:"who"`              // see Who
	When    string   `yaml:"when"`             // CEL guard over case, input, actor; "" is always
	Refuse  string   `yaml:"refuse"`           // what is said where the guard is not met
	Input   []Field  `yaml:"input"`
	Do      []Effect `yaml:"do"`
	Citizen string   `yaml:"citizen"` // what the appellant reads in the timeline, with {placeholders}; "" is not shown
	Key     string   `yaml:"key"`     // keyboard key on the desk
	Bulk    bool     `yaml:"bulk"`    // may be taken on several cases at once
	Main    bool     `yaml:"main"`    // the step that is expected next
	Paper   *Paper   `yaml:"paper"`   // what goes out on paper with it

	at func(path ...any) decl.Pos
}

// At returns where the action stands in its file, or the part of it that a path leads to.
func (a *ActionDecl) At(path ...any) decl.Pos { return a.at(path...) }

// OpenIn reports whether the action is open in a state.
func (a *ActionDecl) OpenIn(st *State) bool {
	return st != nil && (slices.Contains(a.From, st.Code) || slices.Contains(a.From, AnyOpen) && !st.Closed || slices.Contains(a.From, AnyState))
}

// Words for states in ActionDecl.From: every one that is not closed, and every one.
const (
	AnyOpen  = "*"
	AnyState = "**"
)

// Paper declares the paper that goes out with an action: a letter, a ruling, an
// answer. Its texts hold {placeholders}: those of a notice, the action's input, and
// PaperWords.
type Paper struct {
	Title   string `yaml:"title" need:"yes"`
	Head    string `yaml:"head"`            // who issues it, in red over the rule; "" for none
	Number  string `yaml:"number"`          // under the head
	Serial  string `yaml:"serial"`          // a series: there is a paper only where the action took a number of it
	Text    string `yaml:"text" need:"yes"` // a paragraph on each line
	Sign    string `yaml:"sign"`            // who signs, over the date
	Citizen bool   `yaml:"citizen"`         // whether the appellant may have it too
}

// PaperWords are the placeholders that only papers have: the number in its series,
// the year and day of the action, who acted, of which unit, what the case is about.
var PaperWords = []string{"serial", "year", "date", "issuer", "matter", "filed"}

// Branch leads an action to another state than its usual one.
type Branch struct {
	When string `yaml:"when" need:"yes"` // CEL over case, input, actor, unit, matter
	To   string `yaml:"to" need:"yes"`
}

// Effect is one thing an action does beyond moving the case. Exactly one member
// besides When is set. Values are CEL expressions over case, input and actor. The vocabulary
// is closed: a new effect is a change of the program, not of a pack.
type Effect struct {
	When    string            `yaml:"when,omitempty"`   // CEL guard of this effect; "" is always
	Set     map[string]string `yaml:"set,omitempty"`    // field of the case → expression
	Assign  string            `yaml:"assign,omitempty"` // unit code: the case's responsible unit; clears the holder
	Hold    string            `yaml:"hold,omitempty"`   // staff id: the person who works on it; 'null' releases
	Place   string            `yaml:"place,omitempty"`  // area or grid code: where it is
	Count   string            `yaml:"count,omitempty"`  // name of a counter of the case (returns, reworks, extensions …) to raise by one
	Extend  string            `yaml:"extend,omitempty"` // "clock by expression": a longer limit for a running clock, counted from its own start
	Pause   string            `yaml:"pause,omitempty"`  // code of the clock that stands still, "*" for all
	Resume  string            `yaml:"resume,omitempty"` // code of the clock that goes on
	Notify  *Notify           `yaml:"notify,omitempty"`
	Link    *Link             `yaml:"link,omitempty"`
	Rate    string            `yaml:"rate,omitempty"`    // level expression: the appellant's rating
	Issue   string            `yaml:"issue,omitempty"`   // kind of voucher to sign and hand over; see Family.VoucherKind
	Status  *Status           `yaml:"status,omitempty"`  // what becomes of a certificate that this case issued
	Publish string            `yaml:"publish,omitempty"` // expression of the text that becomes the public answer
	Open    *Open             `yaml:"open,omitempty"`    // another case that belongs to this one
	Relay   *Relay            `yaml:"relay,omitempty"`   // an action on the cases tied to this one
	Amend   []string          `yaml:"amend,omitempty"`   // fields of the filing that the input of the same code puts right
	Serial  string            `yaml:"serial,omitempty"`  // a series: its next number of the year, without gaps, into the case's data of that name
	Decide  *Decide           `yaml:"decide,omitempty"`  // what a decision table says of it, and what follows
	Reserve *Reserve          `yaml:"reserve,omitempty"` // one of a number of places, refused where all are taken
	Release string            `yaml:"release,omitempty"` // expression: what a place was reserved of, given back
	Record  *Record           `yaml:"record,omitempty"`  // a fact of whoever the case is of, written into a register
}

// Record is the effect that counts something in a register, once more, of whoever the
// case is of: a promise that was not kept, in their credit. Undone, what this case
// counted counts no longer from today on (now), or never did (ever).
type Record struct {
	Item   string `yaml:"item" need:"yes"`   // number item of a register, credit.broken
	Source string `yaml:"source" need:"yes"` // source of the register that says so
	For    string `yaml:"for,omitempty"`     // "3y": for how long it counts, from the day of the action on
	Undo   string `yaml:"undo,omitempty" oneof:"now ever"`
}

// Decide is the effect that asks a decision table about what was filed and what the
// registers know, and lets the machine take the action that follows in the same
// transaction. Facts that are missing or contradict each other never grant.
type Decide struct {
	Rule   string            `yaml:"rule,omitempty"`   // code of the table; "" is that of the service item
	By     map[string]string `yaml:"by,omitempty"`     // action by the value of the first result, where it says what was asked for: the mode of an approval
	Grant  string            `yaml:"grant,omitempty"`  // action that follows where it says what was asked for and By names none
	Refuse string            `yaml:"refuse,omitempty"` // action that follows where it does not
	Else   string            `yaml:"else,omitempty"`   // where it cannot say: a person decides
}

// Reserve is the effect that takes one of a number of places, such as those of an
// appointment.
type Reserve struct {
	Of   string `yaml:"of" need:"yes"`   // expression: what the places belong to
	Most string `yaml:"most" need:"yes"` // expression: how many there are
}

// Named returns the expressions of an effect that each fill a name: the fields
// that are set, or those of a case that is opened, or the input of an action that
// is passed on; nil for any other effect.
func (e *Effect) Named() map[string]string {
	switch {
	case e.Open != nil:
		return e.Open.Fields
	case e.Relay != nil:
		return e.Relay.Input
	case e.Reserve != nil:
		return map[string]string{"of": e.Reserve.Of, "most": e.Reserve.Most}
	}
	return e.Set
}

// Notify is the effect that sends a notice.
type Notify struct {
	To       string `yaml:"to" need:"yes" oneof:"appellant unit holder centre"` // appellant, unit, holder, centre
	Template string `yaml:"template" need:"yes"`                                // code of a notice template
	Due      string `yaml:"due,omitempty"`                                      // code of the clock that {due} speaks of; none: the one due next
}

// Link is the effect that ties two cases together.
type Link struct {
	Kind string   `yaml:"kind" need:"yes" oneof:"repeats recurs differs merged_into part_of gathered_in follows"` // what this case is to the other
	Case string   `yaml:"case" need:"yes"`                                                                        // expression giving the number of the other case
	In   []string `yaml:"in,omitempty"`                                                                           // states the other case must be in; none is any
}

// Status is the effect that changes the state of the certificates of a kind that
// this case issued and that have not come to their end.
type Status struct {
	Voucher string `yaml:"voucher" need:"yes"` // kind of certificate; see Family.VoucherKind
	To      string `yaml:"to" need:"yes" oneof:"valid suspended rescinded cancelled lapsed moved revoked"`
}

// Open is the effect that files another case that belongs to this one, e.g. a part
// of the work for another unit. What both families declare is taken over.
type Open struct {
	Family string            `yaml:"family" need:"yes"`                                   // or "parts": one case of each part of the service item
	Link   string            `yaml:"link" need:"yes" oneof:"part_of gathered_in follows"` // what the new case is to this one
	Unit   string            `yaml:"unit,omitempty"`                                      // expression: unit code it is given to
	Fields map[string]string `yaml:"fields,omitempty"`                                    // field → expression, instead of what is taken over
}

// Relay is the effect that takes an action on other cases in the same transaction,
// where it is open there: an answer that reaches everybody who asked, a part that
// reports to the whole. The machine takes it.
type Relay struct {
	To     string            `yaml:"to,omitempty"`   // kind of tie of this case; with "<" at its end, of other cases to this one
	Case   string            `yaml:"case,omitempty"` // or an expression giving the number of one case
	Action string            `yaml:"action" need:"yes"`
	Input  map[string]string `yaml:"input,omitempty"` // input of that action → expression
}

// ClockSet is a named set of stage clocks, e.g. "10-30-24".
type ClockSet struct {
	Code      string      `yaml:"rule_set" need:"yes"`
	Title     string      `yaml:"title" need:"yes"`
	ToConfirm string      `yaml:"to_confirm"` // what the operating unit still has to confirm; shown beside the clock
	Clocks    []ClockDecl `yaml:"clocks" need:"yes"`
	Item      *Service    `yaml:"-"` // the service item whose limits it has, nil for a set that stands as declared
}

// ClockDecl declares one clock. Of several declarations with the same code the
// first whose When holds at the start event counts.
type ClockDecl struct {
	Code    string   `yaml:"code" need:"yes"`
	Variant string   `yaml:"variant"` // tells several declarations of one code apart, e.g. "fast"
	Title   string   `yaml:"title" need:"yes"`
	Of      string   `yaml:"of" need:"yes" oneof:"centre unit appellant nobody"` // who is answerable: centre, unit, appellant
	Start   []string `yaml:"start"`                                              // actions that start it ("file" is the filing itself)
	Stop    []string `yaml:"stop"`                                               // actions that stop it
	Cancel  []string `yaml:"cancel"`                                             // actions after which it counts for nothing
	Pause   []string `yaml:"pause"`                                              // actions that make it stand still
	Resume  []string `yaml:"resume"`                                             // actions that let it go on
	Again   bool     `yaml:"again"`                                              // a start action while it runs, or after it ended, begins a new round
	Limit   string   `yaml:"limit"`                                              // "10m", "2h", "24h", "4d"; "legal", "promised" or "check" is that of the service item; left out where At says it
	At      string   `yaml:"at"`                                                 // CEL over case: the moment at which it is due, "2026-12-01 9:00" as the city's clocks show it; what is past starts no clock
	Ahead   string   `yaml:"ahead"`                                              // "24h": how long before At
	Mode    string   `yaml:"mode" need:"yes" oneof:"natural working"`            // natural or working
	When    string   `yaml:"when"`                                               // CEL over case; "" is always
	Warn    []int    `yaml:"warn"`                                               // percent of the limit at which it warns
	Then    string   `yaml:"then"`                                               // action the machine takes when it is due; "" none
	Basis   string   `yaml:"basis"`                                              // the rule it comes from
}

// MomentLayout is how the At of a clock writes a moment.
const MomentLayout = "2006-01-02 15:04"

// Name is what a clock of this declaration is known by: its code, and the variant
// where there are several.
func (d *ClockDecl) Name() string {
	if d.Variant == "" {
		return d.Code
	}
	return d.Code + "." + d.Variant
}
