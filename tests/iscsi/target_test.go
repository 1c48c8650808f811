package iscsi_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// target is one that tgtd serves, with a file as its disk 1.
type target struct {
	id    int
	name  string
	image string
}

const mib = 1 << 20

// newTarget makes the file; a tgtd has to serve it.
func newTarget(t testing.TB, id int, volume string, bytes int64) target {
	t.Helper()
	image := filepath.Join(t.TempDir(), volume+".img")
	must(t, os.WriteFile(image, nil, 0o600))
	must(t, os.Truncate(image, bytes))
	return target{id: id, name: "iqn.2019-10.io.longhorn:" + volume, image: image}
}

// tgt is a running tgtd.
type tgt struct{ process *os.Process }

// startTgt starts a tgtd that serves the targets on address. It ends with the test, if not before.
func startTgt(t testing.TB, targets ...target) *tgt {
	t.Helper()
	command := exec.Command("tgtd", "-f")
	must(t, command.Start())
	server := &tgt{command.Process}
	t.Cleanup(server.kill)
	eventually(t, "tgtd to take commands", func() bool { return tgtadm("show", "--mode", "system") == nil })
	for _, each := range targets {
		must(t, tgtadm("new", "--mode", "target", "--tid", strconv.Itoa(each.id), "--targetname", each.name))
		each.addDisk(t)
		must(t, tgtadm("bind", "--mode", "target", "--tid", strconv.Itoa(each.id), "--initiator-address", "ALL"))
	}
	return server
}

func (g target) addDisk(t testing.TB) {
	t.Helper()
	must(t, tgtadm("new", "--mode", "logicalunit", "--tid", strconv.Itoa(g.id), "--lun", "1", "--backing-store", g.image, "--bstype", "rdwr"))
	must(t, tgtadm("update", "--mode", "logicalunit", "--tid", strconv.Itoa(g.id), "--lun", "1", "--params", "thin_provisioning=1"))
}

func (g target) removeDisk(t testing.TB) {
	t.Helper()
	must(t, tgtadm("delete", "--mode", "logicalunit", "--tid", strconv.Itoa(g.id), "--lun", "1"))
}

// kill ends tgtd as a crash does; a second call does nothing.
func (s *tgt) kill() {
	if s.process.Kill() == nil {
		s.process.Wait()
	}
}

func tgtadm(operation string, arguments ...string) error {
	return exec.Command("tgtadm", append([]string{"--lld", "iscsi", "--op", operation}, arguments...)...).Run()
}
