package doctor

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// sound is a machine on which everything is as it should be.
func sound() Machine {
	file := &fstest.MapFile{}
	return Machine{
		Files: fstest.MapFS{
			"sys/module/iscsi_tcp/refcnt": file, "proc/7/comm": {Data: []byte("iscsid\n")}, "dev/fuse": file, "dev/loop-control": file,
			"usr/lib/x86_64-linux-gnu/qemu/block-iscsi.so": file, "proc/filesystems": {Data: []byte("nodev\tnfs4\n\text4\n")},
			"proc/self/status": {Data: []byte("CapEff:\t0\nCapBnd:\t000001ffffffffff\n")},
		},
		Program: func(string) bool { return true }, Root: true, Disk: "/var/lib/muster/clusters", Free: 80 << 30, Size: 100 << 30,
	}
}

// without is the machine without a file.
func without(m Machine, name string) Machine {
	files := fstest.MapFS{}
	for file, content := range m.Files.(fstest.MapFS) {
		if file != name {
			files[file] = content
		}
	}
	m.Files = files
	return m
}

func TestASoundMachineHasNothingToMend(t *testing.T) {
	for _, finding := range ExamineMachine(sound()) {
		if finding.Level != Fine {
			t.Error(finding)
		}
	}
}

func TestEachThingThatAMachineLacksIsFoundWithItsRemedy(t *testing.T) {
	status := func(bits string) Machine {
		m := without(sound(), "proc/self/status")
		m.Files.(fstest.MapFS)["proc/self/status"] = &fstest.MapFile{Data: []byte("CapBnd:\t" + bits + "\n")}
		return m
	}
	change := func(change func(*Machine)) Machine {
		m := sound()
		change(&m)
		return m
	}
	for _, c := range []struct {
		check  string
		m      Machine
		level  Level
		remedy string
	}{
		{"kernel's iSCSI", without(sound(), "sys/module/iscsi_tcp/refcnt"), Warning, "modprobe iscsi_tcp"},
		{"iSCSI in user space", without(sound(), "dev/fuse"), Error, "modprobe fuse"},
		{"iSCSI in user space", without(sound(), "usr/lib/x86_64-linux-gnu/qemu/block-iscsi.so"), Error, "qemu-block-extra"},
		{"iSCSI in user space", change(func(m *Machine) { m.Program = func(name string) bool { return name != "iscsi-ls" } }), Error, "libiscsi-bin"},
		{"NFS client", without(sound(), "proc/filesystems"), Warning, "modprobe nfs"},
		{"privileges", change(func(m *Machine) { m.Root = false }), Error, "sudo"},
		{"privileges", status("000001ffffdfffff"), Error, "privileged"},
		{"privileges", status("000001fffeffffff"), Warning, "specs about growth"},
		{"free disk", change(func(m *Machine) { m.Free, m.Size = 20<<30, 1000<<30 }), Error, "MUSTER_STATE"},
		{"free disk", change(func(m *Machine) { m.Free, m.Size = 9<<30, 10<<30 }), Error, "MUSTER_STATE"},
		{"free disk", change(func(m *Machine) { m.Free = 14 << 30 }), Warning, "MUSTER_STATE"},
	} {
		found := false
		for _, finding := range ExamineMachine(c.m) {
			if finding.Check == c.check && finding.Level == c.level && strings.Contains(finding.Remedy, c.remedy) {
				found = true
			} else if finding.Level != Fine {
				t.Errorf("%s with remedy %q expected, also found: %s", c.check, c.remedy, finding)
			}
		}
		if !found {
			t.Errorf("no %s of %s has the remedy %q", c.level, c.check, c.remedy)
		}
	}
}

func TestThisMachineCanBeLookedAt(t *testing.T) {
	m, err := ThisMachine("/var/lib/not-there/yet")
	if err != nil {
		t.Skip(err)
	}
	if m.Size == 0 || m.Free > m.Size {
		t.Errorf("%d bytes of %d are free", m.Free, m.Size)
	}
	if _, err := fs.Stat(m.Files, "proc/self/status"); err != nil {
		t.Error(err)
	}
}
