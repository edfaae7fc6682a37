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
//
// A Table is a decision table of a city pack (rules/*.yaml): facts, rows that say for
// which facts they hold and what follows by which clause, a hit policy as DMN has it,
// and examples. Build makes it a Decider; Check also proves it free of gaps, overlaps
// and contradictions, with facts that show each one, and runs its examples. A Book
// holds the tables of a city in all editions:
//
//	decision, err := book.Decide("elder-allowance", now, rule.Facts{
//		"birth": {Value: "1936-05-01", Source: "人口库"}, …})
//	decision.State     // Decided; or Missing facts, NoRow, Conflict: then a person decides
//	decision.Outcome   // {"result": "grant", "amount": int64(300)}
//	decision.Grants()  // it is what was asked for
//	decision.Explain(text.Chinese)
//	decision.Record()  // to keep; Book.Replay makes it again
//
// What is not known is never taken for no: a decision that turns on it is Missing, and
// names it. A test is a set of intervals on the axis of its fact, so deciding is one
// row bitmap for each fact, and-ed: the cost hardly grows with rows. Expressions of
// facts ("? EXPRESSION" as a test, or value of a computed fact) are CEL over the facts
// by name and today, with age(birth, day), months(from, to) and days(from, to); days
// are texts there (2026-01-01).
package rule
