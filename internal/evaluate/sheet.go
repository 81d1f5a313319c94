package evaluate

import (
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"

	xdraw "golang.org/x/image/draw"

	"rtmdl/internal/draw"
	"rtmdl/internal/perception"
)

const (
	sheetColumns, sheetRows = 5, 6
	cellWidth, cellHeight   = 320, 240
)

// Sheet keeps the worst mistakes, 30 at most, to show them as one picture. The zero value is ready to use. Not for
// concurrent use.
type Sheet struct{ worst []Case }

// Add takes note of a case that is a mistake.
func (s *Sheet) Add(c Case) {
	if c.Badness <= 0 {
		return
	}
	at := slices.IndexFunc(s.worst, func(other Case) bool { return other.Badness < c.Badness })
	if at < 0 {
		at = len(s.worst)
	}
	s.worst = slices.Insert(s.worst, at, c)
	s.worst = s.worst[:min(len(s.worst), sheetColumns*sheetRows)]
}

// Write draws the sheet to a JPEG file, the worst first: truth in white, what was told in colour, or, for maps, what was
// missed in red, what was too much in blue and what was right in green. It reads the pictures again.
func (s *Sheet) Write(path string) (err error) {
	rows := max(1, (len(s.worst)+sheetColumns-1)/sheetColumns)
	sheet := image.NewRGBA(image.Rect(0, 0, sheetColumns*cellWidth, rows*cellHeight))
	for i, c := range s.worst {
		cell, err := c.draw()
		if err != nil {
			return err
		}
		at := image.Pt(i%sheetColumns*cellWidth, i/sheetColumns*cellHeight)
		xdraw.Draw(sheet, cell.Bounds().Add(at), cell, image.Point{}, xdraw.Src)
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := jpeg.Encode(file, sheet, &jpeg.Options{Quality: 88}); err != nil {
		_ = file.Close()
		return fmt.Errorf("%s: %w", path, err)
	}
	return file.Close()
}

// draw draws a case in a cell, the picture as large as it goes.
func (c *Case) draw() (*image.RGBA, error) {
	frame, err := readFrame(c.File)
	if err != nil {
		return nil, err
	}
	pixels, width, height, err := frame.BGR()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.File, err)
	}
	picture, err := draw.FromBGR(pixels, width, height)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.File, err)
	}
	cell := image.NewRGBA(image.Rect(0, 0, cellWidth, cellHeight))
	scale := min(float64(cellWidth)/float64(width), float64(cellHeight)/float64(height))
	shown := image.Rect(0, 0, int(float64(width)*scale), int(float64(height)*scale))
	shown = shown.Add(image.Pt((cellWidth-shown.Dx())/2, (cellHeight-shown.Dy())/2))
	xdraw.BiLinear.Scale(cell, shown, picture, picture.Bounds(), xdraw.Src, nil)
	c.drawMaps(cell, shown)
	outline := func(d perception.Detection, c color.RGBA) {
		x1, y1, x2, y2 := int(d.X*scale), int(d.Y*scale), int((d.X+d.Width)*scale), int((d.Y+d.Height)*scale)
		draw.Outline(cell, image.Rect(x1, y1, x2+1, y2+1).Add(shown.Min), 1, c)
	}
	for _, d := range c.Wanted {
		outline(d, color.RGBA{255, 255, 255, 255})
	}
	for _, d := range c.Found {
		outline(d, draw.ClassColor(d.Label))
	}
	draw.Banner(cell, fmt.Sprintf("%s: %s, told %s", filepath.Base(c.File), c.Truth, c.Told), "")
	return cell, nil
}

func (c *Case) drawMaps(cell *image.RGBA, shown image.Rectangle) {
	if c.Width == 0 {
		return
	}
	rows := len(c.Marked) / c.Width
	for y := shown.Min.Y; y < shown.Max.Y; y++ {
		for x := shown.Min.X; x < shown.Max.X; x++ {
			at := (y-shown.Min.Y)*rows/shown.Dy()*c.Width + (x-shown.Min.X)*c.Width/shown.Dx()
			switch {
			case c.Marked[at] && c.Labelled[at]:
				cell.SetRGBA(x, y, color.RGBA{0, 200, 0, 255})
			case c.Marked[at]:
				cell.SetRGBA(x, y, color.RGBA{60, 90, 255, 255})
			case c.Labelled[at]:
				cell.SetRGBA(x, y, color.RGBA{255, 40, 40, 255})
			}
		}
	}
}
