package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/city"
	"yiwang/internal/work/guide"
)

// newServicesCommand makes `yiwang services` with what is done with the catalogue of
// service items.
func newServicesCommand() *cobra.Command {
	c := &cobra.Command{Use: "services", Short: "Bring in, find and measure the service items of a city pack"}
	c.AddCommand(newServicesImportCommand(), newServicesKPICommand(), newServicesFindCommand())
	return c
}

// packOf reads a pack, the demo where dir is empty.
func packOf(dir string) (*city.City, error) {
	if dir == "" {
		return city.Embedded()
	}
	c, findings := city.Load(os.DirFS(dir))
	if c == nil {
		return nil, fmt.Errorf("%s", findings[0].Say(text.English))
	}
	return c, nil
}

func newServicesImportCommand() *cobra.Command {
	var dir, out string
	c := &cobra.Command{
		Use: "import FILE.jsonl", Short: "Write a list of items as service/items.csv of a pack", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			pack, err := packOf(dir)
			if err != nil {
				return err
			}
			in, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer in.Close()
			w := cmd.OutOrStdout()
			if out != "" {
				f, err := os.Create(out)
				if err != nil {
					return err
				}
				defer func() {
					if e := f.Close(); err == nil {
						err = e
					}
				}()
				w = f
			}
			got, err := guide.Bring(in, w, pack)
			if err != nil {
				return err
			}
			return json.NewEncoder(cmd.ErrOrStderr()).Encode(got)
		},
	}
	c.Flags().StringVar(&dir, "city", "", "city pack whose units the departments are (default: the demo)")
	c.Flags().StringVar(&out, "out", "", "file to write (default: standard output)")
	return c
}

func newServicesKPICommand() *cobra.Command {
	var dir, lang string
	var asJSON bool
	c := &cobra.Command{
		Use: "kpi", Short: "Figures of the catalogue: instant items, limits, visits, online depth", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			begun := time.Now()
			pack, err := packOf(dir)
			if err != nil {
				return err
			}
			loaded := time.Since(begun)
			f := guide.Measure(guide.NewBook(pack).Items())
			w := cmd.OutOrStdout()
			if asJSON {
				return json.NewEncoder(w).Encode(f)
			}
			say := func(key string, args errs.Args) string { return text.Say(text.Lang(lang), "guide."+key, args) }
			share := func(s guide.Share) string { return fmt.Sprintf("%d/%d = %.2f%%", s.N, s.Of, 100*s.Rate()) }
			rows := [][2]string{
				{"kpi_items", say("kpi_items_of", errs.Args{"items": f.Items, "live": f.Live, "unwritten": f.Incipient, "seconds": fmt.Sprintf("%.2f", loaded.Seconds())})},
				{"kpi_instant", share(f.Instant)}, {"kpi_instant_permit", share(f.InstantPermit)},
				{"kpi_compression", say("kpi_compression_of", errs.Args{"items": f.Measured, "legal": f.LegalDays, "promised": f.PromisedDays, "rate": fmt.Sprintf("%.2f", 100*f.Compression)})},
				{"kpi_visits", fmt.Sprintf("%.2f", f.Visits)}, {"kpi_at_most_once", share(f.AtMostOnce)}, {"kpi_zero_visits", share(f.ZeroVisits)},
				{"kpi_online", share(f.Online)}, {"kpi_full", share(f.Full)}, {"kpi_scoped", share(f.Scoped)},
				{"kpi_not_brought", fmt.Sprintf("%d/%d", f.NotBrought, f.Materials)},
			}
			for _, r := range rows {
				if _, err := fmt.Fprintln(w, say("kpi_line", errs.Args{"name": say(r[0], nil), "value": r[1]})); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&dir, "city", "", "city pack directory (default: the demo)")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	c.Flags().StringVar(&lang, "lang", string(text.Chinese), "language of the names: zh or en")
	return c
}

func newServicesFindCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use: "find WORDS", Short: "Find items by how people ask", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			pack, err := packOf(dir)
			if err != nil {
				return err
			}
			found, _ := guide.NewBook(pack).Find(args[0], 5)
			for _, s := range found {
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), s.Code, s.Title); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&dir, "city", "", "city pack directory (default: the demo)")
	return c
}
