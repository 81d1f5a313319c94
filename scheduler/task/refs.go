package task

// refs finds tasks and variants of a set by their names, of equal names the
// first.
type refs struct {
	set   *Set
	tasks map[string]int
}

func newRefs(s *Set) *refs {
	r := &refs{set: s, tasks: make(map[string]int, len(s.Tasks))}
	for i := range s.Tasks {
		if _, ok := r.tasks[s.Tasks[i].Name]; !ok {
			r.tasks[s.Tasks[i].Name] = i
		}
	}
	return r
}

// find returns the indices of a task and of its variant, -1 for none.
func (r *refs) find(task, variant string) Ref {
	i, ok := r.tasks[task]
	if !ok || task == "" {
		return noRef
	}
	for j := range r.set.Tasks[i].Variants {
		if r.set.Tasks[i].Variants[j].Name == variant {
			return Ref{i, j}
		}
	}
	return Ref{i, -1}
}
