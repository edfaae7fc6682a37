// Package repeat finds cases that speak of the same thing: it keeps sketches of
// what was said in memory and answers, in well under a millisecond, which open or
// recent cases a new message resembles, and why.
package repeat
