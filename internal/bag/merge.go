package bag

import (
	"cmp"
	"container/heap"
	"context"
	"math"
	"slices"
)

// defaultCache is how many bytes of loaded segments a merge keeps. Bags whose segments overlap more than that are
// read more slowly, segments being loaded again, but in bounded memory.
const defaultCache = 128 << 20

// merge goes through the segments of a bag in the order of time.
type merge struct {
	r        *Reader
	topics   map[string]bool // wanted; nil: all
	from, to int64
	waiting  []segment // not loaded yet, in order of their start
	active   runs      // loaded, with messages left
	cached   int64     // bytes of data in active
	clock    int64     // counts uses of segments
}

// run is a loaded segment on the way through a merge.
type run struct {
	segment
	order int     // place of the segment in the bag
	index []entry // wanted messages by time
	next  int     // in index
	data  []byte  // nil: dropped, to be loaded again
	used  int64   // clock at the last use
}

// entry is a message in a run's data.
type entry struct {
	time   int64
	offset uint32 // of its record
}

func newMerge(r *Reader, q Query) *merge {
	m := &merge{r: r, from: q.From, to: q.To}
	if q.To == 0 {
		m.to = math.MaxInt64
	}
	if len(q.Topics) > 0 {
		m.topics = map[string]bool{}
		for _, name := range q.Topics {
			m.topics[name] = true
		}
	}
	for _, g := range r.segments {
		if m.wants(g) {
			m.waiting = append(m.waiting, g)
		}
	}
	return m
}

func (m *merge) wants(g segment) bool {
	if g.end < m.from || g.start >= m.to {
		return false
	}
	if m.topics == nil || g.channels == nil {
		return true
	}
	for id := range g.channels {
		if topic := m.r.sources[g.source].channels[id]; topic != nil && m.topics[topic.Name] {
			return true
		}
	}
	return false
}

// run yields until the end, the consumer's stop or the context's.
func (m *merge) run(ctx context.Context, yield func(Message, error) bool) {
	for order := 0; ; {
		if err := ctx.Err(); err != nil {
			yield(Message{}, err)
			return
		}
		for len(m.waiting) > 0 && (len(m.active) == 0 || m.waiting[0].start <= m.active[0].time()) {
			if err := m.start(m.waiting[0], order); err != nil && !yield(Message{}, err) {
				return
			}
			m.waiting = m.waiting[1:]
			order++
		}
		if len(m.active) == 0 {
			return
		}
		message, err := m.take()
		if !yield(message, err) {
			return
		}
	}
}

// start loads a segment and lists its wanted messages. Of a damaged one it lists what is intact, and returns the damage.
func (m *merge) start(g segment, order int) error {
	data, err := m.r.sources[g.source].load(g)
	if err != nil {
		return err
	}
	s := &run{segment: g, order: order}
	sorted := true
	broken := 0
	read := walk(data, func(op byte, content []byte, offset int) {
		if op != opMessage {
			return
		}
		record, ok := parseMessage(content)
		if !ok || m.r.sources[g.source].channels[record.channel] == nil {
			broken++
			return
		}
		if record.logTime < m.from || record.logTime >= m.to {
			return
		}
		topic := m.r.sources[g.source].channels[record.channel]
		if m.topics != nil && !m.topics[topic.Name] {
			return
		}
		if n := len(s.index); n > 0 && s.index[n-1].time > record.logTime {
			sorted = false
		}
		s.index = append(s.index, entry{record.logTime, uint32(offset)})
	})
	var damage error
	if !g.partial && (broken > 0 || read < len(data)) {
		damage = corrupt(m.r.sources[g.source].path, g.offset, "%d broken messages, and %d bytes that are no record", broken, len(data)-read)
	}
	if len(s.index) == 0 {
		return damage
	}
	if !sorted {
		slices.SortStableFunc(s.index, func(a, b entry) int { return cmp.Compare(a.time, b.time) })
	}
	heap.Push(&m.active, s)
	m.keep(s, data)
	return damage
}

// take returns the earliest message of the active runs.
func (m *merge) take() (Message, error) {
	s := m.active[0]
	if s.data == nil {
		data, err := m.r.sources[s.source].load(s.segment)
		if err != nil { // it could be read before: the disk has failed, or the file has been changed
			heap.Pop(&m.active)
			return Message{}, err
		}
		m.keep(s, data)
	}
	m.clock++
	s.used = m.clock
	record, ok := messageAt(s.data, s.index[s.next].offset)
	s.next++
	if s.next == len(s.index) {
		heap.Pop(&m.active)
		m.cached -= int64(len(s.data))
	} else {
		heap.Fix(&m.active, 0)
	}
	topic := m.r.sources[s.source].channels[record.channel]
	if !ok || topic == nil { // as above
		return Message{}, corrupt(m.r.sources[s.source].path, s.offset, "a message has changed while the bag was read")
	}
	return Message{Topic: topic, LogTime: record.logTime, PublishTime: record.publishTime, Data: record.data}, nil
}

// messageAt parses the message record at an offset that walk has found in the same data before.
func messageAt(data []byte, offset uint32) (messageRecord, bool) {
	if int64(offset)+recordHeader > int64(len(data)) {
		return messageRecord{}, false
	}
	c := cursor{b: data[offset+1:]}
	return parseMessage(c.take(c.u64()))
}

// keep holds a run's data, and drops the longest unused of others where that is too much.
func (m *merge) keep(s *run, data []byte) {
	m.clock++
	s.data, s.used = data, m.clock
	m.cached += int64(len(data))
	for m.cached > m.r.cache {
		var oldest *run
		for _, other := range m.active {
			if other != s && other.data != nil && (oldest == nil || other.used < oldest.used) {
				oldest = other
			}
		}
		if oldest == nil {
			return
		}
		m.cached -= int64(len(oldest.data))
		oldest.data = nil
	}
}

func (s *run) time() int64 { return s.index[s.next].time }

// runs is a heap by the time of the next message.
type runs []*run

func (h runs) Len() int { return len(h) }

func (h runs) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[i].time(), h[j].time()), cmp.Compare(h[i].order, h[j].order)) < 0
}

func (h runs) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *runs) Push(x any) { *h = append(*h, x.(*run)) }

// Pop implements heap.Interface.
func (h *runs) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}
