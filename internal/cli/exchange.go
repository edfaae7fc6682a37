package cli

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"yiwang/internal/app"
	"yiwang/internal/base/text"
	"yiwang/internal/work/exchange"
)

func newExchangeCommand() *cobra.Command {
	c := &cobra.Command{Use: "exchange", Short: "Hand cases to another platform, such as the province's hotline, and take theirs"}
	c.AddCommand(newExchangeExportCommand(), newExchangeImportCommand(), newExchangeSchemaCommand())
	return c
}

func newExchangeExportCommand() *cobra.Command {
	var w where
	var want exchange.Wanted
	var since string
	var asJSON bool
	c := &cobra.Command{
		Use:   "export FILE (--channel CODE [--since DAY] | --number N …) --data DIR",
		Short: "Write a file of cases, with everything that was said and done",
		Long: `Write a file of cases in the format of docs/exchange.md: those that came by a channel, or some
by their numbers. It holds personal values unless --masked is given; each opening is logged.
Cases that another platform handed over go back under its numbers.`,
		Example: "  yiwang exchange export back.jsonl --channel hotline-city --since 2026-11-01 --data ./data",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (want.Channel == "") == (len(want.Numbers) == 0) {
				return fmt.Errorf("%w: give either --channel or --number", errUsage)
			}
			if since != "" {
				day, err := time.ParseInLocation(time.DateOnly, since, text.CST)
				if err != nil {
					return fmt.Errorf("%w: --since wants a day, e.g. 2026-11-01", errUsage)
				}
				want.Since = day.UnixMilli()
			}
			n, err := app.ExportFile(cmd.Context(), w.config(), args[0], want)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{"cases": n, "file": args[0]})
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d cases in %s\n", n, args[0])
			return nil
		},
	}
	w.flags(c)
	c.Flags().StringVar(&want.Channel, "channel", "", "code of the channel the cases came by")
	c.Flags().StringSliceVar(&want.Numbers, "number", nil, "number of a case; may be given several times")
	c.Flags().StringVar(&since, "since", "", "first day of changes, e.g. 2026-11-01")
	c.Flags().BoolVar(&want.Files, "files", false, "with the contents of attachments")
	c.Flags().BoolVar(&want.Masked, "masked", false, "without personal values")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

func newExchangeImportCommand() *cobra.Command {
	var w where
	var channel string
	var asJSON bool
	c := &cobra.Command{
		Use:   "import FILE --channel CODE --data DIR",
		Short: "Take in a file of another platform: its cases, its news, its results",
		Long: `Take in a file in the format of docs/exchange.md. A case is known by the sender's number: the
same file again changes nothing. A result of a case that was handed over goes to the audit. A file
that was cut off or altered is refused whole; a case that cannot be taken is refused alone, with
its line and the reason. Exits 1 where something was refused.`,
		Example: "  yiwang exchange import down.jsonl --channel hotline-city --data ./data",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := app.ExchangeFile(cmd.Context(), w.config(), args[0], channel, text.Chinese)
			if err != nil {
				return err
			}
			if asJSON {
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(t)
			} else {
				fmt.Fprintf(cmd.OutOrStdout(), "%d cases from %s: %d created, %d known, %d came back; %d new entries, %d results; %d refused\n",
					t.Cases, t.From, t.Created, t.Already, t.Returned, t.Entries, t.Results, len(t.Refused))
				for _, r := range t.Refused {
					fmt.Fprintf(cmd.OutOrStdout(), "line %d %s: %s\n", r.Line, r.Number, r.Reason)
				}
			}
			if err == nil && len(t.Refused) > 0 {
				return &foundFault{}
			}
			return err
		},
	}
	w.flags(c)
	c.Flags().StringVar(&channel, "channel", "", "code of the channel the cases come by")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	_ = c.MarkFlagRequired("channel") // defined above
	return c
}

func newExchangeSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of a line of an exchange file", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(exchange.Schema)
			return err
		},
	}
}
