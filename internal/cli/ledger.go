package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"yiwang/internal/app"
	"yiwang/internal/work/view"
)

func newLedgerCommand() *cobra.Command {
	var w where
	var p view.Period
	var family string
	var asJSON bool
	c := &cobra.Command{
		Use:   "ledger --data DIR [--from DAY] [--to DAY] [--family CODE] [--json]",
		Short: "Tell who waits and whose time ran out, and reconcile both with the log to the case",
		Long: `Tell the two ledgers of a period again from the log, case by case: who still waits for an
answer, and every limit that ran out. They are held against the state rows, the clocks and the
figures. Exits 1 where something does not agree, or a case waits that no clock reminds anybody of.

With --family the ledger is that of one kind of cases, such as the complaints of how a matter was
handled (efficiency), by the unit complained of and by what was found.`,
		Example: "  yiwang ledger --data ./data --from 2026-11-01 --to 2026-11-30 --json\n  yiwang ledger --data ./data --family efficiency",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := app.Ledger(cmd.Context(), w.config(), p, family)
			if err != nil {
				return err
			}
			l.Sort()
			if asJSON {
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(l)
			} else {
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s to %s: %d waited, %d came, %d ended, %d wait; %d limits ran out; %d missed; %d faults\n",
					l.From, l.To, l.Opening, l.Received, l.Ended, len(l.Unhandled), len(l.Overdue), len(l.Missed), len(l.Faults))
				for _, u := range l.About {
					fmt.Fprintf(cmd.OutOrStdout(), "%s: %d waited, %d came, %d ended (%d late), %d wait%s\n",
						u.Unit, u.Opening, u.Received, u.Ended, u.EndedLate, u.Waiting, results(u.Results))
				}
				for _, f := range l.Faults {
					fmt.Fprintf(cmd.OutOrStdout(), "FAULT %s %s: the log has %d, not %d\n", f.Case, f.What, f.Log, f.Has)
				}
			}
			if err == nil && len(l.Faults)+len(l.Missed) > 0 {
				return &foundFault{}
			}
			return err
		},
	}
	w.flags(c)
	c.Flags().StringVar(&p.From, "from", "", "first day, e.g. 2026-11-01 (default that of the log)")
	c.Flags().StringVar(&p.To, "to", "", "last day (default today)")
	c.Flags().StringVar(&family, "family", "", "of one kind of cases only, e.g. efficiency (default all that people asked for)")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object with every line of both ledgers")
	return c
}

// results writes what was found, each with how often.
func results(of map[string]int64) string {
	out := ""
	for _, code := range slices.Sorted(maps.Keys(of)) {
		out += fmt.Sprintf("; %s %d", cmp.Or(code, "withdrawn"), of[code])
	}
	return out
}
