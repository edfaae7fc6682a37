// Package city puts a pack together: the declarations of units, ground, matters,
// lifecycles, clocks, notices, channels and the calendar become one City that the
// rest of the program reads and nobody changes. A pack with a fault does not load;
// every fault comes with file, line and the mend.
package city
