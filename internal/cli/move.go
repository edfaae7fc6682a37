package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"yiwang/internal/app"
)

func newMoveCommand() *cobra.Command {
	var w where
	var to string
	var asJSON bool
	c := &cobra.Command{
		Use:   "move --data DIR --to URL [--db FROM]",
		Short: "Move the database of a data directory to PostgreSQL, and prove that nothing changed",
		Long: `Copy everything from the SQLite file of a data directory (or the database that --db names)
into an empty database, and read it back: every table has to have the same rows with the same
digest, the log the same root and a checkpoint that fits, and every state row is folded again.
No server may run on the directory meanwhile. Afterwards the old database is marked and opens
no more; start the server with --db. Exits 1 where anything differs.`,
		Example: "  yiwang move --data ./data --to postgres://yiwang@localhost/yiwang",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			m, err := app.Move(cmd.Context(), w.config(), to, func(table string) { fmt.Fprintln(cmd.ErrOrStderr(), "copying", table) })
			if asJSON && m.Tables != nil {
				if jerr := json.NewEncoder(out).Encode(m); err == nil {
					err = jerr
				}
				return err
			}
			for _, t := range m.Tables {
				same := "same"
				if t.Before != t.After {
					same = "DIFFERS"
				}
				fmt.Fprintf(out, "%-18s %10d rows  %.16s  %s\n", t.Name, t.Before.Rows, t.Before.Digest, same)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(out, "%d actions of %d cases, root %s before and after; %d messages are found by their words\n",
				m.Verdict.Actions, m.Verdict.Cases, m.Root, m.Words)
			return err
		},
	}
	w.flags(c)
	c.Flags().StringVar(&to, "to", "", "the empty database: postgres://… or sqlite:FILE")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	_ = c.MarkFlagRequired("to") // defined above
	return c
}
