package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"yiwang/internal/app"
)

func newRehearseCommand() *cobra.Command {
	var w where
	var p app.Play
	var asJSON bool
	c := &cobra.Command{
		Use:   "rehearse --data DIR [--days N] [--per-day N] [--json]",
		Short: "Play a month of the demo city's life into a new directory, and give account of it",
		Long: `Play days of the demo district's life as fast as the machine can, up to now, into a new data
directory: everybody acts as in the demo, e-mail comes by SMTP and an app by Open311, rounds,
theme cases and briefs are played as well. Then reconcile: both ledgers with the log to the case, a
unit for every open case, an answer for everybody whose case is closed, and the proof of the whole
log. Exits 1 where something does not agree. The directory can be served afterwards.`,
		Example: "  yiwang rehearse --data ./month --days 30 --per-day 950",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if p.Days < 1 || p.Days > 366 || p.PerDay < 0 {
				return errUsage
			}
			played, err := app.Rehearse(cmd.Context(), w.config(), p, progressBar(cmd.ErrOrStderr(), "hours played"))
			if err != nil {
				return err
			}
			if asJSON {
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(played)
			} else {
				err = tellPlayed(cmd.OutOrStdout(), &played)
			}
			if err == nil && !played.OK() {
				return &foundFault{}
			}
			return err
		},
	}
	w.flags(c)
	c.Flags().IntVar(&p.Days, "days", 30, "days to play, up to now")
	c.Flags().IntVar(&p.PerDay, "per-day", 0, "messages of an ordinary day (default as the pack says, 950)")
	c.Flags().Uint64Var(&p.Seed, "seed", 0, "another seed tells of other happenings")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// tellPlayed prints an account as a table.
func tellPlayed(out io.Writer, p *app.Played) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d days, %s to %s, played in %.0f s\n", p.Days, p.From.Format("2006-01-02"), p.To.Format("2006-01-02"), p.Seconds)
	fmt.Fprintf(&b, "%-28s %9d\n%-28s %9d  (%.0f a second)\n%-28s %9d\n", "messages filed", p.Filed, "actions in the log", p.Actions, float64(p.Actions)/max(p.Seconds, 0.001), "moves that came too late", p.Missed)
	for _, row := range []struct {
		what string
		n    int64
	}{
		{"waited at the beginning", p.Opening}, {"came", p.Received}, {"ended", p.Ended}, {"wait for an answer", p.Waiting},
		{"  of them past a limit", p.Overdue}, {"limits that ran out", p.RanOut}, {"open without a unit", p.Homeless}, {"closed without an answer", p.Silent},
	} {
		fmt.Fprintf(&b, "%-28s %9d\n", row.what, row.n)
	}
	for _, family := range slices.Sorted(maps.Keys(p.Done)) {
		fmt.Fprintf(&b, "\n%s\n  states  %s\n  actions %s\n", family, listed(p.Cases[family]), listed(p.Done[family]))
		if never := p.Never[family]; len(never) > 0 {
			fmt.Fprintf(&b, "  never   %s\n", strings.Join(never, " "))
		}
	}
	fmt.Fprintf(&b, "\nchannels %s\n\n", listed(p.Channels))
	for _, f := range p.Faults {
		fmt.Fprintf(&b, "FAULT %s\n", f)
	}
	if p.OK() {
		fmt.Fprintln(&b, "everything reconciles")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// listed writes counts in a line, the largest first.
func listed(counts map[string]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = fmt.Sprintf("%s %d", name, counts[name])
	}
	return strings.Join(words, ", ")
}
