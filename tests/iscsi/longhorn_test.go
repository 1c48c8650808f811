package iscsi_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/longhorn/go-common-libs/ns"
	"github.com/longhorn/go-common-libs/types"
	"github.com/longhorn/go-iscsi-helper/iscsi"
	"github.com/longhorn/go-iscsi-helper/iscsidev"
	"github.com/longhorn/go-iscsi-helper/util"
)

// executor enters the namespaces of the process iscsid, as Longhorn does from its pods.
func executor(t *testing.T) *ns.Executor {
	t.Helper()
	enter, err := ns.NewNamespaceExecutor(util.ISCSIdProcess, types.HostProcDirectory, []types.Namespace{types.NamespaceMnt, types.NamespaceNet})
	must(t, err)
	return enter
}

// Each call of go-iscsi-helper, with what it makes of our output and exit codes.
func TestLonghornsHelperUnderstandsEveryAnswer(t *testing.T) {
	directory := begin(t)
	one, ten := newTarget(t, 1, "vol1", 8*mib), newTarget(t, 2, "vol10", 8*mib)
	startTgt(t, ten, one)
	i := startInitiator(t, directory)
	enter := executor(t)
	must(t, iscsi.CheckForInitiatorExistence(enter))
	if iscsi.IsTargetDiscovered(address, one.name, enter) || iscsi.IsTargetLoggedIn("", one.name, enter) {
		t.Error("a target is known before discovery")
	}
	if err := iscsi.LoginTarget(address, one.name, enter); err == nil {
		t.Error("a login without discovery succeeds")
	}
	if err := iscsi.DiscoverTarget(address, "iqn.2019-10.io.longhorn:none", enter); err == nil {
		t.Error("a target that is not there is discovered")
	}
	for _, each := range []target{ten, one} {
		must(t, iscsi.DiscoverTarget(address, each.name, enter))
		must(t, iscsi.UpdateIscsiDeviceAbortTimeout(each.name, 15, enter))
		must(t, iscsi.LoginTarget(address, each.name, enter))
		if !iscsi.IsTargetDiscovered(address, each.name, enter) || !iscsi.IsTargetLoggedIn(address, each.name, enter) || !iscsi.IsTargetLoggedIn("", each.name, enter) {
			t.Errorf("%s is not seen as logged in", each.name)
		}
	}
	// The name of one target begins with the name of the other.
	for _, each := range []target{ten, one} {
		device, err := iscsi.GetDevice(address, each.name, iscsidev.TargetLunID, enter)
		must(t, err)
		if want := i.device(each); device.Name != want || device.Major != 7 {
			t.Errorf("the device of %s is %s (%d:%d), want %s", each.name, device.Name, device.Major, device.Minor, want)
		}
	}
	must(t, iscsi.RescanTarget(address, one.name, enter))
	must(t, iscsi.LogoutTarget("", one.name, enter))
	if iscsi.IsTargetLoggedIn("", one.name, enter) || !iscsi.IsTargetLoggedIn("", ten.name, enter) {
		t.Error("after logging out of one target, not just the other is logged in")
	}
	must(t, iscsi.DeleteDiscoveredTarget(address, one.name, enter))
	if iscsi.IsTargetDiscovered("", one.name, enter) {
		t.Error("a deleted target is still known")
	}
	// Longhorn takes this very text for success.
	for _, err := range []error{iscsi.DeleteDiscoveredTarget("", one.name, enter), iscsi.LogoutTarget("", one.name, enter)} {
		if err == nil || !strings.Contains(err.Error(), "exit status 21") {
			t.Errorf("error is %v, want exit status 21", err)
		}
	}
}

// The life of a volume as Longhorn's engine goes through it, target and all.
func TestLonghornsDeviceLivesItsWholeLife(t *testing.T) {
	directory := begin(t)
	backend := newTarget(t, 0, "backend", 16*mib)
	startTgt(t)
	i := startInitiator(t, directory, "--sys-block")
	device, err := iscsidev.NewDevice("volume_1", backend.image, "rdwr", "", 60, 15)
	must(t, err)
	must(t, device.CreateTarget())
	must(t, device.StartInitator())
	name := device.KernelDevice.Name
	timeout := filepath.Join("/sys/block", name, "device/timeout")
	if content, err := os.ReadFile(timeout); err != nil || string(content) != "60" {
		t.Errorf("%s is %q, %v; want the 60 s that Longhorn set", timeout, content, err)
	}
	node := filepath.Join(t.TempDir(), "volume")
	must(t, util.DuplicateDevice(device.KernelDevice, node))
	content := noise(20, 8*mib)
	file, err := os.OpenFile(node, os.O_WRONLY, 0)
	must(t, err)
	_, err = file.Write(content)
	must(t, err)
	must(t, file.Sync())
	must(t, file.Close())
	wantSum(t, backend.image, content)

	must(t, device.ReloadTargetID())
	must(t, device.ReloadInitiator())
	must(t, device.RefreshInitiator())
	if device.KernelDevice.Name != name {
		t.Errorf("the device is %s after reloading, it was %s", device.KernelDevice.Name, name)
	}
	behind := map[string]string{name: backing(name)}
	if behind[name] == "" {
		t.Error("the view of the device lacks its real attributes")
	}
	must(t, device.StopInitiator())
	must(t, device.StopInitiator()) // as Longhorn does to clean up before it starts
	must(t, device.DeleteTarget())
	wantNothingLeft(t, directory, behind)
	if _, err := os.Stat(timeout); !os.IsNotExist(err) {
		t.Errorf("the view stays after the session: %v", err)
	}
	if _, _, code := i.adm("-m node -T " + device.Target); code != 21 {
		t.Errorf("the record stays: exit code %d", code)
	}
}

func TestViewOfAKilledDaemonGoesWithTheNextStart(t *testing.T) {
	directory := begin(t)
	one := newTarget(t, 1, "one", mib)
	startTgt(t, one)
	i := startInitiator(t, directory, "--sys-block")
	timeout := filepath.Join("/sys/block", i.login(one), "device/timeout")
	if _, err := os.Stat(timeout); err != nil {
		t.Fatal(err)
	}
	i.end(syscall.SIGKILL)
	startInitiator(t, directory, "--sys-block")
	if _, err := os.Stat(timeout); !os.IsNotExist(err) {
		t.Errorf("the view is still there: %v", err)
	}
}
