// Package idnumber checks the numbers by which the country knows people, bodies
// and certificates: the citizen's identity number (GB 11643), the unified social
// credit code (GB 32100-2015) and the check character of ISO/IEC 7064 MOD 37,36
// that certificate identifiers end with (GB/T 36904-2018). A number that passes
// is well formed; whether it was ever given out, only its register knows.
package idnumber
