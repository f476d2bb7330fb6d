// Package engine opens databases: it turns a URL into a driver for a project's typed
// client, with the schema ready. Each engine has a package of its own below, which
// alone imports the engine's driver.
package engine
