// Package portal is the citizens' door: plain pages, one thing on each, that
// work on any phone without JavaScript. It knows nothing of appeals or permits
// in particular: forms are drawn from the declared fields of a family, and what
// a person may do with a case from the actions that its lifecycle leaves open to
// the appellant. What it needs of the house behind it stands in Office.
package portal
