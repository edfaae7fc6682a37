package rule

import (
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// members are the variables and what each of them has; see doc.go.
var members = map[string]map[string]Type{
	"case": {
		"id": Text, "number": Text, "family": Text, "matter": Text, "state": Text, "nature": Text,
		"urgency": Text, "channel": Text, "unit": Text, "holder": Text, "area": Text, "grid": Text,
		"result": Text, "title": Text, "rating": Number, "late": Bool, "draw": Number, "matter_title": Text,
	},
	"actor":  {"id": Text, "kind": Text, "unit": Text, "roles": Texts},
	"unit":   {"code": Text, "kind": Text, "area": Text, "approval": Bool, "night": Bool},
	"matter": {"code": Text, "by": Text, "fast": Bool, "night": Bool},
}

// open are the members of case whose own members have any name, and their type.
var open = map[string]Type{"counts": Number, "data": Any}

// Members returns the names of the members of a variable, in order.
func Members(variable string) []string {
	names := slices.Collect(maps.Keys(members[variable]))
	if variable == "case" {
		names = slices.AppendSeq(names, maps.Keys(open))
	}
	slices.Sort(names)
	return names
}

// mark begins the name of a variable's type. No expression can write it, so a type
// is never mistaken for a variable.
const mark = "$"

func objectType(variable string) *types.Type { return types.NewObjectType(mark + variable) }

// provider tells CEL the members of each variable, so that the checker itself
// finds unknown ones and the evaluator reads plain Go maps.
type provider struct {
	types.Provider
	fields map[string]map[string]*types.FieldType // by variable; shared and never changed
	input  map[string]*types.FieldType
}

func newProvider(input map[string]Type) *provider {
	p := &provider{Provider: types.NewEmptyRegistry(), fields: fixed, input: map[string]*types.FieldType{}}
	for name, t := range input {
		p.input[name] = field(name, t)
	}
	return p
}

var fixed = func() map[string]map[string]*types.FieldType {
	all := map[string]map[string]*types.FieldType{}
	for variable, m := range members {
		all[variable] = map[string]*types.FieldType{}
		for name, t := range m {
			all[variable][name] = field(name, t)
		}
	}
	for name := range open {
		all["case"][name] = inner(name)
	}
	return all
}()

// field reads a member out of a variable; where it is missing or nil, its zero.
func field(name string, t Type) *types.FieldType {
	zero := t.zero()
	return &types.FieldType{
		Type:  t.cel(),
		IsSet: func(target any) bool { _, ok := look(target, name); return ok },
		GetFrom: func(target any) (any, error) {
			if v, ok := look(target, name); ok {
				return v, nil
			}
			return zero, nil
		},
	}
}

// inner reads a member that has members of its own (counts, data).
func inner(name string) *types.FieldType {
	return &types.FieldType{
		Type:  objectType(name),
		IsSet: func(target any) bool { _, ok := look(target, name); return ok },
		GetFrom: func(target any) (any, error) {
			v, _ := look(target, name)
			return object(toMap(v)), nil
		},
	}
}

func toMap(v any) map[string]any {
	switch m := v.(type) {
	case map[string]any:
		return m
	case map[string]int:
		out := make(map[string]any, len(m))
		for k, n := range m {
			out[k] = n
		}
		return out
	}
	return nil
}

func look(target any, name string) (any, bool) {
	var m map[string]any
	switch t := target.(type) {
	case object:
		m = t
	case map[string]any:
		m = t
	}
	v, ok := m[name]
	return v, ok && v != nil
}

// FindStructType returns the type of a variable.
func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if !strings.HasPrefix(name, mark) {
		return nil, false
	}
	return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
}

// FindStructFieldType returns a member of a variable.
func (p *provider) FindStructFieldType(variable, name string) (*types.FieldType, bool) {
	variable = strings.TrimPrefix(variable, mark)
	switch variable {
	case "input":
		f, ok := p.input[name]
		return f, ok
	case "counts":
		return field(name, open["counts"]), true
	case "data":
		return field(name, open["data"]), true
	}
	f, ok := p.fields[variable][name]
	return f, ok
}

// NewValue refuses: expressions read, they do not make things.
func (p *provider) NewValue(name string, _ map[string]ref.Val) ref.Val {
	return types.NewErr("cannot make %s", name)
}

// object is a variable's value.
type object map[string]any
