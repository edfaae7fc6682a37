// Package cases keeps the happenings of matters: a case is its actions, appended
// and never changed, and a state row folded from them. One write is one
// transaction of state row, action, clocks and notices; what an action may do is
// declared by its lifecycle and carried out by a small closed set of effects.
// Every action becomes a numbered leaf of a Merkle tree, so that Verify finds
// whatever was altered, removed, reordered or dated back.
package cases
