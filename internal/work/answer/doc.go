// Package answer reads an official reply beside the message it replies to and
// says whether the reply answers: whether it is an empty formula, which demands
// it leaves out, whether it says who did what and when, on what basis and where
// to turn next, and whether it tells of persons what need not be told. Every
// finding carries the words it rests on. A grammar of formulas (formulas.tsv)
// tells what is said from what is only polite; a small fitted table weighs what
// remains. It is arithmetic on two texts: no database, no network.
package answer
