package bag

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// Topic is a topic of a bag.
type Topic struct {
	Name           string // such as /camera/image_raw
	Type           string // such as sensor_msgs/msg/Image; empty where the bag does not say
	Encoding       string // of the messages: cdr, or something that is not of ROS 2
	Schema         string // definition of the type
	SchemaEncoding string // ros2msg or ros2idl
	QoS            string // offered profiles as YAML, as recorded; may be empty
	Count          uint64 // messages in the bag
}

// Message is a recorded message.
type Message struct {
	Topic       *Topic // shared: read only
	LogTime     int64  // when it was recorded, in ns since the epoch
	PublishTime int64  // when it was published, as the publisher says
	Data        []byte // never written to by this package, and to be left alone by others; may be kept
}

// Query says which messages are wanted. The zero value wants all.
type Query struct {
	Topics []string // names; empty: all
	From   int64    // first log time
	To     int64    // log time to stop before; 0: none
}

// Reader reads a bag. Its methods may be called by several goroutines at once, Close excepted.
type Reader struct {
	sources    []*source
	topics     topicTable
	segments   []segment // in order of their start
	messages   uint64
	start, end int64
	damage     error
	cache      int64 // see defaultCache
}

// Open opens an MCAP file, or a rosbag2 folder with MCAP files. The error wraps fs.ErrNotExist for a missing path,
// ErrNotMCAP (*NotMCAPError) for other files, ErrEmpty, ErrTruncated (*TruncatedError) for unfinished bags, ErrCorrupt or
// ErrUnsupported. Opening reads the index at the end only; where there is none, the whole file.
func Open(path string) (*Reader, error) {
	r, err := Recover(path)
	if err != nil {
		return nil, err
	}
	if r.damage != nil {
		return nil, errors.Join(r.damage, r.Close())
	}
	return r, nil
}

// Recover opens a bag like Open, and also one that is unfinished or damaged, of which it reads what is intact; Damage then
// tells what is wrong.
func Recover(path string) (*Reader, error) {
	paths, err := resolve(path)
	if err != nil {
		return nil, err
	}
	r := &Reader{cache: defaultCache}
	for _, p := range paths {
		s, err := openSource(p)
		if err == nil {
			r.sources = append(r.sources, s)
			err = s.index(&r.topics)
		}
		if errors.Is(err, ErrEmpty) && len(paths) > 1 {
			continue // a split that was just begun
		}
		if err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	r.summarise()
	if r.messages == 0 && r.damage == nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, ErrEmpty), r.Close())
	}
	return r, nil
}

// summarise joins what the files say.
func (r *Reader) summarise() {
	for i, s := range r.sources {
		if r.damage == nil {
			r.damage = s.damage
		}
		for id, topic := range s.channels {
			topic.Count += s.counts[id]
		}
		for _, g := range s.segments {
			g.source = i
			r.segments = append(r.segments, g)
		}
		if s.messages == 0 {
			continue
		}
		if r.messages == 0 {
			r.start, r.end = s.start, s.end
		}
		r.start, r.end = min(r.start, s.start), max(r.end, s.end)
		r.messages += s.messages
	}
	slices.SortStableFunc(r.segments, func(a, b segment) int { return cmp.Compare(a.start, b.start) })
	r.topics.sort()
}

// Topics returns the topics in the order of their names. The caller must not change them.
func (r *Reader) Topics() []*Topic { return r.topics.list }

// Count returns the number of messages.
func (r *Reader) Count() uint64 { return r.messages }

// Span returns the log times of the first and the last message, in ns since the epoch.
func (r *Reader) Span() (start, end int64) { return r.start, r.end }

// Damage returns what is wrong with a bag that Recover opened: nil, a *TruncatedError, or an error that wraps ErrCorrupt.
func (r *Reader) Damage() error { return r.damage }

// Messages returns the wanted messages in the order of their log times (of equal ones: as they lie in the file). Only a
// few chunks are in memory at a time.
//
// Where a part of the bag is damaged, the sequence has an error in its place, which wraps ErrCorrupt; a caller
// that goes on gets the messages behind it. When ctx is cancelled, its error is the last.
func (r *Reader) Messages(ctx context.Context, q Query) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		newMerge(r, q).run(ctx, yield)
	}
}

// Close closes the files. Messages must not be running, nor be called afterwards.
func (r *Reader) Close() error {
	var errs []error
	for _, s := range r.sources {
		errs = append(errs, s.file.Close())
	}
	r.sources, r.segments = nil, nil
	return errors.Join(errs...)
}

// topicTable has the topics of all files, one for each name and type.
type topicTable struct {
	list []*Topic
}

func (t *topicTable) topic(channel channelRecord, schema schemaRecord) *Topic {
	for _, topic := range t.list {
		if topic.Name == channel.topic && topic.Type == schema.name && topic.Encoding == channel.encoding {
			return topic
		}
	}
	topic := &Topic{
		Name: channel.topic, Type: schema.name, Encoding: channel.encoding,
		Schema: schema.text, SchemaEncoding: schema.encoding, QoS: channel.metadata["offered_qos_profiles"],
	}
	t.list = append(t.list, topic)
	return topic
}

func (t *topicTable) sort() {
	slices.SortFunc(t.list, func(a, b *Topic) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Encoding, b.Encoding))
	})
}
