package discreet

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"yiwang/internal/base/textzh"
)

// Hidden stands in a log where something was left out.
const Hidden = "…"

var (
	// Libraries quote the value they fail on, and quote little else.
	quoted = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"?|`[^`]*`?|“[^”]*”?|(^|[^\\pL])'[^']*'")
	// The program says everything of its own in ASCII; what is not was somebody's.
	foreign = regexp.MustCompile(`[^\x00-\x7f]+`)
	// What follows ? in an address.
	query = regexp.MustCompile(`\?[^\s]+`)
	// Sessions, keys, query codes and tokens are longer than words and mix letters with
	// digits. Identifiers of cases are too, and open nothing.
	word   = regexp.MustCompile(`[A-Za-z0-9_-]{8,}`)
	ulid   = regexp.MustCompile(`^0[0-9A-HJKMNP-TV-Z]{25}$`)
	digit  = regexp.MustCompile(`[0-9]`)
	letter = regexp.MustCompile(`[A-Za-z]`)
	// A version, a day, a place in memory: short, or of a form that no code has.
	harmless = regexp.MustCompile(`^(0x[0-9a-f]+|[0-9]{4}-[0-9]{2}-[0-9]{2}[T0-9-]*|[0-9]+(\.[0-9]+)?(ns|ms|us|s|m|h)?|[a-z]+[0-9]{0,2}([_-][a-z]+[0-9]{0,2})*)$`)
	// Telephone, identity and card numbers of any length, with or without a country.
	number = regexp.MustCompile(`\+?[0-9][0-9 -]{5,}[0-9Xx]`)
)

// Clean returns a text without what may be personal in it: quoted values, everything
// that is not ASCII, addresses of letters, long numbers, codes and tokens.
func Clean(s string) string {
	if plain(s) || ulid.MatchString(s) {
		return s
	}
	s = quoted.ReplaceAllString(s, `$1"`+Hidden+`"`)
	s = textzh.Mask(s)
	s = foreign.ReplaceAllString(s, Hidden)
	s = query.ReplaceAllString(s, "?"+Hidden)
	s = number.ReplaceAllStringFunc(s, func(n string) string {
		if harmless.MatchString(n) && len(n) != 11 && len(n) < 15 {
			return n
		}
		return Hidden
	})
	return word.ReplaceAllStringFunc(s, func(w string) string {
		if ulid.MatchString(w) || harmless.MatchString(w) || !digit.MatchString(w) || !letter.MatchString(w) {
			return w
		}
		return Hidden
	})
}

// plain reports whether a text has nothing in it that the patterns could find, as most
// that the program says itself: they all look for digits, quotes, @, ? or what is not ASCII.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		case c == ' ', c == '/', c == '{', c == '}', c == '_', c == '-', c == '.', c == ',', c == ':':
		default:
			return false
		}
	}
	return true
}

// Handler returns a handler that hands on to next what Clean leaves of each record.
// Numbers, times and truths pass as they are.
func Handler(next slog.Handler) slog.Handler {
	if h, ok := next.(handler); ok {
		return h
	}
	return handler{next}
}

type handler struct{ next slog.Handler }

// Enabled reports what next says.
func (h handler) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

// Handle cleans a record and hands it on.
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, Clean(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(clean(a))
		return true
	})
	return h.next.Handle(ctx, out)
}

// WithAttrs cleans what every record will carry.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	cleaned := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		cleaned[i] = clean(a)
	}
	return handler{h.next.WithAttrs(cleaned)}
}

// WithGroup opens a group.
func (h handler) WithGroup(name string) slog.Handler { return handler{h.next.WithGroup(name)} }

func clean(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindInt64, slog.KindUint64, slog.KindTime:
		return slog.Attr{Key: a.Key, Value: v}
	case slog.KindGroup:
		group := make([]slog.Attr, 0, len(v.Group()))
		for _, m := range v.Group() {
			group = append(group, clean(m))
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(group...)}
	case slog.KindString:
		return slog.String(a.Key, Clean(v.String()))
	}
	switch x := v.Any().(type) {
	case error:
		return slog.String(a.Key, Clean(x.Error()))
	case time.Time:
		return slog.Time(a.Key, x)
	default:
		return slog.String(a.Key, Clean(fmt.Sprint(x)))
	}
}
