package measure

import (
	"bufio"
	"cmp"
	"encoding/json"
	"io"
	"os"
	"path/filepath"

	"yiwang/internal/base/errs"
	"yiwang/internal/work/dispatch"
)

// row is one line of a file of messages or labels. Unknown fields are ignored.
type row struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Text     string   `json:"text"`
	Category string   `json:"category"`
	Matter   string   `json:"matter"`
	Also     []string `json:"also"`
	Nature   []string `json:"nature"`
	Urgent   string   `json:"urgent"`
	Place    []string `json:"place"`
	Multi    int      `json:"multi"`
	UnitType string   `json:"unit_type"`
	Passes   int      `json:"passes"` // how many people read it independently
}

// Case is a decided case with what only a test needs to know.
type Case struct {
	dispatch.Decided
	Natures []string // all natures that would be right
	Units   []string // all unit types that would be right
}

// Read reads JSON Lines files of messages. With labels, a file of rows that
// carry the same ids, each row is joined with its label there; rows that have no
// label at all are left out.
func Read(files []string, labels string) (_ []Case, err error) {
	defer errs.Wrap(&err, "measure.Read(%v, %q)", files, labels)
	var joined map[string]row
	if labels != "" {
		joined = map[string]row{}
		if err := each(labels, func(r row) { joined[r.ID] = r }); err != nil {
			return nil, err
		}
	}
	var out []Case
	for _, f := range files {
		if err := each(f, func(r row) {
			if joined != nil {
				l, ok := joined[r.ID]
				if !ok && !r.labelled() {
					return
				}
				if ok {
					r.merge(l)
				}
			}
			out = append(out, r.toCase())
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *row) labelled() bool {
	return r.Category != "" || r.Matter != "" || r.UnitType != "" || len(r.Nature) > 0 || r.Urgent != ""
}

// merge takes the labels of another row over, never its text.
func (r *row) merge(l row) {
	r.Category, r.Matter, r.Also, r.Nature = l.Category, l.Matter, l.Also, l.Nature
	r.Urgent, r.Place, r.Multi, r.UnitType, r.Passes = l.Urgent, l.Place, l.Multi, l.UnitType, l.Passes
}

func (r row) toCase() Case {
	c := Case{Decided: dispatch.Decided{
		ID: r.ID, Message: dispatch.Message{Title: r.Title, Text: r.Text},
		Matter: r.Matter, Urgency: r.Urgent, Category: r.Category, Unit: r.UnitType,
		Places: r.Place, Demands: r.Multi, Checked: r.Passes > 1,
	}, Natures: r.Nature}
	if len(r.Nature) > 0 {
		c.Nature = r.Nature[0]
	}
	if r.Matter != "" {
		c.Also = r.Also
	}
	if r.UnitType != "" {
		c.Units = append([]string{r.UnitType}, r.Also...)
	}
	return c
}

// each calls fn for every line of a JSON Lines file.
func each(name string, fn func(row)) error {
	f, err := os.Open(name)
	if err != nil {
		return errs.E(errs.NotFound, "dispatch.no_file", errs.Args{"file": filepath.Base(name)}).Because(err)
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<20)
	for line := 1; ; line++ {
		b, err := in.ReadBytes('\n')
		if len(b) > 1 {
			var r row
			if err := json.Unmarshal(b, &r); err != nil {
				return errs.E(errs.Invalid, "dispatch.bad_row", errs.Args{"file": filepath.Base(name), "line": line}).Because(err)
			}
			fn(r)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Merge makes one case of several with the same id and the same text: files of
// labels for different tasks overlap. A label that is there already stays.
func Merge(cases []Case) []Case {
	type key struct{ id, text string }
	at := map[key]int{}
	var out []Case
	for _, c := range cases {
		k := key{c.ID, textKey(c.Message)}
		i, ok := at[k]
		if !ok || k.text == "" {
			at[k] = len(out)
			out = append(out, c)
			continue
		}
		o := &out[i]
		if o.Title == "" {
			o.Title = c.Title
		}
		if o.Matter == "" {
			o.Matter, o.Also, o.Checked = c.Matter, c.Also, c.Checked
		}
		if o.Nature == "" {
			o.Nature, o.Natures = c.Nature, c.Natures
		}
		if o.Unit == "" {
			o.Unit, o.Units = c.Unit, c.Units
		}
		if o.Places == nil {
			o.Places = c.Places
		}
		o.Urgency, o.Category, o.Demands = cmp.Or(o.Urgency, c.Urgency), cmp.Or(o.Category, c.Category), max(o.Demands, c.Demands)
	}
	return out
}
