// Package document is one small model of an official document (head, headings,
// paragraphs, tables, figures) and writes it three ways: as a page, as DOCX and as
// PDF. A PDF carries the outlines of the characters it uses, taken from the fonts
// of the machine at run time; no character is lost: what no font has is drawn as
// its code, and still copies and searches as itself.
package document
