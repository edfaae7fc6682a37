// Package calendar counts time as an office does: in minutes of declared
// working periods, and in the legal days of 民法典 200–204 and 行政许可法 82,
// over weekends, public holidays and make-up workdays (调休). A Calendar is built
// once from declared data, never changes, and answers in well under a
// microsecond from any number of goroutines. Times are UTC milliseconds; days
// are those of China Standard Time (UTC+8, no summer time, no zone database).
package calendar
