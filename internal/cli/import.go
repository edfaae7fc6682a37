package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"yiwang/internal/app"
	"yiwang/internal/base/text"
	"yiwang/internal/work/intake"
)

func newImportCommand() *cobra.Command {
	var w where
	var imp intake.Import
	var asJSON bool
	c := &cobra.Command{
		Use:   "import FILE --channel CODE --data DIR",
		Short: "Take in a file of messages: JSON Lines or CSV, UTF-8 or GBK",
		Long: `Take in a file of messages. Each row becomes a case that arrives now; it is read, and
dispatched where the machine is sure. A row that came before under its id adds nothing. A bad
row is kept in FILE.rejects.jsonl with its line and the reason, and the rest goes in.

Fields of a row: id, time, title, text (wanted), name, phone, address, lng, lat; in CSV also
their Chinese names (编号, 时间, 标题, 内容, 姓名, 电话, 地址, 经度, 纬度).

With --history the rows are decided cases: they are loaded closed, without clocks or notices,
and dispatch learns from their matter (also: unit, nature, urgency). Nothing of them counts as
dispatched or queued.`,
		Example: "  yiwang import wenzheng-2026-11.csv --channel wenzheng --data ./data",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			imp.Lang = text.Chinese
			t, err := app.ImportFile(cmd.Context(), w.config(), args[0], imp, progressBar(cmd.ErrOrStderr(), "rows"))
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(t)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d rows in %.1f s: %d created (%d dispatched by machine, %d queued), %d there already, %d rejected\n",
				t.Rows, t.Seconds, t.Created, t.Dispatched, t.Queued, t.Already, t.Rejected)
			if t.Rejects != "" {
				fmt.Fprintln(cmd.OutOrStdout(), "rejected rows:", t.Rejects)
			}
			return nil
		},
	}
	w.flags(c)
	c.Flags().StringVar(&imp.Channel, "channel", "", "code of the channel the messages came by")
	c.Flags().BoolVar(&imp.History, "history", false, "load decided cases as closed ones, to learn from")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	_ = c.MarkFlagRequired("channel") // defined above
	return c
}
