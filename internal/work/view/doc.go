// Package view answers what people ask about many cases: lists with their pages,
// counts, the queue of the dispatch desk, and figures. Lists read state rows and
// are never behind; figures are folded from the numbered log into rows by day and
// say as of when they are. Whatever is asked, nobody is shown a case outside the
// own scope.
package view
