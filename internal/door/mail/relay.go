package mail

import (
	"bytes"
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"strings"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-smtp"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/notice"
)

// Relay is the carrier that hands notices to a mail server. An answer to one comes
// to an address of its case, a failure to an address of that very letter.
type Relay struct {
	notice.Writer
	DB     *sqldb.DB
	Addr   string // HOST:PORT, or smtps://HOST:PORT where the connection is encrypted from the start
	Domain string
	City   string // from whom the letters are
	Key    gm.Key // makes the tokens; the same as the door's
	Sign   *DKIM  // nil signs nothing
}

// DKIM is the key by which the domain vouches for its letters (RFC 6376).
type DKIM struct {
	Selector string
	Key      crypto.Signer
}

// LoadDKIM reads a private key in PEM (PKCS #8). Error: Invalid.
func LoadDKIM(selector, file string) (*DKIM, error) {
	wrong := errs.E(errs.Invalid, "mail.dkim_key", errs.Args{"file": file})
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, wrong.Because(err)
	}
	block, _ := pem.Decode(raw)
	if block == nil || selector == "" {
		return nil, wrong
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, wrong.Because(err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, wrong
	}
	return &DKIM{selector, signer}, nil
}

// handover bounds how long handing over a letter may take: less than half of what
// the outbox allows for a batch.
const handover = 25 * time.Second

// Carry hands a letter over. What breaks off after the letter was said may have
// gone out or not: that is notice.ErrUnsure.
func (r *Relay) Carry(ctx context.Context, l notice.Letter) (string, error) {
	to, err := r.To(ctx, l)
	if err != nil {
		return "", err
	}
	if to = plainAddress(to); to == "" {
		return "", errs.E(errs.Invalid, "mail.address", nil)
	}
	doc, err := r.compose(ctx, &l, to)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, handover)
	defer cancel()
	return r.handOver(ctx, tokens{r.Key}.ofLetter(l.CaseID, l.N, l.ID), to, doc)
}

func (r *Relay) dial(ctx context.Context) (*smtp.Client, error) {
	addr, encrypted := strings.CutPrefix(r.Addr, "smtps://")
	var d interface {
		DialContext(context.Context, string, string) (net.Conn, error)
	} = &net.Dialer{}
	if encrypted {
		host, _, _ := net.SplitHostPort(addr) // a wrong address fails at dialling
		d = &tls.Dialer{Config: &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}}
	}
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, errs.E(errs.Unavailable, "mail.relay_away", nil).Because(err)
	}
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	c := smtp.NewClient(conn)
	c.CommandTimeout, c.SubmissionTimeout = handover, handover
	return c, nil
}

// handOver says a letter to the relay and returns what it answers.
func (r *Relay) handOver(ctx context.Context, letter, to string, doc []byte) (string, error) {
	c, err := r.dial(ctx)
	if err != nil {
		return "", err
	}
	defer c.Close() // said and answered, or given up
	if err := c.Hello(r.Domain); err != nil {
		return "", refused(err)
	}
	if err := c.Mail(bounceBox+"+"+letter+"@"+r.Domain, nil); err != nil {
		return "", refused(err)
	}
	if err := c.Rcpt(to, nil); err != nil {
		return "", refused(err)
	}
	w, err := c.Data()
	if err != nil {
		return "", refused(err)
	}
	if _, err := w.Write(doc); err != nil {
		return "", errs.E(errs.Unavailable, "mail.relay_away", nil).Because(err) // without its end it is no letter
	}
	if err := w.Close(); err != nil {
		if _, answered := errors.AsType[*smtp.SMTPError](err); answered {
			return "", refused(err)
		}
		return "", errs.E(errs.Unavailable, "mail.relay_silent", nil).Because(errors.Join(notice.ErrUnsure, err))
	}
	_ = c.Quit() // it has the letter
	return "relay", nil
}

// refused classes what the relay said: 4xx is for now, 5xx for good.
func refused(err error) error {
	said, ok := errors.AsType[*smtp.SMTPError](err)
	if !ok || said.Code < 500 {
		return errs.E(errs.Unavailable, "mail.relay_away", nil).Because(err)
	}
	return errs.E(errs.Invalid, "mail.relay_refused", errs.Args{"code": said.Code})
}

// compose writes the letter.
func (r *Relay) compose(ctx context.Context, l *notice.Letter, to string) ([]byte, error) {
	title, body, err := r.Render(ctx, *l)
	if err != nil {
		return nil, err
	}
	t := tokens{r.Key}
	refers := []string{t.rootID(l.CaseID, r.Domain)}
	if theirs, err := r.theirs(ctx, l.CaseID); err != nil {
		return nil, err
	} else if theirs != "" {
		refers = append(refers, theirs)
	}
	number, _ := l.ArgsOf()["number"].(string)
	var b bytes.Buffer
	field := func(name, value string) { b.WriteString(name + ": " + value + "\r\n") }
	field("From", (&mail.Address{Name: r.City, Address: mainBox + "@" + r.Domain}).String())
	field("To", "<"+to+">")
	field("Reply-To", "<"+replyBox+"+"+t.ofCase(l.CaseID)+"@"+r.Domain+">")
	field("Subject", subject(title+" "+number))
	field("Date", r.Now().Format(time.RFC1123Z))
	field("Message-ID", "<"+t.messageID(l.CaseID, l.ID, r.Domain)+">")
	field("In-Reply-To", "<"+refers[len(refers)-1]+">")
	field("References", "<"+strings.Join(refers, ">\r\n <")+">")
	field("List-Id", "<notices."+r.Domain+">")
	field("Auto-Submitted", "auto-generated")
	field("X-Auto-Response-Suppress", "All")
	field("MIME-Version", "1.0")
	field("Content-Type", "text/plain; charset=utf-8")
	field("Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	q := quotedprintable.NewWriter(&b)
	_, err = io.WriteString(q, body+"\n\n"+r.City+"\n"+text.Say(text.Chinese, "mail.foot", nil)+"\n")
	if err = errors.Join(err, q.Close()); err != nil || r.Sign == nil {
		return b.Bytes(), err
	}
	var signed bytes.Buffer
	err = dkim.Sign(&signed, &b, &dkim.SignOptions{
		Domain: r.Domain, Selector: r.Sign.Selector, Signer: r.Sign.Key, HeaderCanonicalization: dkim.CanonicalizationRelaxed,
		BodyCanonicalization: dkim.CanonicalizationRelaxed,
		HeaderKeys:           []string{"From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type", "List-Id"},
	})
	return signed.Bytes(), err
}

// subject encodes a subject in words that fold.
func subject(s string) string {
	return strings.ReplaceAll(mime.BEncoding.Encode("utf-8", strings.Join(strings.Fields(clean(s)), " ")), "?= =?", "?=\r\n =?")
}

// theirs returns the id of the letter that a case began with, "" where it began
// otherwise: the answer belongs below it.
func (r *Relay) theirs(ctx context.Context, caseID string) (string, error) {
	all, err := sqldb.Select[string](ctx, r.DB.Read(), `select message_id from letter where case_id = ? and outcome = ? order by at limit 1`, caseID, outFiled)
	if err != nil {
		return "", err
	}
	if id := first(all); id != "" && !strings.ContainsAny(id, "<> \r\n") {
		return id, nil
	}
	return "", nil
}
