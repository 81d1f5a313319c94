//go:build cgo

package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"rtmdl/internal/bag"
	"rtmdl/internal/record"
	"rtmdl/internal/ros"
)

// topicName matches the full name of a topic.
var topicName = regexp.MustCompile(`^(/[A-Za-z_][A-Za-z0-9_]*)+$`)

func recordCommand(rosArgs []string) *cobra.Command {
	var (
		o                    record.Options
		out, compression     string
		all, overwrite, mute bool
		duration             time.Duration
	)
	c := &cobra.Command{
		Use:   "record TOPIC...",
		Short: "Record topics into an MCAP bag",
		Long: `Records topics into an MCAP file that 'ros2 bag' and the rosbags package read, until interrupted. Topics are
picked up whenever somebody begins to publish on them.`,
		RunE: func(c *cobra.Command, args []string) (err error) {
			if (len(args) == 0) != all {
				return fmt.Errorf("%w: name the topics to record, or give --all", errUsage)
			}
			for _, topic := range args {
				topic = fullTopic(topic)
				if !topicName.MatchString(topic) {
					return fmt.Errorf("%w: '%s' is no name of a topic", errUsage, topic)
				}
				o.Topics = append(o.Topics, topic)
			}
			if duration < 0 {
				return fmt.Errorf("%w: --duration is %v, and must not be below 0", errUsage, duration)
			}
			if out == "" {
				out = "rtmdl_" + time.Now().Format("2006-01-02_15-04-05") + ".mcap"
			}
			options := bag.Options{Overwrite: overwrite}
			switch compression {
			case "none":
			case "lz4":
				options.Compression = bag.LZ4
			case "zstd":
				options.Compression = bag.ZSTD
			default:
				return fmt.Errorf("%w: --compression is '%s', and must be none, lz4 or zstd", errUsage, compression)
			}
			session, _, err := ros.Open(rosArgs)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, session.Close()) }()
			node, err := session.NewNode("rtmdl_record", "")
			if err != nil {
				return err
			}
			writer, err := bag.Create(out, options)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, writer.Close()) }()
			line := newStatusLine(mute)
			defer line.end()
			o.Warn = line.warn
			o.Progress = func(p record.Progress) {
				lost := ""
				if p.Lost > 0 {
					lost = fmt.Sprintf(", %d LOST", p.Lost)
				}
				line.show("recorded %d messages of %d topics, %.1f MB%s, to %s", p.Messages, p.Topics, float64(p.Bytes)/1e6, lost, out)
			}
			ctx := c.Context()
			if duration > 0 {
				var stop context.CancelFunc
				ctx, stop = context.WithTimeout(ctx, duration)
				defer stop()
			}
			return record.Record(ctx, session, node, writer, o)
		},
	}
	f := c.Flags()
	f.StringVarP(&out, "output", "o", "", "file to write (default: rtmdl_<date>.mcap)")
	f.BoolVarP(&all, "all", "a", false, "record every topic")
	f.BoolVar(&overwrite, "overwrite", false, "replace the file if it exists")
	f.StringVar(&compression, "compression", "none", "compression of the bag: none, lz4 or zstd")
	f.DurationVar(&duration, "duration", 0, "stop after that time (0: when interrupted)")
	f.BoolVarP(&mute, "quiet", "q", false, "show no progress")
	return c
}
