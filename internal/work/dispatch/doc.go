// Package dispatch is the machine judge (铁判官): it reads a citizen's message
// and says which matter of the duty list it is, its nature and urgency, which
// sort of unit handles it and which place it names, how sure it is of each, and
// why. Models are learnt from a duty list and a history of decided cases, never
// change once made, and are safe for any number of readers; corrections are
// laid over one by a Learner. Everything here is arithmetic on the text: no
// database, no network.
package dispatch
