// Package api is the door for the staff site and for other systems: HTTP with JSON
// under /api, described by openapi.json, errors after RFC 9457 that say what to do
// and never repeat what was sent. It lets people and machines in, shows each only
// what the directory lets them see, and leaves every rule about cases to the rooms
// behind it.
package api
