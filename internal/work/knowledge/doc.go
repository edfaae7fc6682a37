// Package knowledge answers enquiries at any hour from entries that people wrote
// and reviewed: questions with an answer, its basis, its unit and a day until which
// it holds. It finds the entry for a question as people write it, says so when it
// is not sure, and counts what was asked, what helped and what became a case. The
// entries of the city pack come first; what is edited in the desk stands over them.
package knowledge
