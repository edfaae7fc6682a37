package mail

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/work/intake"
)

// Outcomes of letters, as they are kept.
const (
	outFiled   = "filed"
	outAdded   = "added"
	outBounce  = "bounce"
	outMachine = "machine" // written by a machine; nothing was done
)

// take decides what a letter is and does it. Errors: Invalid and TooLarge where it
// can never be taken.
func (d *door) take(ctx context.Context, e envelope, raw []byte) (err error) {
	defer errs.Wrap(&err, "mail.take")
	l, err := Read(raw)
	if err != nil {
		return err
	}
	if l.Hops > mostHops {
		return errs.E(errs.Invalid, "mail.loop", nil)
	}
	in := &incoming{door: d, envelope: e, Letter: l, raw: raw, key: keyOf(&l, raw)}
	if l.Report != nil || in.bounced() != "" && e.from == "" {
		return in.comeBack(ctx)
	}
	if _, host, _ := strings.Cut(l.From, "@"); l.Machine || host == strings.ToLower(d.Domain) {
		return in.note(ctx, outMachine, "", 0)
	}
	in.verdict = check(ctx, d.DNS, e.ip, e.helo, cmp.Or(e.from, "postmaster@"+e.helo), l.From, raw)
	if id, ok := in.answers(); ok {
		added, err := in.add(ctx, id)
		if err != nil || added {
			return err
		}
		return in.file(ctx, id) // that case takes nothing more: nothing is lost
	}
	return in.file(ctx, "")
}

// incoming is one letter on its way in.
type incoming struct {
	*door
	envelope
	Letter
	raw     []byte
	key     string // by which the letter is known when it comes again
	verdict Verdict
}

// keyOf is the id of a letter and a digest of what it says: a letter that comes
// again by another way is the same, another letter under the same id is not.
func keyOf(l *Letter, raw []byte) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q %q %q %d", l.ID, l.From, l.Subject, l.Text, l.Date.UnixMilli())
	for _, f := range l.Files {
		fmt.Fprintf(sum, " %q %x", f.Name, sha256.Sum256(f.Data))
	}
	if l.ID == "" && l.Date.IsZero() { // nothing tells two of these apart but their whole form
		sum.Write(raw)
	}
	return hex.EncodeToString(sum.Sum(nil))[:40]
}

// answers returns the case that the letter is an answer in: by the address it was
// sent to, or the letter it refers to. Both carry a token that only the appellant
// was sent; a number in the words counts for nothing.
func (in *incoming) answers() (string, bool) {
	for _, t := range in.to {
		if t.reply != "" {
			return t.reply, true
		}
	}
	return in.tokens.caseOfIDs(in.Refers, in.Domain)
}

// bounced returns the token of the letter of ours that this one was returned for.
func (in *incoming) bounced() string {
	for _, t := range in.to {
		if t.bounce != "" {
			return t.bounce
		}
	}
	return ""
}

// add puts an answer into the case it belongs to; false where the case takes
// nothing more.
func (in *incoming) add(ctx context.Context, id string) (bool, error) {
	said, files, err := in.said(ctx, fresh(in.Text), mostAdded)
	if err != nil {
		return false, err
	}
	if filed, err := in.Cases.Contact(ctx, id, "email"); err != nil && !errs.Is(err, errs.NotFound) {
		return false, err
	} else if !strings.EqualFold(filed, in.From) {
		said += "\n" + say("other_address", nil)
	}
	c, err := in.Cases.Act(ctx, org.Appellant(), cases.Deed{
		Case: id, Action: "add", Input: map[string]any{"text": said}, Files: files, Once: "mail:" + in.key,
	})
	if errs.Is(err, errs.Conflict) || errs.Is(err, errs.Invalid) || errs.Is(err, errs.NotFound) || errs.Is(err, errs.Forbidden) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, in.note(ctx, outAdded, id, c.Version)
}

// mostAdded bounds an addition, as the lifecycle declares it, less room for remarks.
const mostAdded = 2600

// file makes a case of the letter, tied to an earlier one where it answers that.
func (in *incoming) file(ctx context.Context, earlier string) error {
	said, files, err := in.said(ctx, in.Text, intake.MaxText-1000)
	if err != nil {
		return err
	}
	m := intake.Message{
		Channel: in.channel(), ExternalID: in.key, Actor: org.Appellant(), Title: cut(in.Subject, 200), Text: said,
		Name: cut(in.Name, 50), Files: files, Fields: map[string]any{},
	}
	if age := in.Desk.Now().Sub(in.Date); age > 0 && age.Hours() < 24*365 {
		m.WrittenAt = in.Date.UnixMilli()
	}
	if in.From != "" && !in.verdict.Forged && in.answer.Take(in.From, in.Desk.Now()) == 0 {
		m.Fields["email"] = in.From // from here on it is told what happens
	}
	filed, err := in.Desk.File(ctx, m)
	if err != nil {
		return err
	}
	if earlier != "" {
		if err := in.tie(ctx, filed.ID, earlier); err != nil {
			return err
		}
	}
	if in.verdict.Forged {
		if err := in.remark(ctx, filed.ID, say("forged", errs.Args{"checks": in.verdict.String()})); err != nil {
			return err
		}
	}
	return in.note(ctx, outFiled, filed.ID, 1)
}

// channel is that of the mailbox the letter was sent to.
func (in *incoming) channel() string {
	for _, t := range in.to {
		if t.channel != "" {
			return t.channel
		}
	}
	return mainBox
}

// tie says of a new case that it goes on from an earlier one.
func (in *incoming) tie(ctx context.Context, id, earlier string) error {
	c, err := in.Cases.Get(ctx, earlier)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = in.Cases.Act(ctx, org.Machine("mail"), cases.Deed{
		Case: id, Action: "link_repeat", Input: map[string]any{"case": c.Number, "reason": say("goes_on", nil)}, Once: "mail-tie:" + in.key,
	})
	if errs.Is(err, errs.Conflict) || errs.Is(err, errs.Exists) {
		return nil // a person was faster, or the words were the same
	}
	return err
}

// remark leaves a note for staff in a case; where the case takes none, the log of
// letters still says it.
func (in *incoming) remark(ctx context.Context, id, said string) error {
	_, err := in.Cases.Act(ctx, org.Machine("mail"), cases.Deed{
		Case: id, Action: "note", Input: map[string]any{"text": said}, Once: "mail-note:" + in.key,
	})
	if errs.Is(err, errs.Conflict) || errs.Is(err, errs.Invalid) || errs.Is(err, errs.Forbidden) {
		return nil
	}
	return err
}

// said keeps the letter's files and returns them with its words: cut where they are
// longer than a field may be, then whole as a file, and with a line for each file
// that could not be kept.
func (in *incoming) said(ctx context.Context, words string, most int) (string, []cases.File, error) {
	var files []cases.File
	var remarks []string
	parts := in.Files
	if utf8.RuneCountInString(words) > most {
		parts = append([]File{{Name: say("whole_text", nil), Data: []byte(words)}}, parts...)
		words = cut(words, most-200)
		remarks = append(remarks, say("cut", nil))
	}
	dropped := in.Dropped + max(0, len(parts)-mostFiles)
	for _, f := range parts[:min(len(parts), mostFiles)] {
		kept, err := in.door.Files.Keep(ctx, f.Name, bytes.NewReader(f.Data))
		switch {
		case err == nil:
			files = append(files, kept)
		case errs.Is(err, errs.Invalid) || errs.Is(err, errs.TooLarge):
			remarks = append(remarks, say("file_refused", errs.Args{"name": cut(f.Name, 60), "why": text.Error(text.Chinese, err)}))
		default:
			return "", nil, err
		}
	}
	if dropped > 0 {
		remarks = append(remarks, say("dropped", errs.Args{"n": dropped}))
	}
	if words == "" {
		words = cmp.Or(in.Subject, say("empty", nil))
	}
	return cut(strings.Join(append([]string{words}, remarks...), "\n"), most+300), files, nil
}

// mostFiles is how many files of a letter are kept.
const mostFiles = 20

// note enters what became of a letter in the log of letters.
func (in *incoming) note(ctx context.Context, outcome, id string, n int64) error {
	checks := ""
	if in.verdict.SPF != "" {
		checks = in.verdict.String()
	}
	return in.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `insert into letter (id, at, message_id, outcome, case_id, n, checks) values (?, ?, ?, ?, ?, ?, ?)
			on conflict (id) do nothing`, in.key, tx.Now(), in.ID, outcome, id, n, checks)
		return err
	})
}

// say is a sentence of this door for those who read the case.
func say(key string, args errs.Args) string { return text.Say(text.Chinese, "mail."+key, args) }

// cut shortens a text to some characters.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
