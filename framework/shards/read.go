package shards

import (
	"bufio"
	"context"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// readAgain is how long after an interruption a log is asked for anew.
const readAgain = time.Second

// read passes on the finished specs in a pod's log as they come and returns what it says
// of the result, nil when ctx ends. A log whose reading was interrupted is read from its
// beginning, without what was passed on before.
func (l *Launch) read(ctx context.Context, pod, shard string) *Result {
	passed := 0
	for ctx.Err() == nil {
		log, err := l.Client.Core.CoreV1().Pods(l.Namespace).GetLogs(pod, &corev1.PodLogOptions{Container: container, Follow: true}).Stream(ctx)
		if err == nil {
			result := l.pass(log, shard, &passed)
			log.Close()
			if result != nil {
				return result
			}
		}
		select {
		case <-time.After(readAgain):
		case <-ctx.Done():
		}
	}
	return nil
}

// pass reads complete lines until the result or the end; the first passed of them are known.
func (l *Launch) pass(log io.Reader, shard string, passed *int) *Result {
	lines := bufio.NewReader(log)
	for n := 1; ; n++ {
		text, err := lines.ReadBytes('\n')
		if err != nil {
			return nil
		}
		line := parseLine(text)
		if line.Result != nil {
			return line.Result
		}
		if n <= *passed {
			continue
		}
		*passed = n
		if line.Spec != nil {
			l.say(func() { l.Each(shard, *line.Spec) })
		}
	}
}
