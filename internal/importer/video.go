package importer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gocv.io/x/gocv"

	"rtmdl/internal/bag"
)

// jpegQuality is that of a video's frames, in percent: what cameras that send JPEG have.
const jpegQuality = 90

// IsVideo reports whether a name is that of a video by its ending.
func IsVideo(name string) bool {
	return slices.Contains([]string{".avi", ".mp4", ".mkv", ".mov", ".webm", ".m4v", ".mpg", ".mpeg"}, strings.ToLower(filepath.Ext(name)))
}

// Video imports a video's frames as a camera's, as JPEG, at the video's own rate where it says one. Which kinds can be read is
// OpenCV's to say.
func Video(ctx context.Context, file string, c Camera, out *bag.Writer, progress Progress) (Counts, error) {
	if _, err := os.Stat(file); err != nil {
		return Counts{}, fmt.Errorf("%w: %w", ErrSource, err)
	}
	v, err := gocv.VideoCaptureFile(file)
	if err != nil {
		return Counts{}, fmt.Errorf("%w: OpenCV can't read %s: %w; convert it with ffmpeg to .avi (MJPG)", ErrSource, file, err)
	}
	defer v.Close() //nolint:errcheck // read only
	if fps := v.Get(gocv.VideoCaptureFPS); fps >= 1 && fps <= 1000 {
		c.Rate = fps
	}
	all := int64(max(0, v.Get(gocv.VideoCaptureFrameCount)))
	s, err := c.newSender(newWriter(out))
	if err != nil {
		return Counts{}, err
	}
	picture := gocv.NewMat()
	defer picture.Close() //nolint:errcheck // frees memory
	for v.Read(&picture) {
		if err := ctx.Err(); err != nil {
			return s.counts, err
		}
		if picture.Empty() {
			continue
		}
		jpeg, err := gocv.IMEncodeWithParams(gocv.JPEGFileExt, picture, []int{gocv.IMWriteJpegQuality, jpegQuality})
		if err != nil {
			return s.counts, fmt.Errorf("frame %d of %s: %w", s.frames, file, err)
		}
		err = s.send(jpeg.GetBytes(), "jpeg")
		jpeg.Close()
		if err != nil {
			return s.counts, err
		}
		if progress != nil {
			progress(s.frames, all)
		}
	}
	if s.frames == 0 {
		return s.counts, fmt.Errorf("%w: OpenCV reads no frame of %s", ErrSource, file)
	}
	if s.frames < all-1 {
		s.lost(fmt.Sprintf("the video's end: it says that it has %d frames, and %d could be read", all, s.frames))
	}
	return s.counts, nil
}
