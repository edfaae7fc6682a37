// Package exchange hands cases to other platforms, such as the province's hotline,
// and takes theirs: a file of JSON lines in a versioned format, with everything that
// was said and done. A file that is damaged is refused before anything of it is
// taken. A case is known by the sender's number, an entry by its ordinal in it, so
// the same file again changes nothing; a result finds its way back by a token that
// only the one who was handed the case has.
//
// The format is described in docs/exchange.md and by schema.json.
package exchange
