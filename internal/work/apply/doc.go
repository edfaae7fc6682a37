// Package apply is how people apply for what the city does for them: they come in by
// a code to the telephone that the register has for them, what the registers and their
// certificates say already is not asked again, and decision tables get their facts.
// It reads registers only for a declared purpose and with the person's agreement, and
// every reading is the register's to log. What it cannot know for certain it says, so
// that a person decides.
package apply
