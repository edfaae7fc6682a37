// Package register holds what the city knows of persons, legal entities, homes and
// whatever else a pack declares a register for: facts of subjects, each with its
// source and the days for which it holds.
//
// # Two times
//
// A fact holds from a day to a day, and was recorded at a moment. What is put right
// later is not overwritten: the earlier word ends at that moment, so that everything
// can be read as it was on a day, as far as it was known at a moment.
//
// # Reading
//
// Nobody reads without a purpose that the register's declaration grants, for the items
// it grants, and each reading is written down where the subject can see it. Sources
// that contradict each other about an item on which they have to agree leave a doubt,
// and a subject that may be two leaves one too; whoever decides by such a fact is told.
//
// # At rest
//
// All facts of a subject lie in one sealed sheet under one key of the house, which lies
// wrapped under the master key; what subjects are found by lies there blinded. A key of
// its own for each subject, as cases have, would cost more than the facts: registers
// are loaded by the million.
package register
