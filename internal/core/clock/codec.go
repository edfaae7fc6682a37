package clock

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"yiwang/internal/base/calendar"
)

// Parse reads a clock from its JSON, as json.Unmarshal does. Every step on a case reads
// all its clocks: what Text writes is read in one pass, and anything else the long way.
func Parse(doc string) (c Clock, err error) {
	p := parser{s: doc}
	if p.members(func(name string) { p.clock(&c, name) }); !p.odd && p.i == len(doc) {
		return c, nil
	}
	c = Clock{}
	return c, json.Unmarshal([]byte(doc), &c)
}

// parser reads JSON without spaces, escapes, fractions and null; odd says that it met
// something else.
type parser struct {
	s   string
	i   int
	odd bool
}

func (p *parser) clock(c *Clock, name string) {
	switch name {
	case "code":
		c.Code = p.text()
	case "round":
		c.Round = int(p.int())
	case "variant":
		c.Variant = p.text()
	case "of":
		c.Of = p.text()
	case "rule_set":
		c.RuleSet = p.text()
	case "rule_version":
		c.RuleVersion = p.text()
	case "limit":
		var err error
		if c.Limit, err = ParseLimit(p.text()); err != nil {
			p.odd = true
		}
	case "mode":
		c.Mode = Mode(p.text())
	case "warn_at":
		p.odd = p.odd || c.WarnAt != nil
		c.WarnAt = []int{}
		p.list(func() { c.WarnAt = append(c.WarnAt, int(p.int())) })
	case "then":
		c.Then = p.text()
	case "pausable":
		c.Pausable = p.bool()
	case "due_at":
		c.DueAt = p.int()
	case "marks":
		p.odd = p.odd || c.Marks != nil // encoding/json leaves of the first what the second does not say
		c.Marks = []Mark{}
		p.list(func() { c.Marks = append(c.Marks, p.mark()) })
	case "undeclared":
		c.Undeclared = calendar.Undeclared(p.int())
	case "started_at":
		c.StartedAt = p.int()
	case "started_by":
		c.StartedBy = int(p.int())
	case "warned_pct":
		c.WarnedPct = int(p.int())
	case "state":
		c.State = State(p.text())
	case "breached":
		c.Breached = p.bool()
	case "paused_at":
		c.PausedAt = p.int()
	case "paused_total":
		c.PausedTotal = p.int()
	case "stopped_at":
		c.StoppedAt = p.int()
	case "late":
		c.Late = p.int()
	default:
		p.odd = true
	}
}

func (p *parser) mark() (m Mark) {
	p.members(func(name string) {
		switch name {
		case "pct":
			m.Pct = int(p.int())
		case "at":
			m.At = p.int()
		default:
			p.odd = true
		}
	})
	return m
}

// next takes a byte where it stands next.
func (p *parser) next(b byte) bool {
	if p.i < len(p.s) && p.s[p.i] == b {
		p.i++
		return true
	}
	return false
}

func (p *parser) want(b byte) {
	if !p.next(b) {
		p.odd = true
	}
}

// members reads an object; read takes the value of each member.
func (p *parser) members(read func(name string)) {
	p.want('{')
	for first := true; !p.odd && !p.next('}'); first = false {
		if !first {
			p.want(',')
		}
		name := p.text()
		p.want(':')
		if !p.odd {
			read(name)
		}
	}
}

func (p *parser) list(read func()) {
	p.want('[')
	for first := true; !p.odd && !p.next(']'); first = false {
		if !first {
			p.want(',')
		}
		if !p.odd {
			read()
		}
	}
}

func (p *parser) text() string {
	p.want('"')
	from := p.i
	for ; p.i < len(p.s); p.i++ {
		switch b := p.s[p.i]; {
		case b == '"':
			s := p.s[from:p.i]
			p.i++
			if !utf8.ValidString(s) {
				p.odd = true
			}
			return s
		case b == '\\', b < ' ':
			p.odd = true
			return ""
		}
	}
	p.odd = true
	return ""
}

func (p *parser) int() int64 {
	from := p.i
	p.next('-')
	digits := p.i
	for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
		p.i++
	}
	n, err := strconv.ParseInt(p.s[from:p.i], 10, 64)
	if err != nil || p.s[digits] == '0' && p.i > digits+1 {
		p.odd = true
	}
	return n
}

func (p *parser) bool() bool {
	rest := p.s[p.i:]
	switch {
	case strings.HasPrefix(rest, "true"):
		p.i += len("true")
		return true
	case strings.HasPrefix(rest, "false"):
		p.i += len("false")
	default:
		p.odd = true
	}
	return false
}

// Text returns the clock's JSON, as json.Marshal writes it.
func (c *Clock) Text() string {
	b := make([]byte, 0, 512)
	text := func(name, v string) {
		b = append(append(b, name...), quote(v)...)
	}
	some := func(name, v string) {
		if v != "" {
			text(name, v)
		}
	}
	number := func(name string, n int64) {
		b = strconv.AppendInt(append(b, name...), n, 10)
	}
	count := func(name string, n int64) {
		if n != 0 {
			number(name, n)
		}
	}
	truth := func(name string, v bool) {
		if v {
			b = append(append(b, name...), "true"...)
		}
	}
	text(`{"code":`, c.Code)
	number(`,"round":`, int64(c.Round))
	some(`,"variant":`, c.Variant)
	some(`,"of":`, c.Of)
	some(`,"rule_set":`, c.RuleSet)
	some(`,"rule_version":`, c.RuleVersion)
	text(`,"limit":`, c.Limit.String())
	text(`,"mode":`, string(c.Mode))
	for i, pct := range c.WarnAt {
		number(head(i, `,"warn_at":[`), int64(pct))
	}
	if len(c.WarnAt) > 0 {
		b = append(b, ']')
	}
	some(`,"then":`, c.Then)
	truth(`,"pausable":`, c.Pausable)
	number(`,"due_at":`, c.DueAt)
	for i, m := range c.Marks {
		number(head(i, `,"marks":[`)+`{"pct":`, int64(m.Pct))
		number(`,"at":`, m.At)
		b = append(b, '}')
	}
	if len(c.Marks) > 0 {
		b = append(b, ']')
	}
	count(`,"undeclared":`, int64(c.Undeclared))
	number(`,"started_at":`, c.StartedAt)
	number(`,"started_by":`, int64(c.StartedBy))
	count(`,"warned_pct":`, int64(c.WarnedPct))
	text(`,"state":`, string(c.State))
	truth(`,"breached":`, c.Breached)
	count(`,"paused_at":`, c.PausedAt)
	count(`,"paused_total":`, c.PausedTotal)
	count(`,"stopped_at":`, c.StoppedAt)
	count(`,"late":`, c.Late)
	return string(append(b, '}'))
}

// head is what stands before the i-th of a list.
func head(i int, first string) string {
	if i == 0 {
		return first
	}
	return ","
}

// quote writes a text for JSON.
func quote(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			raw, err := json.Marshal(s)
			if err != nil {
				return `""` // a string always encodes
			}
			return string(raw)
		}
	}
	return `"` + s + `"`
}
