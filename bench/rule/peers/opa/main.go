// Command opa measures the decision of twelve conditions by Open Policy Agent, prepared
// once, and prints one line of JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/version"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "opa:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	policy := strings.Builder{}
	policy.WriteString("package twelve\n\nallow if {\n")
	facts := map[string]any{}
	for i := range 12 {
		fmt.Fprintf(&policy, "\tinput.f%02d >= %d\n", i, 10+i)
		facts[fmt.Sprintf("f%02d", i)] = 40 + i
	}
	policy.WriteString("}\n")
	query, err := rego.New(rego.Query("data.twelve.allow"), rego.Module("twelve.rego", policy.String())).PrepareForEval(ctx)
	if err != nil {
		return err
	}
	least := time.Duration(1<<63 - 1)
	for from := time.Now(); time.Since(from) < time.Second; {
		round := time.Now()
		for range 100 {
			out, err := query.Eval(ctx, rego.EvalInput(facts))
			if err != nil || !out.Allowed() {
				return fmt.Errorf("%v %w", out, err)
			}
		}
		least = min(least, time.Since(round)/100)
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]string{
		"what": "one decision of 12 conditions", "engine": "Open Policy Agent " + version.Version + ", without reasons",
		"figure": fmt.Sprintf("%.2f µs", float64(least.Nanoseconds())/1000),
	})
}
