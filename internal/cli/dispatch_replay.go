package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"yiwang/internal/base/errs"
	"yiwang/internal/work/dispatch/measure"
)

// newDispatchReplayCommand makes `yiwang dispatch replay`, which shows how the
// machine judge learns while it works.
func newDispatchReplayCommand() *cobra.Command {
	var labels string
	var asJSON bool
	var r measure.Replay
	c := &cobra.Command{
		Use:   "replay [--labels FILE] FILE…",
		Short: "Replay labelled messages in their order, from nothing but the duty list",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			duty, err := demoDuty()
			if err != nil {
				return err
			}
			cases, err := measure.Read(args, labels)
			if err != nil {
				return err
			}
			for _, c := range cases {
				if c.Matter != "" {
					r.Cases = append(r.Cases, c)
				}
			}
			if len(r.Cases) == 0 || r.Every < 1 || r.Delay < 1 {
				return errs.E(errs.Invalid, "dispatch.no_labels", errs.Args{"label": "matter"})
			}
			r.Duty = duty
			course, err := r.Run(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(course)
			}
			return printCourse(cmd.OutOrStdout(), course)
		},
	}
	fl := c.Flags()
	fl.StringVar(&labels, "labels", "", "take the labels from this file, by id")
	fl.IntVar(&r.Delay, "delay", 50, "messages until a case sent wrongly is back")
	fl.IntVar(&r.Night, "night", 500, "messages from one training to the next, 0 for none")
	fl.IntVar(&r.Every, "every", 500, "messages summed up together")
	fl.BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

func printCourse(w io.Writer, c measure.Course) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "messages\tfirst answer right\tsent by machine\tof them right\t95 %")
	for _, s := range append(c.Along, c.All) {
		fmt.Fprintf(t, "%d–%d\t%.3f\t%.3f (%d)\t%.3f\t%.2f–%.2f\n", s.From+1, s.To, s.Top1, s.Share, s.Sent, s.Accuracy, s.Interval[0], s.Interval[1])
	}
	fmt.Fprintln(t, "\ntrained after\ton decided\ttried on\tright: serving\tshadow\tsent right: serving\tshadow\tverdict")
	for _, n := range c.Nights {
		k := n.Trial
		fmt.Fprintf(t, "%d\t%d\t%d\t%d\t%d\t%d/%d\t%d/%d\t%s\n", n.After, n.Decided, k.N, k.Serving.Right, k.Shadow.Right,
			k.Serving.SentRight, k.Serving.Sent, k.Shadow.SentRight, k.Shadow.Sent, k.Verdict)
	}
	return t.Flush()
}
