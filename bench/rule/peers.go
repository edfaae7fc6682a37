package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cel.dev/cel-go/cel"
	"github.com/expr-lang/expr"
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

// others reads what engines outside this process were measured to take, a JSON object on
// each line of *.lines.
func others(dir string) (out []line, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.lines"))
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for text := range strings.Lines(string(raw)) {
			var l struct{ What, Engine, Figure string }
			if err := json.Unmarshal([]byte(text), &l); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			out = append(out, line{l.What, l.Engine, l.Figure, ""})
		}
	}
	return out, nil
}
