// Package population makes a synthetic population and loads registers from files,
// finding out on the way which records are of the same person.
//
// # Files
//
// A directory holds REGISTER.csv and REGISTER@SOURCE.csv: the head names items, the
// column no is the source's own number of a record, and an item that names a subject
// holds the no of a record in that subject's file. A row that a register cannot take is
// refused with its line and the reason; the others go in.
//
// # Who is who
//
// Records of persons are compared in blocks (number, name and birthday, telephone and
// so on) and weighed as Fellegi and Sunter do: what agrees counts by how rarely it
// agrees by chance, what differs counts against. Two well-formed numbers that differ are
// two people, and another birthday is never the same person by itself: such a record,
// and one that is likely but not sure, waits for a person to decide and enters nothing
// until then.
package population
