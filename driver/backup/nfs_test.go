package backup

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/longhorn/backupstore"
	"github.com/longhorn/backupstore/util"
)

// A store that cannot be mounted names every version that was tried, or the options given.
func TestANFSTargetThatCannotBeMountedSaysWithWhat(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	for target, wants := range map[string][]string{
		"nfs://no-such-host.invalid:/export":                                {"nfsvers=4.2,actimeo=1,soft,timeo=300,retry=2", "nfsvers=4.1,", "nfsvers=4.0,"},
		"nfs://no-such-host.invalid:/export?nfsOptions=nfsvers=4.1,retry=0": {"with nfsvers=4.1,retry=0: "},
	} {
		_, err := backupstore.GetBackupStoreDriver(target)
		for _, want := range wants {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", target, err, want)
			}
		}
	}
	if err := os.RemoveAll(util.MountDir + "/no-such-host_invalid"); err != nil {
		t.Error(err)
	}
}

// The worker of an NFS target has mounts of its own, and others are not kept from theirs.
func TestAWorkerOfAnNFSTargetEndsWithItsMountsAndProcesses(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("namespaces need root")
	}
	before, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	request := Request{Operation: List, Target: "nfs://no-such-host.invalid:/export?nfsOptions=retry=0"}
	_, err = Runner{}.Run(context.Background(), request, Credentials{}, nil)
	if err == nil || !strings.Contains(err.Error(), "cannot mount nfs no-such-host.invalid:/export") {
		t.Errorf("error is %v", err)
	}
	after, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil || string(after) != string(before) {
		t.Errorf("the mounts are not what they were: %v\n%s\n%s", err, before, after)
	}
	_ = os.RemoveAll(util.MountDir + "/no-such-host_invalid")
}
