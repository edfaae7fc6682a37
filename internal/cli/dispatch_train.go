package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"yiwang/internal/app"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/dispatch/measure"
	"yiwang/internal/work/dispatch/province"
)

// newDispatchTrainCommand makes `yiwang dispatch train`, by which a city's own
// history becomes a model. The base model is made by it too, with --small.
func newDispatchTrainCommand() *cobra.Command {
	var w where
	var out, labels, own, addresses string
	var small bool
	c := &cobra.Command{
		Use:   "train --data DIR | --out FILE HISTORY…",
		Short: "Make a model of a city's own decided cases, or of a file of them (JSON Lines)",
		Long: `With --data, learn from the cases decided in that data directory, let the model run in
the shadow of the one that serves, and let it serve if it stands the trial. With --out, make
a model file of histories.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if w.data != "" && out == "" && len(args) == 0 {
				return printModels(cmd, &w, app.TrainTask, "", false)
			}
			if out == "" || len(args) == 0 {
				return cmd.Usage()
			}
			corpus, err := readCorpus(args, labels, own)
			if err != nil {
				return err
			}
			if addresses != "" {
				if corpus.Names, err = measure.Names(addresses); err != nil {
					return err
				}
			}
			var o dispatch.Options
			if small {
				o.Columns, o.Topics = 36_000, 128
			}
			m, report, err := dispatch.Train(cmd.Context(), corpus, o)
			if err != nil {
				return err
			}
			if err := m.SaveFile(out); err != nil {
				return err
			}
			return printReport(cmd.OutOrStdout(), m, report)
		},
	}
	c.Flags().StringVar(&out, "out", "", "file to write the model to")
	c.Flags().StringVar(&labels, "labels", "", "a further file of labels, joined to the messages by id")
	c.Flags().StringVar(&own, "duty", "", "a city's own duty list in place of the province's")
	c.Flags().StringVar(&addresses, "addresses", "", "tagged addresses to learn from what names of places look like")
	c.Flags().BoolVar(&small, "small", false, "make a model of a few megabytes")
	c.Flags().StringVar(&w.data, "data", "", "data directory whose decided cases to learn from")
	c.Flags().StringVar(&w.db, "db", "", "postgres://… (default: a SQLite file in the data directory)")
	c.Flags().StringVar(&w.city, "city", "", "city pack directory")
	return c
}

// readCorpus reads decided cases; rows of the labels file add to the messages
// with the same id.
func readCorpus(files []string, labels, own string) (dispatch.Corpus, error) {
	duty, err := readDuty(own)
	if err != nil {
		return dispatch.Corpus{}, err
	}
	corpus := dispatch.Corpus{Duty: duty.Entries, Guides: province.Guides()}
	cases, err := measure.Read(files, "")
	if err != nil {
		return corpus, err
	}
	if labels != "" {
		more, err := measure.Read(files, labels)
		if err != nil {
			return corpus, err
		}
		cases = append(cases, more...)
	}
	duty.Apply(cases)
	for _, c := range measure.Merge(cases) {
		corpus.Decided = append(corpus.Decided, c.Decided)
	}
	return corpus, nil
}

func printReport(w io.Writer, m *dispatch.Model, r dispatch.Report) error {
	if _, err := fmt.Fprintf(w, "model %s\n", m.Version()); err != nil {
		return err
	}
	for _, t := range dispatch.Tasks {
		k, ok := r.Tasks[t]
		if !ok {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-10s %6d cases %4d labels  right %.3f  sent %.3f from %.3f\n", t, k.Cases, k.Labels, k.Accuracy, k.AutoShare, k.Threshold); err != nil {
			return err
		}
	}
	return nil
}
