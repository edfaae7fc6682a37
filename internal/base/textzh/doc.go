// Package textzh handles Chinese text as citizens write it: it folds the many
// ways of writing the same thing into one, splits sentences, makes the tokens
// that search uses on both databases, finds known names, and measures how alike
// two texts are. It knows no dictionary and nothing of government.
package textzh
