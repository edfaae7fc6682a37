package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"yiwang/internal/app"
)

func newBackupCommand() *cobra.Command {
	var w where
	var to string
	var without bool
	c := &cobra.Command{
		Use:   "backup --data DIR --to DIR",
		Short: "Copy a data directory into a new one, while it is being used",
		Long: `Copy a data directory into a new one, while a server runs on it: the SQLite database as it
is at one moment, attachments, models, the latest checkpoint and the keys. The copy is a data
directory: check it with yiwang verify, restore it by putting it in its place. A database on
PostgreSQL is kept by PostgreSQL's own tools; see docs/operations.md.`,
		Example: "  yiwang backup --data ./data --to /mnt/backup/2026-11-22 --without-keys",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := app.Backup(cmd.Context(), w.config(), to, !without); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s is a copy of %s\n", to, w.data)
			return err
		},
	}
	w.flags(c)
	c.Flags().StringVar(&to, "to", "", "directory to make; it must not be there yet")
	c.Flags().BoolVar(&without, "without-keys", false, "leave the keys out, because they are kept elsewhere")
	_ = c.MarkFlagRequired("to") // defined above
	return c
}
