// Package edition keeps what the desk edits of a city's declarations: editions of a
// duty list or a decision table, each a text with a day from which it holds. One person
// drafts, another publishes; a published edition never changes, and the days before it
// keep the answers they had. What the text means, and whether it is sound, is known by
// the room that keeps it here (work/duty, work/decide).
package edition
