package document

import (
	"html/template"
	"io"
	"strings"
)

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"lines": func(s string) []string { return strings.Split(clean(s), "\n") },
	"clean": clean,
	"kind": func(p Part) string {
		switch p.(type) {
		case Heading:
			return "heading"
		case Paragraph:
			return "paragraph"
		case Table:
			return "table"
		}
		return "figures"
	},
	"class": func(p Paragraph) string {
		c := [...]string{"", "mid", "end"}[p.Align]
		if p.Indent {
			c += " in"
		}
		if p.Small {
			c += " small"
		}
		return strings.TrimSpace(c)
	},
	"ends": func(t Table, i int) bool { return t.ends(i) },
}).Parse(`<!doctype html>
<html lang="{{if eq .Lang "en"}}en{{else}}zh-CN{{end}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{clean .Title}}</title>
<style>
body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1rem/1.8 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;color:#1f2328}
h1{font-size:1.6rem;text-align:center;line-height:1.4}h2{font-size:1.2rem;margin-top:1.8rem}h3{font-size:1.05rem}h4{font-size:1rem}
.head{color:#b3261e;font-size:1.7rem;font-weight:700;text-align:center}.no{text-align:center;border-bottom:2px solid #b3261e;padding-bottom:.6rem}
.mid{text-align:center}.end{text-align:right}.in{text-indent:2em}.small{font-size:.85rem;color:#57606a}
p{overflow-wrap:anywhere}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}th,td{border:1px solid #c9ced6;padding:.35rem .5rem;text-align:left;vertical-align:top}
th{background:#f3f5f8}td.end,th.end{text-align:right;font-variant-numeric:tabular-nums}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:1rem}dl div{border:1px solid #dde1e7;padding:.6rem .8rem}dt{font-size:.9rem}dd{margin:0;font-size:1.5rem;font-variant-numeric:tabular-nums}dd small{display:block;font-size:.8rem;color:#57606a;line-height:1.4}
@media print{body{margin:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}
</style></head><body>
{{with .Head}}<p class="head">{{clean .}}</p>{{end}}{{with .Number}}<p class="no">{{clean .}}</p>{{end}}
<h1>{{clean .Title}}</h1>
{{range .Parts}}{{$k := kind .}}{{if eq $k "heading"}}{{if eq .Level 1}}<h2>{{clean .Text}}</h2>{{else if eq .Level 2}}<h3>{{clean .Text}}</h3>{{else}}<h4>{{clean .Text}}</h4>{{end}}
{{else if eq $k "paragraph"}}{{$c := class .}}{{range lines .Text}}<p{{with $c}} class="{{.}}"{{end}}>{{.}}</p>
{{end}}{{else if eq $k "table"}}{{$t := .}}<div class="wide"><table><thead><tr>{{range $i, $h := .Head}}<th{{if ends $t $i}} class="end"{{end}}>{{clean $h}}</th>{{end}}</tr></thead><tbody>
{{range .Rows}}<tr>{{range $i, $c := .}}<td{{if ends $t $i}} class="end"{{end}}>{{range $n, $l := lines $c}}{{if $n}}<br>{{end}}{{$l}}{{end}}</td>{{end}}</tr>
{{end}}</tbody></table></div>
{{else}}<dl>{{range .}}<div><dt>{{clean .Name}}</dt><dd>{{clean .Value}}<small>{{clean .Note}}</small></dd></div>{{end}}</dl>
{{end}}{{end}}</body></html>
`))

// HTML writes a document as a page that stands alone and prints cleanly.
func (d *Document) HTML(w io.Writer) error { return page.Execute(w, d) }
