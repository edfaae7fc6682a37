package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"yiwang/internal/app"
	"yiwang/internal/base/text"
	"yiwang/internal/work/dispatch"
)

// newDispatchModelsCommand makes `yiwang dispatch models`.
func newDispatchModelsCommand() *cobra.Command {
	var w where
	var asJSON bool
	c := &cobra.Command{
		Use: "models --data DIR", Short: "List the models of a city: which serves, how the others stood their trial",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printModels(cmd, &w, app.ListTask, "", asJSON)
		},
	}
	w.flags(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// newDispatchServeCommand makes `yiwang dispatch serve`, the way back.
func newDispatchServeCommand() *cobra.Command {
	var w where
	c := &cobra.Command{
		Use: "serve --data DIR VERSION", Short: "Let a version serve from the next message on; base is the one that ships with the program",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return printModels(cmd, &w, app.ServeTask, args[0], false)
		},
	}
	w.flags(c)
	return c
}

func printModels(cmd *cobra.Command, w *where, task app.ModelTask, version string, asJSON bool) error {
	v, err := app.WithModels(cmd.Context(), w.config(), task, version)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(v)
	}
	return modelTable(cmd.OutOrStdout(), v)
}

func modelTable(out io.Writer, v dispatch.Versions) error {
	t := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintf(t, "serving %s, %d decisions since the last training\n\n", v.Serving, v.Waiting)
	fmt.Fprintln(t, "version\ttrained\ton\ttried on\tright: serving\tshadow\tsent right: serving\tshadow\tverdict")
	for _, m := range v.Known {
		fmt.Fprintf(t, "%s\t%s\t%d\t", m.Version, time.UnixMilli(m.At).In(text.CST).Format("2006-01-02 15:04"), m.Decided)
		if k := m.Trial; k != nil {
			fmt.Fprintf(t, "%d\t%d\t%d\t%d/%d\t%d/%d\t%s", k.N, k.Serving.Right, k.Shadow.Right,
				k.Serving.SentRight, k.Serving.Sent, k.Shadow.SentRight, k.Shadow.Sent, k.Verdict)
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}
