// Package repeat knows a message again that others have sent before. It keeps a
// print of each case in memory (names by their sound, the things it speaks of, the
// matter as the machine judge read it, a sketch of its words, who, when, where)
// and says in a few milliseconds, among a million open cases, which of them tell
// of the same event, how sure that is, and why; of a closed case it says that the
// trouble has come back. Scales learnt from the gold streams weigh the features;
// people's verdicts move them.
package repeat
