package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/textzh"
)

// Options are the choices in training. The zero value is good.
type Options struct {
	Tasks     []Task  // which tasks to learn; nil: all that have labels
	Precision float64 // wanted share of right ones among the sure ones; 0: 0.95
	Folds     int     // of the cross-validation that sets calibration and threshold; 0: 4
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
	if o.Tasks == nil {
		o.Tasks = Tasks
	}
	msgs := make([]Message, 0, len(c.Decided)+len(c.Texts))
	for _, d := range c.Decided {
		msgs = append(msgs, d.Message)
	}
	msgs = append(msgs, c.Texts...)
	if len(msgs)+len(c.Duty) == 0 {
		return nil, Report{}, errs.E(errs.Invalid, "dispatch.nothing_to_learn", nil)
	}
	minCount := 2
	if len(msgs) < 50 {
		minCount = 1
	}
	for _, e := range c.Duty {
		msgs = append(msgs, e.message())
	}
	m := &Model{space: newSpace(msgs, minCount), duty: c.Duty, entry: map[string]int{}, tasks: map[Task]*task{}}
	for i, e := range c.Duty {
		m.entry[e.Code] = i
	}
	report := Report{Tasks: map[Task]TaskReport{}}
	for _, t := range o.Tasks {
		if err := ctx.Err(); err != nil {
			return nil, Report{}, err
		}
		k, r, err := m.learn(t, c, o)
		if err != nil {
			return nil, Report{}, err
		}
		if k != nil {
			m.tasks[t], report.Tasks[t] = k, r
		}
	}
	m.version = versionOf(c)
	return m, report, nil
}

// versionOf names a model after what it was learnt from.
func versionOf(c Corpus) string {
	h := sha256.New()
	for _, e := range c.Duty {
		fmt.Fprintf(h, "%q\n", []string{e.Code, e.Name, e.Description})
	}
	for _, d := range c.Decided {
		fmt.Fprintf(h, "%q\n", []string{d.ID, d.Title, d.Text, d.Matter, d.Nature, d.Urgency, d.Category, d.Unit})
	}
	return "m" + hex.EncodeToString(h.Sum(nil))[:12]
}

// message renders a duty as the message that would be exactly about it.
func (e Entry) message() Message {
	return Message{
		Title: strings.TrimPrefix(e.Name, "其他"),
		Text:  strings.Join(e.Path, " ") + " " + e.Description + " " + strings.Join(e.Words, " "),
	}
}

// rowset is the training material of one task.
type rowset struct {
	rows   []vec
	labels [][]int
	weight []float32
	group  []int // cases that are copies of each other share a group; -1: a duty, never held back
}

func (m *Model) learn(t Task, c Corpus, o Options) (*task, TaskReport, error) {
	k := &task{temperature: 1, sure: 2}
	index := map[string]int{}
	label := func(s string) int {
		i, ok := index[s]
		if !ok {
			i = len(k.labels)
			index[s] = i
			k.labels = append(k.labels, s)
		}
		return i
	}
	var set rowset
	if t == Matter {
		for _, e := range c.Duty {
			set.add(m.space.vector(e.message()), []int{label(e.Code)}, 1, -1)
		}
	}
	groups := groupCopies(c.Decided)
	cases := 0
	for i := range c.Decided {
		d := &c.Decided[i]
		if d.Label(t) == "" {
			continue
		}
		right := []int{label(d.Label(t))}
		set.add(m.space.vector(d.Message), right, 1, groups[i])
		cases++
	}
	if cases == 0 && t != Matter || len(k.labels) < 2 {
		return nil, TaskReport{}, nil
	}
	report := TaskReport{Cases: cases, Labels: len(k.labels)}
	opt := svmOptions{cost: 1, epochs: 20}
	if cases >= 20 {
		if err := m.calibrate(k, set, opt, o, &report); err != nil {
			return nil, TaskReport{}, err
		}
	}
	g := newGather(len(k.labels))
	if err := trainSVM(set.rows, set.labels, set.weight, len(k.labels), len(m.space.idf), opt, g.put); err != nil {
		return nil, TaskReport{}, err
	}
	k.linear = g.linear(len(m.space.idf))
	return k, report, nil
}

// calibrate learns from parts of the cases what the scores on the rest mean.
func (m *Model) calibrate(k *task, set rowset, opt svmOptions, o Options, report *TaskReport) error {
	var scores [][]float64
	var truth [][]int
	for fold := range o.Folds {
		var part rowset
		var held []int
		for i, g := range set.group {
			if g >= 0 && g%o.Folds == fold {
				held = append(held, i)
				continue
			}
			part.add(set.rows[i], set.labels[i], set.weight[i], g)
		}
		g := newGather(len(k.labels))
		if err := trainSVM(part.rows, part.labels, part.weight, len(k.labels), len(m.space.idf), opt, g.put); err != nil {
			return err
		}
		l := &task{labels: k.labels, linear: g.linear(len(m.space.idf))}
		for _, i := range held {
			scores = append(scores, l.scores(set.rows[i]))
			truth = append(truth, set.labels[i])
		}
	}
	k.temperature = fitTemperature(scores, truth)
	conf, right := make([]float64, len(scores)), make([]bool, len(scores))
	hits := 0
	for i, z := range scores {
		softmax(z, k.temperature)
		top := 0
		for j := range z {
			if z[j] > z[top] {
				top = j
			}
		}
		conf[i], right[i] = z[top], slices.Contains(truth[i], top)
		if right[i] {
			hits++
		}
	}
	k.confidence = fitMonotone(conf, right)
	for i := range conf {
		conf[i] = k.confidence.at(conf[i])
	}
	k.sure, report.AutoShare = threshold(conf, right, o.Precision)
	report.Accuracy, report.Threshold = float64(hits)/float64(len(scores)), k.sure
	return nil
}

func (s *rowset) add(v vec, labels []int, weight float32, group int) {
	s.rows, s.labels = append(s.rows, v), append(s.labels, labels)
	s.weight, s.group = append(s.weight, weight), append(s.group, group)
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
