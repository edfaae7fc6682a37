// Package pace lets work that nobody waits for give way to work that somebody does.
// While people are served, all such work together takes no more than its share of one
// processor; while nobody comes, it runs as fast as it can. It is told by a context, so
// that whoever has a long loop only says between two steps that it could rest.
package pace
