// Package app puts the house together: it opens a data directory, its keys and
// its database, loads the city, starts what runs by itself (clocks, numbering,
// checkpoints, notices, figures) and opens the doors. Tests boot it as main does.
package app
