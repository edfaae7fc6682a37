package answer

import "strings"

// Pair is a message with the reply to it.
type Pair struct {
	Title, Message, Reply string
}

// Degree says how far a reply answers.
type Degree string

// The degrees. Partly: it speaks of the matter but leaves a demand open.
const (
	Full   Degree = "full"
	Partly Degree = "partly"
	No     Degree = "no"
)

// Kind of finding. The texts shown are catalogue keys answer.kind.<kind> (what it
// is called) and answer.why.<kind> (why it matters).
type Kind string

// The kinds of finding. Those for which Grave holds should not go out without a
// reason; the others are advice.
const (
	Empty      Kind = "empty"      // only acknowledges, thanks, forwards
	Unanswered Kind = "unanswered" // nothing on what was asked
	Incomplete Kind = "incomplete" // one demand of several is left out
	NoDeed     Kind = "no_deed"    // not said who did what, when
	NoBasis    Kind = "no_basis"   // refuses or rules, and names no provision
	NoWayOn    Kind = "no_way_on"  // unsolved, and no contact or next step
	Personal   Kind = "personal"   // tells of a person what need not be told
)

// Grave reports whether a finding asks for a reason if the reply goes out all the
// same.
func (k Kind) Grave() bool { return k == Empty || k == Unanswered || k == Personal }

// Span is a piece of one of the two texts: bytes [From, To).
type Span struct {
	InMessage bool // of the message's text; otherwise of the reply
	From, To  int
}

// Of returns the words.
func (s Span) Of(p Pair) string {
	if s.InMessage {
		return p.Message[s.From:s.To]
	}
	return p.Reply[s.From:s.To]
}

// Finding is one thing that a reader of the reply should look at.
type Finding struct {
	Kind  Kind
	Words []Span // what it rests on, in order; never empty unless the reply is
}

// Reading is what is found in a reply.
type Reading struct {
	Empty    bool
	Answers  Degree
	Deed     bool // says who did what and when
	Basis    bool // names a law, a document, a plan
	WayOn    bool // names a contact, a remedy, a next step
	Findings []Finding
	NotP     float64 // probability that it does not answer, 0 to 1
}

// Read reads a reply beside its message.
func Read(p Pair) Reading {
	t := take(p)
	r := Reading{
		Empty: t.empty(),
		Deed:  len(t.deeds) > 0,
		Basis: len(t.bases) > 0,
		WayOn: len(t.ways) > 0,
	}
	x := t.features()
	r.NotP = chance(x, weights.not)
	switch {
	case r.Empty || r.NotP >= notFrom:
		r.Answers = No
	case chance(x, weights.full) < fullFrom:
		r.Answers = Partly
	default:
		r.Answers = Full
	}
	if r.Empty {
		r.NotP = 1
	}
	r.Findings = t.findings(&r)
	return r
}

// Has reports whether there is a finding of this kind.
func (r Reading) Has(k Kind) bool {
	for _, f := range r.Findings {
		if f.Kind == k {
			return true
		}
	}
	return false
}

// Grave reports whether any finding asks for a reason.
func (r Reading) Grave() bool {
	for _, f := range r.Findings {
		if f.Kind.Grave() {
			return true
		}
	}
	return false
}

// trim bounds what is read of a text, in bytes.
func trim(s string) string {
	const most = 40_000
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return s
}
