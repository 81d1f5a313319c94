// Package importer makes MCAP bags of what comes from elsewhere: rosbag2 bags in SQLite (the default of Humble), bags that
// rosbag2 compressed by file or by message, folders of pictures, and videos.
//
// What is damaged is taken over as far as it can be read; Counts then say what was lost.
package importer
