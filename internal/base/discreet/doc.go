// Package discreet keeps what people said and left of themselves out of the log.
// The first line is that no call hands it over; this is the net beneath, for what
// errors of libraries quote: every record passes through it before it is written.
package discreet
