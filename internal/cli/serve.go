package cli

import (
	"github.com/spf13/cobra"

	"yiwang/internal/app"
	"yiwang/internal/base/limit"
)

func newServeCommand() *cobra.Command {
	var w where
	var cfg app.Config
	var clock string
	c := &cobra.Command{
		Use:   "serve --data DIR",
		Short: "Run the citizens' pages, the staff desks and everything that runs by itself",
		Long: `Run Yiwang on a data directory. A new directory takes the embedded demo city, with one
demo account for each role, unless --city names another pack.`,
		Example: "  yiwang serve --data ./data --addr 127.0.0.1:8080\n  yiwang serve --data ./data --city ./city/mine --db postgres://yiwang@localhost/yiwang",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg.Data, cfg.DB, cfg.City = w.data, w.db, w.city
			cfg.Now = hands(clock)
			return app.Serve(cmd.Context(), cfg, cmd.OutOrStdout())
		},
	}
	w.flags(c)
	c.Flags().StringVar(&cfg.Addr, "addr", "127.0.0.1:8080", "HOST:PORT to listen on")
	c.Flags().StringVar(&cfg.Standby, "standby", "", "postgres://… that follows --db and is read for what may be some seconds old")
	c.Flags().StringVar(&cfg.URL, "url", "", "public address of the site, for links in messages (default http://HOST:PORT)")
	c.Flags().StringVar(&cfg.Font, "font", "", "font file for PDF papers, before the fonts of the machine (TTF, OTF or TTC)")
	c.Flags().BoolVar(&cfg.Life, "life", false, "let the demo city live: synthetic cases arrive and are handled")
	c.Flags().StringToStringVar(&cfg.Gateways, "gateway", nil, "CHANNEL=URL of the service that delivers notices (sms, wechat, im, mail); without one they lie in the outbox directory")
	c.Flags().StringVar(&cfg.GatewaySecret, "gateway-secret", "", "file with the secret that signs what goes to gateways")
	c.Flags().StringVar(&cfg.SMTP, "smtp", "", "HOST:PORT where letters by e-mail come in (mail@DOMAIN, and each channel of kind mail by its code)")
	c.Flags().StringVar(&cfg.MailDomain, "mail-domain", "", "domain of the mailboxes (default the host of --url)")
	c.Flags().StringVar(&cfg.SMTPRelay, "smtp-relay", "", "HOST:PORT or smtps://HOST:PORT that notices by e-mail are handed to")
	c.Flags().StringVar(&cfg.DKIMKey, "dkim-key", "", "file with the private key (PKCS #8 PEM) that signs letters")
	c.Flags().StringVar(&cfg.DKIMSelector, "dkim-selector", "", "name of that key in the domain's DNS")
	c.Flags().StringSliceVar(&cfg.WebhookAllow, "webhook-allow", nil, "private networks (CIDR) that webhooks may go to, e.g. 10.8.0.0/16; without it public addresses only")
	c.Flags().StringVar(&clock, "clock", "", "for trials: file that says how far the clock stands off, e.g. 36h")
	_ = c.Flags().MarkHidden("clock") // defined above
	c.Flags().StringVar(&cfg.OIDCIssuer, "oidc-issuer", "", "address of the identity provider (OpenID Connect) that staff may sign in by")
	c.Flags().StringVar(&cfg.OIDCClient, "oidc-client", "", "id of this site at the provider; its redirect address is URL/api/session/oidc/back")
	c.Flags().StringVar(&cfg.OIDCSecret, "oidc-secret", "", "file with the secret of this site at the provider")
	c.Flags().StringVar(&cfg.OIDCClaim, "oidc-claim", "", "claim that holds the login name (default preferred_username)")
	c.Flags().StringVar(&cfg.OIDCTitle, "oidc-title", "", "name of the provider on the sign-in page (default its host)")
	for _, r := range []struct {
		to    *limit.Rate
		usual limit.Rate
		name  string
		whose string
	}{
		{&cfg.Rates.Staff, limit.Usual.Staff, "rate-staff", "of an account of staff"},
		{&cfg.Rates.Key, limit.Usual.Key, "rate-key", "of another system, by its key"},
		{&cfg.Rates.Address, limit.Usual.Address, "rate-address", "of an address from which nobody has signed in"},
	} {
		c.Flags().IntVar((*int)(r.to), r.name, int(r.usual), "requests a second "+r.whose+"; ten times as many may come at once")
	}
	c.Flags().StringSliceVar(&cfg.Proxies, "proxy", nil, "networks (CIDR) of proxies in front, whose X-Forwarded-For says whom a request comes from")
	return c
}
