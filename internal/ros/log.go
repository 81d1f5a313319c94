package ros

import (
	"sync"

	"github.com/tiiuae/rclgo/pkg/rclgo"
	"go.uber.org/zap/zapcore"
)

// logging guards rcl's logging, which is not safe for concurrent use and must not be used after Close.
var logging struct {
	sync.Mutex
	stopped bool
}

func stopLogging() {
	logging.Lock()
	defer logging.Unlock()
	logging.stopped = true
}

// logCore hands zap's entries to a node's ROS logger: console, log file and /rosout.
type logCore struct {
	logger *rclgo.Logger
	fields zapcore.Encoder
}

var _ zapcore.Core = (*logCore)(nil)

func newLogCore(logger *rclgo.Logger) zapcore.Core {
	logging.Lock()
	defer logging.Unlock()
	logging.stopped = false
	// ROS adds time, level and name itself: only the message and the fields are encoded here.
	encoder := zapcore.NewConsoleEncoder(zapcore.EncoderConfig{
		MessageKey:     "message",
		EncodeDuration: zapcore.StringDurationEncoder,
		LineEnding:     " ",
		SkipLineEnding: true,
	})
	return &logCore{logger: logger, fields: encoder}
}

func (c *logCore) Enabled(level zapcore.Level) bool {
	logging.Lock()
	defer logging.Unlock()
	return !logging.stopped && c.logger.IsEnabledFor(severity(level))
}

func (c *logCore) With(fields []zapcore.Field) zapcore.Core {
	encoder := c.fields.Clone()
	for _, f := range fields {
		f.AddTo(encoder)
	}
	return &logCore{logger: c.logger, fields: encoder}
}

func (c *logCore) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(entry.Level) {
		return checked.AddCore(entry, c)
	}
	return checked
}

func (c *logCore) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	line, err := c.fields.EncodeEntry(zapcore.Entry{Message: entry.Message}, fields)
	if err != nil {
		return err
	}
	defer line.Free()
	logging.Lock()
	defer logging.Unlock()
	if logging.stopped {
		return nil
	}
	return c.logger.Log(severity(entry.Level), line.String())
}

func (c *logCore) Sync() error { return nil }

func severity(level zapcore.Level) rclgo.LogSeverity {
	switch {
	case level < zapcore.InfoLevel:
		return rclgo.LogSeverityDebug
	case level == zapcore.InfoLevel:
		return rclgo.LogSeverityInfo
	case level == zapcore.WarnLevel:
		return rclgo.LogSeverityWarn
	case level == zapcore.ErrorLevel:
		return rclgo.LogSeverityError
	default:
		return rclgo.LogSeverityFatal
	}
}
