package bag

import "fmt"

// QoS describes what the publisher of a recorded topic offered, so that a player can offer the same.
type QoS struct {
	Depth          int  // messages kept; 0: unknown
	BestEffort     bool // else reliable
	TransientLocal bool // else volatile
}

// String returns the profile as rosbag2 writes it since Jazzy, for AddTopic.
func (q QoS) String() string {
	history, reliability, durability := "keep_last", "reliable", "volatile"
	if q.Depth <= 0 {
		history = "unknown"
	}
	if q.BestEffort {
		reliability = "best_effort"
	}
	if q.TransientLocal {
		durability = "transient_local"
	}
	const forever = "    sec: 9223372036\n    nsec: 854775807\n"
	return fmt.Sprintf("- history: %s\n  depth: %d\n  reliability: %s\n  durability: %s\n"+
		"  deadline:\n%s  lifespan:\n%s  liveliness: automatic\n  liveliness_lease_duration:\n%s"+
		"  avoid_ros_namespace_conventions: false",
		history, max(q.Depth, 0), reliability, durability, forever, forever, forever)
}
