// Package house holds no code: its tests check what is true of the project as
// a whole, such as the direction of its imports.
package house
