package app

import (
	"context"

	"yiwang/internal/core/cases"
	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/dispatch/province"
)

// judge is the machine that reads messages, with what it has learnt from the
// corrections stored in this city's database.
type judge struct {
	*dispatch.Learner
	History *dispatch.History
	next    int64 // number of the first action it has not looked at
}

// newJudge loads the base model, gives it the city's duty list and lays the
// stored corrections over it.
func newJudge(ctx context.Context, s *cases.Store, c *city.City) (*judge, error) {
	model, err := baseModel(c)
	if err != nil {
		return nil, err
	}
	j := &judge{Learner: dispatch.NewLearner(model), History: dispatch.NewHistory(model), next: s.Size()}
	err = s.Lessons(ctx, func(l cases.Lesson) error {
		j.learn(l)
		return nil
	})
	return j, err
}

func (j *judge) learn(l cases.Lesson) {
	msg := dispatch.Message{Title: l.Title, Text: l.Text}
	j.Correct(msg, l.Matter)
	j.History.Add(l.Case, l.Matter, msg)
}

// Explain says why a message is read as a matter, with the nearest decided cases.
func (j *judge) Explain(m dispatch.Message, code string) dispatch.Explanation {
	return j.Model().Explain(m, code, j.History)
}

// Threshold is the confidence from which a matter is sent unseen.
func (j *judge) Threshold() float64 { return j.Model().Threshold(dispatch.Matter) }

// baseModel is the one that ships with the program, fitted to the duty list.
func baseModel(c *city.City) (*dispatch.Model, error) {
	return dispatch.Base(province.Enrich(Duty(c)))
}

// Duty returns the appeal matters in force as the machine judge knows them.
func Duty(c *city.City) []dispatch.Entry {
	var out []dispatch.Entry
	for _, m := range c.Catalog.InForce("appeal", matter.Today()) {
		out = append(out, dispatch.Entry{Code: m.Code, Name: m.Name, Path: m.Levels, Description: m.Description, Words: m.Keywords})
	}
	return out
}
