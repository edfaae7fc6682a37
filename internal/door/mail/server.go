package mail

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/limit"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/city"
	"yiwang/internal/work/intake"
)

// Deps is the house behind the door.
type Deps struct {
	DB     *sqldb.DB
	City   *city.City
	Cases  *cases.Store
	Desk   *intake.Desk
	Files  *intake.Attachments
	Domain string   // of the mailboxes, e.g. minsheng.example.cn
	Key    gm.Key   // makes the tokens
	DNS    Resolver // asks about senders; nil asks nobody
	Logger *slog.Logger
}

// Bounds of the server.
// mostAnswered is how many letters an hour one address is written to: two machines that
// answer each other come to an end, and nobody is flooded by a stranger who writes in
// their name.
const mostAnswered = 10

const (
	mostBytes      = 30 << 20 // a letter: an attachment of 20 MB grows by a third on its way
	mostRecipients = 20
	mostSessions   = 50
	mostHops       = 40
	idle           = time.Minute
	handling       = 2 * time.Minute
)

type door struct {
	Deps
	tokens tokens
	answer *limit.Limit
	slots  chan struct{}
}

// Serve takes letters on l until ctx ends. A letter is acknowledged when what
// became of it is durable; whoever sent it keeps it until then.
func Serve(ctx context.Context, l net.Listener, d Deps) error {
	if d.Logger == nil {
		d.Logger = slog.Default()
	}
	in := &door{Deps: d, tokens: tokens{d.Key}, answer: limit.New(mostAnswered, time.Hour/mostAnswered, limit.Keys), slots: make(chan struct{}, mostSessions)}
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return in.session(ctx, c) }))
	srv.Domain = d.Domain
	srv.MaxMessageBytes, srv.MaxRecipients = mostBytes, mostRecipients
	srv.ReadTimeout, srv.WriteTimeout = idle, idle
	srv.ErrorLog = slog.NewLogLogger(d.Logger.Handler(), slog.LevelDebug)
	stop := context.AfterFunc(ctx, func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := srv.Shutdown(last); err != nil {
			_ = srv.Close() // whoever is cut off sends again
		}
	})
	defer stop()
	err := srv.Serve(l)
	if ctx.Err() != nil || errors.Is(err, smtp.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// session is one conversation with a server that delivers.
type session struct {
	*door
	ctx  context.Context
	conn *smtp.Conn
	from string
	to   []target
	done bool
}

func (d *door) session(ctx context.Context, c *smtp.Conn) (smtp.Session, error) {
	select {
	case d.slots <- struct{}{}:
		return &session{door: d, ctx: ctx, conn: c}, nil
	default:
		return nil, refusal(errs.E(errs.TooMany, "errs.too_many", nil))
	}
}

// target is what a recipient's address stands for; one of its members is set.
type target struct {
	channel string // code of the mailbox's channel
	reply   string // id of the case that is answered
	bounce  string // token of the letter that came back
}

// Reset forgets the letter at hand.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout ends the session.
func (s *session) Logout() error {
	if !s.done {
		s.done = true
		<-s.slots
	}
	return nil
}

// Mail notes where the letter's failures go, "" for a notification.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.Reset()
	s.from = from
	return nil
}

// Rcpt takes an address of the house and refuses every other: it relays nothing.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	t, ok := s.find(to)
	if !ok {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: text.Say(text.English, "mail.no_box", nil)}
	}
	s.to = append(s.to, t)
	return nil
}

func (d *door) find(to string) (target, bool) {
	local, domain, ok := strings.Cut(to, "@")
	if !ok || !strings.EqualFold(domain, d.Domain) {
		return target{}, false
	}
	box, token, _ := strings.Cut(strings.ToLower(local), "+")
	switch box {
	case replyBox:
		id, ok := d.tokens.caseOf(token)
		return target{reply: id}, ok
	case bounceBox:
		_, _, _, ok := splitLetter(token)
		return target{bounce: token}, ok
	case "postmaster": // RFC 5321 wants it read by somebody
		box = mainBox
	}
	c, ok := d.City.Channel(box)
	return target{channel: box}, ok && c.Kind == "mail"
}

// mainBox is the channel of the mailbox that notices come from.
const mainBox = "mail"

// Data takes in a letter.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), handling)
	defer cancel()
	if err := s.take(ctx, s.envelope(), raw); err != nil {
		if k := errs.KindOf(err); k == errs.Internal || k == errs.Unavailable {
			s.Logger.ErrorContext(ctx, "a letter could not be taken", "error", err)
		}
		return refusal(err)
	}
	return nil
}

// envelope is what is known of a letter beside itself.
type envelope struct {
	from string
	to   []target
	ip   netip.Addr
	helo string
}

func (s *session) envelope() envelope {
	e := envelope{from: s.from, to: s.to, helo: s.conn.Hostname()}
	if a, err := netip.ParseAddrPort(s.conn.Conn().RemoteAddr().String()); err == nil {
		e.ip = a.Addr().Unmap()
	}
	return e
}

// refusal is an error as SMTP tells it: for now, or for good where the letter
// itself is at fault.
func refusal(err error) error {
	out := &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: text.Error(text.English, err)}
	switch errs.KindOf(err) {
	case errs.Invalid:
		out.Code, out.EnhancedCode = 554, smtp.EnhancedCode{5, 6, 0}
	case errs.TooLarge:
		out.Code, out.EnhancedCode = 552, smtp.EnhancedCode{5, 3, 4}
	}
	return out
}
