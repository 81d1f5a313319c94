package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"rtmdl/internal/manifest"
	"rtmdl/scheduler/scale"
	"rtmdl/scheduler/task"
)

// keepModels writes a new folder of models in which the task has the chosen levels alone.
func keepModels(c *cobra.Command, from, to string, t *task.Task, chosen scale.Choice, budget int64) error {
	m, err := manifest.Load(from)
	if err != nil {
		return err
	}
	known := m.Task(t.Name)
	if known == nil {
		return fmt.Errorf("%w: %s has no task '%s'", errUsage, from, t.Name)
	}
	levels := strings.Fields(levelNames(t, chosen))
	bytes, err := known.Storage(levels...)
	if err == nil && task.Bytes(bytes) != chosen.Storage {
		err = fmt.Errorf("%s have %d bytes there, not %d", strings.Join(levels, " "), bytes, chosen.Storage)
	}
	if err != nil {
		return fmt.Errorf("%w: the task set is of other networks than %s: %w; run rtmdl profile on those", errUsage, from, err)
	}
	kept, err := m.Keep(to, t.Name, levels)
	if err != nil {
		return err
	}
	bytes, err = kept.Task(t.Name).Storage(levels...)
	if err == nil && bytes > budget { // offsets may have a digit more
		err = fmt.Errorf("%s: the levels have %d bytes when written, above the budget; give a smaller one", to, bytes)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "wrote %s: %s have %d bytes. To run one:\n  bin/suite --ros-args -p models_dir:=%s -p %s.variant:=%s\n",
		to, strings.Join(levels, " "), bytes, to, t.Name, levels[0])
	return nil
}
