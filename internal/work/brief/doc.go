// Package brief writes what the city is told: the daily brief, the monthly review
// and the list of cases with a leader's instruction. An issue is a case of its own
// family; this package drafts it from figures and cases, puts its document
// together, and closes it when every case it chose is closed.
package brief
