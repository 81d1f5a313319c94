package report

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"image"
	"image/draw"
	"image/jpeg"
	"math"

	scaledraw "golang.org/x/image/draw"

	"rtmdl/internal/bag"
	boxdraw "rtmdl/internal/draw"
	"rtmdl/internal/ros/msg"
)

// maxPictureWidth is the width to which larger pictures are scaled down, in pixels.
const maxPictureWidth = 960

// picture is an annotated frame of the gallery.
type picture struct {
	File          string // in frames/
	Stamp         string
	At            string // seconds since the start
	State         string
	Boxes         int
	Note          string // outcome and latency
	URL           template.URL
	Width, Height int
	jpeg          []byte
}

// candidate is a frame that may be shown.
type candidate struct {
	frame
	boxes []boxdraw.Box
	lines []*output // those with lines
	count int
	state string
	note  string
	rank  float64
}

// makePictures picks frames spread over the run and draws them. Frames whose image is damaged are named in the report, and
// their neighbours are taken.
func makePictures(ctx context.Context, reader *bag.Reader, r *run, most int) []picture {
	if r.camera == nil || len(r.camera.frames) == 0 || most <= 0 {
		return nil
	}
	matches := make([]match, len(r.tasks))
	for i, t := range r.tasks {
		matches[i] = t.match()
	}
	var pictures []picture
	damaged, shown := 0, ""
	frames := r.camera.frames
	buckets := min(most, len(frames))
	for b := range buckets {
		part := frames[b*len(frames)/buckets : (b+1)*len(frames)/buckets]
		for _, c := range r.best(part, matches, shown, 3) {
			p, err := makePicture(ctx, reader, r, c, len(pictures)+1)
			if err == nil {
				pictures, shown = append(pictures, p), c.state
				break
			}
			if ctx.Err() != nil {
				return pictures
			}
			if damaged++; damaged <= 5 {
				r.problem(fmt.Sprintf("The image of frame %s can't be shown: %v.", stampText(c.stamp), err))
			}
		}
	}
	if damaged > 5 {
		r.problem(fmt.Sprintf("The images of %d more frames can't be shown.", damaged-5))
	}
	return pictures
}

// best returns the n most telling frames of a part, the best first: with boxes before without, another state than the one
// that was shown last before the same, sure boxes before doubtful ones, and then those near the middle.
func (r *run) best(part []frame, matches []match, shown string, n int) []candidate {
	var best []candidate
	for i, f := range part {
		c := r.candidate(f, matches)
		if len(c.boxes) > 0 {
			c.rank += 100
			top := 0.0
			for _, b := range c.boxes {
				if b.Score > top && b.Score <= 1 {
					top = b.Score
				}
			}
			c.rank += 10 * top
		}
		if len(c.lines) > 0 {
			c.rank += 5
		}
		if c.state != "" && c.state != shown {
			c.rank += 20
		}
		middle := float64(len(part)-1) / 2
		c.rank -= math.Abs(float64(i)-middle) / float64(len(part))
		at := len(best)
		for at > 0 && c.rank > best[at-1].rank {
			at--
		}
		if at < n {
			best = append(best[:at], append([]candidate{c}, best[at:]...)...)
			best = best[:min(len(best), n)]
		}
	}
	return best
}

// candidate gathers what all tasks found in a frame.
func (r *run) candidate(f frame, matches []match) candidate {
	c := candidate{frame: f}
	for i, t := range r.tasks {
		if at, ok := matches[i].outputs[f.stamp]; ok {
			o := &t.outputs[at]
			c.boxes = append(c.boxes, o.boxes...)
			c.count += o.count
			if o.lines != nil {
				c.lines = append(c.lines, o)
			}
			if o.state != "" && c.state == "" {
				c.state = o.state
			}
		}
		if at, ok := matches[i].timings[f.stamp]; ok {
			note := t.timings[at].Outcome.String()
			if latency, ok := t.timings[at].latency(); ok {
				note = fmt.Sprintf("%.1f ms", float64(latency)/1e6)
			}
			if len(r.tasks) > 1 {
				note = t.name + " " + note
			}
			if c.note != "" {
				c.note += ", "
			}
			c.note += note
		}
	}
	return c
}

var errGone = errors.New("not found again in the bag")

// makePicture reads one frame's pixels and draws on them.
func makePicture(ctx context.Context, reader *bag.Reader, r *run, c candidate, number int) (picture, error) {
	img, err := loadFrame(ctx, reader, r.camera, c.frame)
	if err != nil {
		return picture{}, err
	}
	for _, o := range c.lines {
		lines, err := loadLines(ctx, reader, o)
		if err != nil {
			return picture{}, err
		}
		boxdraw.Lines(img, lines)
	}
	scale := 1.0
	if w := img.Rect.Dx(); w > maxPictureWidth {
		scale = float64(maxPictureWidth) / float64(w)
		small := image.NewRGBA(image.Rect(0, 0, maxPictureWidth, max(1, int(float64(img.Rect.Dy())*scale))))
		scaledraw.ApproxBiLinear.Scale(small, small.Rect, img, img.Rect, draw.Src, nil)
		img = small
	}
	boxes := make([]boxdraw.Box, len(c.boxes))
	for i, b := range c.boxes {
		b.X, b.Y, b.Width, b.Height = b.X*scale, b.Y*scale, b.Width*scale, b.Height*scale
		boxes[i] = b
	}
	boxdraw.Boxes(img, boxes)
	if c.state != "" {
		boxdraw.Banner(img, c.state, c.state)
	}
	var data bytes.Buffer
	if err := jpeg.Encode(&data, img, &jpeg.Options{Quality: 85}); err != nil {
		return picture{}, err
	}
	return picture{
		File:  fmt.Sprintf("%03d_%d.jpg", number, c.stamp.Nanos()),
		Stamp: stampText(c.stamp), At: fmt.Sprintf("%.1f", r.seconds(c.logTime)), State: c.state, Boxes: c.count, Note: c.note,
		URL:   template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(data.Bytes())),
		Width: img.Rect.Dx(), Height: img.Rect.Dy(), jpeg: data.Bytes(),
	}, nil
}

// loadLines reads the lines of an output again.
func loadLines(ctx context.Context, reader *bag.Reader, o *output) ([]boxdraw.Line, error) {
	query := bag.Query{Topics: []string{o.lines.Name}, From: o.logTime, To: o.logTime + 1}
	for m, err := range reader.Messages(ctx, query) {
		if err != nil {
			return nil, err
		}
		var l msg.LaneLines
		if m.Topic == o.lines && l.UnmarshalCDR(m.Data) == nil && l.Header.Stamp == o.stamp {
			return boxdraw.FromLanes(&l), nil
		}
	}
	return nil, errGone
}

func loadFrame(ctx context.Context, reader *bag.Reader, c *camera, f frame) (*image.RGBA, error) {
	query := bag.Query{Topics: []string{c.topic.Name}, From: f.logTime, To: f.logTime + 1}
	for m, err := range reader.Messages(ctx, query) {
		if err != nil {
			return nil, err
		}
		if m.Topic != c.topic {
			continue
		}
		if c.compressed {
			var image msg.CompressedImage
			if err := image.UnmarshalCDR(m.Data); err != nil {
				return nil, err
			}
			if image.Header.Stamp == f.stamp {
				return boxdraw.FromCompressed(&image)
			}
			continue
		}
		var image msg.Image
		if err := image.UnmarshalCDR(m.Data); err != nil {
			return nil, err
		}
		if image.Header.Stamp == f.stamp {
			return boxdraw.FromImage(&image)
		}
	}
	return nil, errGone
}
