package mail

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	"github.com/emersion/go-message"

	"yiwang/internal/base/errs"
)

// Letter is an e-mail as a person reads it.
type Letter struct {
	ID      string // Message-ID without brackets, "" where it has none
	Name    string // of the sender, as it claims
	From    string // address of the sender, as it claims, "" where it is none
	Subject string
	Date    time.Time // zero where it is none
	Text    string
	Files   []File
	Refers  []string // ids of the letters it answers, without brackets
	Machine bool     // written by a machine: out of office, a receipt, a mailing list
	Hops    int      // servers it came through
	Report  *Report  // what it says of a letter of ours that could not be delivered
	Dropped int      // parts that were past the bounds
}

// File is something that came with a letter.
type File struct {
	Name string
	Data []byte
}

// Report is what a delivery status notification says (RFC 3464).
type Report struct {
	Failed bool
	Status string // e.g. 5.1.1, "" unknown
	About  string // Message-ID of the letter it speaks of, "" unknown
}

// Bounds of a letter.
const (
	mostParts  = 100
	mostNested = 10
)

// Read takes a letter apart. Whatever its form, what can be read of it is; only
// what is no letter at all is refused. Error: Invalid.
func Read(raw []byte) (l Letter, err error) {
	e, err := message.Read(bytes.NewReader(raw))
	if e == nil {
		return l, errs.E(errs.Invalid, "mail.unreadable", nil).Because(err)
	}
	l.heads(&e.Header)
	r := reading{letter: &l}
	r.entity(e, 0)
	l.Text = strings.TrimSpace(squeeze(strings.Join(r.texts, "\n\n")))
	l.Dropped = r.dropped
	return l, nil
}

func (l *Letter) heads(h *message.Header) {
	l.ID = first(ids(h.Get("Message-Id")))
	l.Subject = header(h.Get("Subject"))
	l.Name, l.From = sender(h.Get("From"))
	if t, err := mail.ParseDate(h.Get("Date")); err == nil {
		l.Date = t
	}
	l.Refers = append(ids(h.Get("In-Reply-To")), ids(h.Get("References"))...)
	l.Machine = machine(h)
	for f := h.FieldsByKey("Received"); f.Next(); {
		l.Hops++
	}
}

// machine reports whether a letter says that no person wrote it, in one of the
// ways in which such letters do (RFC 3834 and older habits).
func machine(h *message.Header) bool {
	auto := strings.ToLower(strings.TrimSpace(h.Get("Auto-Submitted")))
	if auto != "" && !strings.HasPrefix(auto, "no") {
		return true
	}
	switch strings.ToLower(strings.TrimSpace(h.Get("Precedence"))) {
	case "bulk", "junk", "list", "auto_reply":
		return true
	}
	for _, name := range []string{"List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond", "X-Auto-Response-From"} {
		if h.Has(name) {
			return true
		}
	}
	return false
}

// sender returns name and address of a From field, however badly it is written.
func sender(field string) (name, address string) {
	if a, err := mail.ParseAddress(asciiName(field)); err == nil {
		address = a.Address
	} else if i := strings.LastIndexByte(field, '<'); i >= 0 {
		inner, _, _ := strings.Cut(field[i+1:], ">")
		if a, err := mail.ParseAddress(strings.TrimSpace(inner)); err == nil {
			address = a.Address
		}
	}
	if i := strings.LastIndexByte(field, '<'); i > 0 {
		name = strings.Trim(header(strings.Trim(strings.TrimSpace(field[:i]), `"`)), `"' `)
	}
	if strings.Contains(name, "@") {
		name = ""
	}
	return name, plainAddress(address)
}

// asciiName leaves the address of a field whose name is in some unknown charset.
func asciiName(field string) string {
	if i := strings.LastIndexByte(field, '<'); i >= 0 {
		return field[i:]
	}
	return field
}

// plainAddress returns an address that can stand in a header and an envelope, ""
// where it cannot.
func plainAddress(a string) string {
	local, domain, ok := strings.Cut(a, "@")
	if !ok || local == "" || domain == "" || len(a) > 200 || strings.ContainsAny(a, " \t\r\n<>()[]\\,;:\"") || strings.Contains(domain, "@") {
		return ""
	}
	for i := range len(a) {
		if a[i] <= ' ' || a[i] >= 0x7f {
			return ""
		}
	}
	return local + "@" + strings.ToLower(domain)
}

// ids returns the message ids of a field, without brackets.
func ids(field string) []string {
	var out []string
	for field != "" {
		_, rest, ok := strings.Cut(field, "<")
		if !ok {
			break
		}
		id, after, ok := strings.Cut(rest, ">")
		if !ok {
			break
		}
		if id = strings.TrimSpace(id); id != "" && len(id) <= 250 && !strings.ContainsAny(id, " \t\r\n") && len(out) < 50 {
			out = append(out, clean(id))
		}
		field = after
	}
	return out
}

func first(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}

// reading walks through the parts of a letter.
type reading struct {
	letter  *Letter
	texts   []string
	parts   int
	dropped int
}

func (r *reading) entity(e *message.Entity, depth int) {
	if r.parts++; r.parts > mostParts || depth > mostNested {
		r.dropped++
		return
	}
	kind, params, err := e.Header.ContentType()
	if err != nil {
		kind, params = loose(e.Header.Get("Content-Type")), map[string]string{}
	}
	kind = strings.ToLower(kind)
	if multi := e.MultipartReader(); multi != nil {
		if kind == "multipart/report" && strings.EqualFold(params["report-type"], "delivery-status") {
			r.letter.Report = &Report{}
		}
		if kind == "multipart/alternative" {
			r.alternative(multi, depth)
			return
		}
		r.each(multi, func(part *message.Entity) { r.entity(part, depth+1) })
		return
	}
	body, err := io.ReadAll(e.Body)
	if err != nil && len(body) == 0 {
		r.dropped++
		return
	}
	name := fileOf(&e.Header, params)
	switch {
	case r.report(kind, body):
	case kind == "message/rfc822" || kind == "message/global":
		r.forwarded(body, depth)
	case name == "" && (kind == "text/plain" || kind == "text/html" || kind == ""):
		r.texts = append(r.texts, textOf(kind, params["charset"], body))
	case len(body) > 0:
		if name == "" {
			name = strings.ReplaceAll(kind, "/", ".")
		}
		r.letter.Files = append(r.letter.Files, File{Name: name, Data: body})
	}
}

// each yields the parts of a multipart; one that breaks off ends with what was whole.
func (r *reading) each(multi message.MultipartReader, yield func(*message.Entity)) {
	for r.parts <= mostParts {
		part, err := multi.NextPart()
		if part == nil {
			if err != nil && !errors.Is(err, io.EOF) {
				r.dropped++
			}
			return
		}
		yield(part)
	}
}

// alternative takes the first of several forms of one text that says something;
// the forms come plainest first.
func (r *reading) alternative(multi message.MultipartReader, depth int) {
	before := len(r.texts)
	var texts []string
	r.each(multi, func(part *message.Entity) {
		r.entity(part, depth+1)
		if said := strings.TrimSpace(strings.Join(r.texts[before:], "\n")); said != "" {
			texts = append(texts, said)
		}
		r.texts = r.texts[:before]
	})
	if len(texts) > 0 {
		r.texts = append(r.texts, texts[0])
	}
}

// forwarded reads a letter inside a letter.
func (r *reading) forwarded(raw []byte, depth int) {
	inner, _ := message.Read(bytes.NewReader(raw)) // an unknown charset is an error beside a letter that can be read
	if inner == nil {
		r.dropped++
		return
	}
	if subject := header(inner.Header.Get("Subject")); subject != "" {
		r.texts = append(r.texts, subject)
	}
	r.entity(inner, depth+1)
}

// report reads a part of a delivery status notification.
func (r *reading) report(kind string, body []byte) bool {
	rep := r.letter.Report
	if rep == nil {
		return false
	}
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		for block := range strings.SplitSeq(strings.ReplaceAll(string(body), "\r\n", "\n"), "\n\n") {
			h := fields(block)
			if action := h.Get("Action"); action != "" {
				rep.Failed = rep.Failed || strings.EqualFold(strings.TrimSpace(action), "failed")
				rep.Status = status(h.Get("Status"))
			}
		}
		return true
	case "message/rfc822", "text/rfc822-headers", "message/global-headers", "message/global":
		rep.About = first(ids(fields(string(body)).Get("Message-Id")))
		return true
	}
	return false
}

// fields reads the header fields at the beginning of a text.
func fields(s string) textproto.MIMEHeader {
	h, _ := textproto.NewReader(bufio.NewReader(strings.NewReader(s + "\n\n"))).ReadMIMEHeader() // a broken one ends early
	return h
}

// status keeps a status code that is one: digits and points.
func status(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), " ")
	if len(s) > 12 || strings.Trim(s, "0123456789.") != "" {
		return ""
	}
	return s
}

// loose is the type of a Content-Type field that cannot be parsed.
func loose(field string) string {
	kind, _, _ := strings.Cut(field, ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

// fileOf returns the name of a part that is a file, "" where it is none.
func fileOf(h *message.Header, params map[string]string) string {
	disposition, dp, err := mime.ParseMediaType(h.Get("Content-Disposition"))
	if err != nil {
		disposition, dp = loose(h.Get("Content-Disposition")), nil
	}
	name := dp["filename"]
	if name == "" {
		name = params["name"]
	}
	if name = header(name); name == "" && disposition == "attachment" {
		name = "attachment"
	}
	return name
}

func textOf(kind, charset string, body []byte) string {
	s := decode(charset, body)
	if kind == "text/html" {
		return plain(s)
	}
	return s
}
