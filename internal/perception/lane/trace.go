package lane

import "math"

// How lines are followed through the map, in its rows and pixels. A map has rows of its own number, so lengths that
// mean a part of the picture are shares of its height.
const (
	maxRuns   = 32 // of a row that are looked at, from the left
	maxChains = 32 // that are followed at once

	shareLeast = 1.0 / 16 // of the height: a line has so many marked rows at least,
	shareLong  = 1.0 / 6  // and is so long from end to end
	shareGap   = 1.0 / 4  // of the rows above it: a line may be interrupted so long, as dashes are, farther ones less
	shareNear  = 3.0 / 4  // of the height: a line that reaches below this row is near the lower edge
	shareLow   = 1.0 / 2  // of the height: a line must reach below this row to be one of the lane's
	shareFoot  = 1.0 / 8  // of the height: so much of the line's lower end tells where it meets the lower edge
	shareStep  = 1.0 / 32 // of the height: distance of the vertices
	shareBeam  = 1.0 / 24 // of the height: a vertex is smoothed over so many rows up and as many down
	shareWide  = 1.0 / 4  // of the width: a run is no longer than this

	slack       = 2.0 // pixels by which a run may miss the place where its line is expected
	slackAGap   = 0.2 // pixels more for each row of a gap
	slopeNodes  = 10  // rows back that tell where a line goes
	widerFactor = 3.0 // a run this many times as wide as the last, and widerMore pixels, is another thing: the
	widerMore   = 8.0 // line ends in a crossing one
	gapFactor   = 4   // a gap is at most this many times as long as what was seen of the line before it
	mostOfGap   = 6   // a piece at the far end that is shorter than the gap before it by this factor is chance

	leastConfidence = 0.25 // of a line
)

// run is a stretch of marked pixels in a row.
type run struct {
	first, last float64 // pixels
	x           float64 // centre of mass of the probabilities
	p           float64 // mean probability, 0 to 1
}

func (r run) width() float64 { return r.last - r.first + 1 }

// node is a run that belongs to a line.
type node struct {
	run
	y int
}

// chain is a line: runs of rows, from below.
type chain struct {
	nodes  []node
	bottom float64 // x where the line, extended straight, meets the lower edge of the map
}

// tracing is what was followed through a map.
type tracing struct {
	width, height int
	lines         []*chain
}

// trace follows lines through a map of probabilities, row by row from below: in each row the marked runs are found,
// and each line that is followed takes the one that lies where the line is expected. What no line takes begins one.
// It is the sliding window of lane finding without the window's fixed width and start: a line may begin anywhere,
// bend as far as it likes short of turning down again, and be interrupted.
//
// It looks at no more than maxRuns x maxChains pairs a row, whatever the map.
func trace(p []float32, width, height int, threshold float64) *tracing {
	t := &tracing{width: width, height: height}
	runs := make([]run, 0, maxRuns) // of a row
	taken := make([]bool, maxRuns)  // by a line
	var open []*chain               // the longest come first: they began lower
	for y := height - 1; y >= 0; y-- {
		runs = markedRuns(runs[:0], p[y*width:(y+1)*width], threshold)
		clear(taken)
		kept := open[:0]
		for _, c := range open {
			if c.extend(y, runs, taken) || c.last().y-y <= c.mostGap() {
				kept = append(kept, c)
			} else {
				t.end(c)
			}
		}
		open = kept
		for i, r := range runs {
			if !taken[i] && len(open) < maxChains {
				open = append(open, &chain{nodes: []node{{r, y}}})
			}
		}
	}
	for _, c := range open {
		t.end(c)
	}
	return t
}

// end keeps a line that is long and sure enough and reaches the lower half. Of a line that runs out of the picture
// sideways, the rows in which it is cut are left out where enough others are there: their middle is not the line's.
func (t *tracing) end(c *chain) {
	h := float64(t.height)
	first, last := 0, len(c.nodes)
	for first < last && t.cut(c.nodes[first]) {
		first++
	}
	for last > first && t.cut(c.nodes[last-1]) {
		last--
	}
	if float64(last-first) >= shareLeast*h {
		c.nodes = c.nodes[first:last]
	}
	c.nodes = c.nodes[:c.sure()]
	near, far := c.nodes[0], c.last()
	length := math.Hypot(far.x-near.x, float64(far.y-near.y))
	if float64(len(c.nodes)) < shareLeast*h || length < shareLong*h || float64(near.y) < shareLow*h ||
		c.confidence() < leastConfidence {
		return
	}
	c.bottom = c.foot(t)
	t.lines = append(t.lines, c)
}

// sure returns how many nodes there are without pieces at the far end that a long gap and chance brought in.
func (c *chain) sure() int {
	n := len(c.nodes)
	for first := n - 1; first > 0; first-- {
		gap := c.nodes[first-1].y - c.nodes[first].y - 1
		if gap == 0 {
			continue
		}
		if (n-first)*mostOfGap >= gap {
			break
		}
		n = first
	}
	return n
}

// cut reports whether a run ends at the side of the map.
func (t *tracing) cut(n node) bool { return n.first == 0 || n.last == float64(t.width-1) }

// markedRuns appends the runs of a row, without those that are wider than lines are. Probabilities above 1 count as 1;
// what is no number is not marked.
func markedRuns(runs []run, row []float32, threshold float64) []run {
	for x := 0; x < len(row) && len(runs) < maxRuns; {
		if !(float64(row[x]) >= threshold) {
			x++
			continue
		}
		r := run{first: float64(x)}
		sum := 0.0
		for ; x < len(row) && float64(row[x]) >= threshold; x++ {
			p := min(float64(row[x]), 1)
			sum += p
			r.x += p * float64(x)
			r.last = float64(x)
		}
		r.x, r.p = r.x/sum, sum/r.width()
		if r.width() <= shareWide*float64(len(row)) {
			runs = append(runs, r)
		}
	}
	return runs
}

func (c *chain) last() node { return c.nodes[len(c.nodes)-1] }

// mostGap returns how many rows the line may be interrupted now.
func (c *chain) mostGap() int {
	return min(int(shareGap*float64(c.last().y)), gapFactor*len(c.nodes))
}

// extend takes the free run of a row that lies nearest to where the line is expected, and reports whether there was
// one.
func (c *chain) extend(y int, runs []run, taken []bool) bool {
	last := c.last()
	rows := float64(last.y - y)
	expected := last.x + c.slope()*rows
	best, least := -1, math.Inf(1)
	for i, r := range runs {
		if taken[i] || r.width() > widerFactor*last.width()+widerMore {
			continue
		}
		distance := math.Abs(r.x - expected)
		follows := distance <= slack+slackAGap*(rows-1)+last.width()/2
		touches := rows == 1 && r.first <= last.last+1 && r.last >= last.first-1
		if (follows || touches) && distance < least {
			best, least = i, distance
		}
	}
	if best < 0 {
		return false
	}
	taken[best] = true
	c.nodes = append(c.nodes, node{runs[best], y})
	return true
}

// slope is how far the line's upper end moves to the right with each row upwards.
func (c *chain) slope() float64 {
	n := c.nodes[max(0, len(c.nodes)-slopeNodes):]
	if len(n) < 3 {
		return 0
	}
	_, slope := straight(n)
	return -slope
}

// straight fits x = a + slope * y to nodes by least squares, weighted by their probabilities; a is x at the first
// node's row.
func straight(nodes []node) (a, slope float64) {
	var s, sy, sx, syy, sxy float64
	for _, n := range nodes {
		y := float64(n.y - nodes[0].y)
		s, sy, sx, syy, sxy = s+n.p, sy+n.p*y, sx+n.p*n.x, syy+n.p*y*y, sxy+n.p*n.x*y
	}
	if d := s*syy - sy*sy; d > 0 {
		slope = (s*sxy - sy*sx) / d
	}
	return (sx - slope*sy) / s, slope
}

// foot returns x where the line meets the lower edge.
func (c *chain) foot(t *tracing) float64 {
	n := 1
	for n < len(c.nodes) && float64(c.nodes[0].y-c.nodes[n].y) <= shareFoot*float64(t.height) {
		n++
	}
	a, slope := straight(c.nodes[:n])
	return a + slope*(float64(t.height)-0.5-float64(c.nodes[0].y)) + 0.5
}

// nearest returns the lines whose feet are nearest to the middle of the lower edge, left and right of it; nil: none.
func (t *tracing) nearest() (left, right *chain) {
	middle := float64(t.width) / 2
	for _, c := range t.lines {
		if c.bottom < middle {
			if left == nil || c.bottom > left.bottom {
				left = c
			}
		} else if right == nil || c.bottom < right.bottom {
			right = c
		}
	}
	return left, right
}

// part ends two lines where they meet: above that row they are one, or one has gone over to the other. A line of which
// too little is left is nil.
func (t *tracing) part(left, right *chain) (_, _ *chain) {
	if left == nil || right == nil {
		return left, right
	}
	i, j := 0, 0
	for i < len(left.nodes) && j < len(right.nodes) {
		switch l, r := left.nodes[i], right.nodes[j]; {
		case l.y > r.y:
			i++
		case r.y > l.y:
			j++
		case l.x < r.x:
			i, j = i+1, j+1
		default:
			return t.upTo(left, i), t.upTo(right, j)
		}
	}
	return left, right
}

// upTo returns a line's first n nodes; nil if they are too few.
func (t *tracing) upTo(c *chain, n int) *chain {
	if float64(n) < shareLeast*float64(t.height) {
		return nil
	}
	c.nodes = c.nodes[:n]
	return c
}

// near reports whether there is a line and it reaches the lower part of the map.
func (c *chain) near(t *tracing) bool {
	return c != nil && float64(c.nodes[0].y) >= shareNear*float64(t.height)
}

// confidence is the mean probability over the line's rows; those in gaps count as 0.
func (c *chain) confidence() float64 {
	sum := 0.0
	for _, n := range c.nodes {
		sum += n.p
	}
	return sum / float64(c.nodes[0].y-c.last().y+1)
}

// line returns the line in pixels of the frame; of nil, none.
func (c *chain) line(t *tracing, scaleX, scaleY float64) Line {
	if c == nil {
		return Line{}
	}
	l := Line{Confidence: c.confidence()}
	step, beam := max(1, int(shareStep*float64(t.height))), max(1, int(shareBeam*float64(t.height)))
	next := c.nodes[0].y
	for i, n := range c.nodes {
		if n.y > next && i < len(c.nodes)-1 {
			continue
		}
		l.Points = append(l.Points, Point{(c.smooth(i, beam) + 0.5) * scaleX, (float64(n.y) + 0.5) * scaleY})
		next = n.y - step
	}
	return l
}

// smooth returns x of a node on the straight line through its neighbours in so many rows up and down: local linear
// regression (Cleveland, 1979), which follows any bend, as one polynomial for the whole line does not.
func (c *chain) smooth(i, rows int) float64 {
	first, last := i, i
	for first > 0 && c.nodes[first-1].y-c.nodes[i].y <= rows {
		first--
	}
	for last < len(c.nodes)-1 && c.nodes[i].y-c.nodes[last+1].y <= rows {
		last++
	}
	a, slope := straight(c.nodes[first : last+1])
	return a + slope*float64(c.nodes[i].y-c.nodes[first].y)
}
