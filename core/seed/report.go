package seed

import (
	"coppice/core/seed/internal/file"
	"coppice/core/seed/internal/ledger"
)

// Error is what is wrong with a seed file, or with a part of one.
type Error = file.Error

// Errors is everything that was found wrong with the files: the first 20 in
// full, and how many there are.
type Errors = file.Errors

// Step is what is done with a file.
type Step = file.Step

// The steps.
const (
	Checking = file.Checking // it is read, and nothing is written yet
	Loading  = file.Loading  // its records are written
)

// Progress tells how far a file is.
type Progress = file.Progress

// Holder is the seeder that is at work.
type Holder = ledger.Holder
