package importer

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"

	_ "github.com/ncruces/go-sqlite3/driver" // the driver "sqlite3", SQLite as Go
)

// importSQLite copies the messages of a file as rosbag2_storage_sqlite3 writes it, in the order in which they were recorded, up
// to where it is damaged.
func importSQLite(ctx context.Context, file string, open func([]byte) ([]byte, error), w *writer, progress Progress) error {
	// With writable_schema SQLite reads a file that is shorter than it says, as one that was cut is; nothing is written.
	db, err := sql.Open("sqlite3", "file:"+url.PathEscape(file)+"?mode=ro&_pragma=writable_schema(1)")
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrSource, file, err)
	}
	defer db.Close() //nolint:errcheck // read only
	topics, err := readTopics(ctx, db, w)
	if err != nil {
		return fmt.Errorf("%w: %s: no topics can be read: %w", ErrSource, file, err)
	}
	var all int64
	if db.QueryRowContext(ctx, "SELECT COUNT(*) FROM messages").Scan(&all) != nil {
		all = 0 // damaged somewhere
	}
	rows, err := db.QueryContext(ctx, "SELECT topic_id, timestamp, data FROM messages ORDER BY id")
	if err != nil {
		return fmt.Errorf("%w: %s: no messages can be read: %w", ErrSource, file, err)
	}
	defer rows.Close() //nolint:errcheck // its error is looked at below
	bad, done := 0, int64(0)
	for rows.Next() {
		var topic, at int64
		var data sql.RawBytes
		if err := rows.Scan(&topic, &at, &data); err != nil {
			bad++
			continue
		}
		done++
		name, ok := topics[topic]
		plain, err := open(data)
		if !ok || err != nil || len(data) > maxMessage || at < 0 {
			bad++
			continue
		}
		if err := w.write(name, at, plain); err != nil {
			return err
		}
		if progress != nil {
			progress(done, all)
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if bad > 0 {
		w.lost(fmt.Sprintf("%s: %d messages that can't be read or belong to no topic", file, bad))
	}
	if err := rows.Err(); err != nil {
		what := "an unknown number of messages"
		if all > done {
			what = fmt.Sprintf("%d of %d messages", all-done, all)
		}
		w.lost(fmt.Sprintf("%s: %s, behind the damage: %v", file, what, err))
	}
	return nil
}

// readTopics announces the topics and returns their names by their numbers in the file.
func readTopics(ctx context.Context, db *sql.DB, w *writer) (map[int64]string, error) {
	definitions := map[string]string{}
	// Iron and later write them; in Humble there is no such table.
	if rows, err := db.QueryContext(ctx, "SELECT topic_type, encoded_message_definition FROM message_definitions WHERE encoding = 'ros2msg'"); err == nil {
		for rows.Next() {
			var name, text string
			if rows.Scan(&name, &text) == nil {
				definitions[name] = text
			}
		}
		_ = rows.Close()
	}
	rows, err := db.QueryContext(ctx, "SELECT id, name, type, serialization_format, offered_qos_profiles FROM topics ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read to its end
	topics := map[int64]string{}
	for rows.Next() {
		var id int64
		var name, typeName, format, qos string
		if err := rows.Scan(&id, &name, &typeName, &format, &qos); err != nil {
			w.lost(fmt.Sprintf("a topic that can't be read, with its messages: %v", err))
			continue
		}
		if format != "cdr" {
			w.lost(fmt.Sprintf("topic %s, which is serialised as %.20q and not as cdr", name, format))
			continue
		}
		if err := w.topic(name, typeName, definitions[typeName], qos); err != nil {
			return nil, err
		}
		topics[id] = name
	}
	return topics, rows.Err()
}
