package exchange

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"yiwang/internal/base/errs"
)

// maxLine bounds a line in bytes: a case with a few photographs.
const maxLine = 64 << 20

// Fault is what is wrong with a line.
type Fault struct {
	Line int
	Err  error
}

// Check reads a file to its end without taking anything of it. The fault says the
// line and the reason for which the file as a whole cannot be trusted: it is of
// another kind or version, was cut off, or is not what its sender wrote.
func Check(file io.Reader) (head Head, cases int, fault *Fault, err error) {
	in := lines(file)
	sum := sha256.New()
	n := 0
	wrong := func(key string, args errs.Args) (Head, int, *Fault, error) {
		return head, cases, &Fault{n, errs.E(errs.Invalid, key, args)}, nil
	}
	for {
		line, err := in.next()
		if errors.Is(err, io.EOF) {
			n = max(1, n)
			return wrong("exchange.cut_off", nil)
		}
		n++
		if errs.Is(err, errs.TooLarge) {
			return head, cases, &Fault{n, err}, nil
		}
		if err != nil {
			return head, cases, nil, err
		}
		if n == 1 {
			if json.Unmarshal(line, &head) != nil || head.Version == 0 {
				return wrong("exchange.not_one", nil)
			}
			if head.Version > Version {
				return wrong("exchange.version", errs.Args{"have": head.Version, "know": Version})
			}
			if head.From.Code == "" {
				return wrong("exchange.no_sender", nil)
			}
			sum.Write(line)
			continue
		}
		if foot, ok := footOf(line); ok {
			switch {
			case foot.SHA256 != hex.EncodeToString(sum.Sum(nil)):
				return wrong("exchange.altered", nil)
			case foot.Cases != cases:
				return wrong("exchange.count", errs.Args{"said": foot.Cases, "have": cases})
			}
			if _, err := in.next(); !errors.Is(err, io.EOF) {
				n++
				return wrong("exchange.after_end", nil)
			}
			return head, cases, nil, nil
		}
		sum.Write(line)
		cases++
	}
}

// footOf reads a last line; false where the line is none.
func footOf(line []byte) (f Foot, ok bool) {
	if len(line) > 1000 || !bytes.Contains(line, []byte(`"end"`)) {
		return f, false
	}
	return f, json.Unmarshal(line, &f) == nil && f.End
}

// caseOf reads the line of a case. Error: Invalid.
func caseOf(line []byte) (c Case, err error) {
	if !utf8.Valid(line) {
		return c, errs.E(errs.Invalid, "intake.encoding", nil)
	}
	if err := json.Unmarshal(line, &c); err != nil {
		if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return c, errs.E(errs.Invalid, "exchange.wrong_type", errs.Args{"field": e.Field})
		}
		return c, errs.E(errs.Invalid, "intake.bad_json", nil)
	}
	if c.Number == "" {
		return c, errs.E(errs.Invalid, "exchange.no_number", nil)
	}
	last := 0
	for i := range c.Entries {
		if c.Entries[i].N <= last {
			return c, errs.E(errs.Invalid, "exchange.entries", errs.Args{"n": c.Entries[i].N})
		}
		last = c.Entries[i].N
	}
	return c, nil
}

// lineReader reads lines with their ends, of bounded length.
type lineReader struct{ in *bufio.Reader }

func lines(r io.Reader) *lineReader { return &lineReader{bufio.NewReaderSize(r, 1<<16)} }

// next returns the next line with its line feed. Errors: io.EOF, TooLarge.
func (l *lineReader) next() ([]byte, error) {
	var line []byte
	for {
		part, err := l.in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return nil, errs.E(errs.TooLarge, "intake.long_line", errs.Args{"max": maxLine >> 20})
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		default:
			return line, err
		}
	}
}
