//go:build cgo

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rtmdl/internal/bag"
	"rtmdl/internal/importer"
)

// importOptions are the flags of rtmdl import.
type importOptions struct {
	out, topic, frame string
	rate              float64
	overwrite, quiet  bool
}

func importCommand() *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use:   "import SOURCE --out BAG.mcap",
		Short: "Make an MCAP bag of a SQLite or compressed bag, of pictures, or of a video",
		Long: `Makes an MCAP bag of what comes from elsewhere:

  a rosbag2 folder, or one of its files: SQLite (.db3) or MCAP, compressed by file (.zstd) or by message, unfinished or
  damaged too: what can be read is taken over, and what was lost is said
  a folder of pictures (.jpg, .png), one frame each, in the order of their names
  a video that OpenCV reads (.mp4, .avi, ...)

Topics of a bag keep their names; rtmdl replay renames them. Pictures and videos become sensor_msgs/CompressedImage.`,
		Example: `  rtmdl import drive_humble --out drive.mcap
  rtmdl import photographs --rate 10 --out photographs.mcap
  rtmdl import dashcam.mp4 --topic /front/image_raw --out dashcam.mcap`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), args[0]) },
	}
	f := c.Flags()
	f.StringVar(&o.out, "out", "", "bag to write (.mcap)")
	f.StringVar(&o.topic, "topic", "/camera/image_raw", "of pictures or a video, the camera's topic; /compressed is put behind it")
	f.StringVar(&o.frame, "frame-id", "camera", "and its frame")
	f.Float64Var(&o.rate, "rate", 30, "pictures a second; a video's own where it says one")
	f.BoolVar(&o.overwrite, "overwrite", false, "replace the file if it exists")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "show no progress")
	return c
}

func (o *importOptions) run(ctx context.Context, source string) (err error) {
	switch {
	case o.out == "":
		return fmt.Errorf("%w: --out BAG.mcap is missing", errUsage)
	case !strings.HasSuffix(o.out, ".mcap"):
		return fmt.Errorf("%w: --out %s must end in .mcap", errUsage, o.out)
	case !(o.rate > 0 && o.rate <= 1000):
		return fmt.Errorf("%w: --rate %v: want more than 0, up to 1000", errUsage, o.rate)
	}
	if _, err := os.Lstat(o.out); err == nil && !o.overwrite {
		return fmt.Errorf("%w: %s is there already; give --overwrite or choose another name", errUsage, o.out)
	}
	part := o.out + ".part"
	w, err := bag.Create(part, bag.Options{Overwrite: true})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(part))
		}
	}()
	line := newStatusLine(o.quiet)
	defer line.clear()
	counts, err := o.convert(ctx, source, w, func(done, all int64) {
		all = max(all, done)
		line.show("%s %d of %d messages", bar(int(done), int(all)), done, all)
	})
	if err = errors.Join(err, w.Close()); err != nil {
		if errors.Is(err, context.Canceled) {
			return errors.New("interrupted: nothing was written")
		}
		return err
	}
	if err := os.Rename(part, o.out); err != nil {
		return err
	}
	line.clear()
	fmt.Printf("wrote %s: %d messages\n", o.out, counts.Messages)
	for _, what := range counts.Lost {
		fmt.Fprintln(os.Stderr, "lost:", what)
	}
	return nil
}

// convert chooses by what the source is.
func (o *importOptions) convert(ctx context.Context, source string, w *bag.Writer, progress importer.Progress) (importer.Counts, error) {
	camera := importer.Camera{Topic: o.topic, FrameID: o.frame, Rate: o.rate, Start: time.Now()}
	info, err := os.Stat(source)
	switch {
	case err != nil:
		return importer.Counts{}, fmt.Errorf("%w: %w", errUsage, err)
	case info.IsDir() && !importer.HoldsBag(source):
		return importer.Pictures(ctx, source, camera, w, progress)
	case !info.IsDir() && importer.IsVideo(source):
		return importer.Video(ctx, source, camera, w, progress)
	case !info.IsDir() && !importer.IsBag(source):
		return importer.Counts{}, fmt.Errorf("%w: %s is no bag (.db3, .mcap, also .zstd), no video and no folder", errUsage, source)
	}
	return importer.Bag(ctx, source, w, progress)
}
