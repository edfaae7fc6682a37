package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/city"
	"yiwang/internal/core/rule"
	"yiwang/internal/work/decide"
)

// newRuleCommand makes `yiwang rule` with what is done with decision tables.
func newRuleCommand() *cobra.Command {
	c := &cobra.Command{Use: "rule", Short: "Test, run, export and import the decision tables of a city pack"}
	c.AddCommand(newRuleTestCommand(), newRuleDecideCommand(), newRuleReplayCommand(), newRuleExportCommand(), newRuleImportCommand())
	return c
}

// ruleBook reads the tables of a pack, the demo where dir is empty.
func ruleBook(dir string) (*rule.Book, error) {
	if dir == "" {
		c, err := city.Embedded()
		if err != nil {
			return nil, err
		}
		return c.Rules, nil
	}
	d := decl.Open(os.DirFS(dir))
	all := rule.Read(d)
	if found := d.Findings(); decl.Faulty(found) {
		return nil, fmt.Errorf("%s", found[0].Say(text.English))
	}
	return rule.NewBook(all), nil
}

// ruleOf returns the edition of a table in force on a day.
func ruleOf(dir, code string, on time.Time) (*rule.Book, *rule.Decider, error) {
	book, err := ruleBook(dir)
	if err != nil {
		return nil, nil, err
	}
	d := book.On(code, on)
	if d == nil {
		return nil, nil, errs.E(errs.NotFound, "rule.no_table", errs.Args{"code": code})
	}
	return book, d, nil
}

func dayFlag(s string) (time.Time, error) {
	if s == "" {
		return time.Now(), nil
	}
	on, err := time.ParseInLocation(time.DateOnly, s, text.CST)
	if err != nil {
		return on, errs.E(errs.Invalid, "rule.bad_day", errs.Args{"value": s})
	}
	return on, nil
}

func newRuleTestCommand() *cobra.Command {
	var lang string
	c := &cobra.Command{
		Use: "test CITYDIR", Short: "Prove the tables of a pack and run their examples", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			d := decl.Open(os.DirFS(args[0]))
			for _, made := range rule.Read(d) {
				t := made.Table()
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s %s %s: %d rows, %d examples\n", t.Code, made.Version(), t.Title, len(t.Rows), len(t.Examples)); err != nil {
					return err
				}
			}
			found := d.Findings()
			if err := printFindings(cmd.OutOrStdout(), found, text.Lang(lang)); err != nil {
				return err
			}
			if decl.Faulty(found) {
				return &foundFault{}
			}
			return nil
		},
	}
	c.Flags().StringVar(&lang, "lang", string(text.Chinese), "language of the findings: zh or en")
	return c
}

func newRuleDecideCommand() *cobra.Command {
	var dir, on, lang string
	var asJSON bool
	c := &cobra.Command{
		Use: "decide CODE FACT=VALUE…", Short: "Decide by a table and say why", Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			day, err := dayFlag(on)
			if err != nil {
				return err
			}
			_, d, err := ruleOf(dir, args[0], day)
			if err != nil {
				return err
			}
			facts := rule.Facts{}
			for _, a := range args[1:] {
				code, v, ok := strings.Cut(a, "=")
				if !ok {
					return fmt.Errorf("%q is not FACT=VALUE", a)
				}
				facts[code] = rule.Known{Value: v}
			}
			out, err := d.Decide(day, facts)
			if err != nil {
				return err
			}
			e := out.Explain(text.Lang(lang))
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(struct {
					rule.Record
					Grants bool             `json:"grants"`
					Why    rule.Explanation `json:"why"`
				}{out.Record(), out.Grants(), e})
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), e)
			return err
		},
	}
	ruleFlags(c, &dir, &on)
	c.Flags().StringVar(&lang, "lang", string(text.Chinese), "language of the reasons: zh or en")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object: the record for replay, and why")
	return c
}

func ruleFlags(c *cobra.Command, dir, on *string) {
	c.Flags().StringVar(dir, "city", "", "city pack directory (default: the demo)")
	c.Flags().StringVar(on, "on", "", "day of the decision, 2026-11-21 (default: today)")
}

func newRuleReplayCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use: "replay FILE", Short: "Make a recorded decision again (JSON, - for standard input): status 1 if another comes out", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			book, err := ruleBook(dir)
			if err != nil {
				return err
			}
			b, err := os.ReadFile(args[0])
			if args[0] == "-" {
				b, err = io.ReadAll(cmd.InOrStdin())
			}
			if err != nil {
				return err
			}
			var r rule.Record
			if err := json.Unmarshal(b, &r); err != nil {
				return err
			}
			again, same, err := book.Replay(r)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintln(cmd.OutOrStdout(), again.Explain(text.Chinese)); err != nil || same {
				return err
			}
			return &foundFault{}
		},
	}
	c.Flags().StringVar(&dir, "city", "", "city pack directory (default: the demo)")
	return c
}

func newRuleExportCommand() *cobra.Command {
	var dir, on string
	c := &cobra.Command{
		Use: "export CODE FILE", Short: "Write the rows of a table to a spreadsheet (.xlsx or .csv)", Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			day, err := dayFlag(on)
			if err != nil {
				return err
			}
			_, d, err := ruleOf(dir, args[0], day)
			if err != nil {
				return err
			}
			f, err := os.Create(args[1])
			if err != nil {
				return err
			}
			if err := decide.Write(f, args[1], text.Chinese, d.Table()); err != nil {
				_ = f.Close() // the first error says what is wrong
				return err
			}
			return f.Close()
		},
	}
	ruleFlags(c, &dir, &on)
	return c
}

func newRuleImportCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "import TABLE.yaml FILE", Short: "Take the rows of a table of a pack from a spreadsheet (.xlsx or .csv); refused where they are not proved", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			d := decl.Open(os.DirFS(filepath.Dir(args[0])))
			t := new(rule.Table)
			if _, ok := d.YAML(filepath.Base(args[0]), t); !ok {
				return fmt.Errorf("%s", d.Findings()[0].Say(text.English))
			}
			b, err := os.ReadFile(args[1])
			if err != nil {
				return err
			}
			if t, err = decide.Read(args[1], b, t); err != nil {
				return err
			}
			_, _, faults := rule.Check(t)
			for _, f := range faults {
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), text.Say(text.Chinese, f.Key, f.Args)+text.Say(text.Chinese, "decl.joint", nil)+text.Say(text.Chinese, f.Key+"_mend", f.Args)); err != nil {
					return err
				}
			}
			if rule.Faulty(faults) {
				return &foundFault{}
			}
			if b, err = yaml.Marshal(t); err != nil {
				return err
			}
			return os.WriteFile(args[0], b, 0o644)
		},
	}
	return c
}
