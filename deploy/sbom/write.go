package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// The document as CycloneDX 1.5 has it, as far as it is needed.
type (
	document struct {
		Format     string      `json:"bomFormat"`
		Spec       string      `json:"specVersion"`
		Serial     string      `json:"serialNumber"`
		Version    int         `json:"version"`
		Metadata   metadata    `json:"metadata"`
		Components []component `json:"components"`
	}
	metadata struct {
		Timestamp string    `json:"timestamp"`
		Component component `json:"component"`
	}
	component struct {
		Type     string    `json:"type"`
		Ref      string    `json:"bom-ref"`
		Name     string    `json:"name"`
		Version  string    `json:"version"`
		Scope    string    `json:"scope,omitempty"`
		Purl     string    `json:"purl,omitempty"`
		Hashes   []hash    `json:"hashes,omitempty"`
		Licences []licence `json:"licenses,omitempty"`
	}
	hash struct {
		Alg     string `json:"alg"`
		Content string `json:"content"`
	}
	licence struct {
		Expression string `json:"expression"`
	}
)

// purl is the part's address in its registry.
func (p *part) purl() string {
	name := p.name
	if rest, ok := strings.CutPrefix(name, "@"); ok {
		name = "%40" + rest
	}
	return "pkg:" + p.kind + "/" + name + "@" + url.PathEscape(p.version)
}

func cyclone(parts []part, version string, at int64) (string, error) {
	doc := document{Format: "CycloneDX", Spec: "1.5", Version: 1}
	doc.Metadata.Timestamp = time.Unix(at, 0).UTC().Format(time.RFC3339)
	doc.Metadata.Component = component{Type: "application", Ref: "yiwang", Name: "yiwang", Version: version}
	sum := sha256.New()
	fmt.Fprintln(sum, version, at)
	for _, p := range parts {
		c := component{Type: "library", Ref: p.purl(), Name: p.name, Version: p.version, Scope: "required", Purl: p.purl(),
			Licences: []licence{{p.licence}}}
		if p.built {
			c.Scope = "excluded"
		}
		if p.hash != "" && p.kind == "npm" { // go.sum's is over a list of files, which no format has a name for
			c.Hashes = []hash{{"SHA-512", p.hash}}
		}
		doc.Components = append(doc.Components, c)
		fmt.Fprintln(sum, c.Purl, p.hash)
	}
	// A UUID made of the content, so that the same content has the same.
	id := sum.Sum(nil)[:16]
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	doc.Serial = fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(doc)
	return b.String(), err
}

func table(parts []part) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Licences\n\n%d parts: %s.\n\n| part | version | from | licence | in the program |\n|---|---|---|---|---|\n", len(parts), count(parts))
	for _, p := range parts {
		in := "yes"
		if p.built {
			in = "to build it"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", p.name, p.version, p.kind, p.licence, in)
	}
	return b.String()
}

// texts are the licences of what is in the program; the text of a web package is
// there only where npm has installed it.
func texts(parts []part) string {
	var b strings.Builder
	for _, p := range parts {
		if p.built {
			continue
		}
		text := p.text
		if text == "" {
			text = "(" + p.licence + ", as the package says of itself)"
		}
		fmt.Fprintf(&b, "==== %s %s ====\n\n%s\n\n", p.name, p.version, text)
	}
	return b.String()
}
