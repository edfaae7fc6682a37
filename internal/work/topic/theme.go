package topic

import (
	"context"
	"slices"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
)

// gathered is how many cases of a topic a theme case is linked with at most.
const gathered = 200

// Theme opens a theme case for a topic: a case of its own, with the task of finding
// and mending the common cause, into which each case of the topic is gathered.
// task says in words what it is about. A topic that has a theme case keeps it. Error: NotFound.
func (b *Board) Theme(ctx context.Context, by org.Actor, id, task string) (_ Case, err error) {
	defer errs.Wrap(&err, "topic.Theme(%s)", id)
	for _, l := range b.Seen(by) {
		if l.ID != id {
			continue
		}
		if l.Theme != nil {
			return *l.Theme, nil
		}
		filed, err := b.Cases.File(ctx, cases.Filing{
			Family: ThemeFamily, Channel: ThemeChannel, ExternalID: "topic:" + id, Content: id, Actor: by, Matter: ThemeFamily,
			Nature: themeNature, Area: l.Area, Unit: by.Unit, Fields: map[string]any{"title": l.Title, "text": task},
		})
		if err != nil {
			return Case{}, err
		}
		theme := Case{filed.ID, filed.Number}
		for _, m := range l.Members[:min(len(l.Members), gathered)] {
			// A case that somebody gathered meanwhile stays where it is.
			_, err := b.Cases.Act(ctx, by, cases.Deed{Case: m.ID, Action: "gather", Input: map[string]any{"case": theme.Number}})
			if err != nil && !errs.Is(err, errs.Exists) && !errs.Is(err, errs.Conflict) {
				return theme, err
			}
		}
		b.show(id, theme)
		return theme, nil
	}
	return Case{}, errs.E(errs.NotFound, "topic.gone", nil)
}

// show puts a theme case beside its topic before the next grouping does.
func (b *Board) show(id string, theme Case) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := *b.now.Load()
	s.Topics = slices.Clone(s.Topics)
	for i := range s.Topics {
		if s.Topics[i].ID == id {
			s.Topics[i].Theme = &theme
		}
	}
	b.now.Store(&s)
}

// ThemeChannel is the channel that theme cases come by, ThemeFamily their family.
const (
	ThemeChannel = "inspection"
	ThemeFamily  = "theme"
	themeNature  = "主题" // the one nature that the family declares
)
