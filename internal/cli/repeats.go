package cli

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/oklog/ulid/v2"
	"github.com/spf13/cobra"

	"yiwang/internal/base/text"
	"yiwang/internal/base/textzh"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/repeat"
	"yiwang/internal/work/repeat/gold"
	"yiwang/internal/work/repeat/measure"
)

// tiedRow is a message that tells of an earlier one's event, as it is printed.
type tiedRow struct {
	ID     string  `json:"id"`
	Of     string  `json:"of"` // the earlier message
	Score  float64 `json:"score"`
	Sure   bool    `json:"sure"`
	Reason string  `json:"reason"`
}

func newRepeatsCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "repeats FILE",
		Short: "Say which messages of a file tell of the same event as an earlier one",
		Long: `Say which messages of a file (JSON Lines or CSV, as for import) tell of the same event as an
earlier one, as intake would: taken in their order, all of them open.`,
		Example: "  yiwang repeats wenzheng-2026.jsonl --json > repeats.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			judge, group, err := measure.Base()
			if err != nil {
				return err
			}
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer f.Close() // only read from
			rows, err := tied(f, judge, group)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(rows)
			}
			t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
			for _, r := range rows {
				fmt.Fprintf(t, "%s\t%s\t%.2f\t%v\t%s\n", r.ID, r.Of, r.Score, r.Sure, r.Reason)
			}
			return t.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON array")
	c.AddCommand(newRepeatsEvalCommand())
	return c
}

func tied(in io.Reader, judge measure.Reader, group func(string) string) ([]tiedRow, error) {
	index, names, rows := repeat.New(), map[string]string{}, []tiedRow{}
	n := uint64(0)
	err := intake.Rows(in, func(r intake.Row) bool {
		if r.Err != nil {
			return true
		}
		n++
		var id ulid.ULID
		binary.BigEndian.PutUint64(id[8:], n)
		m := &r.Message
		names[id.String()] = m.ExternalID
		hits := index.Meet(repeat.Entry{ID: id.String(), Lng: m.Lng, Lat: m.Lat, Print: repeat.Of(repeat.Said{
			Title: m.Title, Text: m.Text, Address: m.Address, At: m.WrittenAt, Person: person(m), Group: group,
			Read: judge.Read(dispatch.Message{Title: m.Title, Text: m.Text})})})
		if len(hits) > 0 {
			h := hits[0]
			rows = append(rows, tiedRow{m.ExternalID, names[h.ID], h.Score, h.Sure, h.Say(text.Chinese)})
		}
		return true
	})
	return rows, err
}

func person(m *intake.Message) uint32 {
	who := m.Phone
	if who == "" {
		who = m.Name
	}
	if who == "" {
		return 0
	}
	return uint32(textzh.Hash(who)) | 1
}

func newRepeatsEvalCommand() *cobra.Command {
	var seeds, events int
	c := &cobra.Command{
		Use:   "eval",
		Short: "Measure on invented streams that were never learnt from",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			judge, group, err := measure.Base()
			if err != nil {
				return err
			}
			stage := &measure.Stage{Judge: judge, Group: group}
			t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
			fmt.Fprintln(t, "words and names\tmessages\trepeats\tprecision\t95 %\trecall\t95 %\tlinked\tright\tcame back\trecognised")
			for share, name := range []string{"told in tuning", "half of them kept", "all kept"} {
				var f measure.Figures
				for seed := range seeds {
					f.Add(stage.Play(gold.Options{Seed: gold.Reported + 100 + uint64(seed), Share: gold.Share(share), Events: events}, nil))
				}
				fmt.Fprintf(t, "%s\t%d\t%d\t%.3f\t%s\t%.3f\t%s\t%d\t%.3f\t%d\t%d\n", name, f.Messages, f.Repeats,
					f.Precision(), interval(f.Right, f.Proposed), f.Recall(), interval(f.Right, f.Repeats),
					f.Linked, float64(f.LinkedOK)/float64(max(1, f.Linked)), f.Returns, f.ReturnsOK)
			}
			return t.Flush()
		},
	}
	c.Flags().IntVar(&seeds, "seeds", 5, "how many streams of each kind")
	c.Flags().IntVar(&events, "events", 300, "how many events in a stream")
	return c
}

func interval(right, of int) string {
	low, high := measure.Wilson(right, of)
	return fmt.Sprintf("%.3f–%.3f", low, high)
}
