package city

import (
	"slices"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/voucher"
)

// issue checks that whoever issues a certificate has what it says: each of its
// fields is asked by the action or by every family that lives by the lifecycle.
func (k *checker) issue(l *matter.Lifecycle, a *matter.ActionDecl, word string, at decl.Pos) {
	for _, f := range k.p.matters.Families {
		if f.Decl.Lifecycle != l.Code {
			continue
		}
		kind := k.c.Vouchers.Find(k.c.VoucherKind(f.Decl, word))
		if kind == nil {
			continue // a plain voucher of what the case holds, or none
		}
		if kind.CopyOf != "" && k.c.Vouchers.Find(kind.CopyOf) == nil {
			k.Report(k.p.vouchers.At[kind.Code]("copy_of"), "check.unknown_voucher", errs.Args{"voucher": kind.CopyOf})
		}
		if word == matter.ResultWord || word == matter.CopyWord {
			at = f.Doc.At("result")
		}
		for _, name := range wanted(kind) {
			has := func(fields []matter.Field) bool {
				return slices.ContainsFunc(fields, func(x matter.Field) bool { return x.Code == name })
			}
			if !has(a.Input) && !has(f.Decl.Fields) {
				k.Report(at, "check.voucher_field", errs.Args{"voucher": kind.Title, "field": name, "family": f.Decl.Title})
			}
		}
	}
}

// wanted returns the fields of the case that a certificate takes its lines from.
func wanted(kind *voucher.Kind) []string {
	var names []string
	for _, f := range kind.Fields {
		if f.Fixed == "" {
			names = append(names, f.Source())
		}
	}
	for _, name := range []string{kind.Holder.Name, kind.Holder.Number, kind.Until, kind.Renews} {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

// papers checks that the kinds which are entered into a register can be.
func (k *checker) papers() {
	for _, kind := range k.c.Vouchers.Kinds() {
		if r := k.c.Registers.Find(kind.Register); kind.Register != "" && (r == nil || !r.Papers()) {
			k.Report(k.p.vouchers.At[kind.Code]("register"), "check.voucher_register", errs.Args{"voucher": kind.Title, "register": kind.Register})
		}
	}
}
