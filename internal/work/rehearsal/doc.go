// Package rehearsal lets the demo city live: it invents messages from what the
// pack's life directory declares and plays the people who handle them, through
// the same doors and actions as real ones, so that clocks, notices and proof are
// real. It touches only cases that it filed itself, and leaves some work on every
// desk for whoever tries the demo. Everything it says is synthetic.
package rehearsal
