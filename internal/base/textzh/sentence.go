package textzh

import "strings"

// Span is a piece of a text: bytes [From, To).
type Span struct{ From, To int }

// Of returns the piece of s.
func (p Span) Of(s string) string { return s[p.From:p.To] }

// Sentences splits a text after 。！？；… and at line ends, and returns the
// pieces that say something, without white space around them. The spans lie in
// order and never overlap; closing quotes stay with the sentence they end.
func Sentences(s string) []Span {
	var out []Span
	from, ended := 0, false
	flush := func(to int) {
		piece := s[from:to]
		if Key(piece) != "" {
			left := len(piece) - len(strings.TrimLeft(piece, " \t\r\n　"))
			out = append(out, Span{from + left, from + len(strings.TrimRight(piece, " \t\r\n　"))})
		}
		from, ended = to, false
	}
	for i, r := range s {
		closing := strings.ContainsRune("。！？；!?;…”’」』）)\"", r)
		if ended && !closing {
			flush(i)
		}
		if r == '\n' {
			flush(i)
			continue
		}
		if strings.ContainsRune("。！？；!?;…", r) {
			ended = true
		}
	}
	flush(len(s))
	return out
}
