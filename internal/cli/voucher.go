package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/text"
	"yiwang/internal/core/voucher"
)

// checkedVoucher is what verify-voucher prints with --json.
type checkedVoucher struct {
	OK         bool           `json:"ok"`
	Fault      voucher.Fault  `json:"fault"` // "" where nothing is wrong
	Says       string         `json:"says"`  // the fault in words
	ID         string         `json:"id"`
	Kind       string         `json:"kind"`
	Title      string         `json:"title"`
	Issuer     string         `json:"issuer"`
	Holder     string         `json:"holder"`
	IssuedAt   int64          `json:"issued_at"`
	ValidUntil int64          `json:"valid_until"`
	Lines      []voucher.Line `json:"lines"`
	State      string         `json:"state"` // by the list that came with it; "" without one
	StateAt    int64          `json:"state_at"`
	Fresh      bool           `json:"fresh"`
	Logged     bool           `json:"logged"`
	LoggedAt   int64          `json:"logged_at"`
}

func newVerifyVoucherCommand() *cobra.Command {
	var keys []string
	var list, at string
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify-voucher FILE --key FILE [--status FILE] [--at TIME]",
		Short: "Check a certificate or another voucher offline",
		Long: `Check a voucher against the public keys that you trust: who signed it, whether a letter
of it was changed, whether its time is over; and, where they came with it or are given, its
place in the log and its state by a status list. Nothing is asked of any server.
A certificate whose list is older than a minute is genuine, but its state may have changed:
fetch the list again (its address stands in docs/voucher.md) and give it with --status.
Exits 1 where the voucher may not be relied on.`,
		Example: "  yiwang verify-voucher permit.voucher --key sign.pub.pem",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, ring, when, err := readVoucher(args[0], keys, list, at)
			if err != nil {
				return err
			}
			v, fault := f.Check(ring, when)
			out := sayVoucher(v, fault)
			if asJSON {
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(out)
			} else {
				err = printVoucher(cmd.OutOrStdout(), out)
			}
			if err == nil && !out.OK {
				return &foundFault{}
			}
			return err
		},
	}
	c.Flags().StringArrayVar(&keys, "key", nil, "public key that is trusted (PEM); may be given again")
	c.Flags().StringVar(&list, "status", "", "a status list fetched later than the file")
	c.Flags().StringVar(&at, "at", "", "as of this time (RFC 3339) instead of now")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	if err := c.MarkFlagRequired("key"); err != nil {
		panic(err) // the flag is defined four lines above
	}
	return c
}

func readVoucher(name string, keys []string, list, at string) (f voucher.File, ring gm.Ring, when time.Time, err error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return f, nil, when, err
	}
	// What is no voucher is a finding like any other: it is shown by Check.
	if f, err = voucher.ParseFile(raw); err != nil {
		f = voucher.File{Voucher: raw}
	}
	if list != "" {
		if f.List, err = os.ReadFile(list); err != nil {
			return f, nil, when, err
		}
	}
	ring = gm.Ring{}
	for _, name := range keys {
		pem, err := os.ReadFile(name)
		if err != nil {
			return f, nil, when, err
		}
		trusted, err := gm.ParsePublic(pem)
		if err != nil {
			return f, nil, when, err
		}
		for _, key := range trusted {
			ring[key.KeyID()] = key
		}
	}
	when = time.Now()
	if at != "" {
		if when, err = time.Parse(time.RFC3339, at); err != nil {
			return f, nil, when, errs.E(errs.Invalid, "voucher.at", errs.Args{"at": at}).Because(err)
		}
	}
	return f, ring, when, nil
}

func sayVoucher(v voucher.Verdict, fault error) checkedVoucher {
	out := checkedVoucher{
		OK: v.Good(), Fault: v.Fault, ID: v.ID, Kind: v.Kind, Title: v.Title, Issuer: v.IssuerName, Holder: v.Holder,
		IssuedAt: v.IssuedAt, ValidUntil: v.ValidUntil, Lines: v.Lines, StateAt: v.StateAt, Fresh: v.Fresh, Logged: v.Logged, LoggedAt: v.LoggedAt,
	}
	if v.State != "" {
		out.State = v.State.Word()
	}
	switch {
	case fault != nil:
		out.OK, out.Says = false, text.Error(text.Chinese, fault)
	case !out.OK:
		out.Says = text.Say(text.Chinese, "voucher.stale", nil)
	}
	return out
}

func printVoucher(w io.Writer, v checkedVoucher) error {
	say := func(key string, args errs.Args) string { return text.Say(text.Chinese, "voucher."+key, args) }
	if v.ID != "" {
		_, _ = fmt.Fprintf(w, "%s  %s\n%s\n", v.Title, v.ID, say("issued_by", errs.Args{"issuer": v.Issuer, "at": text.Exact(text.Chinese, time.UnixMilli(v.IssuedAt))}))
		for _, l := range v.Lines {
			_, _ = fmt.Fprintf(w, "  %s\t%s\n", l.Title, l.Value)
		}
	}
	if v.Logged {
		_, _ = fmt.Fprintln(w, say("logged", errs.Args{"at": text.Exact(text.Chinese, time.UnixMilli(v.LoggedAt))}))
	}
	if v.State != "" {
		_, _ = fmt.Fprintln(w, say("state_at", errs.Args{"state": say("state_"+v.State, nil), "at": text.Exact(text.Chinese, time.UnixMilli(v.StateAt))}))
	}
	verdict := say("good", nil)
	if !v.OK {
		verdict = v.Says
	}
	_, err := fmt.Fprintln(w, verdict)
	return err
}
