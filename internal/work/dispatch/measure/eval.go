package measure

import (
	"context"
	"runtime"
	"slices"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/work/dispatch"
)

// Test is one measurement: what to learn from, what to be tested on.
type Test struct {
	Train []Case
	Test  []Case
	Texts []Case // more material, for the language and the other tasks; texts of the test are taken out of it
	Duty  []dispatch.Entry
	// Guides are the words that go with the labels of other tasks.
	Guides map[dispatch.Task][]dispatch.Entry
	Names  []string // of places
	Task   dispatch.Task
	// Options of the training; Tasks is set from Task.
	Options dispatch.Options
}

// Run trains on the training part alone and answers the test.
func Run(ctx context.Context, t Test) (_ Figures, _ []Answer, err error) {
	defer errs.Wrap(&err, "measure.Run(%s)", t.Task)
	test, refused, err := Refuse(t.Train, t.Test)
	if err != nil {
		return Figures{}, nil, err
	}
	t.Test, t.Train = test, apart(t.Train, test)
	texts := Without(t.Texts, t.Test)
	corpus := dispatch.Corpus{Duty: t.Duty, Guides: t.Guides, Names: t.Names}
	all := slices.Clone(t.Train)
	for _, c := range texts {
		c.Forget(t.Task)
		all = append(all, c)
	}
	for _, c := range Merge(all) {
		corpus.Decided = append(corpus.Decided, c.Decided)
	}
	t.Options.Tasks = []dispatch.Task{t.Task}
	if t.Task == Demands {
		t.Options.Tasks = []dispatch.Task{dispatch.Matter} // what pieces are about tells them apart
	}
	start, worked := time.Now(), processTime()
	m, _, err := dispatch.Train(ctx, corpus, t.Options)
	if err != nil {
		return Figures{}, nil, err
	}
	trained, cpu := time.Since(start), processTime()-worked
	if t.Task == dispatch.Place {
		f := SumPlaces(m, t.Test)
		f.TrainSeconds, f.TrainCPUSeconds, f.MessagesPerSecond = trained.Seconds(), cpu.Seconds(), speed(m, t.Test)
		f.UnlabelledTexts, f.Refused = len(texts), refused
		return f, nil, nil
	}
	if t.Task == Demands {
		f := SumDemands(m, t.Test)
		f.TrainSeconds, f.TrainCPUSeconds, f.UnlabelledTexts, f.Refused = trained.Seconds(), cpu.Seconds(), len(texts), refused
		return f, nil, nil
	}
	if !m.Knows(t.Task) {
		return Figures{}, nil, errs.E(errs.Invalid, "dispatch.no_labels", errs.Args{"label": string(t.Task)})
	}
	answers := Ask(m, t.Task, t.Test)
	if len(answers) == 0 {
		return Figures{}, nil, errs.E(errs.Invalid, "dispatch.no_test", errs.Args{"label": string(t.Task)})
	}
	f := Sum(answers, t.Task == dispatch.Matter)
	f.TrainSeconds, f.TrainCPUSeconds = trained.Seconds(), cpu.Seconds()
	f.MessagesPerSecond = speed(m, t.Test)
	f.UnlabelledTexts, f.Refused = len(texts), refused
	return f, answers, nil
}

// Ask lets a model answer every test message that has a label.
func Ask(m *dispatch.Model, task dispatch.Task, test []Case) []Answer {
	var out []Answer
	for _, c := range test {
		right := c.right(task)
		if len(right) == 0 {
			continue
		}
		ranked := m.Answer(task, c.Message, 10)
		a := Answer{Ranked: ranked, Right: right}
		a.Auto = len(ranked) > 0 && m.SureOf(task, ranked[0])
		out = append(out, a)
	}
	return out
}

// right returns every label that counts as right for a task, the label first.
func (c Case) right(t dispatch.Task) []string {
	l := c.Label(t)
	if l == "" {
		return nil
	}
	switch t {
	case dispatch.Matter:
		return append([]string{l}, c.Also...)
	case dispatch.Unit:
		return c.Units
	case dispatch.Nature:
		return c.Natures
	}
	return []string{l}
}

// speed measures how many messages one core reads in a second of its own time, as
// far as the model has learnt to.
func speed(m *dispatch.Model, test []Case) float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start, n := threadTime(), 0
	for threadTime()-start < 500*time.Millisecond {
		for i := range min(50, len(test)) {
			m.Read(test[(n+i)%len(test)].Message)
		}
		n += min(50, len(test))
	}
	return float64(n) / (threadTime() - start).Seconds()
}
