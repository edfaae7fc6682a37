package errs

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Kind says what sort of failure it is, independent of the room it came from.
type Kind uint8

// The kinds, from the least to the most specific. The zero value is Internal:
// an error that nobody classified must not reach a person as if it were safe.
const (
	Internal        Kind = iota // a defect or an unexpected state; the text is hidden
	Invalid                     // the input is wrong; the person can mend it
	NotFound                    // the thing named does not exist, or not for this person
	Unauthenticated             // nobody is signed in
	Forbidden                   // signed in, but not allowed
	Conflict                    // somebody else changed it first, or the state does not admit it
	Exists                      // it is there already
	TooMany                     // slow down: a limit on tries or on load
	TooLarge                    // over a stated size
	Unavailable                 // a part that is needed cannot be reached now; try again
)

var kindNames = [...]string{
	"internal", "invalid", "not_found", "unauthenticated", "forbidden",
	"conflict", "exists", "too_many", "too_large", "unavailable",
}

// String returns the kind's name as it appears in problem documents and logs.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "internal"
}

// Args fills the placeholders of a catalogue text. Values are shown to people:
// never put a personal value here.
type Args map[string]any

// Error is a failure with a kind and a text that is safe to show.
type Error struct {
	Kind  Kind
	Key   string // key into the text catalogue, e.g. "cases.action_not_open"
	Args  Args   // placeholders of that text
	Field string // which input was wrong, "" where it is the whole
	Err   error  // the cause, for the log only; may be nil
}

// E makes an Error of a kind with the catalogue key of its text.
func E(kind Kind, key string, args Args) *Error {
	return &Error{Kind: kind, Key: key, Args: args}
}

// Because returns a copy of e that carries the cause err.
func (e *Error) Because(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// At returns a copy of e that names the input field that was wrong.
func (e *Error) At(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// Error returns a text for logs: kind, key, arguments, cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Kind.String())
	b.WriteString(": ")
	b.WriteString(e.Key)
	if e.Field != "" {
		b.WriteString(" at " + e.Field)
	}
	names := make([]string, 0, len(e.Args))
	for n := range e.Args {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		fmt.Fprintf(&b, " %s=%v", n, e.Args[n])
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the first Error in err's chain, Internal if none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is of kind k.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }

// Wrap adds context to *errp on return, for the log: which call, with which
// (non-personal) arguments. Use it deferred on the first line of a function.
func Wrap(errp *error, format string, args ...any) {
	if *errp != nil {
		*errp = fmt.Errorf(format+": %w", append(args, *errp)...)
	}
}
