package cli

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/work/answer"
)

// newAnswerCommand makes `yiwang answer`, which reads official replies.
func newAnswerCommand() *cobra.Command {
	c := &cobra.Command{Use: "answer", Short: "Check official replies: does it answer what was asked"}
	c.AddCommand(newAnswerCheckCommand(), newAnswerEvalCommand())
	return c
}

func newAnswerCheckCommand() *cobra.Command {
	var asJSON bool
	var lang string
	c := &cobra.Command{
		Use:   "check FILE --json",
		Short: "Check each reply of a file: empty, answers what was asked, what is missing",
		Long: `Check each reply of a JSON Lines file (- reads standard input). A row has
id, title, text (or message, or content) and reply; other members are left alone. For each
row one JSON object is printed:

  {"id":"1","empty":false,"answers":"full|partly|no","findings":[{"kind","words","why"}]}

words are the pieces of the reply, or of the message, that a finding rests on.`,
		Example: `  yiwang answer check replies.jsonl --json
  echo '{"id":"1","title":"路灯不亮","text":"请尽快修好路灯。","reply":"您好，留言已收悉。"}' | yiwang answer check - --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l := text.Lang(lang)
			if l != text.Chinese && l != text.English {
				return errs.E(errs.Invalid, "cli.unknown_lang", errs.Args{"lang": lang})
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			enc := json.NewEncoder(out)
			enc.SetEscapeHTML(false)
			err := eachReply(cmd.InOrStdin(), args[0], func(r *replyRow) error {
				p := r.pair()
				read := answer.Read(p)
				if asJSON {
					return enc.Encode(readReply(r.ID, p, read, l))
				}
				return printReply(out, string(r.ID), p, read, l)
			})
			if ferr := out.Flush(); err == nil {
				err = ferr
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a row")
	c.Flags().StringVar(&lang, "lang", string(text.Chinese), "language of the reasons: zh or en")
	return c
}

// replyRow is a row with a reply, as files call its parts.
type replyRow struct {
	ID      json.RawMessage `json:"id"`
	Title   string          `json:"title"`
	Text    string          `json:"text"`
	Message string          `json:"message"`
	Content string          `json:"content"`
	Reply   *string         `json:"reply"`
}

func (r *replyRow) pair() answer.Pair {
	return answer.Pair{Title: r.Title, Message: cmp.Or(r.Text, r.Message, r.Content), Reply: *r.Reply}
}

// id returns the id as text, whether it was written as a number or as text.
func (r *replyRow) id() string { return strings.Trim(string(r.ID), `"`) }

type readRow struct {
	ID       json.RawMessage `json:"id"`
	Empty    bool            `json:"empty"`
	Answers  answer.Degree   `json:"answers"`
	Findings []readFinding   `json:"findings"`
}

type readFinding struct {
	Kind  answer.Kind `json:"kind"`
	Words []string    `json:"words"`
	Why   string      `json:"why"`
}

func readReply(id json.RawMessage, p answer.Pair, r answer.Reading, l text.Lang) readRow {
	out := readRow{ID: id, Empty: r.Empty, Answers: r.Answers, Findings: []readFinding{}}
	if id == nil {
		out.ID = json.RawMessage("null")
	}
	for _, f := range r.Findings {
		x := readFinding{Kind: f.Kind, Words: []string{}, Why: text.Say(l, "answer.why_"+string(f.Kind), nil)}
		for _, s := range f.Words {
			x.Words = append(x.Words, s.Of(p))
		}
		out.Findings = append(out.Findings, x)
	}
	return out
}

func printReply(w io.Writer, id string, p answer.Pair, r answer.Reading, l text.Lang) error {
	if _, err := fmt.Fprintf(w, "%s\t%s\n", id, text.Say(l, "answer.degree_"+string(r.Answers), nil)); err != nil {
		return err
	}
	for _, f := range r.Findings {
		var words []string
		for _, s := range f.Words {
			words = append(words, s.Of(p))
		}
		if _, err := fmt.Fprintf(w, "\t%s\t%s\n", text.Say(l, "answer.kind_"+string(f.Kind), nil), strings.Join(words, " / ")); err != nil {
			return err
		}
	}
	return nil
}

// longestRow is how long a row may be, in bytes.
const longestRow = 4 << 20

// eachReply calls fn with every row of a file, "-" for standard input.
func eachReply(in io.Reader, name string, fn func(*replyRow) error) error {
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return errs.E(errs.NotFound, "dispatch.no_file", errs.Args{"file": name}).Because(err)
		}
		defer f.Close()
		in = f
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longestRow)
	for n := 1; lines.Scan(); n++ {
		b := lines.Bytes()
		if n == 1 {
			b = []byte(strings.TrimPrefix(string(b), "\ufeff"))
		}
		if len(strings.TrimSpace(string(b))) == 0 {
			continue
		}
		var r replyRow
		if err := json.Unmarshal(b, &r); err != nil || r.Reply == nil {
			return errs.E(errs.Invalid, "answer.bad_row", errs.Args{"line": n})
		}
		if err := fn(&r); err != nil {
			return err
		}
	}
	return lines.Err()
}

func newAnswerEvalCommand() *cobra.Command {
	var half string
	c := &cobra.Command{
		Use:   "eval FILE [--half report|dev|readers]",
		Short: "Measure the check on labelled public replies",
		Long: `Measure the check on teddy/replies.jsonl with the labels that are part of the
program (ids and labels only). The report half took no part in tuning. "whole" is
the share estimated from the weights of the draw: for the report half that of the
replies nobody had read before, for the dev half that of all. --half readers
measures, in the same way, a second reader against the first.`,
		Example: `  yiwang answer eval ../shared/data/teddy/replies.jsonl`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch half {
			case "report", "dev":
			case "readers":
				return printScores(cmd.OutOrStdout(), answer.Readers(), 0)
			default:
				return fmt.Errorf("%w: --half report, dev or readers", errUsage)
			}
			labels, scores := answer.Labels(), answer.NewScores()
			var took time.Duration
			err := eachReply(cmd.InOrStdin(), args[0], func(r *replyRow) error {
				l, ok := labels[r.id()]
				if !ok || l.Report != (half == "report") {
					return nil
				}
				start := time.Now()
				read := answer.Read(r.pair())
				took += time.Since(start)
				scores.Count(read, l)
				return nil
			})
			if err != nil {
				return err
			}
			if scores.N == 0 {
				return errs.E(errs.Invalid, "answer.no_labels", nil)
			}
			return printScores(cmd.OutOrStdout(), scores, took)
		},
	}
	c.Flags().StringVar(&half, "half", "report", "which labels: report, dev or readers")
	return c
}

func printScores(w io.Writer, s *answer.Scores, took time.Duration) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintf(t, "%d pairs", s.N)
	if took > 0 {
		fmt.Fprintf(t, ", %.2f ms a pair", took.Seconds()*1000/float64(s.N))
	}
	fmt.Fprint(t, "\n\n")
	fmt.Fprintln(t, "class\tright\tfalse\tmissed\tprecision\t95 %\twhole\trecall\t95 %\twhole")
	for _, x := range s.List {
		if x.Hit+x.False+x.Missed == 0 {
			continue
		}
		p, plow, phigh, pwhole := x.Precision()
		r, rlow, rhigh, rwhole := x.Recall()
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%.3f\t%.3f–%.3f\t%.3f\t%.3f\t%.3f–%.3f\t%.3f\n",
			x.Name, x.Hit, x.False, x.Missed, p, plow, phigh, pwhole, r, rlow, rhigh, rwhole)
	}
	return t.Flush()
}
