// Package topic finds what a city is talking about: it groups messages into
// issues (the same object and the same trouble), names each by its place and the
// phrases that its messages share, and weighs its heat. It also tells which
// matters rise somewhere more than chance and season explain.
package topic
