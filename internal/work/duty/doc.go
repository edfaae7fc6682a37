// Package duty is the duty list as people edit it: editions with a day from which
// they hold, drafted by one person and published by another, in the desk or as a
// spreadsheet; what changed from one to the next; who was responsible on any day;
// and what nobody wants. The edition in the city pack is the first; what is
// published here stands beside it in the catalog that everything else reads.
package duty
