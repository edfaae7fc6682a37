package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/city"
	"yiwang/internal/work/knowledge"
)

// newCheckCommand makes `yiwang check`, which tells what is wrong with a city pack.
func newCheckCommand() *cobra.Command {
	var asJSON bool
	var lang string
	c := &cobra.Command{
		Use:   "check CITYDIR",
		Short: "Check a city pack: what is wrong, in which file and line, and how to mend it",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l := text.Lang(lang)
			if l != text.Chinese && l != text.English {
				return errs.E(errs.Invalid, "cli.unknown_lang", errs.Args{"lang": lang})
			}
			if info, err := os.Stat(args[0]); err != nil || !info.IsDir() {
				return errs.E(errs.NotFound, "cli.no_pack", errs.Args{"dir": args[0]})
			}
			pack, findings := city.Load(os.DirFS(args[0]))
			if pack != nil {
				_, more := knowledge.Read(os.DirFS(args[0]), pack)
				findings = append(findings, more...)
			}
			var err error
			if asJSON {
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(checked(args[0], pack, findings, l))
			} else {
				err = printFindings(cmd.OutOrStdout(), findings, l)
			}
			if err == nil && decl.Faulty(findings) {
				return &foundFault{}
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	c.Flags().StringVar(&lang, "lang", string(text.Chinese), "language of the findings: zh or en")
	return c
}

// checkedPack is what `yiwang check --json` prints.
type checkedPack struct {
	Pack     string    `json:"pack"`
	OK       bool      `json:"ok"`
	Version  string    `json:"version,omitempty"` // of a pack that is in order
	Findings []finding `json:"findings"`
}

type finding struct {
	File  string `json:"file"`
	Line  int    `json:"line"`
	Key   string `json:"key"`
	What  string `json:"what"`
	Mend  string `json:"mend,omitempty"`
	Doubt bool   `json:"doubt,omitempty"` // it can run like that, but was probably not meant
}

func checked(dir string, c *city.City, findings []decl.Finding, l text.Lang) checkedPack {
	out := checkedPack{Pack: dir, OK: c != nil, Findings: []finding{}}
	if c != nil {
		out.Version = c.Version
	}
	for _, f := range findings {
		out.Findings = append(out.Findings, finding{f.File, f.Line, f.Key, f.What(l), f.Mend(l), f.Doubt})
	}
	return out
}

func printFindings(w io.Writer, findings []decl.Finding, l text.Lang) error {
	faults := 0
	for _, f := range findings {
		line := f.Say(l)
		if f.Doubt {
			line = text.Say(l, "cli.doubt", errs.Args{"finding": line})
		} else {
			faults++
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	sum := text.Say(l, "cli.check_fine", nil)
	if faults > 0 {
		sum = text.Say(l, "cli.check_faults", errs.Args{"n": faults})
	}
	_, err := fmt.Fprintln(w, sum)
	return err
}
