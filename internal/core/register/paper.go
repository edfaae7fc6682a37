package register

// The items of a register of certificates. PaperKind is the code of the kind of
// certificate; PaperState says what became of one, PaperValid that it holds and Replaced
// that another has taken its place.
const (
	PaperNumber = "number"
	PaperKind   = "kind"
	PaperIssued = "issued"
	PaperUntil  = "until"
	PaperState  = "state"

	PaperValid = "valid"
	Replaced   = "replaced"
)

// Papers reports whether certificates can be entered into a register: it has their
// items, is found by number, and names somebody whose they are.
func (r *Register) Papers() bool {
	for _, code := range []string{PaperNumber, PaperKind, PaperIssued, PaperUntil, PaperState} {
		if _, ok := r.Item(code); !ok {
			return false
		}
	}
	it, _ := r.Item(PaperNumber)
	return it.Key == "one" && len(r.Holders(nil)) > 0
}

// Holders returns the ways that lead from a subject to the person who acts for it, each
// as items (entity.representative): its own items that name a person, and those of whom
// they name. The book is asked for other registers; nil looks no further.
func (r *Register) Holders(b *Book) []string {
	var out []string
	for i := range r.Items {
		it := &r.Items[i]
		if !it.Acts {
			continue
		}
		if b == nil {
			out = append(out, it.Code)
			continue
		}
		of := b.Find(it.Of)
		if of == nil {
			continue
		}
		deeper := false
		for j := range of.Items {
			if next := &of.Items[j]; next.Acts && next.Of != of.Code && of.Code != next.Of {
				out, deeper = append(out, it.Code+"."+next.Code), true
			}
		}
		if !deeper {
			out = append(out, it.Code)
		}
	}
	return out
}
