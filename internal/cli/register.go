package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"yiwang/internal/app"
	"yiwang/internal/base/text"
	"yiwang/internal/work/population"
)

func newRegisterCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "register",
		Short: "Load registers of persons, enterprises and homes, and make a synthetic population",
		Args:  cobra.NoArgs,
	}
	c.AddCommand(newRegisterGenerateCommand(), newRegisterLoadCommand(), newRegisterMeasureCommand())
	return c
}

func newRegisterGenerateCommand() *cobra.Command {
	plan := population.Plan{Noise: population.Usual}
	var dir, on, pack string
	var asJSON bool
	c := &cobra.Command{
		Use:   "generate --people N --seed S --out DIR",
		Short: "Make a synthetic population: people, households, homes, enterprises, licences, credit",
		Long: `Make a synthetic population into an empty directory, the same for the same seed. Identity
numbers carry an area code that was never given out. Beside the register of each person stand
records of other sources about some of them, damaged as careless records are; truth.csv says
whose they are, for "yiwang register measure".`,
		Example: "  yiwang register generate --people 1946000 --seed 1 --out population",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if plan.On, err = time.Parse(time.DateOnly, on); err != nil {
				return err
			}
			if plan.Areas, err = app.Communities(pack); err != nil {
				return err
			}
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return err
			}
			bar := progressBar(cmd.ErrOrStderr(), "people")
			made, err := population.Generate(plan, dir, func(done int) {
				if bar != nil {
					bar(int64(min(done, plan.People)), int64(plan.People))
				}
			})
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(made)
			}
			for _, file := range slices.Sorted(maps.Keys(made)) {
				fmt.Fprintf(cmd.OutOrStdout(), "%-16s %d\n", file, made[file])
			}
			return nil
		},
	}
	c.Flags().IntVar(&plan.People, "people", 1_946_000, "how many people (the last household may bring a few more)")
	c.Flags().Uint64Var(&plan.Seed, "seed", 1, "the same seed makes the same population")
	c.Flags().Float64Var(&plan.Doubles, "doubles", 0.1, "records of other sources, as a share of the people")
	c.Flags().StringVar(&on, "on", "2026-11-22", "day that ages are reckoned from")
	c.Flags().StringVar(&dir, "out", "", "directory to write into")
	c.Flags().StringVar(&pack, "city", "", "city pack whose communities they live in; none is the demo city")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	_ = c.MarkFlagRequired("out") // defined above
	return c
}

func newRegisterLoadCommand() *cobra.Command {
	var w where
	var asJSON bool
	var most int
	c := &cobra.Command{
		Use:   "load DIR --data DIR",
		Short: "Load files into the registers, finding out which records are of the same person",
		Long: `Load REGISTER.csv and REGISTER@SOURCE.csv into the registers. The head of a file names items;
"no" is the source's own number of a record, and an item that names a subject holds its no.
Records of persons are compared: those surely of one person are joined, those perhaps wait for
a person to decide. A wrong row is refused with its line and the reason, and the rest goes in.
The server must not be running.`,
		Example: "  yiwang register load population --data ./data",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			rep, err := app.LoadRegisters(cmd.Context(), w.config(), args[0], population.Options{Progress: steps(cmd.ErrOrStderr())})
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(rep)
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "%d records in %.1f s, %.1f s of it to find out who is who: %d joined, %d wait for a decision, %d refused\n",
				rep.Records, rep.Seconds, rep.Resolve, rep.Joined, rep.Doubtful, len(rep.Refused))
			for _, register := range slices.Sorted(maps.Keys(rep.Entered)) {
				fmt.Fprintf(out, "%-12s %d entered\n", register, rep.Entered[register])
			}
			for _, r := range rep.Refused[:min(most, len(rep.Refused))] {
				fmt.Fprintf(out, "%s:%d: %s\n", r.File, r.Line, r.Say(text.Chinese))
			}
			return nil
		},
	}
	w.flags(c)
	c.Flags().IntVar(&most, "refused", 20, "how many refused rows to print; --json has all")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// steps shows what a load is at, on a terminal a bar for each step.
func steps(w io.Writer) func(step string, done, of int) {
	bars := map[string]func(done, total int64){}
	return func(step string, done, of int) {
		if _, begun := bars[step]; !begun {
			bars[step] = progressBar(w, step)
		}
		if bar := bars[step]; bar != nil && of > 0 {
			bar(int64(done), int64(of))
		}
	}
}

func newRegisterMeasureCommand() *cobra.Command {
	var pack string
	var asJSON bool
	c := &cobra.Command{
		Use:     "measure DIR",
		Short:   "Measure how well records of the same person are found in a generated population",
		Example: "  yiwang register measure population",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			book, err := app.RegistersOf(pack)
			if err != nil {
				return err
			}
			m, err := population.Measure(book, args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(m)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d records, %d of them damaged, %d pairs of one person: %d found, %d wrong, %d records wait, in %.1f s\n"+
				"precision %.4f (%.4f to %.4f), recall %.4f (%.4f to %.4f), F1 %.4f (%.4f to %.4f)\n",
				m.Records, m.Damaged, m.Pairs, m.Found, m.Wrong, m.Waiting, m.Seconds, m.Precision.Is, m.Precision.Low, m.Precision.High,
				m.Recall.Is, m.Recall.Low, m.Recall.High, m.F1, m.Low, m.High)
			return nil
		},
	}
	c.Flags().StringVar(&pack, "city", "", "city pack; none is the demo city")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}
