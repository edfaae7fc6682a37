// Package apitest opens a whole house behind the staff door for tests, on both
// engines, and lets tests act as several people over HTTP, so that a test reads
// like a story.
package apitest
