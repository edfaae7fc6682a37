package city

import (
	"yiwang/internal/core/matter"
	"yiwang/internal/core/place"
	"yiwang/internal/core/register"
)

// nameAreas gives every item and field that is an area the areas of the city as its
// options. Whatever shows, offers or checks an option does so with areas too.
func (p *pack) nameAreas(c *City) {
	var items []register.Option
	var options []matter.Option
	for _, level := range []place.Level{place.Community, place.Street, place.District} {
		for _, a := range c.Places.Level(level) {
			called := c.Places.Called(a.Code)
			items = append(items, register.Option{Code: a.Code, Title: called})
			options = append(options, matter.Option{Code: a.Code, Title: called})
		}
	}
	c.Registers.NameAreas(items)
	name := func(fields []matter.Field) {
		for i := range fields {
			if fields[i].Type == matter.AreaRef {
				fields[i].Options = options
			}
		}
	}
	for _, f := range p.matters.Families {
		name(f.Decl.Fields)
	}
	for _, l := range p.matters.Lifecycles {
		for i := range l.Decl.Actions {
			name(l.Decl.Actions[i].Input)
		}
	}
}
