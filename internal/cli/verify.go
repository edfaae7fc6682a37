package cli

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"yiwang/internal/app"
)

func newVerifyCommand() *cobra.Command {
	var w where
	var checkpoint string
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify --data DIR [--checkpoint FILE]",
		Short: "Recompute the log, its tree and every state row, and say what does not fit",
		Long: `Recompute every leaf, the tree and all state rows from the actions, and compare them
with what is stored and with each signed checkpoint in the database. With --checkpoint, a
checkpoint that was kept elsewhere also shows a log that was cut or signed again.
Exits 1 where something does not fit.`,
		Example: "  yiwang verify --data ./data --checkpoint /mnt/usb/checkpoint.txt",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var note []byte
			if checkpoint != "" {
				var err error
				if note, err = os.ReadFile(checkpoint); err != nil {
					return err
				}
			}
			v, err := app.Verify(cmd.Context(), w.config(), note, progressBar(cmd.ErrOrStderr(), "verified"))
			if err != nil {
				return err
			}
			if asJSON {
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(v)
			} else {
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d actions of %d cases, root %s\n", v.Actions, v.Cases, v.Root)
				for _, n := range v.Notes {
					fmt.Fprintln(cmd.OutOrStdout(), "note", n)
				}
				for _, f := range v.Faults {
					fmt.Fprintln(cmd.OutOrStdout(), "FAULT", f)
				}
			}
			if err == nil && !v.OK {
				return &foundFault{}
			}
			return err
		},
	}
	w.flags(c)
	c.Flags().StringVar(&checkpoint, "checkpoint", "", "a checkpoint that was kept outside")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}
