package city

import (
	"slices"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/core/matter"
)

// issue checks that whoever issues a certificate has what it says: each of its
// fields is asked by the action or by every family that lives by the lifecycle.
func (k *checker) issue(l *matter.Lifecycle, a *matter.ActionDecl, code string, at decl.Pos) {
	kind := k.c.Vouchers.Find(code)
	if kind == nil {
		return // a plain voucher of what the case holds
	}
	if kind.CopyOf != "" && k.c.Vouchers.Find(kind.CopyOf) == nil {
		k.Report(k.p.vouchers.Docs[code].At("copy_of"), "check.unknown_voucher", errs.Args{"voucher": kind.CopyOf})
	}
	var wanted []string
	for _, f := range kind.Fields {
		if f.Fixed == "" {
			wanted = append(wanted, f.Source())
		}
	}
	for _, name := range []string{kind.Holder.Name, kind.Holder.Number, kind.Until} {
		if name != "" {
			wanted = append(wanted, name)
		}
	}
	for _, f := range k.p.matters.Families {
		if f.Decl.Lifecycle != l.Code {
			continue
		}
		for _, name := range wanted {
			has := func(fields []matter.Field) bool {
				return slices.ContainsFunc(fields, func(x matter.Field) bool { return x.Code == name })
			}
			if !has(a.Input) && !has(f.Decl.Fields) {
				k.Report(at, "check.voucher_field", errs.Args{"voucher": kind.Title, "field": name, "family": f.Decl.Title})
			}
		}
	}
}
