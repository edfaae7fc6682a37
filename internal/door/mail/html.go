package mail

import (
	"strings"

	"golang.org/x/net/html"
)

// hidden are the elements whose content nobody reads.
var hidden = map[string]bool{"script": true, "style": true, "head": true, "title": true, "template": true, "noscript": true, "object": true, "iframe": true, "svg": true}

// blocks are the elements that stand on lines of their own.
var blocks = map[string]bool{
	"p": true, "div": true, "tr": true, "li": true, "ul": true, "ol": true, "table": true, "blockquote": true, "section": true, "article": true,
	"h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "pre": true, "hr": true, "header": true, "footer": true,
}

// plain returns what a person would read of an HTML document. Nothing of its
// markup is kept; a quoted passage gets the mark that plain letters use.
func plain(doc string) string {
	var w lines
	z := html.NewTokenizer(strings.NewReader(doc))
	skip, quoted := "", 0
	for {
		kind := z.Next()
		if kind == html.ErrorToken { // the end; what came before it counts
			return strings.TrimSpace(squeeze(w.String()))
		}
		t := z.Token()
		switch {
		case skip != "":
			if kind == html.EndTagToken && t.Data == skip {
				skip = ""
			}
		case kind == html.TextToken:
			w.words(t.Data, quoted > 0)
		case hidden[t.Data] && kind == html.StartTagToken:
			skip = t.Data
		case t.Data == "br":
			w.end()
		case t.Data == "td" || t.Data == "th":
			w.space = true
		case blocks[t.Data]:
			if !w.begun {
				break
			}
			w.end()
		}
		if t.Data == "blockquote" && skip == "" {
			switch kind {
			case html.StartTagToken:
				quoted++
			case html.EndTagToken:
				quoted = max(0, quoted-1)
			}
		}
	}
}

// lines is text being written, with what the next word needs before it.
type lines struct {
	strings.Builder
	begun bool // the line has words
	space bool // a space is due before the next word
}

func (w *lines) end() {
	w.WriteByte('\n')
	w.begun, w.space = false, false
}

// words writes text whose white space is only a gap.
func (w *lines) words(s string, quoted bool) {
	trimmed := strings.Join(strings.Fields(s), " ")
	if trimmed == "" {
		w.space = w.space || s != ""
		return
	}
	switch {
	case !w.begun && quoted:
		w.WriteString("> ")
	case w.begun && (w.space || strings.TrimLeft(s, " \t\n") != s):
		w.WriteByte(' ')
	}
	w.WriteString(trimmed)
	w.begun, w.space = true, strings.TrimRight(s, " \t\n") != s
}

// squeeze leaves at most one empty line between two.
func squeeze(s string) string {
	var out []string
	empty := 0
	for l := range strings.SplitSeq(s, "\n") {
		l = strings.TrimRight(l, " \t")
		if empty++; l != "" {
			empty = 0
		}
		if empty < 2 {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}
