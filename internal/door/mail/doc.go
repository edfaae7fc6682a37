// Package mail is the door for letters by e-mail, both ways: an SMTP server that
// takes what citizens write to the city's mailboxes, and a carrier that hands
// notices to a relay. A letter becomes a case of the mailbox's channel; a reply to
// a notice becomes an addition to the case of that notice, known by a token that
// only the notice carried and never by a number that somebody quotes. Who a letter
// claims to come from decides nothing: an answer goes to the address that filed,
// and not at all where the sender's own domain disowns the letter.
package mail
