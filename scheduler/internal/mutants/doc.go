// Package mutants has no code but a test, which changes the dispatch and
// packing rules in one place at a time and expects the tests to notice:
//
//	go test ./scheduler/internal/mutants -run Mutants -mutants -timeout 60m
package mutants
