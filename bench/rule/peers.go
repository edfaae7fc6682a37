package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"github.com/expr-lang/expr"

	"yiwang/internal/core/rule"
)

// twelvePeers measures the same twelve conditions by libraries in this process. They
// answer yes or no; none of them says why.
func twelvePeers() ([]line, error) {
	vars := map[string]any{}
	var opts []cel.EnvOption
	var conditions []string
	for i := range 12 {
		code := fmt.Sprintf("f%02d", i)
		vars[code] = int64(40 + i)
		opts = append(opts, cel.Variable(code, cel.IntType))
		conditions = append(conditions, fmt.Sprintf("%s >= %d", code, 10+i))
	}
	text := strings.Join(conditions, " && ")
	env, err := cel.NewEnv(opts...)
	if err != nil {
		return nil, err
	}
	ast, issues := env.Compile(text)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	run, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, err
	}
	var bad error
	byCEL := best(func() {
		out, _, err := run.Eval(vars)
		if err != nil || out.Value() != true {
			bad = fmt.Errorf("cel-go: %v %v", out, err)
		}
	})
	program, err := expr.Compile(text, expr.Env(vars), expr.AsBool())
	if err != nil {
		return nil, err
	}
	byExpr := best(func() {
		out, err := expr.Run(program, vars)
		if err != nil || out != true {
			bad = fmt.Errorf("expr: %v %v", out, err)
		}
	})
	const what = "one decision of 12 conditions, without reasons"
	return []line{{what, "cel-go 0.33.2", micro(byCEL), ""}, {what, "expr 1.17.8", micro(byExpr), ""}}, bad
}

// hand writes the work for the engines of other processes: the tables as they are
// declared, and the people as a spreadsheet.
func hand(work, people string, c rule.Crowd) error {
	b, err := json.Marshal(map[string]any{"lookup": lookup(3000), "entitlements": entitlements(273)})
	if err != nil {
		return err
	}
	if err := os.WriteFile(work, b, 0o600); err != nil {
		return err
	}
	f, err := os.Create(people)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	var codes []string
	for _, s := range spreads() {
		codes = append(codes, s.code)
	}
	fmt.Fprintln(w, strings.Join(codes, ","))
	row := make([]byte, 0, 400)
	for i := range c.Len() {
		row = row[:0]
		for k, code := range codes {
			if k > 0 {
				row = append(row, ',')
			}
			if v := c[code].At[i]; v != rule.NoValue {
				row = strconv.AppendInt(row, int64(v), 10)
			}
		}
		if _, err := w.Write(append(row, '\n')); err != nil {
			return err
		}
	}
	return w.Flush()
}
