package apply

import (
	"slices"

	"yiwang/internal/core/matter"
	"yiwang/internal/core/voucher"
)

// Handed is what somebody has handed in for a material.
type Handed struct {
	Files       bool   // files came with it
	Certificate string // number of the certificate that stands in for it, "" none
	Later       bool   // promised for later
	Seen        bool   // seen at a window, the original stays with its owner
}

// Lack is a material that an application wants.
type Lack struct {
	Code  string
	Title string
	Why   string // key of the sentence that says what can be done
}

// Lacks returns what is still wanted before an application may be filed.
func Lacks(s *matter.Service, handed map[string]Handed) []Lack {
	if s == nil {
		return nil
	}
	var out []Lack
	for i := range s.Materials {
		m := &s.Materials[i]
		h := handed[m.Code]
		if m.Optional || m.Commit || m.Item != "" || m.Source == "government" || h.Files || h.Seen || h.Certificate != "" || h.Later && m.Defer {
			continue
		}
		why := "mend_material"
		switch {
		case m.Defer:
			why = "mend_material_later"
		case m.Replaces != "":
			why = "mend_material_certificate"
		}
		out = append(out, Lack{m.Code, m.Title, why})
	}
	return out
}

// Replacing returns the certificate among those of a holder that stands in for a
// material now: valid, of the right kind, the newest.
func Replacing(m *matter.Material, held []voucher.Held, now int64) (voucher.Held, bool) {
	best := -1
	for i := range held {
		h := &held[i]
		if h.Kind != m.Replaces || m.Replaces == "" || h.State != voucher.Valid || h.Over(now) {
			continue
		}
		if best < 0 || h.IssuedAt > held[best].IssuedAt {
			best = i
		}
	}
	if best < 0 {
		return voucher.Held{}, false
	}
	return held[best], true
}

// Deferred returns the codes of the materials that were promised for later, in order.
func Deferred(s *matter.Service, handed map[string]Handed) []string {
	var out []string
	if s == nil {
		return nil
	}
	for i := range s.Materials {
		if h := handed[s.Materials[i].Code]; h.Later && !h.Files && h.Certificate == "" {
			out = append(out, s.Materials[i].Code)
		}
	}
	slices.Sort(out)
	return out
}

// Spared returns how many materials of an item's list the applicant did not have to hand
// in: those that are always wanted, less what came, was seen or is to come later.
func Spared(s *matter.Service, handed map[string]Handed) int {
	if s == nil {
		return 0
	}
	n := 0
	for i := range s.Materials {
		m := &s.Materials[i]
		h := handed[m.Code]
		if !m.Optional && !h.Files && !h.Seen && !(h.Later && h.Certificate == "") {
			n++
		}
	}
	return n
}
