// Package entitle brings what people have a right to without their asking (免申即享):
// the decision table of a service item is run over a register, every night and on each
// fact that changes; who newly qualifies gets a case, opened and decided by the machine,
// and who no longer does is stopped with the reason. What is due is paid in files for
// the bank that one person makes and another releases, and each line is accounted for.
package entitle
