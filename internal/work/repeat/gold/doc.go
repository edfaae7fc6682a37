// Package gold makes streams of messages of which it is known who tells of the
// same event: several people in their own words, with typing errors, by road, by
// estate or by landmark, beside events that are much alike and are not the same,
// and events that come back after they were closed. Seeds below Reported are for
// learning; figures are given on others, with words and names kept from learning.
package gold
