// Package file reads the files of a data set: which there are, their records in
// the order in which they stand, and what is wrong with them, at its line. It
// reads YAML, JSON, JSON Lines and CSV, each also packed with gzip, as they come,
// and refuses a record that takes more than its limits allow.
package file
