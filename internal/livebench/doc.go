// Package livebench compares ways to run the three tasks on real topics: the suite, and plain nodes without a
// scheduler. At each rate of the camera each way is given the same pictures for the same time; what came back of each
// frame, and when, gives its figures.
//
// Here, for every method alike:
//
//   - A frame's latency runs from the stamp that the player sets to the instant at which the result was handed to the
//     middleware, as this says. The deadline is one period of the rate.
//   - miss_rate = 1 - published in time / frames played. What nothing is heard of is a miss; its outcome is Unanswered.
//   - A task's accuracy is the mean over its jobs of what the manifest says of the variant that ran (on its test
//     split), and loss = (best accuracy of the task's levels - accuracy) / that best one. Misses do not count there:
//     where no variant ran, they are those of the best.
//   - on_time_accuracy counts them: the mean over the frames played of the variant's accuracy where the result came in
//     time, and of 0 where it did not. Of a run it is the mean over the tasks, as are macro_miss_rate and mean_loss.
//   - The suite publishes its job timings meanwhile, as always; they tell variants and outcomes.
//   - cpu_s is what the method's processes took from the first frame to the end of the run, and others_cpu_s what the
//     rest of the machine took, without the player: it should be near 0.
//
// Of a plain method's settings the best at each rate counts, that with the fewest misses; the others are kept beside
// it. What runs a method is another package's, rig: this one knows no ROS.
package livebench
