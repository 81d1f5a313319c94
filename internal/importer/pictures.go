package importer

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"rtmdl/internal/bag"
	"rtmdl/internal/camera"
	"rtmdl/internal/ros/msg"
)

// Camera is the camera whose frames pictures or a video become, as sensor_msgs/CompressedImage.
type Camera struct {
	Topic   string // such as /camera/image_raw; /compressed is put behind it
	FrameID string
	Rate    float64   // Hz, > 0; a video's own where it has one
	Start   time.Time // stamp of the first frame
}

// sender writes a camera's frames.
type sender struct {
	Camera
	*writer
	topic  string
	frames int64
}

func (c Camera) newSender(w *writer) (*sender, error) {
	s := &sender{Camera: c, writer: w, topic: strings.TrimSuffix(c.Topic, "/") + "/compressed"}
	return s, w.topic(s.topic, msg.TypeCompressedImage, "", bag.QoS{Depth: 5}.String())
}

// send writes a frame, a JPEG or PNG.
func (s *sender) send(file []byte, format string) error {
	at := s.Start.Add(time.Duration(float64(s.frames) / s.Rate * float64(time.Second)))
	s.frames++
	m := &msg.CompressedImage{
		Header: msg.Header{Stamp: msg.Time{Sec: int32(at.Unix()), Nanosec: uint32(at.Nanosecond())}, FrameID: s.FrameID},
		Format: format, Data: file,
	}
	return s.write(s.topic, at.UnixNano(), m.MarshalCDR(nil))
}

// formats are the pictures that CompressedImage may hold, by the names' endings.
var formats = map[string]string{".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png"}

// Pictures imports a folder's JPEG and PNG files as a camera's frames, in the order of their names, in which numbers count as
// such (2 before 10). What is no sound picture is left out and named.
func Pictures(ctx context.Context, folder string, c Camera, out *bag.Writer, progress Progress) (Counts, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return Counts{}, fmt.Errorf("%w: %w", ErrSource, err)
	}
	var names []string
	for _, e := range entries {
		if formats[strings.ToLower(filepath.Ext(e.Name()))] != "" && e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return Counts{}, fmt.Errorf("%w: %s has no .jpg, .jpeg or .png files, and is no bag", ErrSource, folder)
	}
	slices.SortFunc(names, byNumbers)
	s, err := c.newSender(newWriter(out))
	if err != nil {
		return Counts{}, err
	}
	for i, name := range names {
		if err := ctx.Err(); err != nil {
			return s.counts, err
		}
		file, err := os.ReadFile(filepath.Join(folder, name))
		if err == nil {
			err = camera.FromCompressed(&msg.CompressedImage{Data: file}, 1).Err()
		}
		if err != nil {
			s.lost(fmt.Sprintf("%s: %v", name, err))
			continue
		}
		if err := s.send(file, formats[strings.ToLower(filepath.Ext(name))]); err != nil {
			return s.counts, err
		}
		if progress != nil {
			progress(int64(i+1), int64(len(names)))
		}
	}
	if s.counts.Messages == 0 {
		return s.counts, fmt.Errorf("%w: no picture of %d can be read: %s", ErrSource, len(names), s.counts.Lost[0])
	}
	return s.counts, nil
}

var digits = regexp.MustCompile(`\d+|\D+`)

// byNumbers orders names with numbers in them as people do.
func byNumbers(a, b string) int {
	x, y := digits.FindAllString(a, -1), digits.FindAllString(b, -1)
	for i := range min(len(x), len(y)) {
		m, err1 := strconv.ParseUint(x[i], 10, 64)
		n, err2 := strconv.ParseUint(y[i], 10, 64)
		order := cmp.Compare(x[i], y[i])
		if err1 == nil && err2 == nil {
			order = cmp.Or(cmp.Compare(m, n), order)
		}
		if order != 0 {
			return order
		}
	}
	return cmp.Compare(len(x), len(y))
}
