package idnumber

import (
	"strings"
	"time"

	"yiwang/internal/base/errs"
)

// Person is what a citizen's identity number says by itself.
type Person struct {
	Area  string    // division of the first registration, 6 digits (GB/T 2260)
	Birth time.Time // midnight UTC of the birthday
	Male  bool
}

var (
	citizenWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	creditWeights  = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}
)

const (
	citizenChecks = "10X98765432"
	creditDigits  = "0123456789ABCDEFGHJKLMNPQRTUWXY" // GB 32100: without I O S V Z
	alphanumeric  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// Plain returns a number as its check wants it: without spaces, in capitals.
func Plain(s string) string {
	return strings.ToUpper(strings.Join(strings.Fields(s), ""))
}

// Citizen reads an identity number of 18 characters. Errors: Invalid
// "idnumber.citizen_form", "idnumber.citizen_birth", "idnumber.citizen_check".
func Citizen(s string) (Person, error) {
	if len(s) != 18 || strings.Trim(s[:17], "0123456789") != "" || s[0] == '0' {
		return Person{}, errs.E(errs.Invalid, "idnumber.citizen_form", nil)
	}
	birth, err := time.Parse("20060102", s[6:14])
	if err != nil || birth.Year() < 1850 {
		return Person{}, errs.E(errs.Invalid, "idnumber.citizen_birth", errs.Args{"birth": s[6:14]})
	}
	if s[17] != CitizenCheck(s[:17]) {
		return Person{}, errs.E(errs.Invalid, "idnumber.citizen_check", nil)
	}
	return Person{Area: s[:6], Birth: birth, Male: s[16]&1 == 1}, nil
}

// CitizenCheck returns the check character for the first 17 digits of an identity
// number (GB 11643, ISO 7064 MOD 11-2).
func CitizenCheck(first17 string) byte {
	sum := 0
	for i, w := range citizenWeights {
		sum += int(first17[i]-'0') * w
	}
	return citizenChecks[sum%11]
}

// Credit checks a unified social credit code of 18 characters. Errors: Invalid
// "idnumber.credit_form"; "idnumber.credit_check", which a reader may choose to
// doubt only, since some of the first real codes fail it.
func Credit(s string) error {
	if len(s) != 18 || strings.Trim(s, creditDigits) != "" || strings.Trim(s[2:8], "0123456789") != "" {
		return errs.E(errs.Invalid, "idnumber.credit_form", nil)
	}
	if s[17] != CreditCheck(s[:17]) {
		return errs.E(errs.Invalid, "idnumber.credit_check", nil)
	}
	return nil
}

// CreditCheck returns the check character for the first 17 characters of a credit
// code, which are all among those of GB 32100.
func CreditCheck(first17 string) byte {
	sum := 0
	for i, w := range creditWeights {
		sum += strings.IndexByte(creditDigits, first17[i]) * w
	}
	return creditDigits[(31-sum%31)%31]
}

// Mod37 returns the check character of ISO/IEC 7064 MOD 37,36 over digits and
// capital letters; false where s has any other character or none at all.
func Mod37(s string) (byte, bool) {
	const m = 36
	p := m
	for i := range len(s) {
		v := strings.IndexByte(alphanumeric, s[i])
		if v < 0 {
			return 0, false
		}
		p = (p + v) % m
		if p == 0 {
			p = m
		}
		p = p * 2 % (m + 1)
	}
	return alphanumeric[(m+1-p)%m], s != ""
}
