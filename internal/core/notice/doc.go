// Package notice holds the templates of what the city tells people: short texts
// with {placeholders}, each for one audience and some channels. Sending them, and
// never twice, is the business of the case that they speak of.
package notice
