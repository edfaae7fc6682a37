package brief

import (
	"context"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/work/view"
)

// mostPublic bounds what the public page shows.
const mostPublic = 30

// Public returns the answered cases that published issues for the public chose, the
// latest first, with the words that somebody wrote for them: the headline of a case
// is its appellant's and is never shown.
func (d *Desk) Public(ctx context.Context) (out []Chosen, err error) {
	defer errs.Wrap(&err, "brief.Public")
	by := org.Machine("brief")
	seen := map[string]bool{}
	page, err := d.View.List(ctx, by, view.Query{Family: Family, Sort: view.ByFiled, Limit: view.MaxPage})
	if err != nil {
		return nil, err
	}
	for _, r := range page.Rows {
		if !strings.Contains(r.Data, `"`+Open+`"`) || r.State != "published" && r.Result == "" {
			continue
		}
		i, err := d.Read(ctx, by, r.ID)
		if err != nil {
			return nil, err
		}
		for _, c := range i.Chosen {
			if i.Kind == Open && i.Serial > 0 && c.Summary != "" && Answered(&c.Case) && !seen[c.Case.ID] && len(out) < mostPublic {
				seen[c.Case.ID] = true
				out = append(out, c)
			}
		}
	}
	return out, nil
}

// Answered reports whether a case has an answer that stands.
func Answered(c *cases.Case) bool { return c.Result != "" || c.State == "answered" }
