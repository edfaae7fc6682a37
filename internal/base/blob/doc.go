// Package blob keeps attachments in a directory, each under the digest of its
// content. What is put is either there whole and durable or not there at all;
// it is of a type the store knows by its content, within the size allowed, and
// sealed with the caller's key where one is given, so that destroying the key
// destroys the content in every backup. It also makes small pictures, which
// carry none of the metadata of the original.
package blob
