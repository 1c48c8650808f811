package runner

import (
	"fmt"
	"strings"
	"testing"
)

func TestAReleasedGuardTouchesNothing(t *testing.T) {
	cmd := process("sleep 1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	told := strings.NewReader(fmt.Sprintf("group %d\nrelease\n", cmd.Process.Pid))
	if code := keepWatch([]string{"embedded", "no-such-cluster"}, told); code != 0 {
		t.Errorf("exit code is %d", code)
	}
	if cmd.ProcessState != nil {
		t.Error("the released guard ended the specs")
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

func TestAGuardEndsTheSpecsWhenTheRunIsGone(t *testing.T) {
	cmd := process("sleep 1000 & sleep 1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	keepWatch([]string{"embedded", "no-such-cluster"}, strings.NewReader(fmt.Sprintf("group %d\n", cmd.Process.Pid)))
	<-ended
	awaitNoProcess(t, cmd.Process.Pid)
}
