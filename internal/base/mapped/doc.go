// Package mapped gives memory that lies in a file, so that the machine may take it back
// whenever it needs it for something else and bring it again when it is looked at: for
// what is much, plain, and rarely all of it looked at. The collector of memory neither
// walks nor counts it.
package mapped
