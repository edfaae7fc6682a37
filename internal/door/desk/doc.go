// Package desk serves the staff site: the desks, the case page, the command
// screen. The pages are built from web/ into dist/site, which is embedded; without a
// build a placeholder says how to make one, so that a plain go build works.
package desk
