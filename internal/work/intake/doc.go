// Package intake is the one door for every channel: it takes a message as it
// came, reads it (matter, nature, place, responsible unit, repeats), decides
// whether the machine may send it by itself, and files it. Files of messages come
// in through Import; a row that is wrong is refused with its line and reason and
// kept, and the rest goes in.
package intake
