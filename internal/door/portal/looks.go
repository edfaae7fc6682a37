package portal

import "yiwang/internal/base/errs"

// looks tells the appellant of the open case who opened their personal data, and why.
func (s *Site) looks(v *visit) error {
	id, ok := s.signedCookie(v.r, cookieCase)
	if !ok {
		return v.goTo("/track")
	}
	p, err := s.office.Look(v.ctx(), id)
	if errs.Is(err, errs.NotFound) {
		return s.leaveCase(v)
	}
	if err != nil {
		return err
	}
	all, err := s.office.Looks(v.ctx(), id)
	if err != nil {
		return err
	}
	type look struct {
		At                  timeView
		Unit, Role, Purpose heading
	}
	list := make([]look, len(all))
	for i, g := range all {
		list[i] = look{v.moment(g.At), declaredText(v.lang, g.Unit), declaredText(v.lang, g.Role), declaredText(v.lang, g.Purpose)}
	}
	return v.show(200, "looks", v.say("looks_title", nil), struct {
		Number string
		List   []look
	}{p.Number, list})
}
