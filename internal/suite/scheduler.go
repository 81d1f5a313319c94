package suite

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/handoff"
	"rtmdl/internal/ros"
)

// RunScheduler runs the scheduler alone, for perception nodes in processes of their own, as Run does.
func RunScheduler(ctx context.Context, args []string) error {
	return run(ctx, args, func(session *ros.Session) (process, error) { return openScheduler(session, tasks) })
}

// schedulerProcess is a scheduler for nodes in other processes.
type schedulerProcess struct {
	engine *engine
	server *handoff.Server
}

func openScheduler(session *ros.Session, tasks []Task) (process, error) {
	n, err := session.NewNode("scheduler", "")
	if err != nil {
		return nil, err
	}
	settings := declareScheduler(n.Params(), tasks)
	if err := n.Params().Err(); err != nil {
		return nil, err
	}
	warnOfUnused(n)
	var deadlines []time.Duration // until the nodes tell theirs
	var served []handoff.ServerTask
	for _, t := range settings.tasks {
		deadlines = append(deadlines, t.Deadline)
		served = append(served, handoff.ServerTask{Name: t.Name, Encode: t.Encode})
	}
	p := &schedulerProcess{}
	if p.engine, err = openEngine(n, settings, deadlines); err != nil {
		return nil, err
	}
	if p.server, err = handoff.Serve(n, handoff.ServerOptions{Scheduler: p.engine.scheduler, Tasks: served}); err != nil {
		return nil, errors.Join(err, p.close())
	}
	p.engine.log.Info("ready", zap.Strings("tasks", taskNames(settings.tasks)), zap.Stringer("late_policy", settings.late),
		zap.String("device", p.engine.device.Name()), zap.Ints("cpu_cores", settings.cpuCores), zap.Ints("accelerator_cores", settings.acceleratorCores))
	return p, nil
}

// stop ends the work, and hears what became of the last results.
func (p *schedulerProcess) stop() error {
	err := p.engine.close()
	p.server.Close()
	return err
}

// close may be called with a process that was opened in part.
func (p *schedulerProcess) close() error {
	err := p.engine.close()
	if p.server != nil {
		p.server.Close()
	}
	return errors.Join(err, p.engine.free())
}
