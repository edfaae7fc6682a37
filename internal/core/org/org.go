package org

import "strings"

// UnitKind is the sort of body a unit is.
type UnitKind string

// The kinds of unit a pack may declare.
const (
	Centre     UnitKind = "centre"     // the dispatch centre itself
	Department UnitKind = "department" // a district department, by function
	Street     UnitKind = "street"     // a street office (街道办)
	Office     UnitKind = "office"     // an office inside a department or street
	Community  UnitKind = "community"  // a community work station
	Utility    UnitKind = "utility"    // a public utility
	Partner    UnitKind = "partner"    // a social partner with a narrow desk (社会力量)
)

// Unit is a body that can be responsible for a case.
type Unit struct {
	Code     string   // unique, stable
	Name     string   // full official name
	Short    string   // for lists and the map
	Kind     UnitKind //
	Parent   string   // code of the unit above, "" at the root
	Path     string   // codes from the root, "/"-joined, ending in the own code
	Area     string   // area code served, "" for the whole district
	Function string   // what it does, e.g. "urban_management"; matters name it
	Night    bool     // has a night roster
	Approval bool     // its head approves an answer before it leaves the unit
	Phone    string   // public number, synthetic in the demo
	Active   bool     //
}

// Role is a named set of permissions, declared by the pack.
type Role struct {
	Code     string   `yaml:"code" need:"yes"`
	Title    string   `yaml:"title" need:"yes"`
	Sees     Scope    `yaml:"sees" need:"yes" oneof:"all subtree unit own"`                                                                                                                                  // which cases it may see
	Desks    []string `yaml:"desks" oneof:"dispatch intake inbox audit callback rule rules duty supervise topics cases figures brief screen admin seat knowledge rounds registers benefits services window"` // which rooms of the staff site it may enter
	Reveals  bool     `yaml:"reveals"`                                                                                                                                                                       // may open personal data, with a purpose
	Contacts bool     `yaml:"contacts"`                                                                                                                                                                      // may see the number of an appellant whose case is theirs, one call at a time
	Exports  bool     `yaml:"exports"`                                                                                                                                                                       // may export lists
	Admin    bool     `yaml:"admin"`                                                                                                                                                                         // may manage accounts and units
}

// Scope says which cases a role sees.
type Scope string

// The scopes, from wide to narrow.
const (
	SeesAll     Scope = "all"     // every case of the city
	SeesSubtree Scope = "subtree" // cases of the own unit and all below it
	SeesUnit    Scope = "unit"    // cases of the own unit
	SeesOwn     Scope = "own"     // cases held by the person, or filed by them
)

// Staff is a person who works for a unit.
type Staff struct {
	ID     string   // login name
	Name   string   // personal name
	Unit   string   // unit code
	Roles  []string // role codes
	Phone  string   // mobile number for text messages while on duty, "" for none
	Active bool
	Demo   bool // an account of a demo directory, shown on the sign-in page
}

// ActorKind says what sort of agent acts.
type ActorKind string

// The kinds of actor that an action can be signed with.
const (
	IsStaff   ActorKind = "staff"
	IsCitizen ActorKind = "citizen"
	IsMachine ActorKind = "machine"
)

// Actor is whoever performs an action, with what decides their rights.
type Actor struct {
	Kind  ActorKind
	ID    string   // staff login; for a citizen the case's party ("appellant"); for a machine its name ("dispatch", "clock")
	Name  string   // shown in the timeline of staff; never a citizen's
	Unit  string   // unit code of a staff member
	Path  string   // unit path of a staff member
	Roles []string // role codes
}

// Machine returns the actor for one of the program's own acts.
func Machine(name string) Actor { return Actor{Kind: IsMachine, ID: name} }

// Appellant returns the actor for the person who filed a case and proved it
// with the query code.
func Appellant() Actor { return Actor{Kind: IsCitizen, ID: "appellant"} }

// Ref is the short form of an actor as it stands in the action log, e.g.
// "staff:li.na", "machine:dispatch", "citizen:appellant".
func (a Actor) Ref() string { return string(a.Kind) + ":" + a.ID }

// Has reports whether the actor holds a role.
func (a Actor) Has(role string) bool {
	for _, r := range a.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// Covers reports whether a unit path lies in the subtree of another.
func Covers(above, below string) bool {
	return above != "" && (above == below || strings.HasPrefix(below, above+"/"))
}
