package textzh

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// What is masked wherever it stands in a text: identity numbers, mobile numbers,
// long card numbers and e-mail addresses. Fixed lines and short service numbers
// stay, since they mostly belong to offices.
var (
	identity = regexp.MustCompile(`\b([0-9]{3})[0-9]{11}([0-9]{3}[0-9Xx])\b|\b([0-9]{3})[0-9]{8}([0-9]{4})\b`)
	mobile   = regexp.MustCompile(`(^|[^0-9])(1[3-9][0-9])[0-9]{4}([0-9]{4})([^0-9]|$)`)
	card     = regexp.MustCompile(`(^|[^0-9])([0-9]{4})[0-9]{8,11}([0-9]{4})([^0-9]|$)`)
	email    = regexp.MustCompile(`([A-Za-z0-9])[A-Za-z0-9._%+-]*@([A-Za-z0-9.-]+\.[A-Za-z]{2,})`)
)

// Mask replaces the middle of personal numbers in a text by asterisks, after the
// usual forms: 138****5678, 440***********1234.
func Mask(s string) string {
	if !strings.ContainsAny(s, "0123456789@") {
		return s
	}
	s = each(mobile, s, "${1}${2}****${3}${4}")
	s = identity.ReplaceAllStringFunc(s, func(m string) string {
		return m[:3] + strings.Repeat("*", len(m)-7) + m[len(m)-4:]
	})
	s = each(card, s, "${1}${2}********${3}${4}")
	return each(email, s, "${1}***@${2}")
}

// each replaces every match of a pattern that takes in what stands around a number: of
// two with one character between, the second is only found when the first is gone.
func each(pattern *regexp.Regexp, s, by string) string {
	for {
		next := pattern.ReplaceAllString(s, by)
		if next == s {
			return s
		}
		s = next
	}
}

// MaskName keeps the first character of a name: 张**.
func MaskName(s string) string {
	s = strings.TrimSpace(s)
	r, _ := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError {
		return ""
	}
	return string(r) + "**"
}

// MaskPhone keeps the first three and last four digits: 138****5678.
func MaskPhone(s string) string {
	s = strings.TrimSpace(s)
	if len(s) < 8 {
		return strings.Repeat("*", len(s))
	}
	return s[:3] + strings.Repeat("*", len(s)-7) + s[len(s)-4:]
}
