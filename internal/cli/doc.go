// Package cli holds the commands of yiwang, one file each. A command that finds
// its data directory in use works through the server that runs there.
package cli
