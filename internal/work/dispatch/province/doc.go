// Package province holds the matters of Guangdong's taxonomy of 12345 appeals
// (DB44/T 2479-2024): codes and names of three levels, and for each the words
// citizens use and the unit types that usually handle it, written for this project
// from what the governments of cities and counties do. It is the duty list of last
// resort: a city without one of its own starts from it.
package province
