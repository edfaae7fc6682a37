// Package outward sends signed messages by HTTP to systems of others: gateways
// that deliver notices, partners that are told of cases. A message carries its id,
// its time and a keyed digest over both and the body, so that the receiver knows
// who sent it, that nothing was altered, and whether it has it already. A client
// for addresses that strangers chose reaches no machine of the house's own network.
//
// https://www.standardwebhooks.com/
package outward
