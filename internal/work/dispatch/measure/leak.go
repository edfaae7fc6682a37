package measure

import (
	"yiwang/internal/base/errs"
	"yiwang/internal/base/textzh"
	"yiwang/internal/work/dispatch"
)

// idKey is what an id and a text are known by across files.
func textKey(m dispatch.Message) string {
	if m.Text == "" {
		return textzh.Key(m.Title)
	}
	return textzh.Key(m.Text)
}

// Leaks refuses a test of which a message also stands in the training data, by
// id or by normalised text: such a test measures memory, not judgement.
func Leaks(train, test []Case) error {
	ids, texts := map[string]bool{}, map[string]bool{}
	for _, c := range train {
		if c.ID != "" {
			ids[c.ID] = true
		}
		if k := textKey(c.Message); k != "" {
			texts[k] = true
		}
	}
	n, example := 0, ""
	for _, c := range test {
		if c.ID != "" && ids[c.ID] || texts[textKey(c.Message)] {
			n++
			example = c.ID
		}
	}
	if n > 0 {
		return errs.E(errs.Invalid, "dispatch.leak", errs.Args{"count": n, "example": example})
	}
	return nil
}

// Without returns the texts that are not in the test, for use as unlabelled
// material: a text of the test must not be seen in training even without label.
func Without(texts, test []Case) []dispatch.Message {
	ids, keys, titles := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range test {
		ids[c.ID], keys[textKey(c.Message)] = true, true
		titles[textzh.Key(c.Title)] = true
	}
	delete(ids, "")
	delete(titles, "")
	var out []dispatch.Message
	for _, c := range texts {
		k := textKey(c.Message)
		if k == "" || ids[c.ID] || keys[k] || titles[k] || titles[textzh.Key(c.Title)] {
			continue
		}
		out = append(out, c.Message)
	}
	return out
}
