package ros

import (
	"os"
	"path/filepath"
)

// builtWith is the AMENT_PREFIX_PATH of the build, so that executables run where nothing was sourced.
var builtWith string

// Prefixes returns the folders of the ROS installation, the first one winning: those of AMENT_PREFIX_PATH, then
// those that the executable was built with.
func Prefixes() []string {
	var prefixes []string
	for _, list := range []string{os.Getenv("AMENT_PREFIX_PATH"), builtWith} {
		for _, p := range filepath.SplitList(list) {
			if p != "" {
				prefixes = append(prefixes, p)
			}
		}
	}
	return prefixes
}
