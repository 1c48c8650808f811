package mount

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// separated is set in the environment of tests that have mounts of their own.
const separated = "MUSTER_TEST_MOUNTS"

// The process that stays is this program. The tests have mounts of their own: a container
// that somebody starts meanwhile would get a copy of them, and keep them.
func TestMain(m *testing.M) {
	switch {
	case Called():
		os.Exit(Main(os.Args[1:]))
	case os.Geteuid() != 0 || os.Getenv(separated) != "":
		os.Exit(m.Run())
	}
	tests := exec.Command(os.Args[0], os.Args[1:]...)
	tests.Stdin, tests.Stdout, tests.Stderr = os.Stdin, os.Stdout, os.Stderr
	tests.Env = append(os.Environ(), separated+"=own")
	tests.SysProcAttr = &unix.SysProcAttr{Unshareflags: unix.CLONE_NEWNS, Pdeathsig: unix.SIGKILL}
	if err := tests.Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// config is that of a server which needs no other service and no port of its own.
const config = `NFS_CORE_PARAM { Protocols = 4; NFS_Port = %[2]d; Enable_NLM = false; Enable_RQUOTA = false; Bind_addr = 127.0.0.1; }
NFSV4 { Grace_Period = 5; Lease_Lifetime = 5; RecoveryBackend = fs; Minor_Versions = %[4]s; }
NFS_KRB5 { Active_krb5 = false; }
LOG { Default_Log_Level = WARN; }
EXPORT { Export_Id = 1; Path = %[1]q; Pseudo = "/export"; Access_Type = RW; Squash = No_Root_Squash; SecType = sys; FSAL { Name = VFS; } }
%[3]s
`

// server is a real NFS server, in a process of its own.
type server struct {
	t       *testing.T
	dir     string // what it exports
	port    int
	config  string
	process *exec.Cmd
}

// startServer starts a server of these minor versions, or skips where there can be none.
func startServer(t *testing.T, minor string) *server {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	if _, err := os.Stat("/dev/fuse"); err != nil {
		t.Skip("mounting in user space needs /dev/fuse")
	}
	if _, err := exec.LookPath("ganesha.nfsd"); err != nil {
		t.Skip("there is no NFS server: install the packages nfs-ganesha and nfs-ganesha-vfs")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, dir: t.TempDir(), port: port, config: filepath.Join(t.TempDir(), "ganesha.conf")}
	for _, dir := range []string{"/run/ganesha", "/var/lib/nfs/ganesha"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(s.config, fmt.Appendf(nil, config, s.dir, port, "", minor), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	t.Cleanup(func() { s.kill() })
	return s
}

func (s *server) start() {
	s.t.Helper()
	s.process = exec.Command("ganesha.nfsd", "-F", "-f", s.config, "-L", filepath.Join(filepath.Dir(s.config), "log"), "-p", s.config+".pid")
	s.process.SysProcAttr = &unix.SysProcAttr{Pdeathsig: unix.SIGKILL}
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	for began := time.Now(); ; {
		probe, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
		if err == nil {
			_ = probe.Close()
			return
		}
		if time.Since(began) > time.Minute {
			s.t.Fatalf("the NFS server does not listen: %v", err)
		}
		time.Sleep(50 * time.Millisecond) // it tells nobody that it is ready
	}
}

func (s *server) kill() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

// mount mounts the server's export, and unmounts it when the test ends.
func (s *server) mount(options string) string {
	s.t.Helper()
	dir := s.t.TempDir()
	if err := mount([]string{"127.0.0.1:/export", dir, "-o", fmt.Sprintf("rw,port=%d,actimeo=1,soft,timeo=300,retry=2,%s", s.port, options)}); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { unmount(s.t, dir) })
	return dir
}

// unmount unmounts dir, if it is mounted, and waits until no process serves it.
func unmount(t *testing.T, dir string) {
	t.Helper()
	if err := unix.Unmount(dir, 0); err != nil && err != unix.EINVAL {
		t.Errorf("unmount: %v", err)
		_ = unix.Unmount(dir, unix.MNT_DETACH)
	}
	for began := time.Now(); len(serving(t, dir)) > 0; {
		if time.Since(began) > 20*time.Second {
			t.Fatalf("processes are left after unmounting %s: %v", dir, serving(t, dir))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// serving lists the processes that serve a mount.
func serving(t *testing.T, dir string) (found []string) {
	t.Helper()
	paths, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if line, err := os.ReadFile(path); err == nil && strings.Contains(string(line), serve+"\x00") && strings.Contains(string(line), dir) {
			found = append(found, path)
		}
	}
	return found
}
