// Package seat keeps the calls of the hotline: a telephony system tells of a call
// that rings, a seat takes it, and when it ends says whether it was answered on the
// spot or became a case. The caller's number is sealed while the call lasts and
// forgotten with its end; what remains is counted.
package seat
