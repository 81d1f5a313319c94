package suite

import (
	"context"
	"errors"

	"go.uber.org/zap"

	"rtmdl/internal/handoff"
	"rtmdl/internal/ros"
)

// RunScheduler runs the scheduler alone, for perception nodes in processes of their own, as Run does.
func RunScheduler(ctx context.Context, args []string) error {
	return run(ctx, args, func(session *ros.Session, fail func(error)) (process, error) {
		return openScheduler(session, tasks, fail)
	})
}

// schedulerProcess is a scheduler for nodes in other processes.
type schedulerProcess struct {
	host   *host
	server *handoff.Server
}

func openScheduler(session *ros.Session, tasks []Task, fail func(error)) (_ process, err error) {
	n, err := session.NewNode("scheduler", "")
	if err != nil {
		return nil, err
	}
	settings := declareScheduler(n.Params(), tasks) // its deadlines hold until the nodes tell theirs
	if err := n.Params().Err(); err != nil {
		return nil, err
	}
	warnOfUnused(n)
	var served []handoff.ServerTask
	for _, t := range settings.tasks {
		served = append(served, handoff.ServerTask{Name: t.Name, Encode: t.Encode})
	}
	p := &schedulerProcess{}
	if p.host, err = newHost(n, settings, fail); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if err := p.host.start(); err != nil {
		return nil, err
	}
	if p.server, err = handoff.Serve(n, handoff.ServerOptions{Scheduler: p.host, Tasks: served}); err != nil {
		return nil, err
	}
	p.host.log.Info("ready", zap.Strings("tasks", taskNames(settings.tasks)), zap.Stringer("late_policy", settings.late),
		zap.String("device", p.host.device()), zap.Ints("cpu_cores", settings.cpuCores), zap.Ints("accelerator_cores", settings.acceleratorCores))
	return p, nil
}

// stop ends the work, and hears what became of the last results.
func (p *schedulerProcess) stop() error {
	err := p.host.stop()
	p.server.Close()
	return err
}

// close may be called with a process that was opened in part.
func (p *schedulerProcess) close() error {
	err := p.host.stop()
	if p.server != nil {
		p.server.Close()
	}
	return errors.Join(err, p.host.close())
}
