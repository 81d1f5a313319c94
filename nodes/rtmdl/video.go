//go:build cgo

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"rtmdl/internal/annotate"
	"rtmdl/internal/bag"
	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/manifest"
	"rtmdl/internal/suite"
)

// videoOptions are those of replay --draw.
type videoOptions struct {
	file, models, variant string
	tasks                 []string // names; empty: all
}

// write makes the video of the only topic, or of the bag's only camera topic.
func (v *videoOptions) write(ctx context.Context, reader *bag.Reader, topics []string, line *statusLine) (err error) {
	o := annotate.Options{Warn: line.warn, Progress: func(done, all uint64) { line.show("drew %d of %d frames", done, all) }}
	switch len(topics) {
	case 0:
	case 1:
		o.Topic = topics[0]
	default:
		return fmt.Errorf("%w: --draw takes one camera topic, got %v", errUsage, topics)
	}
	camera.UseOneThread()
	known := suite.Tasks()
	for _, name := range v.tasks {
		if !slices.ContainsFunc(known, func(t suite.Task) bool { return t.Name == name }) {
			return fmt.Errorf("%w: there is no task '%s'", errUsage, name)
		}
	}
	if len(v.tasks) > 0 {
		known = slices.DeleteFunc(known, func(t suite.Task) bool { return !slices.Contains(v.tasks, t.Name) })
	}
	var networks []string
	for _, t := range known {
		networks = append(networks, t.Name+"/"+v.variant)
	}
	models, err := manifest.Load(v.models, networks...)
	if err != nil {
		return err
	}
	d, err := device.NewCPU(device.Options{Library: device.DefaultLibrary, Cores: device.Cores()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	var tasks []annotate.Task
	for _, t := range known {
		n, err := t.Load(d, models, v.variant, 0)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, n.Model.Close()) }()
		tasks = append(tasks, annotate.Task{Name: t.Name, Model: n.Model, Vision: n.Vision})
	}
	s, err := annotate.Video(ctx, reader, v.file, tasks, o)
	line.clear()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(os.Stdout, "%s: %d frames of %s, %.1f s, %d damaged frames left out\n", v.file, s.Frames, s.Topic, s.Length.Seconds(), s.Damaged)
	return err
}
