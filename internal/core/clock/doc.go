// Package clock runs the stage clocks of a case: pure logic, no storage. Step
// turns one event of a case's log into operations that carry every time they
// mean, Apply folds operations into clocks without a calendar, and Fire says
// what has become due, each thing once, whenever it is asked. A clock is stamped
// at its own start event with everything that was promised then; nothing that
// happens to the case later moves it, except a pause and an extension.
package clock
