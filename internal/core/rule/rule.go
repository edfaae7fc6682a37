package rule

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"yiwang/internal/base/errs"
)

// Type is the type of a member, or the result that is wanted of an expression.
type Type int

// The types of the language.
const (
	Any    Type = iota // whatever it is
	Text               // a text; as a result null, too, for "none"
	Number             // a whole number
	Bool               // yes or no
	Texts              // a list of texts
)

// costLimit bounds one evaluation, in CEL's units (about one for each step). The
// dearest expression of the demo city costs less than 50.
const costLimit = 10_000

// maxText bounds an expression's length in bytes.
const maxText = 2000

// Vars are the values an expression is evaluated over, by the names that doc.go
// lists. Numbers are int or int64, lists []string, counts map[string]int.
type Vars struct {
	Case, Input, Actor, Unit, Matter map[string]any
}

// Env is a set of variables that expressions are compiled against.
type Env struct {
	cel   *cel.Env
	input map[string]Type
}

// base is built once: it holds the standard functions, which take most of the
// time that an environment costs.
var base = sync.OnceValues(func() (*cel.Env, error) {
	opts := []cel.EnvOption{cel.ParserExpressionSizeLimit(maxText), cel.ParserRecursionLimit(50), cel.CustomTypeProvider(newProvider(nil))}
	for name := range members {
		opts = append(opts, cel.Variable(name, objectType(name)))
	}
	return cel.NewEnv(append(opts, cel.Variable("input", objectType("input")))...)
})

// NewEnv returns the variables of doc.go, with the given fields as the members
// of input; nil where there is no input.
func NewEnv(input map[string]Type) (env *Env, err error) {
	defer errs.Wrap(&err, "rule.NewEnv")
	b, err := base()
	if err != nil {
		return nil, err
	}
	e, err := b.Extend(cel.CustomTypeProvider(newProvider(input)))
	if err != nil {
		return nil, err
	}
	return &Env{e, input}, nil
}

// Program is a compiled expression.
type Program struct {
	text string
	want Type
	run  cel.Program
}

// Compile checks an expression and makes it ready to run. The error is a *Problem
// where the expression is at fault.
func Compile(env *Env, text string, want Type) (p *Program, err error) {
	if len(text) > maxText {
		return nil, &Problem{Key: "rule.too_long", Args: errs.Args{"max": maxText}}
	}
	ast, issues := env.cel.Compile(text)
	if issues.Err() != nil {
		return nil, env.problem(text, issues.Errors()[0])
	}
	if !fits(ast.OutputType(), want) {
		return nil, &Problem{Column: 1, Key: "rule.wrong_result", Args: errs.Args{"is": typeWords.Replace(ast.OutputType().String()), "want": want.String()}}
	}
	run, err := env.cel.Program(ast, cel.CostLimit(costLimit), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, &Problem{Key: "rule.syntax", Args: errs.Args{"why": err.Error()}}
	}
	return &Program{text: text, want: want, run: run}, nil
}

// String returns the expression as it was written.
func (p *Program) String() string { return p.text }

// Value returns the result as a Go value: string, int64, bool, nil, or what the
// member held.
func (p *Program) Value(v Vars) (val any, err error) {
	out, err := p.eval(v)
	if err != nil {
		return nil, err
	}
	if out.Type() == types.NullType {
		return nil, nil
	}
	return out.Value(), nil
}

// Bool returns the result of a condition. A nil program is a condition that was
// left out and holds.
func (p *Program) Bool(v Vars) (holds bool, err error) {
	if p == nil {
		return true, nil
	}
	out, err := p.eval(v)
	if err != nil {
		return false, err
	}
	b, ok := out.Value().(bool)
	if !ok {
		return false, p.wrong(out)
	}
	return b, nil
}

// Text returns the result as a text; null is "".
func (p *Program) Text(v Vars) (s string, err error) {
	out, err := p.eval(v)
	if err != nil || out.Type() == types.NullType {
		return "", err
	}
	s, ok := out.Value().(string)
	if !ok {
		return "", p.wrong(out)
	}
	return s, nil
}

// Number returns the result as a whole number.
func (p *Program) Number(v Vars) (n int64, err error) {
	out, err := p.eval(v)
	if err != nil {
		return 0, err
	}
	n, ok := out.Value().(int64)
	if !ok {
		return 0, p.wrong(out)
	}
	return n, nil
}

func (p *Program) eval(v Vars) (ref.Val, error) {
	out, _, err := p.run.Eval(activation(v))
	if err != nil {
		return nil, fmt.Errorf("rule %q: %w", p.text, err)
	}
	return out, nil
}

func (p *Program) wrong(out ref.Val) error {
	return fmt.Errorf("rule %q: result is %s, wanted %s", p.text, out.Type().TypeName(), p.want)
}

// activation finds a variable's value for CEL without building a map each time.
type activation Vars

// ResolveName returns the value of a variable.
func (a activation) ResolveName(name string) (any, bool) {
	var m map[string]any
	switch name {
	case "case":
		m = a.Case
	case "input":
		m = a.Input
	case "actor":
		m = a.Actor
	case "unit":
		m = a.Unit
	case "matter":
		m = a.Matter
	default:
		return nil, false
	}
	return object(m), true
}

// Parent returns nil: there is no outer scope.
func (a activation) Parent() cel.Activation { return nil }

// String names a type as a person would.
func (t Type) String() string {
	return [...]string{"any", "text", "number", "yes/no", "list"}[t]
}

func (t Type) cel() *cel.Type {
	return [...]*cel.Type{cel.DynType, cel.StringType, cel.IntType, cel.BoolType, cel.ListType(cel.StringType)}[t]
}

// zero is what a member without a value reads as.
func (t Type) zero() ref.Val {
	return [...]ref.Val{types.NullValue, types.String(""), types.IntZero, types.False, types.NewStringList(types.DefaultTypeAdapter, nil)}[t]
}

func fits(have *cel.Type, want Type) bool {
	if want == Any || have.Kind() == types.DynKind {
		return true
	}
	return have.IsExactType(want.cel()) || want == Text && have.Kind() == types.NullTypeKind
}

// Problem is what is wrong with an expression.
type Problem struct {
	Column int // where in the expression, in characters from 1; 0 is the whole
	Key    string
	Args   errs.Args
}

// Error returns the problem for logs.
func (p *Problem) Error() string { return fmt.Sprintf("column %d: %s %v", p.Column, p.Key, p.Args) }

// plain drops what only a writer of parsers understands of a syntax error.
func plain(message string) string {
	message, _, _ = strings.Cut(strings.TrimPrefix(message, "Syntax error: "), " expecting ")
	return strings.ReplaceAll(message, "<EOF>", "…")
}

// typeWords brings CEL's names of types into those of Type.
var typeWords = strings.NewReplacer("string", "text", "int", "number", "bool", "yes/no", "list(string)", "list", "null_type", "null")

// problem brings an error of CEL into the words of the catalogue.
func (env *Env) problem(text string, e *cel.Error) *Problem {
	p := &Problem{Column: max(e.Location.Column()+1, 1)}
	quoted := func() string {
		parts := strings.SplitN(e.Message, "'", 3)
		if len(parts) < 3 {
			return ""
		}
		return parts[1]
	}
	switch {
	case strings.HasPrefix(e.Message, "undefined field"):
		p.Key, p.Args = "rule.unknown_member", errs.Args{"name": quoted(), "known": env.membersBefore(text, p.Column)}
	case strings.HasPrefix(e.Message, "undeclared reference"):
		p.Key, p.Args = "rule.unknown_name", errs.Args{"name": quoted(), "known": "case, input, actor, unit, matter"}
	case strings.HasPrefix(e.Message, "found no matching overload"):
		_, operands, _ := strings.Cut(e.Message, "applied to ")
		p.Key, p.Args = "rule.types_differ", errs.Args{"operator": strings.Trim(quoted(), "_"), "operands": typeWords.Replace(strings.Trim(operands, "'"))}
	default:
		p.Key, p.Args = "rule.syntax", errs.Args{"why": plain(e.Message)}
	}
	return p
}

// membersBefore lists the members of the variable that stands before a column.
func (env *Env) membersBefore(text string, column int) string {
	before := []rune(text)
	before = before[:min(column-1, len(before))]
	start := len(before)
	for start > 0 && (unicode.IsLetter(before[start-1]) || before[start-1] == '.') {
		start--
	}
	names := Members(string(before[start:]))
	if string(before[start:]) == "input" {
		names = slices.Sorted(maps.Keys(env.input))
	}
	return strings.Join(names, ", ")
}
