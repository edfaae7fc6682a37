package rule

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"yiwang/internal/base/errs"
)

// todayName is the day of the decision in an expression over facts.
const todayName = "today"

// formula is an expression over the facts of a table.
type formula struct {
	text  string
	needs []int // facts it reads, by axis
	run   cel.Program
}

// factBase holds the standard functions and those on days; see doc.go.
var factBase = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(cel.ParserExpressionSizeLimit(maxText), cel.ParserRecursionLimit(50), cel.Variable(todayName, cel.StringType),
		between("age", wholeYears), between("months", wholeMonths), between("days", func(a, b time.Time) int64 { return dayOf(b) - dayOf(a) }))
})

// between is a function of two days that gives a whole number.
func between(name string, f func(from, to time.Time) int64) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_text_text", []*cel.Type{cel.StringType, cel.StringType}, cel.IntType,
		cel.BinaryBinding(func(x, y ref.Val) ref.Val {
			from, err := time.Parse(time.DateOnly, string(x.(types.String)))
			if err != nil {
				return types.WrapErr(err)
			}
			to, err := time.Parse(time.DateOnly, string(y.(types.String)))
			if err != nil {
				return types.WrapErr(err)
			}
			return types.Int(f(from, to))
		})))
}

func wholeMonths(from, to time.Time) int64 {
	n := int64(to.Year()-from.Year())*12 + int64(to.Month()) - int64(from.Month())
	if to.Day() < from.Day() && to.AddDate(0, 0, 1).Month() == to.Month() {
		n-- // the last day of a month completes it, though it has no such day
	}
	return n
}

func wholeYears(from, to time.Time) int64 {
	y := int64(to.Year() - from.Year())
	if to.Month() < from.Month() || to.Month() == from.Month() && to.Day() < from.Day() {
		y-- // a birthday of 29 February is counted on 1 March
	}
	return y
}

// factEnv declares facts for expressions. Days are texts there, 2026-01-01, which
// compare as days do; a number with decimal places is a double.
func factEnv(axes []*axis) (env *cel.Env, err error) {
	defer errs.Wrap(&err, "rule.factEnv")
	base, err := factBase()
	if err != nil {
		return nil, err
	}
	var opts []cel.EnvOption
	for _, a := range axes {
		opts = append(opts, cel.Variable(a.code, a.celType()))
	}
	return base.Extend(opts...)
}

func (a *axis) celType() *cel.Type {
	switch {
	case a.kind == typeNumber && a.places == 0:
		return cel.IntType
	case a.kind == typeNumber:
		return cel.DoubleType
	case a.kind == typeYesNo:
		return cel.BoolType
	}
	return cel.StringType
}

// newFormula checks an expression over facts; want is the type of its result. The
// error is a *Problem where the expression is at fault.
func newFormula(env *cel.Env, axes []*axis, text string, want *cel.Type) (*formula, error) {
	text = strings.TrimSpace(text)
	if len(text) > maxText {
		return nil, &Problem{Key: "rule.too_long", Args: errs.Args{"max": maxText}}
	}
	ast, issues := env.Compile(text)
	if issues.Err() != nil {
		return nil, factProblem(axes, issues.Errors()[0])
	}
	out := ast.OutputType()
	if !out.IsExactType(want) && !(want == cel.DoubleType && out.IsExactType(cel.IntType)) {
		return nil, &Problem{Column: 1, Key: "rule.wrong_result", Args: errs.Args{"is": typeWords.Replace(out.String()), "want": typeWords.Replace(want.String())}}
	}
	run, err := env.Program(ast, cel.CostLimit(costLimit), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, &Problem{Key: "rule.syntax", Args: errs.Args{"why": err.Error()}}
	}
	f := &formula{text: text, run: run}
	for _, r := range ast.NativeRep().ReferenceMap() {
		if i := slices.IndexFunc(axes, func(a *axis) bool { return a.code == r.Name }); i >= 0 && !slices.Contains(f.needs, i) {
			f.needs = append(f.needs, i)
		}
	}
	slices.Sort(f.needs)
	return f, nil
}

// factProblem brings an error of CEL into the words of the catalogue.
func factProblem(axes []*axis, e *cel.Error) *Problem {
	p := (&Env{}).problem("", e)
	if p.Key == "rule.unknown_name" {
		known := []string{todayName}
		for _, a := range axes {
			known = append(known, a.code)
		}
		p.Args["known"] = strings.Join(known, ", ")
	}
	return p
}

// scene is what an expression reads: facts by name, and the day.
type scene struct {
	d  *Decider
	at []int64
	on int64
}

// ResolveName returns a fact.
func (s scene) ResolveName(name string) (any, bool) {
	if name == todayName {
		return timeOf(s.on).Format(time.DateOnly), true
	}
	i, ok := s.d.factAt[name]
	if !ok || i >= len(s.at) {
		return nil, false
	}
	return s.d.axes[i].value(s.at[i]), true
}

// Parent returns nil: there is no outer scope.
func (s scene) Parent() cel.Activation { return nil }

// missing reports whether a fact that the expression reads is not there.
func (f *formula) missing(at []int64) bool {
	return slices.ContainsFunc(f.needs, func(i int) bool { return at[i] == absent })
}

// holds evaluates a condition. What cannot be computed is not known.
func (f *formula) holds(s scene) truth {
	if f.missing(s.at) {
		return unknown
	}
	out, _, err := f.run.Eval(s)
	if err != nil {
		return unknown
	}
	if b, ok := out.Value().(bool); ok && b {
		return yes
	}
	return no
}

// place evaluates a value and lays it on the axis; absent where it cannot be computed
// or is none that the axis has.
func (f *formula) place(s scene, a *axis) int64 {
	if f.missing(s.at) {
		return absent
	}
	out, _, err := f.run.Eval(s)
	if err != nil {
		return absent
	}
	v := out.Value()
	if n, ok := v.(float64); ok {
		v = strconv.FormatFloat(n, 'f', a.places, 64)
	}
	at, err := a.place(v)
	if err != nil {
		return absent
	}
	return at
}
