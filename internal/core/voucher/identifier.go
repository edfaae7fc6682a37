package voucher

import (
	"regexp"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/idnumber"
)

// identifierRoot is the object identifier under which GB/T 36904-2018 puts the
// identifiers of all electronic certificates.
const identifierRoot = "1.2.156.3005.2."

// Identifier is the number of an electronic certificate (GB/T 36904-2018).
type Identifier struct {
	Type    string // of certificate: the credit code of who defines it and 3 digits
	Issuer  string // code of who issued it: a credit code, or a division code
	Serial  string // digits and capitals, as the issuer numbers
	Version string // 3 digits, 001 for the first
}

var (
	typeForm    = regexp.MustCompile(`^[0-9A-Z]{18}[0-9]{3}$`)
	issuerForm  = regexp.MustCompile(`^([0-9]{6}|[0-9A-Z]{18})$`)
	serialForm  = regexp.MustCompile(`^[0-9A-Z]{1,32}$`)
	versionForm = regexp.MustCompile(`^[0-9]{3}$`)
)

// parts returns the parts in their order.
func (n Identifier) parts() []string { return []string{n.Type, n.Issuer, n.Serial, n.Version} }

// String returns the identifier with its root and check character.
func (n Identifier) String() string {
	check, _ := idnumber.Mod37(strings.Join(n.parts(), ""))
	return identifierRoot + strings.Join(append(n.parts(), string(check)), ".")
}

func (n Identifier) check() error {
	if !typeForm.MatchString(n.Type) || !issuerForm.MatchString(n.Issuer) || !serialForm.MatchString(n.Serial) || !versionForm.MatchString(n.Version) {
		return errs.E(errs.Invalid, "voucher.identifier_form", nil)
	}
	return nil
}

// ParseIdentifier reads a certificate's number, with its root or without. Errors:
// Invalid "voucher.identifier_form", "voucher.identifier_check".
func ParseIdentifier(s string) (Identifier, error) {
	p := strings.Split(strings.TrimPrefix(idnumber.Plain(s), identifierRoot), ".")
	if len(p) != 5 {
		return Identifier{}, errs.E(errs.Invalid, "voucher.identifier_form", nil)
	}
	n := Identifier{Type: p[0], Issuer: p[1], Serial: p[2], Version: p[3]}
	if err := n.check(); err != nil {
		return Identifier{}, err
	}
	if check, _ := idnumber.Mod37(strings.Join(n.parts(), "")); p[4] != string(check) {
		return Identifier{}, errs.E(errs.Invalid, "voucher.identifier_check", nil)
	}
	return n, nil
}
