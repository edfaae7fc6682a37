package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"yiwang/internal/base/calendar"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/dispatch/province"
	"yiwang/internal/work/topic"
)

// topicRow is a topic as the command prints it.
type topicRow struct {
	Rank  int      `json:"rank"`
	Heat  float64  `json:"heat"`
	From  string   `json:"from"`
	To    string   `json:"to"`
	Place string   `json:"place"`
	Title string   `json:"title"`
	IDs   []string `json:"ids"`
}

func newTopicsCommand() *cobra.Command {
	var asJSON bool
	var top int
	c := &cobra.Command{
		Use:   "topics FILE",
		Short: "Group a file of messages into the issues they are about, the hottest first",
		Long: `Group a file of messages (JSON Lines or CSV, UTF-8 or GBK) into the issues they are about,
the hottest first. A message is in exactly one issue, often alone.

Fields of a row: id, time, title, text (wanted), user, up, down (who agreed and who did not).
The heat of an issue is √(people who wrote × (they + who agreed)), a little more where it grows
or is fresh. A row that is no message is left out and said on standard error.`,
		Example: "  yiwang topics wenzheng-2026.jsonl --top 20\n  yiwang topics wenzheng-2026.jsonl --json > topics.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			model, err := dispatch.Base(province.Duty())
			if err != nil {
				return err
			}
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer f.Close() // only read from
			messages, bad, err := topic.ReadFile(f, model)
			if err != nil {
				return err
			}
			if bad > 0 {
				fmt.Fprintf(cmd.ErrOrStderr(), "%d rows are no messages and were left out\n", bad)
			}
			topics := topic.Find(cmd.Context(), messages, topic.Options{Matters: matterNames()})
			if top > 0 {
				topics = topics[:min(top, len(topics))]
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(topicRows(topics, messages))
			}
			if top == 0 {
				topics = topics[:min(20, len(topics))]
			}
			return printTopics(cmd.OutOrStdout(), topics)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON array of all topics")
	c.Flags().IntVar(&top, "top", 0, "how many topics (default: all with --json, 20 without)")
	return c
}

func matterNames() map[string]string {
	names := map[string]string{}
	for _, e := range province.Duty() {
		names[e.Code] = e.Name
	}
	return names
}

func topicRows(topics []topic.Topic, messages []topic.Message) []topicRow {
	rows := []topicRow{}
	for _, t := range topics {
		r := topicRow{Rank: t.Rank, Heat: math.Round(t.Heat.Value*10) / 10, From: day(t.From), To: day(t.To), Place: t.Place, Title: t.Title}
		for _, i := range t.Rows {
			r.IDs = append(r.IDs, messages[i].ID)
		}
		rows = append(rows, r)
	}
	return rows
}

// day returns the date of a time, "" where it is unknown.
func day(at int64) string {
	if at == 0 {
		return ""
	}
	return time.UnixMilli(at).In(calendar.Zone).Format(time.DateOnly)
}

func printTopics(w io.Writer, topics []topic.Topic) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "rank\theat\tmessages\tpeople\tsupporters\tgrowth\tfrom\tto\ttitle")
	for _, x := range topics {
		h := x.Heat
		fmt.Fprintf(t, "%d\t%.1f\t%d\t%d\t%d\t×%.2f\t%s\t%s\t%s\n", x.Rank, h.Value, h.Messages, h.People, h.Supporters, h.Growth, day(x.From), day(x.To), x.Title)
	}
	return t.Flush()
}
