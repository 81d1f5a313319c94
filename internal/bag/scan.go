package bag

import (
	"errors"
	"fmt"
	"io"
)

// looseRun is how many bytes of messages outside of chunks make one segment.
const looseRun = 4 << 20

// scan finds everything by reading the file from its start. Damage to it goes to s.damage; the error is for a disk
// that can't be read.
func (s *source) scan(topics *topicTable) error {
	r := newRecords(s.file, int64(len(magic)), s.size)
	var loose segment // the open run of messages; length 0: none
	closeRun := func() {
		if loose.length > 0 {
			s.segments = append(s.segments, loose)
			loose = segment{}
		}
	}
	readable, ended, reason := r.pos, false, ""
	for {
		begin := r.pos
		op, length, err := r.head()
		if errors.Is(err, io.EOF) {
			reason = "the index at the end is missing"
			break
		}
		if errors.Is(err, errTooLong) {
			if ended && s.size-begin == int64(len(magic)) {
				break // the magic at the end
			}
			reason = "the last record is cut"
			if op == opChunk {
				s.scanChunk(topics, segment{chunk: true, partial: true, offset: begin, length: s.size - begin})
			}
			break
		}
		if err != nil {
			return fmt.Errorf("read bag: %w", err)
		}
		switch {
		case op == 0 || (op == opMessage && length > maxChunk):
			reason = "the rest is no MCAP"
		case op == opFooter:
			ended = true
			err = r.skip(length)
		case ended || (op > opMessage && op != opChunk), op == opHeader:
			if op == opDataEnd {
				ended = true
			}
			err = r.skip(length)
		case op == opChunk:
			closeRun()
			s.scanChunk(topics, segment{chunk: true, offset: begin, length: recordHeader + length})
			err = r.skip(length)
		case op == opMessage:
			err = s.scanMessage(r, length, &loose, begin)
			if loose.length >= looseRun {
				closeRun()
			}
		case length > maxSummary:
			err = r.skip(length)
		default:
			var content []byte
			if content, err = r.content(length); err == nil {
				s.scanDefinition(op, content, topics)
			}
		}
		if err != nil {
			return fmt.Errorf("read bag: %w", err)
		}
		if reason != "" {
			break
		}
		readable = r.pos
	}
	closeRun()
	if reason != "" && s.damage == nil {
		s.damage = &TruncatedError{
			Path: s.path, Size: s.size, Readable: readable, Messages: s.messages, Reason: reason,
		}
	}
	return nil
}

// scanDefinition registers a schema or a channel; damaged ones leave their messages without a topic.
func (s *source) scanDefinition(op byte, content []byte, topics *topicTable) {
	switch op {
	case opSchema:
		if schema, ok := parseSchema(content); ok {
			s.schemas[schema.id] = schema
		}
	case opChannel:
		if channel, ok := parseChannel(content); ok {
			s.addChannel(channel, topics)
		}
	}
}

// scanMessage counts a message outside of chunks and lengthens the run that it belongs to.
func (s *source) scanMessage(r *records, length int64, loose *segment, begin int64) error {
	content, err := r.content(min(length, messageHeader))
	if err != nil {
		return err
	}
	m, ok := parseMessage(content)
	if err := r.skip(length - int64(len(content))); err != nil {
		return err
	}
	if !ok || s.channels[m.channel] == nil {
		return nil // of no topic: not counted, and not returned by Messages
	}
	if loose.length == 0 {
		*loose = segment{offset: begin, start: m.logTime, end: m.logTime}
	}
	loose.start, loose.end = min(loose.start, m.logTime), max(loose.end, m.logTime)
	loose.length = r.pos - loose.offset
	s.count(m)
	return nil
}

func (s *source) count(m messageRecord) {
	if s.messages == 0 {
		s.start, s.end = m.logTime, m.logTime
	}
	s.start, s.end = min(s.start, m.logTime), max(s.end, m.logTime)
	s.messages++
	s.counts[m.channel]++
}

// scanChunk registers what is in a chunk. One that can't be read is left out, and is the file's damage.
func (s *source) scanChunk(topics *topicTable, chunk segment) {
	data, err := s.load(chunk)
	if err != nil {
		if s.damage == nil && !chunk.partial {
			s.damage = err
		}
		return
	}
	before := s.messages
	walk(data, func(op byte, content []byte, _ int) {
		if op != opMessage {
			s.scanDefinition(op, content, topics)
			return
		}
		m, ok := parseMessage(content)
		if !ok || s.channels[m.channel] == nil {
			return
		}
		if s.messages == before {
			chunk.start, chunk.end = m.logTime, m.logTime
			chunk.channels = map[uint16]bool{}
		}
		chunk.start, chunk.end = min(chunk.start, m.logTime), max(chunk.end, m.logTime)
		chunk.channels[m.channel] = true
		s.count(m)
	})
	if s.messages > before {
		s.segments = append(s.segments, chunk)
	}
}
