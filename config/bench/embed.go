// Package bench has the frozen task sets of the benchmark's scenario paper and
// the variants that it and mixed are made from. The sets are made by
// "rtmdl bench --calibrate config/bench", once.
package bench

import "embed"

// Files are rtmdl_variants.csv and the calibrated sets.
//
//go:embed *.csv *.yaml
var Files embed.FS
