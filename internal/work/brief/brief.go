package brief

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/document"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/base/textzh"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/city"
	"yiwang/internal/core/org"
	"yiwang/internal/work/topic"
	"yiwang/internal/work/view"
)

// Family is the family that issues are cases of.
const Family = "brief"

// The kinds of issue.
const (
	Daily      = "daily"
	Monthly    = "monthly"
	Instructed = "instructed"
	Open       = "open" // for the public: what was answered, in words that name nobody
)

// Desk drafts and reads issues. It is safe for concurrent use.
type Desk struct {
	City   *city.City
	Units  func() *org.Directory
	Cases  *cases.Store
	Topics func() *topic.Snapshot // what is talked of now; nil knows of none
	View   *view.View
	Now    func() time.Time
}

// Issue is one issue with the cases it chose.
type Issue struct {
	Case        cases.Case
	Kind        string
	Period      view.Period
	Serial      int64 // its number in the year, 0 until it is published
	PublishedAt int64
	Title, Text string
	Chosen      []Chosen
}

// Chosen is a case that an issue tells of.
type Chosen struct {
	Case    cases.Case
	Summary string
}

// Open counts the chosen cases that are not closed.
func (i *Issue) Open() (n int) {
	for _, c := range i.Chosen {
		if c.Case.Closed == 0 {
			n++
		}
	}
	return n
}

// Read returns an issue. Errors: NotFound, also where the case is no issue.
func (d *Desk) Read(ctx context.Context, by org.Actor, id string) (i Issue, err error) {
	defer errs.Wrap(&err, "brief.Read(%s)", id)
	v, err := d.Cases.Open(ctx, by, id, "")
	if err != nil {
		return i, err
	}
	if v.Case.Family != Family {
		return i, errs.E(errs.NotFound, "cases.not_found", nil)
	}
	i = Issue{Case: v.Case}
	var data map[string]any
	if err := json.Unmarshal([]byte(cmp.Or(v.Case.Data, "{}")), &data); err != nil {
		return i, err
	}
	i.Kind, _ = data["kind"].(string)
	i.Period.From, _ = data["from"].(string)
	i.Period.To, _ = data["to"].(string)
	if n, ok := data[i.Kind].(float64); ok {
		i.Serial = int64(n)
	}
	for _, f := range v.Fields {
		i.take(f)
	}
	return i, d.follow(ctx, &i, v.Entries)
}

func (i *Issue) take(v cases.Value) {
	switch v.Code {
	case "title":
		i.Title = v.Text
	case "text":
		i.Text = v.Text
	}
}

// follow goes through what was done with an issue.
func (d *Desk) follow(ctx context.Context, i *Issue, entries []cases.Entry) error {
	for _, e := range entries {
		number, _ := e.Header.Input["case"].(string)
		same := func(c Chosen) bool { return c.Case.Number == number }
		switch e.Header.Kind {
		case "edit":
			for _, v := range e.Values {
				i.take(v)
			}
		case "publish":
			i.PublishedAt = e.Header.At
		case "leave_out":
			if parsed, err := cases.ParseNumber(number); err == nil {
				number = parsed
			}
			i.Chosen = slices.DeleteFunc(i.Chosen, same)
		case "choose":
			k, err := d.Cases.ByNumber(ctx, number)
			if err != nil {
				return err
			}
			number = k.Number
			if at := slices.IndexFunc(i.Chosen, same); at >= 0 {
				i.Chosen = slices.Delete(i.Chosen, at, at+1)
			}
			c := Chosen{Case: k}
			for _, v := range e.Values {
				if v.Code == "summary" {
					c.Summary = v.Text
				}
			}
			i.Chosen = append(i.Chosen, c)
		}
	}
	return nil
}

// heading is a line that stands above others.
var heading = regexp.MustCompile(`^[一二三四五六七八九十]+、`)

// Document puts an issue together; how the chosen cases stand is told as of now.
func (d *Desk) Document(i *Issue) *document.Document {
	made := cmp.Or(i.PublishedAt, i.Case.FiledAt)
	say := func(key string, args errs.Args) string { return text.Say(text.Chinese, "brief."+key, args) }
	doc := &document.Document{Lang: string(text.Chinese), Head: say("head_"+i.Kind, nil), Title: i.Title, Made: time.UnixMilli(made)}
	day := time.UnixMilli(made).In(text.CST)
	serial := say("unnumbered", nil)
	if i.Serial > 0 {
		serial = fmt.Sprint(i.Serial)
	}
	doc.Number = say("number", errs.Args{"year": day.Year(), "serial": serial, "issuer": d.unitName(d.City.Centre), "date": day.Format("2006年1月2日")})
	for line := range strings.SplitSeq(i.Text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case heading.MatchString(line):
			doc.Parts = append(doc.Parts, document.Heading{Level: 1, Text: line})
		default:
			doc.Parts = append(doc.Parts, document.Paragraph{Text: line, Indent: true})
		}
	}
	if len(i.Chosen) > 0 {
		now := d.Now().In(text.CST).Format("2006年1月2日15:04")
		doc.Parts = append(doc.Parts, document.Heading{Level: 1, Text: say("chosen", nil)}, d.table(i, say),
			document.Paragraph{Small: true, Text: say("stand", errs.Args{"now": now, "n": len(i.Chosen), "closed": len(i.Chosen) - i.Open()})})
	}
	return doc
}

func (d *Desk) table(i *Issue, say func(string, errs.Args) string) document.Table {
	t := document.Table{Head: strings.Split(say("columns", nil), "|"), Widths: []float64{2.2, 5, 2.6, 1.6}}
	for _, c := range i.Chosen {
		state := c.Case.State
		if life := d.City.Catalog.Lifecycle(d.City.Catalog.Family(c.Case.Family).Lifecycle); life != nil && life.State(state) != nil {
			state = life.State(state).Title
		}
		if c.Case.Late > 0 {
			state += say("late", nil)
		}
		t.Rows = append(t.Rows, []string{c.Case.Number, cmp.Or(c.Summary, c.Case.Title), d.unitName(cmp.Or(c.Case.Unit, d.City.Centre)), state})
	}
	return t
}

func (d *Desk) unitName(code string) string {
	if u, ok := d.Units().Unit(code); ok {
		return u.Name
	}
	return code
}

// Issues returns the latest issues, each with its chosen cases.
func (d *Desk) Issues(ctx context.Context, by org.Actor, limit int) ([]Issue, error) {
	page, err := d.View.List(ctx, by, view.Query{Family: Family, Sort: view.ByFiled, Limit: limit})
	if err != nil {
		return nil, err
	}
	out := make([]Issue, 0, len(page.Rows))
	for _, r := range page.Rows {
		i, err := d.Read(ctx, by, r.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, nil
}

// Settle closes the published issues whose chosen cases are all closed.
func (d *Desk) Settle(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "brief.Settle")
	by := org.Machine("brief")
	page, err := d.View.List(ctx, by, view.Query{Family: Family, State: "published", Limit: view.MaxPage})
	if err != nil {
		return err
	}
	for _, r := range page.Rows {
		i, err := d.Read(ctx, by, r.ID)
		if err != nil {
			return err
		}
		if i.Open() > 0 {
			continue
		}
		_, err = d.Cases.Act(ctx, by, cases.Deed{Case: r.ID, Version: i.Case.Version, Action: "finish"})
		if err != nil && !errs.Is(err, errs.Conflict) {
			return err
		}
	}
	return nil
}

// masked is a headline as it may be printed.
func masked(c *cases.Case) string { return textzh.Mask(c.Title) }
