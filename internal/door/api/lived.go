package api

import (
	"context"
	"net/url"

	"yiwang/internal/work/view"
)

// LivedFigures is how the machine's dispatch did: of the cases it sent, those that
// did not come back, did not go elsewhere and kept their matter.
type LivedFigures struct {
	AsOf    int64         `json:"as_of"`
	From    string        `json:"from"`
	To      string        `json:"to"`
	All     LivedFigure   `json:"all"`
	Days    []LivedFigure `json:"days" nullable:"false"`
	Matters []LivedFigure `json:"matters" nullable:"false"`
	Units   []LivedFigure `json:"units" nullable:"false"`
	Drops   []LivedDrop   `json:"drops" nullable:"false" doc:"Whose share of right ones fell beyond chance"`
}

// LivedFigure is that of a day, matter or unit.
type LivedFigure struct {
	Key       string   `json:"key"`
	Name      string   `json:"name"`
	Sent      int64    `json:"sent"`
	Wrong     int64    `json:"wrong"`
	Accuracy  *float64 `json:"accuracy" doc:"Null where nothing was sent"`
	SentList  string   `json:"sent_list" doc:"The list of the cases sent"`
	WrongList string   `json:"wrong_list" doc:"The list of those that did not stay so"`
}

// LivedDrop is a fall of accuracy; both codes are empty where it is of the whole.
type LivedDrop struct {
	Matter string      `json:"matter"`
	Unit   string      `json:"unit"`
	Name   string      `json:"name"`
	Recent LivedFigure `json:"recent" doc:"The last seven days"`
	Before LivedFigure `json:"before" doc:"The four weeks before"`
	P      float64     `json:"p" doc:"Chance of it if nothing had changed"`
}

type livedInput struct {
	ScopeInput
	Days  int `query:"days" minimum:"1" maximum:"92" default:"30"`
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *server) figuresDispatch(ctx context.Context, c *caller, in *livedInput) (*body[LivedFigures], error) {
	l, err := s.View.Lived(ctx, c.actor, view.Scope{Unit: in.Unit, Area: in.Area}, in.Days)
	if err != nil {
		return nil, err
	}
	out := LivedFigures{AsOf: l.AsOf, From: l.From, To: l.To, Days: []LivedFigure{}, Matters: []LivedFigure{}, Units: []LivedFigure{}, Drops: []LivedDrop{}}
	days := func(extra ...string) url.Values { return livedList(l.From, l.To, extra...) }
	var all view.LivedOf
	for _, d := range l.Days {
		all.Sent, all.Wrong = all.Sent+d.Sent, all.Wrong+d.Wrong
		out.Days = append(out.Days, in.lived(d, d.Key, livedList(d.Key, d.Key)))
	}
	out.All = in.lived(all, "", days())
	for _, m := range l.Matters[:min(in.Limit, len(l.Matters))] {
		out.Matters = append(out.Matters, in.lived(m, s.matterName(m.Key), days("matter", m.Key)))
	}
	for _, u := range l.Units[:min(in.Limit, len(l.Units))] {
		out.Units = append(out.Units, in.lived(u, s.unitName(u.Key), days("unit", u.Key)))
	}
	for _, d := range l.Drops {
		o := LivedDrop{Matter: d.Matter, Unit: d.Unit, P: d.P, Before: in.lived(d.Before, "", nil)}
		recent := livedList(d.From, l.To)
		switch {
		case d.Matter != "":
			o.Name = s.matterName(d.Matter)
			recent.Set("matter", d.Matter)
		case d.Unit != "":
			o.Name = s.unitName(d.Unit)
			recent.Set("unit", d.Unit)
		}
		o.Recent = in.lived(d.Recent, o.Name, recent)
		out.Drops = append(out.Drops, o)
	}
	return answer(out), nil
}

func livedList(from, to string, extra ...string) url.Values {
	q := url.Values{"day": {from}, "day_to": {to}}
	for i := 0; i+1 < len(extra); i += 2 {
		q.Set(extra[i], extra[i+1])
	}
	return q
}

func (in *livedInput) lived(o view.LivedOf, name string, list url.Values) LivedFigure {
	f := LivedFigure{Key: o.Key, Name: name, Sent: o.Sent, Wrong: o.Wrong}
	if o.Sent > 0 {
		share := 1 - float64(o.Wrong)/float64(o.Sent)
		f.Accuracy = &share
	}
	if list == nil {
		return f
	}
	scope := in.ScopeInput
	if list.Has("unit") {
		scope.Unit = "" // the row says which
	}
	list.Set("did", view.AutoSent)
	f.SentList = scope.filter(list)
	list.Set("did", view.AutoWrong)
	f.WrongList = scope.filter(list)
	return f
}
