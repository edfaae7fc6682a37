// Package errs gives every failure a kind, a key into the text catalogue, and
// a cause that stays inside. The kind decides what a caller does (retry, answer
// 404, ask again), the key and its arguments become the sentence a person reads,
// and the cause is for the log only.
package errs
