package importer

import (
	"errors"

	"rtmdl/internal/bag"
)

// ErrSource is returned for a source that can't be imported at all: it says which, and what would do.
var ErrSource = errors.New("nothing that can be imported")

// maxMessage bounds the bytes of a message, as bag does for chunks: longer ones are lost.
const maxMessage = 256 << 20

// Progress is told how much is done, of how much; all is 0 where that is not known.
type Progress func(done, all int64)

// Counts is what came of an import.
type Counts struct {
	Messages uint64   // written
	Lost     []string // what could not be read, in words; none: all was taken over
}

// writer puts messages into a bag; topics are added as they come.
type writer struct {
	bag    *bag.Writer
	ids    map[string]bag.TopicID
	counts Counts
}

func newWriter(w *bag.Writer) *writer { return &writer{bag: w, ids: map[string]bag.TopicID{}} }

// topic announces a topic. definition is the text of its type where the source has it, else that which this project knows
// or, for other types, none.
func (w *writer) topic(name, typeName, definition, qos string) error {
	if definition == "" {
		definition, _ = bag.SchemaText(typeName) // without one the bag can be played, and is only less complete
	}
	id, err := w.bag.AddTopic(name, typeName, definition, qos)
	w.ids[name] = id
	return err
}

func (w *writer) write(topic string, at int64, data []byte) error {
	if err := w.bag.Write(w.ids[topic], at, 0, data); err != nil {
		return err
	}
	w.counts.Messages++
	return nil
}

func (w *writer) lost(what string) { w.counts.Lost = append(w.counts.Lost, what) }
