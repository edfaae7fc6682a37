package city

import (
	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
)

// check reports everything that the parts of a pack say about each other and that
// does not hold. What a file says wrongly by itself its reader has reported.
func (p *pack) check(d *decl.Dir, c *City) {
	p.checkCity(d)
	if c.Places != nil {
		p.ground.Check(d, c.Places)
	}
}

// checkCity checks city.yaml.
func (p *pack) checkCity(d *decl.Dir) {
	for key, value := range map[string]string{"code": p.file.Code, "name": p.file.Name, "title": p.file.Title, "number_prefix": p.file.NumberPrefix} {
		if value == "" {
			d.Report(p.doc.At(key), "check.empty", errs.Args{"key": key})
		}
	}
	if _, ok := p.org.UnitAt[p.file.Centre]; !ok {
		d.Report(p.doc.At("centre"), "check.no_centre", errs.Args{"unit": p.file.Centre})
	}
}
