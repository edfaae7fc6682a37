// Package decide is the decision tables as people edit them: editions with a day from
// which they hold, drafted by one person and published by another once they are proved,
// in the desk or as a spreadsheet; and every version that was ever in force, so that an
// old decision can be made again. The editions of the city pack come first; what is
// published here stands beside them in the book that everything else decides by.
package decide
