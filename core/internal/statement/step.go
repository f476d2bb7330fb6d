package statement

// Step is a part of an engine's plan that reads a table, or sorts what was read. The
// steps that a sort takes its rows from stand before it, at its depth.
type Step struct {
	Depth    int
	Scans    bool   // it reads all of a table, or of an index of it
	Searches bool   // it reads what an index finds
	Table    string // of what is read, or its alias
	Index    bool   // it reads by an index other than that of the rows' numbers
	ByID     bool   // each row is found by its id
	Built    bool   // it reads what the statement itself made: a list or a subquery
	Sorts    string // what it sorts for: ORDER BY, GROUP BY, DISTINCT, …
}
