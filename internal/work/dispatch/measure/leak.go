package measure

import (
	"yiwang/internal/base/errs"
	"yiwang/internal/base/textzh"
	"yiwang/internal/work/dispatch"
)

// textKey is what a text is known by across files.
func textKey(m dispatch.Message) string {
	if m.Text == "" {
		return textzh.Key(m.Title)
	}
	return textzh.Key(m.Text)
}

// tolerated is the share of a test that may be refused before the whole test is:
// beyond it the two files were not parted with care.
const tolerated = 0.02

// Refuse returns the test messages that do not also stand in the training data,
// by id or by normalised text, and how many do: to answer those is memory, not
// judgement. Where they are more than two in a hundred it refuses the test.
func Refuse(train, test []Case) (clean []Case, refused int, err error) {
	ids, texts := map[string]bool{}, map[string]bool{}
	for _, c := range train {
		if c.ID != "" {
			ids[c.ID] = true
		}
		if k := textKey(c.Message); k != "" {
			texts[k] = true
		}
	}
	example := ""
	for _, c := range test {
		if c.ID != "" && ids[c.ID] || texts[textKey(c.Message)] {
			refused++
			example = c.ID
			continue
		}
		clean = append(clean, c)
	}
	if float64(refused) > tolerated*float64(len(test)) {
		return nil, refused, errs.E(errs.Invalid, "dispatch.leak", errs.Args{"count": refused, "example": example})
	}
	return clean, refused, nil
}

// Without returns the texts that are not in the test, for use as unlabelled
// material: a text of the test must not be seen in training even without label.
func Without(texts, test []Case) []Case {
	ids, keys, titles := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range test {
		ids[c.ID], keys[textKey(c.Message)] = true, true
		titles[textzh.Key(c.Title)] = true
	}
	delete(ids, "")
	delete(titles, "")
	var out []Case
	for _, c := range texts {
		k := textKey(c.Message)
		if k == "" || ids[c.ID] || keys[k] || titles[k] || titles[textzh.Key(c.Title)] {
			continue
		}
		out = append(out, c)
	}
	return out
}

// apart returns the training cases without those that are a title alone and the
// title of a test message: a title gives its message away.
func apart(train, test []Case) []Case {
	titles := map[string]bool{}
	for _, c := range test {
		if c.Title != "" {
			titles[textzh.Key(c.Title)] = true
		}
	}
	var out []Case
	for _, c := range train {
		if c.Text != "" || !titles[textzh.Key(c.Title)] {
			out = append(out, c)
		}
	}
	return out
}
