package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	t := target{now: time.Now}
	asJSON := flag.Bool("json", false, "print one JSON object")
	flag.StringVar(&t.url, "url", "", "address of the endpoint, e.g. http://127.0.0.1:8080/open311/v2")
	flag.StringVar(&t.discovery, "discovery", "", "address of discovery without its suffix (default: beside the endpoint, or in it)")
	flag.StringVar(&t.key, "key", "", "API key to file with; without it nothing is written")
	flag.StringVar(&t.service, "service", "", "code of a service to file under (default: the first one)")
	flag.StringVar(&t.jurisdiction, "jurisdiction", "", "jurisdiction_id, where the endpoint wants one")
	flag.StringVar(&t.lat, "lat", "22.54", "latitude of what is filed")
	flag.StringVar(&t.long, "long", "114.05", "longitude of what is filed")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "Checks an Open311 GeoReport v2 server.\n\nExample:\n  go run ./conformance/open311 --url http://127.0.0.1:8080/open311/v2 --key KEY\n\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	if t.url == "" {
		flag.Usage()
		os.Exit(2)
	}
	r := run(ctx, t)
	if *asJSON {
		if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	} else {
		r.print(os.Stdout)
	}
	if r.Failed > 0 {
		os.Exit(1)
	}
}

// report is what a run found.
type report struct {
	URL     string   `json:"url"`
	Passed  int      `json:"passed"`
	Failed  int      `json:"failed"` // of the specification; extensions do not count
	Skipped int      `json:"skipped"`
	Missing int      `json:"extensions_missing"`
	Results []result `json:"results"`
}

type result struct {
	Check     string `json:"check"`
	Rule      string `json:"rule"`
	Extension bool   `json:"extension,omitempty"`
	Verdict   string `json:"verdict"` // pass, fail, skip
	Found     string `json:"found,omitempty"`
}

func (r *report) print(w io.Writer) {
	for _, x := range r.Results {
		mark := map[string]string{"pass": "ok  ", "fail": "FAIL", "skip": "skip"}[x.Verdict]
		if x.Extension {
			mark += " (ext)"
		}
		fmt.Fprintf(w, "%-11s %-28s %s\n", mark, x.Check, x.Rule)
		if x.Found != "" {
			fmt.Fprintf(w, "%41s %s\n", "", strings.ReplaceAll(x.Found, "\n", " "))
		}
	}
	fmt.Fprintf(w, "\n%s: %d passed, %d failed, %d skipped, %d extensions missing\n", r.URL, r.Passed, r.Failed, r.Skipped, r.Missing)
}

// run tries every check in order; later ones use what earlier ones found.
func run(ctx context.Context, t target) *report {
	t.url = strings.TrimRight(t.url, "/")
	c := &client{ctx: ctx, target: t}
	r := &report{URL: t.url}
	for _, k := range checks() {
		x := result{Check: k.name, Rule: k.rule, Extension: k.extension}
		err := k.try(c)
		switch skip, skipped := err.(skipped); {
		case err == nil:
			x.Verdict = "pass"
			r.Passed++
		case skipped:
			x.Verdict, x.Found = "skip", string(skip)
			r.Skipped++
		case k.extension:
			x.Verdict, x.Found = "fail", err.Error()
			r.Missing++
		default:
			x.Verdict, x.Found = "fail", err.Error()
			r.Failed++
		}
		r.Results = append(r.Results, x)
	}
	return r
}
