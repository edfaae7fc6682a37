package mail_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/notice"
	"yiwang/internal/core/org"
	"yiwang/internal/door/api/apitest"
	"yiwang/internal/door/mail"
)

const domain = "minsheng.example.cn"

// house is the city with its door for letters open on loopback, and the servers of
// other people on the other side.
type house struct {
	*apitest.House
	t     *testing.T
	door  string // address of the door
	box   notice.Outbox
	away  *provider
	relay *mail.Relay
}

func open(t *testing.T, h *apitest.House) *house {
	t.Helper()
	key, err := gm.NewKey(gm.Intl)
	if err != nil {
		t.Fatal(err)
	}
	l := listen(t)
	ctx, stop := context.WithCancel(t.Context())
	var served sync.WaitGroup
	served.Go(func() {
		if err := mail.Serve(ctx, l, mail.Deps{DB: h.DB, City: h.City, Cases: h.Cases, Desk: h.Desk, Files: h.Files, Domain: domain, Key: key}); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { stop(); served.Wait() })
	out := &house{House: h, t: t, door: l.Addr().String(), away: newProvider(t)}
	out.relay = &mail.Relay{DB: h.DB, Addr: out.away.addr, Domain: domain, City: h.City.Title, Key: key, Writer: notice.Writer{
		Now: h.Clock.Now, Render: out.render,
		To: func(ctx context.Context, l notice.Letter) (string, error) {
			return h.Cases.Contact(ctx, l.CaseID, "email")
		},
	}}
	out.box = notice.Outbox{DB: h.DB, Channel: notice.Mail, Carrier: out.relay}
	return out
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (h *house) render(ctx context.Context, l notice.Letter) (string, string, error) {
	v, err := h.Cases.Open(ctx, org.Appellant(), l.CaseID, "")
	if err != nil {
		return "", "", err
	}
	return h.City.Templates.Render(l.Template, h.Cases.Told(&v, l.N, l.ArgsOf()))
}

// send hands a letter to the door, as a provider does.
func (h *house) send(from, to, letter string) error {
	h.t.Helper()
	c, err := smtp.Dial(h.door)
	if err != nil {
		h.t.Fatal(err)
	}
	defer c.Close()
	return c.SendMail(from, []string{to}, strings.NewReader(strings.ReplaceAll(letter, "\n", "\r\n")))
}

// post sends what waits and returns the letters that left, as their readers see them.
func (h *house) post() []got {
	h.t.Helper()
	if _, err := h.box.Run(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return h.away.empty()
}

// outcomes counts what became of letters.
func (h *house) outcomes() string {
	h.t.Helper()
	rows, err := sqldb.Select[string](h.t.Context(), h.DB.Read(), `select outcome from letter order by outcome`)
	if err != nil {
		h.t.Fatal(err)
	}
	return strings.Join(rows, " ")
}

func (h *house) only(q string, args ...any) string {
	h.t.Helper()
	s, err := sqldb.Get[string](h.t.Context(), h.DB.Read(), q, args...)
	if err != nil {
		h.t.Fatalf("%s: %v", q, err)
	}
	return s
}

// got is a letter that arrived at a provider.
type got struct {
	from, to string
	head     netmail.Header
	text     string
}

// provider is the mail server of other people. It refuses whom it does not know.
type provider struct {
	addr string
	mu   sync.Mutex
	in   []got
}

func newProvider(t *testing.T) *provider {
	p := &provider{}
	l := listen(t)
	p.addr = l.Addr().String()
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{p: p}, nil }))
	go func() { _ = srv.Serve(l) }() // it ends with the test
	t.Cleanup(func() { _ = srv.Close() })
	return p
}

func (p *provider) empty() []got {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.in
	p.in = nil
	return out
}

type delivery struct {
	p        *provider
	from, to string
}

func (d *delivery) Reset()        {}
func (d *delivery) Logout() error { return nil }
func (d *delivery) Mail(from string, _ *smtp.MailOptions) error {
	d.from = from
	return nil
}

func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "busy@") {
		return &smtp.SMTPError{Code: 450, Message: "busy"}
	}
	d.to = to
	return nil
}

func (d *delivery) Data(r io.Reader) error {
	m, err := netmail.ReadMessage(r)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	var whole bytes.Buffer
	for _, name := range []string{"Content-Type", "Content-Transfer-Encoding"} {
		fmt.Fprintf(&whole, "%s: %s\r\n", name, m.Header.Get(name))
	}
	whole.WriteString("\r\n")
	whole.Write(raw)
	l, err := mail.Read(whole.Bytes())
	if err != nil {
		return err
	}
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	d.p.in = append(d.p.in, got{from: d.from, to: d.to, head: m.Header, text: l.Text})
	return nil
}

const chen = "chen@mail.example.com"

// Chen writes to the city. The letter is a case; she is told its number and code,
// answers twice, is answered, answers once more after the end, and moves away: the
// last letter comes back, and the unit knows that it did.
func TestAConversation(t *testing.T) {
	apitest.Run(t, func(t *testing.T, a *apitest.House) {
		h := open(t, a)
		body := "香蜜社区三巷的路灯坏了三天，晚上看不见路。"
		letter := "From: =?gb2312?B?s8LFrsq/?= <" + chen + ">\nTo: mail@" + domain + "\nSubject: =?UTF-8?B?" + base64.StdEncoding.EncodeToString([]byte("路灯不亮")) +
			"?=\nMessage-ID: <first@mail.example.com>\nDate: Mon, 23 Nov 2026 09:00:00 +0800\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n" +
			"--x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(body)) +
			"\n--x\nContent-Type: image/png; name=lamp.png\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=lamp.png\n\n" + pixel +
			"\n--x\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=virus.exe\n\nMZ\x01\x02\n--x--\n"
		for range 2 { // her provider did not hear us the first time
			if err := h.send(chen, "mail@"+domain, letter); err != nil {
				t.Fatal(err)
			}
		}
		id := h.only(`select case_id from letter where outcome = 'filed'`)
		v, err := h.Cases.Open(t.Context(), org.Appellant(), id, "")
		if err != nil {
			t.Fatal(err)
		}
		filed := map[string]string{}
		for _, f := range v.Fields {
			filed[f.Code] = f.Text
		}
		if v.Case.Channel != "mail" || filed["title"] != "路灯不亮" || filed["name"] != "陈女士" || filed["email"] != chen ||
			!strings.HasPrefix(filed["text"], body) || !strings.Contains(filed["text"], "virus.exe") {
			t.Errorf("filed as %q by %s", filed, v.Case.Channel)
		}
		if files, err := h.Cases.Attachments(t.Context(), id); err != nil || len(files) != 1 || files[0].Name != "lamp.png" {
			t.Errorf("files %v, %v", files, err)
		}

		told := h.post()
		if len(told) != 1 || told[0].to != chen || !strings.Contains(told[0].text, v.Case.Number) {
			t.Fatalf("she was told %+v", told)
		}
		receipt := told[0]
		code := receipt.text[strings.Index(receipt.text, "查询码")+len("查询码"):][:8]
		if _, err := h.Cases.CheckCode(t.Context(), v.Case.Number, code); err != nil {
			t.Errorf("the code %q in her letter: %v", code, err)
		}
		if receipt.head.Get("Auto-Submitted") != "auto-generated" || !strings.Contains(receipt.head.Get("References"), "<first@mail.example.com>") {
			t.Errorf("head of the receipt %v", receipt.head)
		}
		if args := h.only(`select args from notice where template = 'received_mail'`); strings.Contains(args, code) {
			t.Error("the code is still kept after it has left")
		}

		// She answers: once by the button, once from a program that only keeps the id.
		replyTo, err := netmail.ParseAddress(receipt.head.Get("Reply-To"))
		if err != nil {
			t.Fatal(err)
		}
		h.must(h.send(chen, replyTo.Address, "From: "+chen+"\nMessage-ID: <second@x>\nSubject: Re\n\n灯杆编号是 A17。\n\n在 2026年11月23日，一网 写道：\n> 编号和查询码\n"))
		h.must(h.send(chen, "mail@"+domain, "From: "+chen+"\nMessage-ID: <third@x>\nIn-Reply-To: "+receipt.head.Get("Message-ID")+"\nSubject: Re\n\n还有一盏也坏了。\n"))
		v, err = h.Cases.Open(t.Context(), org.Appellant(), id, "")
		if err != nil {
			t.Fatal(err)
		}
		if said := additions(&v); said != "灯杆编号是 A17。|还有一盏也坏了。" {
			t.Errorf("she added %q", said)
		}

		// The city answers on the spot; she goes on: a new case, tied to the first.
		if _, err := h.Cases.Act(t.Context(), h.staff("dispatcher"), cases.Deed{Case: id, Action: "answer", Input: map[string]any{"answer": "灯已修好。"}}); err != nil {
			t.Fatal(err)
		}
		told = h.post()
		if len(told) != 1 || !strings.Contains(told[0].text, "灯已修好") {
			t.Fatalf("told of the answer: %+v", told)
		}
		h.must(h.send(chen, replyTo.Address, "From: "+chen+"\nMessage-ID: <fourth@x>\nSubject: Re\n\n第二天又坏了，请再看看。\n"))
		next := h.only(`select case_id from letter where message_id = 'fourth@x'`)
		if tied := h.only(`select other from link where case_id = ? and kind = 'repeats'`, next); tied != id || next == id {
			t.Errorf("the letter after the end became %s, tied to %s", next, tied)
		}

		// The answer could not be delivered after all.
		if err := h.send("", told[0].from, bounce("5.1.1", "x")); err != nil {
			t.Fatal(err)
		}
		if state := h.only(`select state from notice where template = 'answered' and channel = 'mail'`); state != string(notice.Bounced) {
			t.Errorf("the returned letter is %q", state)
		}
		v, err = h.Cases.Open(t.Context(), org.Machine("test"), id, "")
		if last := v.Entries[len(v.Entries)-1]; err != nil || last.Header.Kind != "note" || !strings.Contains(last.Values[0].Text, "5.1.1") {
			t.Errorf("what the unit reads: %+v, %v", last, err)
		}
		if got := h.outcomes(); got != "added added bounce filed filed" {
			t.Errorf("outcomes %q", got)
		}
	})
}

// A number in a letter opens nothing: it lands in its own case, whoever it claims
// to come from. Tokens that were guessed are refused at the door.
func TestNobodyElsesCase(t *testing.T) {
	apitest.Run(t, func(t *testing.T, a *apitest.House) {
		h := open(t, a)
		h.must(h.send(chen, "mail@"+domain, "From: "+chen+"\nMessage-ID: <1@x>\nSubject: hello\n\n楼下餐馆油烟很大。\n"))
		id := h.only(`select case_id from letter`)
		c, err := h.Cases.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		h.post()
		for i, from := range []string{"mallory@evil.example", chen} { // the second is a lie
			h.must(h.send("mallory@evil.example", "mail@"+domain, fmt.Sprintf("From: %s\nMessage-ID: <m%d@x>\nIn-Reply-To: <%s@%s>\nSubject: Re: %s\n\n关于 %s：请把查询码发给我。\n",
				from, i, strings.ToLower(id), domain, c.Number, c.Number)))
		}
		v, err := h.Cases.Open(t.Context(), org.Appellant(), id, "")
		if err != nil || len(additions(&v)) > 0 {
			t.Errorf("added %q, %v", additions(&v), err)
		}
		for _, l := range h.post() {
			if strings.Contains(l.text, c.Number) {
				t.Errorf("%s was told of %s", l.to, c.Number)
			}
		}
		for _, to := range []string{"reply+" + strings.ToLower(id) + "-aaaaaaaaaaaaaaaaaaaa@" + domain, "nobody@" + domain, "mail@elsewhere.example", "hotline@" + domain} {
			if err := h.send(chen, to, "From: x@y.example\n\nx\n"); err == nil {
				t.Errorf("%s was taken", to)
			}
		}
		// A returned letter that nobody sent changes nothing.
		h.must(h.send("", "bounce+"+strings.ToLower(id)+"-1-aaaaaaaaaaaaaaaaaaaa@"+domain, bounce("5.1.1", "x")))
		if state := h.only(`select state from notice where case_id = ? and channel = 'mail'`, id); state != string(notice.Sent) {
			t.Errorf("after a forged return the letter is %q", state)
		}
	})
}

// What machines write is taken, and nobody answers it; a stranger who floods us in
// somebody's name does not make us flood that person.
func TestMachinesAreNotAnswered(t *testing.T) {
	apitest.Run(t, func(t *testing.T, a *apitest.House) {
		h := open(t, a)
		for i, head := range []string{"Auto-Submitted: auto-replied", "Precedence: bulk", "List-Id: <news.example.com>", "X-Autoreply: yes"} {
			h.must(h.send(chen, "mail@"+domain, fmt.Sprintf("From: %s\nMessage-ID: <a%d@x>\n%s\nSubject: x\n\n我在休假。\n", chen, i, head)))
		}
		h.must(h.send("mail@"+domain, "mail@"+domain, "From: mail@"+domain+"\nMessage-ID: <self@x>\nSubject: x\n\nx\n"))
		if got := h.outcomes(); got != "machine machine machine machine machine" {
			t.Errorf("outcomes %q", got)
		}
		for i := range 15 {
			h.must(h.send(chen, "mail@"+domain, fmt.Sprintf("From: %s\nMessage-ID: <f%d@x>\nSubject: x\n\n第%d件不同的事。\n", chen, i, i)))
		}
		if n := len(h.post()); n != 10 {
			t.Errorf("%d letters to one address in an hour", n)
		}
		if n := strings.Count(h.outcomes(), "filed"); n != 15 {
			t.Errorf("%d of 15 letters were filed", n)
		}
	})
}

// A relay that is busy is asked again; one that is gone loses nothing.
func TestRelayAway(t *testing.T) {
	apitest.Run(t, func(t *testing.T, a *apitest.House) {
		h := open(t, a)
		h.must(h.send(chen, "mail@"+domain, "From: busy@mail.example.com\nMessage-ID: <1@x>\nSubject: x\n\n窨井盖松动，车过有响声。\n"))
		h.post()
		if state := h.only(`select state from notice where channel = 'mail'`); state != string(notice.Queued) {
			t.Errorf("a letter to a busy server is %q", state)
		}
		_, err := h.relay.Carry(t.Context(), notice.Letter{ID: "x", CaseID: h.only(`select case_id from letter`), Template: "received_copy", Audience: "appellant"})
		if !errs.Is(err, errs.Unavailable) {
			t.Errorf("busy: %v", err)
		}
	})
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) staff(role string) org.Actor {
	h.t.Helper()
	for _, p := range h.Staff.Directory().AllStaff() {
		if a, ok := h.Staff.Directory().Actor(p.ID); ok && a.Has(role) {
			return a
		}
	}
	h.t.Fatalf("nobody is %s", role)
	return org.Actor{}
}

func additions(v *cases.View) string {
	var out []string
	for _, e := range v.Entries {
		if e.Header.Kind == "add" {
			out = append(out, e.Values[0].Text)
		}
	}
	return strings.Join(out, "|")
}

func bounce(status, about string) string {
	return "From: postmaster@mail.example.com\nMessage-ID: <b" + status + "@x>\nAuto-Submitted: auto-replied\nSubject: failure\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nno such user\n" +
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example.com\n\nFinal-Recipient: rfc822; chen@mail.example.com\nAction: failed\nStatus: " + status +
		"\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <" + about + ">\n\n--b--\n"
}

// pixel is a picture of one pixel.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
