package main

import (
	"fmt"
	"runtime/debug"
	"strings"

	"cel.dev/cel-go/cel"
	"github.com/expr-lang/expr"

	"yiwang/bench/beside"
)

// twelvePeers measures the same twelve conditions by libraries in this process. They
// answer yes or no; none of them says why.
func twelvePeers() ([]beside.Line, error) {
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
	return []beside.Line{
		line(whatTwelve, "cel-go "+version("cel.dev/cel-go")+", without reasons", byCEL, 0), line(whatTwelve, "expr "+version("github.com/expr-lang/expr")+", without reasons", byExpr, 0),
	}, bad
}

// version is that of a module which this program is built with.
func version(module string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range info.Deps {
		if m.Path == module {
			return strings.TrimPrefix(m.Version, "v")
		}
	}
	return ""
}
