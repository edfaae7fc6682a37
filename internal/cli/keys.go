package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"yiwang/internal/app"
	"yiwang/internal/base/gm"
)

func newKeysCommand() *cobra.Command {
	keys := &cobra.Command{
		Use:   "keys",
		Short: "Look at, rotate and retire the master key that all personal data hangs on",
		Long: `The master key lies in keys/master.key of the data directory, never in the database. It
wraps one key for each case and a few for the house. Keep a copy of the file apart from the
backups of the database: either alone opens nothing, and without it nothing personal can be
read again. Stop the server before rotating or retiring.`,
	}
	keys.AddCommand(newKeysListCommand(), newKeysRotateCommand(), newKeysRetireCommand())
	return keys
}

func newKeysListCommand() *cobra.Command {
	var w where
	c := &cobra.Command{
		Use: "list --data DIR", Short: "Say which master keys there are and what they wrap", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			k, err := app.Keys(cmd.Context(), w.config())
			if err != nil {
				return err
			}
			return printKeys(cmd.OutOrStdout(), k)
		},
	}
	w.flags(c)
	return c
}

func newKeysRotateCommand() *cobra.Command {
	var w where
	var suite string
	c := &cobra.Command{
		Use: "rotate --data DIR [--suite intl|sm]", Short: "Make a new master key and wrap every key with it", Args: cobra.NoArgs,
		Long: `Make a new master key (AES-256-GCM, or SM4-GCM with --suite sm) and wrap the key of every
case with it. What is sealed is not sealed again: only the keys are. A rotation that was
interrupted is finished by rotating once more.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := gm.ParseSuite(suite)
			if err != nil {
				return err
			}
			k, err := app.RotateKeys(cmd.Context(), w.config(), s, progressBar(cmd.ErrOrStderr(), "wrapped"))
			if err != nil {
				return err
			}
			return printKeys(cmd.OutOrStdout(), k)
		},
	}
	w.flags(c)
	c.Flags().StringVar(&suite, "suite", string(gm.Intl), "algorithms of the new key: intl or sm")
	return c
}

func newKeysRetireCommand() *cobra.Command {
	var w where
	c := &cobra.Command{
		Use: "retire --data DIR", Short: "Remove the older master keys, with which old backups could be opened", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			k, err := app.RetireKeys(cmd.Context(), w.config())
			if err != nil {
				return err
			}
			return printKeys(cmd.OutOrStdout(), k)
		},
	}
	w.flags(c)
	return c
}

func printKeys(out io.Writer, k app.KeyState) error {
	for i, s := range k.Suites {
		state := "kept for what it wrapped"
		if i == len(k.Suites)-1 {
			state = "wraps"
		}
		if _, err := fmt.Fprintf(out, "master key %d  %-4s  %s\n", i+1, s, state); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(out, "%d keys of cases; %d keys wrapped by an older master key\n", k.Cases, k.Old)
	return err
}

func newEraseCommand() *cobra.Command {
	var w where
	var number, basis string
	c := &cobra.Command{
		Use:   "erase --data DIR --case NUMBER --basis TEXT",
		Short: "Destroy what is personal in a closed case and leave a receipt in the log",
		Long: `Destroy every sealed part of a closed case with its key, its words in the index and its
files. The log keeps what happened and says that it was erased, and still verifies. A pack may
say for each family after how many years this happens by itself (keep). Stop the server first.`,
		Example: "  yiwang erase --data ./data --case SF26112100018 --basis 个人申请删除，已核准",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := app.Erase(cmd.Context(), w.config(), number, basis); err != nil {
				return err
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "erased", number)
			return err
		},
	}
	w.flags(c)
	c.Flags().StringVar(&number, "case", "", "number of the case")
	c.Flags().StringVar(&basis, "basis", "", "on what basis; it stands in the log for good, so it names nobody")
	_, _ = c.MarkFlagRequired("case"), c.MarkFlagRequired("basis") // both are defined above
	return c
}
