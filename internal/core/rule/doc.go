// Package rule is the small language in which declarations say when and what:
// CEL expressions over a handful of typed variables, checked before they run.
// An unknown member, a comparison of a number with a text, or a result of the
// wrong type is found when the pack is read, with its place in the expression.
// A compiled Program is safe for concurrent use and costs about a microsecond.
//
// The variables and their members (a member without a value reads as the zero of
// its type: the empty text, 0, no, the empty list):
//
//	case    id, number, family, matter, state, nature, urgency, channel, unit,
//	        holder, area, grid, result, title   text
//	        rating                              number, 0 while there is none
//	        late                                yes/no: a clock of it has run out
//	        counts.NAME                         number: a counter of the case
//	        data.NAME                           any: a field of its form
//	input   the fields that the action declares, by their type
//	actor   id, kind, unit                      text
//	        roles                               list of text
//	unit    code, kind, area                    text, of the responsible unit
//	        approval, night                     yes/no
//	matter  code, by                            text
//	        fast, night                         yes/no
package rule
