package app

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/outward"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/notice"
	"yiwang/internal/core/org"
	"yiwang/internal/door/mail"
	"yiwang/internal/door/portal"
	"yiwang/internal/work/apply"
	"yiwang/internal/work/webhook"
)

// outboxes returns one outbox for each channel that needs carrying: by the gateway
// or relay that the operator named, else into a directory that others empty.
func (a *App) outboxes() []notice.Outbox {
	to := map[string]func(context.Context, notice.Letter) (string, error){
		notice.SMS: a.numberOf, notice.WeChat: a.numberOf, notice.Voice: a.numberOf, notice.IM: accountOf, notice.Mail: a.mailOf,
	}
	var out []notice.Outbox
	for _, channel := range notice.Carried() {
		w := notice.Writer{Render: a.renderLetter, To: to[channel], Now: a.Now}
		var c notice.Carrier = &notice.Drop{Writer: w, Dir: a.dir.file(outboxDir, channel)}
		if channel == notice.Mail && a.SMTPRelay != "" {
			c = &mail.Relay{Writer: w, DB: a.DB, Addr: a.SMTPRelay, Domain: a.mailDomain(), City: a.City.Title, Key: a.mailKey, Sign: a.dkim}
		} else if service := a.Gateways[channel]; service != "" {
			c = &notice.Gateway{Writer: w, URL: service, Suite: gm.Intl, Secret: a.gatewaySecret, Client: outward.Client()}
		}
		out = append(out, notice.Outbox{DB: a.DB, Channel: channel, Carrier: c})
	}
	return out
}

// leastSecret is how long a shared secret has to be, in bytes.
const leastSecret = 16

// openGateways checks what the operator says of gateways. Error: Invalid.
func (a *App) openGateways() error {
	for channel, to := range a.Gateways {
		if !slices.Contains(notice.Carried(), channel) || !strings.HasPrefix(to, "http://") && !strings.HasPrefix(to, "https://") {
			return errs.E(errs.Invalid, "app.gateway", errs.Args{"channel": channel})
		}
	}
	if len(a.Gateways) == 0 {
		return nil
	}
	raw, err := os.ReadFile(a.GatewaySecret)
	if a.gatewaySecret = bytes.TrimSpace(raw); err != nil || len(a.gatewaySecret) < leastSecret {
		return errs.E(errs.Invalid, "app.gateway_secret", errs.Args{"file": a.GatewaySecret, "least": leastSecret}).Because(err)
	}
	return nil
}

// openMail reads the key that signs letters. Error: Invalid.
func (a *App) openMail() (err error) {
	if a.DKIMKey != "" {
		a.dkim, err = mail.LoadDKIM(a.DKIMSelector, a.DKIMKey)
	}
	return err
}

// openHooks prepares what tells other systems. Error: Invalid, where a network is none.
func (a *App) openHooks(ctx context.Context) error {
	allow, err := networks(a.WebhookAllow)
	if err != nil {
		return err
	}
	key, err := openKey(ctx, a.DB, a.keys.master, hookSetting)
	if err != nil {
		return err
	}
	a.Hooks = webhook.New(webhook.Deps{DB: a.DB, City: a.City, Staff: a.Staff, Cases: a.Cases, Key: key, Allow: allow, Site: a.site(), Logger: a.Logger})
	return nil
}

// networks reads networks in CIDR notation. Error: Invalid.
func networks(all []string) (out []netip.Prefix, err error) {
	for _, s := range all {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, errs.E(errs.Invalid, "app.network", errs.Args{"network": s}).Because(err)
		}
		out = append(out, p)
	}
	return out, nil
}

// mailDomain is the domain of the city's mailboxes.
func (a *App) mailDomain() string {
	if a.MailDomain != "" {
		return a.MailDomain
	}
	if u, err := url.Parse(a.URL); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return "localhost"
}

// takeMail takes letters by e-mail on l until ctx ends.
func (a *App) takeMail(ctx context.Context, l net.Listener) error {
	return mail.Serve(ctx, l, mail.Deps{
		DB: a.DB, City: a.City, Cases: a.Cases, Desk: a.Desk, Files: a.Files, Domain: a.mailDomain(), Key: a.mailKey,
		DNS: net.DefaultResolver, Logger: a.Logger,
	})
}

// Post carries the notices that wait, once.
func (a *App) Post(ctx context.Context) error {
	for _, box := range a.outboxes() {
		if err := send(ctx, &box, 0); err != nil {
			return err
		}
	}
	return nil
}

// lookForNotices is the pause between two looks for notices that wait: with it a fact
// that changes has reached the person within a second.
const lookForNotices = 250 * time.Millisecond

// betweenBatches is the pause of an outbox in which more waits: two hundred letters a
// second and channel, which is more than gateways take, and leaves the processors in
// a rush to those who file.
const betweenBatches = 100 * time.Millisecond

// send empties an outbox, with a pause after each batch.
func send(ctx context.Context, box *notice.Outbox, pause time.Duration) error {
	for {
		n, err := box.Run(ctx)
		if err != nil || n < notice.Batch {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// renderLetter fills a notice's template with what its reader may know: the
// appellant everything they and the unit said, staff no personal values.
func (a *App) renderLetter(ctx context.Context, l notice.Letter) (title, body string, err error) {
	reader := org.Machine("post")
	link := "/desk/cases/" + l.CaseID
	if l.Audience == toAppellant {
		reader, link = org.Appellant(), "/track"
	}
	var v cases.View
	switch a.asksFor(&l) {
	case itsRow:
		v.Case, err = a.Cases.Get(ctx, l.CaseID)
	case itsLog:
		v, err = a.Cases.Open(ctx, reader, l.CaseID, "")
	}
	if err != nil {
		return "", "", err
	}
	args := a.Cases.Told(&v, l.N, l.ArgsOf())
	args["link"] = a.site() + link
	args["rate"] = a.site() + portal.RateLink(a.siteKey, l.CaseID, a.Now().Add(portal.RateLife))
	return a.City.Templates.Render(l.Template, args)
}

// What a letter's template asks for beside what stands with the letter.
const (
	nothingElse = iota
	itsRow      // the state row of the case
	itsLog      // what was said in the case
)

// asksFor says what has to be read to fill a letter's template.
func (a *App) asksFor(l *notice.Letter) (what int) {
	known := l.ArgsOf()
	for _, name := range a.City.Templates.Asks(l.Template) {
		switch _, ok := known[name]; {
		case name == "link" || name == "rate" || name == "city":
		case name == "title", ok && (name == "state" || name == "clock"): // codes, whose names the case's family knows
			what = max(what, itsRow)
		case !ok:
			return itsLog
		}
	}
	return what
}

// toAppellant is the audience that is the person who filed the case.
const toAppellant = "appellant"

var nobody = errs.E(errs.NotFound, "cases.not_found", nil)

// numberOf returns the telephone number a letter goes to: what the appellant left,
// or the unit's or the person's where it is a mobile one. Error: NotFound.
func (a *App) numberOf(ctx context.Context, l notice.Letter) (string, error) {
	if l.Audience == toAppellant {
		return a.Cases.Contact(ctx, l.CaseID, "phone")
	}
	if id, ok := strings.CutPrefix(l.Audience, apply.PersonAudience); ok {
		return a.Door.Phone(ctx, id)
	}
	if code, ok := strings.CutPrefix(l.Audience, "unit:"); ok {
		if u, ok := a.Staff.Directory().Unit(code); ok && org.Mobile(u.Phone) {
			return u.Phone, nil
		}
	}
	if id, ok := strings.CutPrefix(l.Audience, "staff:"); ok {
		if p, ok := a.Staff.Directory().Staff(id); ok && p.Active && org.Mobile(p.Phone) {
			return p.Phone, nil
		}
	}
	return "", nobody
}

// accountOf returns who a letter of the office's instant messages goes to: a unit's
// group or a person, by the codes that both systems know. Error: NotFound.
func accountOf(_ context.Context, l notice.Letter) (string, error) {
	if l.Audience == toAppellant {
		return "", nobody
	}
	return l.Audience, nil
}

// mailOf returns the e-mail address a letter goes to. Error: NotFound.
func (a *App) mailOf(ctx context.Context, l notice.Letter) (string, error) {
	if l.Audience != toAppellant {
		return "", nobody
	}
	return a.Cases.Contact(ctx, l.CaseID, "email")
}

// site is the address under which citizens reach the house.
func (a *App) site() string {
	if a.URL != "" {
		return strings.TrimRight(a.URL, "/")
	}
	return "http://" + a.Addr
}
