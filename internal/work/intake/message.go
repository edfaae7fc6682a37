package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
)

// Message is what came in by a channel, before anybody read it.
type Message struct {
	Family     string // "" is the appeal
	Channel    string
	ExternalID string
	Actor      org.Actor
	WrittenAt  int64 // UTC milliseconds, 0 unknown
	Title      string
	Text       string // exactly as it was written
	Name       string
	Phone      string
	Address    string
	Lng, Lat   float64
	Area       string         // code, where the person chose one
	Fields     map[string]any // further declared fields of the family
	Files      []cases.File
	Matter     string // known already: entered by staff, or decided long ago
	Nature     string
	Urgency    string
	Unit       string
	Steps      []cases.Step  // taken in the same transaction
	Hold       bool          // the machine does not dispatch it: one of Steps decides
	Up, Down   int           // who agreed and disagreed with it where it was published
	Parties    []cases.Party // whose it is, where that is known for certain
	Agreed     bool          // the applicant agreed that the registers are read for it
	History    bool          // decided long ago; closed at once, for dispatch to learn from
}

// Bounds of a message.
const (
	MaxText  = 100_000 // characters
	maxShort = 300
	earliest = 631152000000 // 1990-01-01: nobody's appeal is older
	// A clock a little ahead of ours is not an error.
	aheadOfNow = 24 * time.Hour
)

// Check refuses what no channel may bring. Errors: Invalid and TooLarge, at the field.
func (m *Message) Check(now time.Time) error {
	short := []struct{ name, v string }{
		{"title", m.Title}, {"name", m.Name}, {"phone", m.Phone}, {"address", m.Address}, {"id", m.ExternalID}, {"channel", m.Channel},
	}
	for _, f := range append(short, struct{ name, v string }{"text", m.Text}) {
		if strings.ContainsRune(f.v, 0) {
			return errs.E(errs.Invalid, "intake.nul", nil).At(f.name)
		}
		if !utf8.ValidString(f.v) {
			return errs.E(errs.Invalid, "intake.encoding", nil).At(f.name)
		}
	}
	if n := utf8.RuneCountInString(m.Text); n > MaxText {
		return errs.E(errs.TooLarge, "intake.too_long", errs.Args{"length": n, "max": MaxText}).At("text")
	}
	for _, f := range short {
		if n := utf8.RuneCountInString(f.v); n > maxShort {
			return errs.E(errs.TooLarge, "intake.too_long", errs.Args{"length": n, "max": maxShort}).At(f.name)
		}
	}
	switch {
	case m.WrittenAt != 0 && m.WrittenAt < earliest:
		return errs.E(errs.Invalid, "intake.too_old", nil).At("time")
	case m.WrittenAt > now.Add(aheadOfNow).UnixMilli():
		return errs.E(errs.Invalid, "intake.future", nil).At("time")
	}
	return nil
}

// content digests everything that makes the message what it is, to tell a
// message that comes again from another one under the same id.
func (m *Message) content() string {
	raw, err := json.Marshal([]any{m.Title, m.Text, m.WrittenAt, m.Name, m.Phone, m.Address})
	if err != nil {
		return "" // strings and numbers always encode
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16])
}
