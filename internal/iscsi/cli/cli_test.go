package cli

import (
	"strings"
	"testing"

	"github.com/muster-csi/muster/internal/iscsi/admin"
	"github.com/muster-csi/muster/internal/iscsi/failure"
	"github.com/muster-csi/muster/internal/iscsi/portal"
	"github.com/muster-csi/muster/internal/iscsi/record"
	"github.com/muster-csi/muster/internal/iscsi/session"
)

func TestCallsOfLonghornAreUnderstood(t *testing.T) {
	for line, want := range map[string]admin.Operation{
		"-m discovery -t sendtargets -p 10.0.0.1":                                  admin.Discover,
		"-m node -T iqn.a":                                                         admin.Records,
		"-m node -T iqn.a -p 10.0.0.1 -o show":                                     admin.Records,
		"-m node -T iqn.a -o update -n node.session.err_timeo.abort_timeout -v 15": admin.Update,
		"-m node -T iqn.a -p 10.0.0.1 --login":                                     admin.Login,
		"-m node -T iqn.a --logout":                                                admin.Logout,
		"-m node -T iqn.a --logout -p 10.0.0.1":                                    admin.Logout,
		"-m node -o delete -T iqn.a -p 10.0.0.1":                                   admin.Delete,
		"-m node -T iqn.a -p 10.0.0.1 --rescan":                                    admin.Rescan,
		"-m node -T iqn.a -R -p 10.0.0.1":                                          admin.Rescan,
		"-m session":                                                               admin.Sessions,
		"-m session -P 3":                                                          admin.Sessions,
	} {
		o, err := parse(strings.Fields(line))
		if err != nil || o.request() != want {
			t.Errorf("%q: %v, want %s", line, err, want)
			continue
		}
		if strings.Contains(line, "10.0.0.1") && (o.portal == nil || o.portal.String() != "10.0.0.1:3260") {
			t.Errorf("%q: portal is %v", line, o.portal)
		}
	}
}

func TestCallsThatMeanNothingAreRefused(t *testing.T) {
	for line, reason := range map[string]string{
		"":                                   "--mode",
		"-m nodes":                           "did you mean node?",
		"-m node --loggin":                   "did you mean --login?",
		"-m node -x":                         "unknown shorthand",
		"-m node iqn.a":                      "one word too many",
		"-m node --login --logout":           "exclude each other",
		"-m node -o update -n a":             "--name and --value",
		"-m node -o show -n a":               "belong to --op update",
		"-m node -o delet":                   "did you mean delete?",
		"-m session -P 2":                    "0 or 3",
		"-m session -T iqn.a":                "--targetname means nothing",
		"-m discovery -t sendtargets":        "--portal",
		"-m discovery -t isns -p 10.0.0.1":   "sendtargets",
		"-m node -T iqn.a -p 10.0.0.1:99999": "port",
	} {
		_, err := parse(strings.Fields(line))
		if failure.CodeOf(err) != failure.Invalid || !strings.Contains(err.Error(), reason) {
			t.Errorf("%q: %v, want a refusal that has %q", line, err, reason)
		}
	}
}

func TestHelpAndVersionNeedNoDaemon(t *testing.T) {
	for _, flag := range []string{"--version", "--help"} {
		var out, errors strings.Builder
		if code := Run(t.Context(), t.TempDir(), []string{flag}, &out, &errors); code != 0 || !strings.Contains(out.String(), "iscsiadm") || errors.Len() > 0 {
			t.Errorf("%s: exit code %d, %q, %q", flag, code, out.String(), errors.String())
		}
	}
	var out, errors strings.Builder
	code := Run(t.Context(), t.TempDir(), []string{"-m", "session"}, &out, &errors)
	if code != int(failure.NoDaemon) || out.Len() > 0 || !strings.HasPrefix(errors.String(), "iscsiadm: ") {
		t.Errorf("without daemon: exit code %d, %q, %q", code, out.String(), errors.String())
	}
}

// The parser of go-iscsi-helper takes the next disk it meets for a session's own.
func TestEverySessionShowsItsDiskWhateverItsState(t *testing.T) {
	at := portal.Portal{Host: "10.0.0.1", Port: 3260}
	for _, state := range []session.State{session.Running, session.Waiting, session.Offline} {
		var out strings.Builder
		printDetails(&out, []admin.Session{{ID: 4, Record: record.New("iqn.a", at, 1), Device: "loop7", State: state}})
		for _, line := range []string{"Target: iqn.a (non-flash)\n", "\tCurrent Portal: 10.0.0.1:3260,1\n", " Lun: 1\n\t\t\tAttached scsi disk loop7\t\tState: " + disk[state] + "\n"} {
			if disk[state] == "" || !strings.Contains(out.String(), line) {
				t.Errorf("%s: %q is not in\n%s", state, line, out.String())
			}
		}
	}
}
