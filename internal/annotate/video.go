// Package annotate makes a video of a bag's camera topic with what the tasks find drawn onto it. Every frame goes
// through the networks one after the other, without ROS, scheduler and deadlines.
package annotate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gocv.io/x/gocv"

	"rtmdl/internal/bag"
	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/draw"
	"rtmdl/internal/perception"
	"rtmdl/internal/ros/msg"
)

var (
	// ErrTopic is returned for a bag that has no camera topic of the name, or several where none was named.
	ErrTopic = errors.New("camera topic")
	// ErrVideo is returned for a file that can't be written as a video.
	ErrVideo = errors.New("video")
)

// Task is a network with the vision code around it. Both belong to the caller.
type Task struct {
	Name   string
	Model  device.Model
	Vision perception.Vision
}

// Options are those of Video. The zero value takes the bag's only camera topic.
type Options struct {
	Topic    string                 // full name; "": the only one
	Progress func(done, all uint64) // nil: nobody is told
	Warn     func(text string)      // nil: nobody is told
}

// Summary is what became of the frames.
type Summary struct {
	Topic   string
	Frames  uint64        // drawn
	Damaged uint64        // left out
	Length  time.Duration // of the video
}

const (
	minRate, maxRate = 1, 60           // pictures a second of a video
	longestPause     = 5 * time.Second // of the recording; longer ones are shortened to it
)

// codecs are what is written, by the file's ending.
var codecs = map[string]string{".avi": "MJPG", ".mp4": "mp4v"}

// Video writes path, an .avi or .mp4 file, which appears when it is whole. It plays as fast as the recording: its
// rate is that of the camera, and a frame stays until the next one. All pictures have the size of the first.
func Video(ctx context.Context, reader *bag.Reader, path string, tasks []Task, o Options) (s Summary, err error) {
	codec, ok := codecs[strings.ToLower(filepath.Ext(path))]
	if !ok {
		return s, fmt.Errorf("%w: %s must end in .avi or .mp4", ErrVideo, path)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return s, fmt.Errorf("%w: there is no folder %s", ErrVideo, filepath.Dir(path))
	}
	topic, err := chooseTopic(reader, o.Topic)
	if err != nil {
		return s, err
	}
	s.Topic = topic.Name
	times, err := logTimes(ctx, reader, topic)
	if err != nil {
		return s, err
	}
	a := &annotator{tasks: tasks, rate: rate(times)}
	defer func() { err = errors.Join(err, a.close()) }()
	part := strings.TrimSuffix(path, filepath.Ext(path)) + ".part" + filepath.Ext(path)
	defer os.Remove(part) //nolint:errcheck // it is gone where all went well
	var at time.Duration  // of the present frame in the video
	for m, err := range reader.Messages(ctx, bag.Query{Topics: []string{topic.Name}}) {
		if err != nil {
			return s, err
		}
		if m.Topic != topic {
			continue
		}
		n := s.Frames + s.Damaged
		picture, err := a.annotate(frameOf(m))
		if err != nil {
			s.Damaged++
			if o.Warn != nil {
				o.Warn(fmt.Sprintf("frame %d is left out: %v", n+1, err))
			}
		} else {
			s.Frames++
			if err := a.show(part, codec, picture); err != nil {
				return s, err
			}
		}
		if n+1 < uint64(len(times)) {
			at += min(time.Duration(times[n+1]-times[n]), longestPause)
		} else {
			at += time.Duration(float64(time.Second) / a.rate)
		}
		if err := a.holdUntil(at); err != nil {
			return s, err
		}
		if o.Progress != nil {
			o.Progress(n+1, uint64(len(times)))
		}
	}
	if s.Frames == 0 {
		return s, fmt.Errorf("%w: %s has no frame that can be drawn", ErrVideo, topic.Name)
	}
	s.Length = at
	if err := a.finish(); err != nil {
		return s, err
	}
	return s, os.Rename(part, path)
}

// chooseTopic finds the camera topic.
func chooseTopic(reader *bag.Reader, name string) (*bag.Topic, error) {
	var found []*bag.Topic
	var names []string
	for _, t := range reader.Topics() {
		if t.Type != msg.TypeImage && t.Type != msg.TypeCompressedImage || strings.Contains(t.Name, "/debug_image") {
			continue
		}
		names = append(names, t.Name)
		if name == "" || t.Name == name {
			found = append(found, t)
		}
	}
	switch {
	case len(names) == 0:
		return nil, fmt.Errorf("%w: the bag has none", ErrTopic)
	case len(found) == 0:
		return nil, fmt.Errorf("%w: the bag has no %s; it has %s", ErrTopic, name, strings.Join(names, ", "))
	case len(found) > 1:
		return nil, fmt.Errorf("%w: the bag has %s; name one", ErrTopic, strings.Join(names, ", "))
	}
	return found[0], nil
}

// logTimes returns when the topic's messages were recorded, in their order.
func logTimes(ctx context.Context, reader *bag.Reader, topic *bag.Topic) (times []int64, err error) {
	for m, err := range reader.Messages(ctx, bag.Query{Topics: []string{topic.Name}}) {
		if err != nil {
			return nil, err
		}
		if m.Topic == topic {
			times = append(times, m.LogTime)
		}
	}
	return times, nil
}

// rate is the camera's, in pictures a second: of the median gap between two frames.
func rate(times []int64) float64 {
	var gaps []int64
	for i := 1; i < len(times); i++ {
		gaps = append(gaps, times[i]-times[i-1])
	}
	if len(gaps) == 0 {
		return minRate
	}
	slices.SortFunc(gaps, cmp.Compare[int64])
	return min(max(1e9/float64(max(gaps[len(gaps)/2], 1)), minRate), maxRate)
}

func frameOf(m bag.Message) *camera.Frame {
	if m.Topic.Type == msg.TypeCompressedImage {
		return camera.ReadCompressed(m.Data, 0)
	}
	return camera.ReadRaw(m.Data, 0)
}

// annotator draws frames and writes them.
type annotator struct {
	tasks   []Task
	tensors []*device.Tensors // by task
	rate    float64

	writer  *gocv.VideoWriter // nil: nothing is shown yet
	size    image.Point
	picture gocv.Mat
	written int
}

// annotate draws what the tasks find in a frame.
func (a *annotator) annotate(frame *camera.Frame) (*image.RGBA, error) {
	pix, width, height, err := frame.BGR()
	if err != nil {
		return nil, err
	}
	img, err := draw.FromBGR(pix, width, height)
	if err != nil {
		return nil, err
	}
	for i, t := range a.tasks {
		if i == len(a.tensors) {
			tensors, err := t.Model.NewTensors()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", t.Name, err)
			}
			a.tensors = append(a.tensors, tensors)
		}
		result, err := run(t, frame, a.tensors[i])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
		if p, ok := result.(perception.Painter); ok {
			p.Paint(img)
		}
	}
	return img, nil
}

func run(t Task, frame *camera.Frame, tensors *device.Tensors) (any, error) {
	if err := t.Vision.Pre(frame, tensors.In); err != nil {
		return nil, err
	}
	if err := t.Model.Run(tensors); err != nil {
		return nil, err
	}
	return t.Vision.Post(frame, tensors.Out)
}

// show makes img the picture that is written from now on.
func (a *annotator) show(path, codec string, img *image.RGBA) (err error) {
	if a.writer == nil {
		a.size = img.Rect.Size()
		if a.writer, err = gocv.VideoWriterFile(path, codec, a.rate, a.size.X, a.size.Y, true); err != nil {
			return fmt.Errorf("%w: %w", ErrVideo, err)
		}
		if !a.writer.IsOpened() {
			return fmt.Errorf("%w: OpenCV can't write %s with the codec %s; try the ending .avi", ErrVideo, path, codec)
		}
	} else if err := a.picture.Close(); err != nil {
		return err
	}
	m := draw.ToImage(img, msg.Header{})
	picture, err := gocv.NewMatFromBytes(int(m.Height), int(m.Width), gocv.MatTypeCV8UC3, m.Data)
	if err != nil {
		return err
	}
	a.picture = picture
	if img.Rect.Size() != a.size {
		gocv.Resize(a.picture, &a.picture, a.size, 0, 0, gocv.InterpolationArea)
	}
	return nil
}

// holdUntil writes the picture as often as it takes until an instant of the video.
func (a *annotator) holdUntil(at time.Duration) error {
	for a.writer != nil && float64(a.written) < at.Seconds()*a.rate-0.5 {
		if err := a.writer.Write(a.picture); err != nil {
			return fmt.Errorf("%w: %w", ErrVideo, err)
		}
		a.written++
	}
	return nil
}

// finish completes the file.
func (a *annotator) finish() error {
	w := a.writer
	a.writer = nil
	return errors.Join(w.Close(), a.picture.Close())
}

func (a *annotator) close() error {
	var errs []error
	for _, t := range a.tensors {
		errs = append(errs, t.Close())
	}
	if a.writer != nil {
		errs = append(errs, a.finish())
	}
	return errors.Join(errs...)
}
