package core

// key is a job's place in a queue. Smaller is sooner: by rank, then by the
// rule for jobs of equal rank ("Order" in the model: the earlier release, the
// earlier task in the file, and, of one task, the earlier arrival). No two
// jobs have the same key, so that no order depends on a queue's insides.
type key struct {
	rank    int64 // of a ready job its priority, of a deadline the deadline
	release Time
	seq     uint64 // counts releases
	task    int32
}

func (k *key) before(o *key) bool {
	if k.rank != o.rank {
		return k.rank < o.rank
	}
	if k.release != o.release {
		return k.release < o.release
	}
	if k.task != o.task {
		return k.task < o.task
	}
	return k.seq < o.seq
}

// entry is a job in a queue, with its key beside it so that a comparison
// touches one cache line.
type entry struct {
	key
	slot int32
}

// queue is a priority queue of jobs, from which any job can be taken: a
// binary heap that knows where each job is. Insertion and removal take
// O(log n) and, once the slices have grown, no memory.
type queue struct {
	heap []entry
	pos  []int32 // by job slot: index in heap + 1, 0 where the job is not in it
}

func (q *queue) len() int { return len(q.heap) }

func (q *queue) clear() {
	q.heap = q.heap[:0]
	clear(q.pos)
}

// first returns the slot of the job with the smallest key; the queue must not
// be empty.
func (q *queue) first() int32 { return q.heap[0].slot }

func (q *queue) contains(slot int32) bool { return int(slot) < len(q.pos) && q.pos[slot] != 0 }

// push adds a job, which must not be in the queue.
func (q *queue) push(k key, slot int32) {
	for int(slot) >= len(q.pos) {
		q.pos = append(q.pos, 0)
	}
	q.heap = append(q.heap, entry{key: k, slot: slot})
	q.up(len(q.heap) - 1)
}

// remove takes a job out; one that is not in the queue is left alone.
func (q *queue) remove(slot int32) {
	if !q.contains(slot) {
		return
	}
	i := int(q.pos[slot]) - 1
	q.pos[slot] = 0
	last := len(q.heap) - 1
	moved := q.heap[last]
	q.heap = q.heap[:last]
	if i == last {
		return
	}
	q.heap[i] = moved
	q.up(i)
	q.down(int(q.pos[moved.slot]) - 1)
}

// up moves the entry at i to its place among its ancestors.
func (q *queue) up(i int) {
	e := q.heap[i]
	for i > 0 {
		parent := (i - 1) / 2
		if !e.before(&q.heap[parent].key) {
			break
		}
		q.put(i, q.heap[parent])
		i = parent
	}
	q.put(i, e)
}

// down moves the entry at i to its place among its descendants.
func (q *queue) down(i int) {
	e := q.heap[i]
	for {
		child := 2*i + 1
		if child >= len(q.heap) {
			break
		}
		if child+1 < len(q.heap) && q.heap[child+1].before(&q.heap[child].key) {
			child++
		}
		if !q.heap[child].before(&e.key) {
			break
		}
		q.put(i, q.heap[child])
		i = child
	}
	q.put(i, e)
}

func (q *queue) put(i int, e entry) {
	q.heap[i] = e
	q.pos[e.slot] = int32(i) + 1
}
