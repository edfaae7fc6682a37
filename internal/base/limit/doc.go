// Package limit slows callers down, each by itself and in bounded memory: buckets of
// tokens for what may be done so often, and penalties that double for wrong guesses.
// Every door uses it, so that all refuse alike and say when to come again.
package limit
