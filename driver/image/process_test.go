package image

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// script is a Tool that is a shell script.
func script(t *testing.T, text string) Tool {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tool")
	must(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700))
	return Tool{Path: path}
}

func TestAMissingProgramIsNamedWithItsPackage(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, tool := range []Tool{{}, {Path: "/nonexistent/qemu-img"}} {
		_, err := tool.Info(t.Context(), "/image", QCOW2)
		if err == nil || !strings.Contains(err.Error(), "qemu-img is missing: install the package qemu-utils") {
			t.Errorf("error is %v", err)
		}
	}
}

func TestTheLastWordsOfTheProgramAreTheError(t *testing.T) {
	tool := script(t, `i=0
while [ $i -lt 1000 ]; do echo "line $i" >&2; i=$((i+1)); done
printf 'qemu-img: error\n  while reading\n' >&2
exit 3`)
	err := tool.ToQCOW2(t.Context(), "/from", "/to", nil)
	if err == nil {
		t.Fatal("a failure was not noticed")
	}
	text := err.Error()
	if !strings.HasSuffix(text, "line 999 qemu-img: error while reading") || !strings.Contains(text, "exit status 3") ||
		!strings.Contains(text, "/from") || len(text) > 3*kib || strings.Contains(text, "\n") {
		t.Errorf("error is %q", text)
	}
}

func TestTheProgramGetsNothingOfThisEnvironment(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hidden")
	err := script(t, "env >&2; exit 1").ToQCOW2(t.Context(), "/from", "/to", nil)
	if err == nil || !strings.Contains(err.Error(), "LC_ALL=C") || strings.Contains(err.Error(), "hidden") {
		t.Errorf("the program ended with %v", err)
	}
}

func TestTheProgramIsToldEachFormat(t *testing.T) {
	for name, call := range map[string]func(Tool) error{
		`convert -p -f raw -O qcow2 -S 4096 -o compat=1.1,lazy_refcounts=off json:{"driver":"raw","file":{"driver":"file","filename":"/a:b,c"}} /to`: func(tool Tool) error {
			return tool.ToQCOW2(t.Context(), "/a:b,c", "/to", nil)
		},
		`info --output=json -f qcow2 json:{"backing":null,"driver":"qcow2","file":{"driver":"file","filename":"/a\"b"}}`: func(tool Tool) error {
			_, err := tool.Info(t.Context(), `/a"b`, QCOW2)
			return err
		},
	} {
		err := call(script(t, `echo "$*" >&2; exit 1`))
		if err == nil || !strings.HasSuffix(err.Error(), ": "+name) {
			t.Errorf("the program was called with %v, want %s", err, name)
		}
	}
}

func TestANameThatIsNotUTF8IsNotGuessed(t *testing.T) {
	err := script(t, "exit 0").ToQCOW2(t.Context(), "/a\xff", "/to", nil)
	if err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("error is %v", err)
	}
}

func TestInfoReadsWhatOtherFilesAreNeeded(t *testing.T) {
	says := func(text string) Tool { return script(t, "cat <<'end'\n"+text+"\nend\n") }
	const backing = `{"virtual-size": 1024, "actual-size": 512, "format": "qcow2", "backing-filename": "/etc/shadow"}`
	info, err := says(backing).Info(t.Context(), "/image", QCOW2)
	if want := (Info{VirtualBytes: 1024, ActualBytes: 512, Format: "qcow2", BackingFile: "/etc/shadow"}); err != nil || info != want {
		t.Errorf("%+v, %v, want %+v", info, err, want)
	}
	wantRefused(t, says(backing).ToRaw(t.Context(), "/image", "/raw", nil), "backing file")
	const data = `{"virtual-size": 1024, "format-specific": {"type": "qcow2", "data": {"data-file": "/dev/sda"}}}`
	wantRefused(t, says(data).ToRaw(t.Context(), "/image", "/raw", nil), "data in another file")
	if _, err := says("no JSON").Info(t.Context(), "/image", QCOW2); err == nil || !strings.Contains(err.Error(), "JSON") {
		t.Errorf("error is %v", err)
	}
}

func TestAnEndlessAnswerIsNotKept(t *testing.T) {
	tool := script(t, "head -c 9000000 /dev/zero")
	if _, err := tool.Info(t.Context(), "/image", QCOW2); err == nil || !strings.Contains(err.Error(), "fits into") {
		t.Errorf("error is %v", err)
	}
	output := &head{limit: infoBytes}
	must(t, tool.run(t.Context(), output))
	if n := len(output.kept); n != infoBytes {
		t.Errorf("%d bytes were kept, at most %d should be", n, infoBytes)
	}
}

func TestProgressIsReadInAnyPieces(t *testing.T) {
	for _, pieces := range [][]string{
		{"    (0.00/100%)\r    (12.34/100%)\r    (100.00/100%)\r\n"},
		{"    (12.", "34/1", "00%)", "\r (nonsense/100%)\r", strings.Repeat("x", 1000) + "\r(-5/100%)\r(250/100%)\r12\r", "(100.00/100%)\n"},
	} {
		var told []int
		m := &meter{far: percentage{tell: func(percent int) { told = append(told, percent) }}}
		for _, piece := range pieces {
			fmt.Fprint(m, piece)
		}
		if !slices.Equal(told, []int{12, 100}) {
			t.Errorf("%q gives %v", pieces, told)
		}
	}
}

// A pipe that the program and its child hold open ends when both are gone.
func TestTheProgramEndsWithItsContextAndItsChildrenToo(t *testing.T) {
	alive := filepath.Join(t.TempDir(), "alive")
	must(t, unix.Mkfifo(alive, 0o600))
	tool := script(t, "exec 3>"+alive+"\nsh -c 'kill -STOP $$' &\necho $! >&3\nkill -STOP $$\n")
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("the driver stops")
	ended := make(chan error, 1)
	go func() { ended <- tool.ToQCOW2(ctx, "/from", "/to", nil) }()

	pipe, err := os.Open(alive)
	must(t, err)
	defer pipe.Close()
	must(t, pipe.SetReadDeadline(time.Now().Add(20*time.Second)))
	lines := bufio.NewReader(pipe)
	line, err := lines.ReadString('\n')
	must(t, err)
	child, err := strconv.Atoi(strings.TrimSpace(line))
	must(t, err)
	cancel(stopped)
	if err := <-ended; !errors.Is(err, stopped) {
		t.Errorf("error is %v, want why it was stopped", err)
	}
	if _, err := lines.ReadString('\n'); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("process %d outlived the program", child)
		must(t, unix.Kill(child, unix.SIGKILL))
	}
}

func TestTheProgramHasLimits(t *testing.T) {
	own, err := niceness(0)
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	// The limits come right after the start, so they are waited for.
	tool := script(t, fmt.Sprintf(`until [ "$(ulimit -v)" = %d ] && [ "$(cut -d' ' -f19 /proc/$$/stat)" = %d ]; do :; done`,
		toolMemory/kib, max(toolNiceness, own)))
	if err := tool.ToQCOW2(ctx, "/from", "/to", nil); err != nil {
		t.Errorf("the program never got its limits: %v", err)
	}
}
