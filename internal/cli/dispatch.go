package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"yiwang/internal/app"
	"yiwang/internal/core/city"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/dispatch/measure"
	"yiwang/internal/work/dispatch/province"
)

// newDispatchCommand makes `yiwang dispatch` with what belongs to the machine judge.
func newDispatchCommand() *cobra.Command {
	c := &cobra.Command{Use: "dispatch", Short: "Train the machine judge and measure it"}
	c.AddCommand(newDispatchEvalCommand(), newDispatchTrainCommand(), newDispatchReplayCommand(), newDispatchModelsCommand(), newDispatchServeCommand())
	return c
}

func newDispatchEvalCommand() *cobra.Command {
	var train, texts []string
	var test, label, labels, own, addresses string
	var asJSON, alone bool
	c := &cobra.Command{
		Use:   "eval --train FILE… --test FILE --label matter|category|unit_type|nature|urgent|place|demands",
		Short: "Train on some labelled messages and measure on others",
		Args:  cobra.ArbitraryArgs, // further training files: --train a b c
		RunE: func(cmd *cobra.Command, args []string) error {
			duty, err := readDuty(own)
			if err != nil {
				return err
			}
			t := measure.Test{Task: dispatch.Task(label), Duty: duty.Entries, Guides: province.Guides()}
			if t.Train, err = measure.Read(append(train, args...), labels); err != nil {
				return err
			}
			if t.Test, err = measure.Read([]string{test}, labels); err != nil {
				return err
			}
			if !alone && len(texts) == 0 {
				texts = beside(train)
			}
			if t.Texts, err = measure.Read(texts, ""); err != nil {
				return err
			}
			if addresses == "" && !alone {
				addresses = addressesBeside(train[0])
			}
			if addresses != "" && t.Task == dispatch.Place {
				if t.Names, err = measure.Names(addresses); err != nil {
					return err
				}
			}
			for _, cases := range [][]measure.Case{t.Train, t.Test, t.Texts} {
				duty.Apply(cases)
			}
			f, _, err := measure.Run(cmd.Context(), t)
			if err != nil {
				return err
			}
			if asJSON {
				f.Classes, f.Intervals = nil, nil
				return json.NewEncoder(cmd.OutOrStdout()).Encode(f)
			}
			return printFigures(cmd.OutOrStdout(), f)
		},
	}
	fl := c.Flags()
	fl.StringArrayVar(&train, "train", nil, "labelled messages to learn from (JSON Lines; more may follow)")
	fl.StringVar(&test, "test", "", "labelled messages to be tested on")
	fl.StringVar(&label, "label", "matter", "what to judge")
	fl.StringVar(&labels, "labels", "", "take the labels from this file, by id")
	fl.StringVar(&own, "duty", "", "a city's own duty list (CSV: code, name, level1_name, level2_name, description, keywords, replaces) in place of the province's")
	fl.StringArrayVar(&texts, "texts", nil, "messages without labels to learn the language from (default: what lies beside the first training file)")
	fl.StringVar(&addresses, "addresses", "", "tagged addresses to learn from what names of places look like (default: ../address/train.txt beside the first training file, where it is)")
	fl.BoolVar(&alone, "alone", false, "use no messages without labels")
	fl.BoolVar(&asJSON, "json", false, "print one JSON object")
	_ = c.MarkFlagRequired("train")
	_ = c.MarkFlagRequired("test")
	return c
}

// beside returns the files of messages in the directory of the first training
// file: a city that starts has much text that nobody labelled. Labels in them are
// not read, and texts of the test are taken out.
func beside(train []string) []string {
	found, err := filepath.Glob(filepath.Join(filepath.Dir(train[0]), "*.jsonl"))
	if err != nil {
		return nil
	}
	return found
}

// addressesBeside returns the tagged addresses in the directory next to that of a
// training file, "" where there are none.
func addressesBeside(train string) string {
	file := filepath.Join(filepath.Dir(train), "..", "address", "train.txt")
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

func printFigures(w io.Writer, f measure.Figures) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	line := func(name string, x float64) {
		if ci, ok := f.Intervals[name]; ok {
			fmt.Fprintf(t, "%s\t%.3f\t(%.3f – %.3f)\n", name, x, ci[0], ci[1])
			return
		}
		fmt.Fprintf(t, "%s\t%.3f\t\n", name, x)
	}
	fmt.Fprintf(t, "n\t%d\t\n", f.N)
	line("accuracy", f.Accuracy)
	line("macro_f1", f.MacroF1)
	line("top3", f.Top3)
	line("top10", f.Top10)
	if f.Level2 != nil {
		line("level2_accuracy", *f.Level2)
	}
	line("precision_at_91_coverage", f.PrecisionAt91)
	line("coverage_at_95_precision", f.CoverageAt95)
	line("coverage_at_97_precision", f.CoverageAt97)
	line("auto_share", f.AutoShare)
	line("auto_precision", f.AutoPrecision)
	line("calibration_error", f.CalibrationError)
	fmt.Fprintf(t, "messages_per_second\t%.0f\t\ntrain_seconds\t%.1f\t\ntrain_cpu_seconds\t%.1f\t\n", f.MessagesPerSecond, f.TrainSeconds, f.TrainCPUSeconds)
	fmt.Fprintf(t, "\nlabel\tn\tprecision\trecall\tF1\tmistaken for\n")
	for _, c := range f.Classes {
		fmt.Fprintf(t, "%s\t%d\t%.2f\t%.2f\t%.2f\t%s\n", c.Label, c.N, c.Precision, c.Recall, c.F1, c.Mistaken)
	}
	return t.Flush()
}

// readDuty reads a city's own duty list; without a file it is the demo city's.
func readDuty(file string) (measure.Duty, error) {
	if file != "" {
		return measure.ReadDuty(file, province.Enrich)
	}
	entries, err := demoDuty()
	return measure.Duty{Entries: entries}, err
}

// demoDuty returns the duty list of the demo city, whose codes and names are the
// province's, with the words citizens use.
func demoDuty() ([]dispatch.Entry, error) {
	c, err := city.Embedded()
	if err != nil {
		return nil, err
	}
	return province.Enrich(app.Duty(c)), nil
}
