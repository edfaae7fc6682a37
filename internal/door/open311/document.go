package open311

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strconv"
)

// document is an answer in the one form from which both XML and JSON are
// written, so that they cannot say different things. JSON follows the Spark
// convention that GeoReport v2 names: the root's name is dropped, a list is a bare
// array, an empty element is null.
type document struct {
	root string
	v    any // object, list, string, bool, int, float64 or nil
}

// object is an element with named parts, in order.
type object []part

type part struct {
	name string
	v    any
}

// list is an element with parts of one name.
type list struct {
	item string
	of   []any
}

// xml returns the document with its declaration.
func (d document) xml() []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	writeXML(&b, d.root, d.v)
	b.WriteByte('\n')
	return b.Bytes()
}

func writeXML(b *bytes.Buffer, name string, v any) {
	switch v := v.(type) {
	case object:
		fmt.Fprintf(b, "<%s>", name)
		for _, p := range v {
			writeXML(b, p.name, p.v)
		}
	case list:
		fmt.Fprintf(b, "<%s>", name)
		for _, x := range v.of {
			writeXML(b, v.item, x)
		}
	default:
		text := scalar(v)
		if text == "" {
			fmt.Fprintf(b, "<%s/>", name)
			return
		}
		fmt.Fprintf(b, "<%s>", name)
		// A buffer takes everything; what XML cannot hold becomes U+FFFD.
		_ = xml.EscapeText(b, []byte(text))
	}
	fmt.Fprintf(b, "</%s>", name)
}

func scalar(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// json returns the document without the name of its root.
func (d document) json() []byte {
	var b bytes.Buffer
	writeJSON(&b, d.v)
	b.WriteByte('\n')
	return b.Bytes()
}

func writeJSON(b *bytes.Buffer, v any) {
	comma := func(i int) {
		if i > 0 {
			b.WriteByte(',')
		}
	}
	switch v := v.(type) {
	case object:
		b.WriteByte('{')
		for i, p := range v {
			comma(i)
			writeJSON(b, p.name)
			b.WriteByte(':')
			writeJSON(b, p.v)
		}
		b.WriteByte('}')
	case list:
		b.WriteByte('[')
		for i, x := range v.of {
			comma(i)
			writeJSON(b, x)
		}
		b.WriteByte(']')
	case string:
		if v == "" {
			b.WriteString("null")
			return
		}
		quoted(b, v)
	default:
		quoted(b, v)
	}
}

func quoted(b *bytes.Buffer, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		raw = []byte("null") // strings, numbers and nil always encode
	}
	b.Write(raw)
}
