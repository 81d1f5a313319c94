package job

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"strings"

	"rtmdl/internal/bag"
	"rtmdl/internal/ros/msg"
)

// ErrPictures is returned for a bag without compressed pictures.
var ErrPictures = errors.New("pictures")

// most is how many pictures of a bag are used, spread over it.
const most = 64

// ReadPictures reads some of AllPictures, spread over the bag.
func ReadPictures(ctx context.Context, path string) ([][]byte, error) {
	all, err := AllPictures(ctx, path)
	return spread(all), err
}

// AllPictures reads the pictures of the first topic of a bag that has compressed ones, at least one. Errors wrap
// ErrPictures, or are those of reading a bag.
func AllPictures(ctx context.Context, path string) (_ [][]byte, err error) {
	reader, err := bag.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	for _, t := range reader.Topics() {
		if t.Type != msg.TypeCompressedImage || strings.Contains(t.Name, "/debug_image") {
			continue
		}
		var all [][]byte
		for m, err := range reader.Messages(ctx, bag.Query{Topics: []string{t.Name}}) {
			if err != nil {
				return nil, err
			}
			var picture msg.CompressedImage
			if picture.UnmarshalCDR(m.Data) == nil && len(picture.Data) > 0 {
				all = append(all, picture.Data)
			}
		}
		if len(all) > 0 {
			return all, nil
		}
	}
	return nil, fmt.Errorf("%w: %s has no topic of type %s with messages", ErrPictures, path, msg.TypeCompressedImage)
}

func spread(all [][]byte) [][]byte {
	n := min(len(all), most)
	out := make([][]byte, n)
	for i := range out {
		out[i] = all[i*len(all)/n]
	}
	return out
}

// Drawn returns one picture of 640 x 360 pixels for where there is no bag: a smooth pattern, in which nothing is found.
func Drawn() ([][]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, 640, 360))
	for y := range 360 {
		for x := range 640 {
			img.SetRGBA(x, y, color.RGBA{R: uint8(x / 3), G: uint8(y / 2), B: uint8((x + y) / 4), A: 255}) //nolint:gosec // below 256
		}
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, nil)
	return [][]byte{b.Bytes()}, err
}
