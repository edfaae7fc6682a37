package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/textzh"
)

// Options are the choices in training. The zero value is good.
type Options struct {
	Tasks     []Task  // which tasks to learn, Place among them; nil: all that have labels
	Precision float64 // wanted share of right ones among the sure ones; 0: 0.95
	Folds     int     // of the cross-validation that sets calibration and threshold; 0: 4
	Columns   int     // n-grams the model knows; 0: 90,000
	Topics    int     // directions learnt from all texts; 0: 200
}

// Report says what training found, on cases held back in turn.
type Report struct {
	Tasks map[Task]TaskReport
}

// TaskReport is the cross-validated quality of one task.
type TaskReport struct {
	Cases     int     // labelled cases learnt from
	Labels    int     // answers the model can give
	Accuracy  float64 // share of right first answers
	AutoShare float64 // share of cases that are sure
	Threshold float64 // confidence from which they are
}

// Train learns a model. The same corpus and options give the same model.
func Train(ctx context.Context, c Corpus, o Options) (_ *Model, _ Report, err error) {
	defer errs.Wrap(&err, "Train(%d duties, %d cases)", len(c.Duty), len(c.Decided))
	if o.Precision == 0 {
		o.Precision = 0.95
	}
	if o.Folds == 0 {
		o.Folds = 4
	}
	if o.Columns == 0 {
		o.Columns = 90_000
	}
	if o.Topics == 0 {
		o.Topics = 200
	}
	places := o.Tasks == nil || slices.Contains(o.Tasks, Place)
	if o.Tasks == nil {
		o.Tasks = Tasks
	}
	if len(c.Decided)+len(c.Texts)+len(c.Duty) == 0 {
		return nil, Report{}, errs.E(errs.Invalid, "dispatch.nothing_to_learn", nil)
	}
	m := &Model{duty: c.Duty, entry: map[string]int{}, guides: map[Task][]Entry{}, tasks: map[Task]*task{}}
	l := m.lookAt(c, o)
	if slices.ContainsFunc(o.Tasks, standsOn) && !slices.Contains(o.Tasks, Matter) {
		o.Tasks = append([]Task{Matter}, o.Tasks...)
	}
	for i, e := range c.Duty {
		m.entry[e.Code] = i
	}
	report := Report{Tasks: map[Task]TaskReport{}}
	for _, t := range o.Tasks {
		if err := ctx.Err(); err != nil {
			return nil, Report{}, err
		}
		if k, r := l.learn(t); k != nil {
			m.tasks[t], report.Tasks[t] = k, r
		}
	}
	if places {
		m.places = learnTagger(c.Decided, c.Names)
	}
	m.demands = l.learnDemands()
	m.version = m.named()
	return m, report, nil
}

// named gives a model its version: after everything it holds, so that another corpus,
// other options or another way of learning make another version.
func (m *Model) named() string {
	var w writer
	m.encode(&w)
	sum := sha256.Sum256(w.b)
	return "m" + hex.EncodeToString(sum[:])[:12]
}

// message renders a duty as the message that would be exactly about it.
func (e Entry) message() Message {
	return Message{
		Title: strings.TrimPrefix(e.Name, "其他"),
		Text:  strings.Join(e.Path, " ") + " " + e.Description + " " + strings.Join(e.Words, " "),
	}
}

// groupCopies numbers cases so that texts which say nearly the same share a
// number: a copy on the other side of a split would make the model look better
// than it is.
func groupCopies(cases []Decided) []int {
	parent := make([]int, len(cases))
	var find func(int) int
	find = func(i int) int {
		for parent[i] != i {
			i = parent[i]
		}
		return i
	}
	sketches := make([]textzh.Sketch, len(cases))
	seen := map[uint64]int{}
	for i, d := range cases {
		parent[i] = i
		sketches[i] = textzh.MinHash(d.Title + d.Text)
		for _, b := range sketches[i].Bands() {
			j, ok := seen[b]
			if !ok {
				seen[b] = i
			} else if sketches[i].Resemblance(sketches[j]) > 0.4 {
				parent[find(i)] = find(j)
			}
		}
	}
	number := map[int]int{}
	out := make([]int, len(cases))
	for i := range cases {
		root := find(i)
		if _, ok := number[root]; !ok {
			number[root] = len(number)
		}
		out[i] = number[root]
	}
	return out
}
