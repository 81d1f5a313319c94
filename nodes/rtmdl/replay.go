//go:build cgo

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"rtmdl/internal/bag"
	"rtmdl/internal/replay"
	"rtmdl/internal/ros"
)

func replayCommand(rosArgs []string) *cobra.Command {
	o := replay.Options{Rate: 1, Subscribers: 1, Wait: 5 * time.Second, Settle: replay.DefaultSettle}
	var salvage, quiet bool
	var video videoOptions
	c := &cobra.Command{
		Use:   "replay BAG",
		Short: "Play an MCAP bag on real topics, at its own times",
		Long: `Plays a bag (an MCAP file, or a rosbag2 folder with MCAP files) on real topics, at the times at which its
messages were recorded. Topics can be renamed with ROS arguments:

  rtmdl replay drive.mcap --ros-args -r /front/image_raw:=/camera/image_raw

A part of it, again and again, with the bag's time on /clock for nodes that have use_sim_time:

  rtmdl replay drive.mcap --start 1m30s --duration 20 --loop --clock

With --draw FILE.avi (or .mp4) nothing is played: every frame of the camera topic goes through the networks, and the
frames are written as a video with what was found.`,
		Args: func(c *cobra.Command, args []string) error {
			err := oneBag(c, args)
			if len(args) > 1 && c.Flags().Changed("clock") {
				return fmt.Errorf("%w; how often goes behind a =, as in --clock=40", err)
			}
			return err
		},
		RunE: func(c *cobra.Command, args []string) (err error) {
			if !(o.Rate > 0 && o.Rate <= 1000) {
				return fmt.Errorf("%w: --rate is %v, and must be above 0, up to 1000", errUsage, o.Rate)
			}
			changed := c.Flags().Changed
			switch {
			case changed("clock") && !(o.Clock > 0 && o.Clock <= 1000):
				return fmt.Errorf("%w: --clock is %v, and must be above 0, up to 1000 Hz", errUsage, o.Clock)
			case o.Start < 0:
				return fmt.Errorf("%w: --start is %v, and can't be below 0", errUsage, o.Start)
			case changed("duration") && o.Duration <= 0:
				return fmt.Errorf("%w: --duration is %v, and must be above 0", errUsage, o.Duration)
			case o.Restamp && o.Clock > 0:
				return fmt.Errorf("%w: --restamp stamps with the time of playing, --clock tells the bag's time; choose one", errUsage)
			case video.file != "" && (o.Clock > 0 || o.Start > 0 || o.Duration > 0):
				return fmt.Errorf("%w: --draw draws the whole bag, without --clock, --start and --duration", errUsage)
			}
			for i, topic := range o.Topics {
				o.Topics[i] = fullTopic(topic)
			}
			open := bag.Open
			if salvage {
				open = bag.Recover
			}
			reader, err := open(args[0])
			if errors.Is(err, bag.ErrTruncated) {
				return fmt.Errorf("%w (--recover plays what is intact)", err)
			} else if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, reader.Close()) }()
			line := newStatusLine(quiet)
			defer line.end()
			if reader.Damage() != nil {
				line.warn(reader.Damage().Error())
			}
			if video.file != "" {
				return video.write(c.Context(), reader, o.Topics, line)
			}
			session, _, err := ros.Open(rosArgs)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, session.Close()) }()
			node, err := session.NewNode("rtmdl_replay", "")
			if err != nil {
				return err
			}
			o.Warn = line.warn
			o.Progress = func(p replay.Progress) {
				pass := ""
				if o.Loop {
					pass = fmt.Sprintf(", pass %d", p.Pass)
				}
				line.show("played %d of %d messages%s, %.1f s left", p.Played, p.Total, pass, p.Left.Seconds())
			}
			return played(c.Context(), session, func(ctx context.Context) error { return replay.Play(ctx, node, reader, o) })
		},
	}
	f := c.Flags()
	f.Float64Var(&o.Rate, "rate", o.Rate, "speed, 1 being that of the recording")
	f.BoolVar(&o.Loop, "loop", false, "begin again at the end, until interrupted")
	f.Var((*seconds)(&o.Start), "start", "begin that many `seconds` into the bag (or 1m30s)")
	f.Var((*seconds)(&o.Duration), "duration", "play that many `seconds` of the bag (or 1m30s), whatever the speed; default: to its end")
	f.Float64Var(&o.Clock, "clock", 0, "publish the bag's time on /clock, for nodes with use_sim_time: 40 times a second, or as --clock=`HZ` says")
	f.Lookup("clock").NoOptDefVal = "40"
	f.StringSliceVar(&o.Topics, "topics", nil, "play these topics only (comma-separated)")
	f.IntVar(&o.Subscribers, "subscribers", o.Subscribers, "wait until each topic has that many subscribers")
	f.DurationVar(&o.Wait, "wait", o.Wait, "wait for subscribers at most that long")
	f.DurationVar(&o.Settle, "settle", o.Settle, "then let them settle that long: on a busy machine up to 3s until they see the publisher")
	f.BoolVar(&o.Restamp, "restamp", false, "give messages with a header the time of playing as their stamp, as a camera would")
	f.BoolVar(&salvage, "recover", false, "play what is intact of an unfinished or damaged bag")
	f.StringVar(&video.file, "draw", "", "write an annotated video of the camera topic (--topics names it) to this file, and play nothing")
	f.StringSliceVar(&video.tasks, "tasks", nil, "with --draw: what is looked for (default: everything)")
	f.StringVar(&video.models, "models", ros.Share("models"), "with --draw: folder of the networks and their manifest.yaml")
	f.StringVar(&video.variant, "variant", "w100", "with --draw: the networks: each task's level of this name in the manifest")
	f.BoolVarP(&quiet, "quiet", "q", false, "show no progress")
	return c
}

// played plays while the node's services answer.
func played(ctx context.Context, session *ros.Session, play func(context.Context) error) error {
	serving, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- session.Run(serving) }()
	err := play(ctx)
	stop()
	return errors.Join(err, <-served)
}
