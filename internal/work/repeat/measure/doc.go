// Package measure runs the gold streams through the index of repeats as intake
// would, and counts what was found, what was missed and what was wrong. It also
// learns the scales that the index ships with, from streams that are never
// reported on.
package measure
