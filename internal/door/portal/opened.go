package portal

// opened shows the figures of the last months and answered cases to everybody.
func (s *Site) opened(v *visit) error {
	o, err := s.office.Opened(v.r.Context())
	if err != nil {
		return err
	}
	type example struct{ About, Where, Unit, Summary heading }
	var examples []example
	for _, e := range o.Cases {
		examples = append(examples, example{declaredText(v.lang, e.About), declaredText(v.lang, e.Where), declaredText(v.lang, e.Unit), declaredText(v.lang, e.Summary)})
	}
	return v.show(200, "open", v.say("open_title", nil), struct {
		AsOf     timeView
		Months   []Month
		Examples any
		Any      bool
	}{v.moment(o.AsOf), o.Months, examples, len(examples) > 0})
}
