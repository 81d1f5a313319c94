package report

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"rtmdl/internal/bag"
	"rtmdl/internal/draw"
	"rtmdl/internal/ros/msg"
)

// Limits on what is kept of one bag; beyond them messages are only counted.
const (
	maxKept  = 2_000_000 // frames, timings or outputs of a topic
	maxBoxes = 100       // of one output
)

// run is what a bag says, with all but the pixels in memory.
type run struct {
	start, end int64 // log times
	cameras    []*camera
	camera     *camera // the one that the tasks looked at; nil: none
	tasks      []*task // by name
	several    bool    // namespaces
	statuses   int
	problems   []string // what is damaged or odd, in the order of finding
	bad        map[string]*undecoded
	strings    map[string]string // interned
}

// camera is a topic with images.
type camera struct {
	topic      *bag.Topic
	frames     []frame
	compressed bool
	count      int // may exceed len(frames)
}

// frame is an image in the bag.
type frame struct {
	stamp   msg.Time
	logTime int64
}

// task is one task in one namespace.
type task struct {
	namespace, bare string
	name            string // bare, with the namespace if there are several
	timings         []timing
	outputs         []output
	outputTopics    []string
	states          []state
	status          *msg.TaskStatus // the last
	statusTime      int64
	latePolicy      string
}

// timing is what is kept of a JobTiming.
type timing struct {
	msg.JobTiming
	logTime int64
}

// output is what is kept of a result: a detection message, or lines.
type output struct {
	stamp   msg.Time
	logTime int64
	time    int64 // of publishing, as well as the bag tells
	boxes   []draw.Box
	count   int        // of boxes; may exceed len(boxes)
	lines   *bag.Topic // nil: none; else they are read again where they are drawn, since they are long
	sides   [2]float32 // confidence of the left and the right line; 0: none
	state   string
}

// found returns what was found, labels and scores alone: boxes and lines.
func (o *output) found() []draw.Box {
	found := slices.Clone(o.boxes)
	for i, label := range []string{"left", "right"} {
		if o.sides[i] > 0 {
			found = append(found, draw.Box{Label: label, Score: float64(o.sides[i])})
		}
	}
	return found
}

// state is a message with the state of a frame. It has no stamp: see matchStates.
type state struct {
	text    string
	logTime int64
	time    int64 // of publishing
}

// undecoded counts a topic's messages that can't be decoded.
type undecoded struct {
	count int
	first error
}

// collect reads all topics but the pixels.
func collect(ctx context.Context, reader *bag.Reader, progress func(done, total uint64)) (*run, error) {
	r := &run{bad: map[string]*undecoded{}, strings: map[string]string{}}
	r.start, r.end = reader.Span()
	handlers := map[*bag.Topic]func(bag.Message) error{}
	var wanted []string
	for _, topic := range reader.Topics() {
		if handle := r.handler(topic); handle != nil {
			handlers[topic] = handle
			wanted = append(wanted, topic.Name)
		}
	}
	if damage := reader.Damage(); damage != nil {
		r.problem("The bag is not whole: " + reason(damage) + ". What is intact is reported.")
	}
	done, total := uint64(0), uint64(0)
	for topic := range handlers {
		total += topic.Count
	}
	if len(wanted) == 0 {
		return r, ctx.Err()
	}
	damaged := 0
	for m, err := range reader.Messages(ctx, bag.Query{Topics: wanted}) {
		if err != nil {
			if errors.Is(err, bag.ErrCorrupt) {
				if damaged++; damaged == 1 {
					r.problem("A part of the bag can't be read: " + reason(err) + ".")
				}
				continue
			}
			return nil, err
		}
		if done++; progress != nil && done%256 == 0 {
			progress(done, max(done, total))
		}
		handle := handlers[m.Topic]
		if handle == nil {
			continue // another type under the same name
		}
		if err := handle(m); err != nil {
			bad := r.bad[m.Topic.Name]
			if bad == nil {
				bad = &undecoded{first: err}
				r.bad[m.Topic.Name] = bad
			}
			bad.count++
		}
	}
	if progress != nil {
		progress(done, done)
	}
	r.settle()
	return r, nil
}

func (r *run) problem(text string) { r.problems = append(r.problems, text) }

// reason returns an error's text without the path in front, so that a report does not depend on where it was made.
func reason(err error) string {
	_, text, found := strings.Cut(err.Error(), ": ")
	if !found {
		return err.Error()
	}
	return strings.ReplaceAll(text, "\n", "; ")
}

// handler returns what takes a topic's messages, or nil for a topic that the report does not use.
func (r *run) handler(topic *bag.Topic) func(bag.Message) error {
	name := path.Clean("/" + topic.Name)
	parent, last := path.Split(name)
	namespace, owner := path.Split(strings.TrimSuffix(parent, "/"))
	var handle func(bag.Message) error
	switch {
	case topic.Type == msg.TypeImage && last != "debug_image", topic.Type == msg.TypeCompressedImage &&
		!strings.Contains(name, "/debug_image/") && !strings.Contains(name, "compressedDepth"):
		c := &camera{topic: topic, compressed: topic.Type == msg.TypeCompressedImage}
		r.cameras = append(r.cameras, c)
		handle = c.add
	case topic.Type == msg.TypeDetection2DArray:
		if owner == "" || last != "detections" {
			namespace, owner = parent, last
		}
		t := r.task(namespace, owner)
		t.outputTopics = append(t.outputTopics, topic.Name)
		handle = func(m bag.Message) error { return t.addDetections(m, r.intern) }
	case last == "lines" && owner != "" && strings.HasSuffix(topic.Type, "/LaneLines"):
		t := r.task(namespace, owner)
		t.outputTopics = append(t.outputTopics, topic.Name)
		handle = t.addLines
	case topic.Type == msg.TypeString && last == "state" && owner != "":
		t := r.task(namespace, owner)
		handle = func(m bag.Message) error { return t.addState(m, r.intern) }
	case topic.Type == msg.TypeJobTiming:
		handle = func(m bag.Message) error { return r.addTiming(namespace, m) }
	case topic.Type == msg.TypeSchedulerStatus:
		handle = func(m bag.Message) error { return r.addStatus(namespace, m) }
	default:
		return nil
	}
	if topic.Encoding != "cdr" {
		r.problem("Topic " + topic.Name + " is left out: its messages are encoded as " + topic.Encoding + ", not as ROS 2 does.")
		return nil
	}
	return handle
}

func (r *run) task(namespace, bare string) *task {
	namespace = path.Clean("/" + namespace)
	for _, t := range r.tasks {
		if t.namespace == namespace && t.bare == bare {
			return t
		}
	}
	t := &task{namespace: namespace, bare: bare}
	r.tasks = append(r.tasks, t)
	return t
}

// intern keeps one copy of each text, and no message alive for the sake of one.
func (r *run) intern(s string) string {
	if known, ok := r.strings[s]; ok {
		return known
	}
	if len(r.strings) > 100_000 {
		return strings.Clone(s)
	}
	r.strings[s] = s
	return s
}

func (c *camera) add(m bag.Message) error {
	h, err := msg.ReadHeader(m.Data)
	if err != nil {
		return err
	}
	c.count++
	if len(c.frames) < maxKept {
		c.frames = append(c.frames, frame{h.Stamp, m.LogTime})
	}
	return nil
}

// publishing returns when a message with the stamp was published: the publisher's time where it is plausible (some recorders
// do not know it), else the time of recording.
func publishing(m bag.Message, stamp int64) int64 {
	if m.PublishTime >= stamp && m.PublishTime <= m.LogTime {
		return m.PublishTime
	}
	return m.LogTime
}

func (t *task) addDetections(m bag.Message, intern func(string) string) error {
	var d msg.Detection2DArray
	if err := d.UnmarshalCDR(m.Data); err != nil {
		return err
	}
	o := output{
		stamp: d.Header.Stamp, logTime: m.LogTime, time: publishing(m, d.Header.Stamp.Nanos()), count: len(d.Detections),
	}
	d.Detections = d.Detections[:min(len(d.Detections), maxBoxes)]
	o.boxes = draw.FromDetections(&d)
	for i := range o.boxes {
		o.boxes[i].Label = intern(o.boxes[i].Label)
	}
	t.addOutput(o)
	return nil
}

func (t *task) addLines(m bag.Message) error {
	var l msg.LaneLines
	if err := l.UnmarshalCDR(m.Data); err != nil {
		return err
	}
	o := output{stamp: l.Header.Stamp, logTime: m.LogTime, time: publishing(m, l.Header.Stamp.Nanos())}
	for i, line := range []*msg.LaneLine{&l.Left, &l.Right} {
		if len(line.Points) > 0 {
			o.lines, o.sides[i] = m.Topic, float32(line.Confidence)
		}
	}
	t.addOutput(o)
	return nil
}

func (t *task) addOutput(o output) {
	if len(t.outputs) < maxKept {
		t.outputs = append(t.outputs, o)
	}
}

func (t *task) addState(m bag.Message, intern func(string) string) error {
	var s msg.String
	if err := s.UnmarshalCDR(m.Data); err != nil {
		return err
	}
	if len(t.states) < maxKept {
		t.states = append(t.states, state{intern(s.Data), m.LogTime, publishing(m, 1)})
	}
	return nil
}

func (r *run) addTiming(namespace string, m bag.Message) error {
	var j msg.JobTiming
	if err := j.UnmarshalCDR(m.Data); err != nil {
		return err
	}
	j.Header.FrameID = ""
	j.Task, j.Variant, j.Device = r.intern(j.Task), r.intern(j.Variant), r.intern(j.Device)
	j.PackedWith, j.Reason = r.intern(j.PackedWith), r.intern(j.Reason)
	t := r.task(namespace, j.Task)
	if len(t.timings) < maxKept {
		t.timings = append(t.timings, timing{j, m.LogTime})
	}
	return nil
}

func (r *run) addStatus(namespace string, m bag.Message) error {
	var s msg.SchedulerStatus
	if err := s.UnmarshalCDR(m.Data); err != nil {
		return err
	}
	r.statuses++
	for i := range s.Tasks {
		t := r.task(namespace, r.intern(s.Tasks[i].Name))
		t.status, t.statusTime, t.latePolicy = &s.Tasks[i], m.LogTime, s.LatePolicy
	}
	return nil
}

// settle sorts and joins what was collected.
func (r *run) settle() {
	for _, t := range r.tasks {
		r.several = r.several || t.namespace != r.tasks[0].namespace
	}
	for _, t := range r.tasks {
		t.name = t.bare
		if r.several {
			t.name = path.Join(t.namespace, t.bare)
		}
		t.matchStates()
	}
	slices.SortFunc(r.tasks, func(a, b *task) int { return strings.Compare(a.name, b.name) })
	r.chooseCamera()
}

// chooseCamera takes the topic with most of the frames that the timings and outputs tell of; then the one with most frames.
func (r *run) chooseCamera() {
	known := map[msg.Time]bool{}
	for _, t := range r.tasks {
		for i := range t.timings {
			known[t.timings[i].Header.Stamp] = true
		}
		for i := range t.outputs {
			known[t.outputs[i].stamp] = true
		}
	}
	best := -1
	for _, c := range r.cameras {
		matches := 0
		for _, f := range c.frames {
			if known[f.stamp] {
				matches++
			}
		}
		if c.count > 0 && (matches > best || (matches == best && c.count > r.camera.count)) {
			r.camera, best = c, matches
		}
	}
}

// statePairing is how far a state's publishing may be from that of its frame's result, in ns.
const statePairing = 50_000_000

// matchStates gives each output the state message that was published nearest to it: states carry no stamp.
func (t *task) matchStates() {
	byTime := func(a, b state) int { return int(min(max(a.time-b.time, -1), 1)) }
	slices.SortStableFunc(t.states, byTime)
	for i := range t.outputs {
		o := &t.outputs[i]
		at, _ := slices.BinarySearchFunc(t.states, state{time: o.time}, byTime)
		best := int64(statePairing)
		for j := max(at-1, 0); j < min(at+1, len(t.states)); j++ {
			if d := t.states[j].time - o.time; max(d, -d) < best {
				best, o.state = max(d, -d), t.states[j].text
			}
		}
	}
}
