// Package org knows who works for the city: units in their tree, staff, roles,
// duty rosters and accounts, and answers one question for everybody else: may
// this person do this, here? Access is role × unit subtree, denied by default,
// in plain Go so that it can be tested as a table.
package org
