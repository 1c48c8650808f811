package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func newMountableCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "mountable TYPE",
		Short: "Print whether the kernel can mount file systems of a type: true or false",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := os.ReadFile("/proc/filesystems")
			if err != nil {
				return fmt.Errorf("cannot ask the kernel for its file systems: %w", err)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), slices.Contains(strings.Fields(string(text)), args[0]))
			return err
		},
	}
}

// ganesha is the configuration of a server for version 4 only, which needs no
// other service; a client that comes back after a restart need not wait long.
const ganesha = `NFS_CORE_PARAM { Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; }
NFSV4 { Grace_Period = 5; Lease_Lifetime = 5; RecoveryBackend = fs; }
LOG { Default_Log_Level = WARN; Facility { name = STDERR; destination = STDERR; enable = active; } }
NFS_KRB5 { Active_krb5 = false; }
EXPORT { Export_Id = 1; Path = %[1]q; Pseudo = %[1]q; Access_Type = RW; Squash = No_Root_Squash; SecType = sys; FSAL { Name = VFS; } }
`

func newNFSServerCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "nfs-server DIR",
		Short: "Export a directory over NFS version 4 with ganesha.nfsd, under its own name",
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return serveNFS(cmd.Context(), args[0]) },
	}
}

func serveNFS(ctx context.Context, directory string) error {
	config := filepath.Join(os.TempDir(), "ganesha.conf")
	for _, dir := range []string{os.TempDir(), "/run/ganesha", "/var/lib/nfs/ganesha"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("cannot prepare the NFS server: %w", err)
		}
	}
	if err := os.WriteFile(config, fmt.Appendf(nil, ganesha, directory), 0o600); err != nil {
		return fmt.Errorf("cannot prepare the NFS server: %w", err)
	}
	server := exec.CommandContext(ctx, "ganesha.nfsd", "-F", "-f", config, "-L", "STDERR", "-p", "/run/ganesha/ganesha.pid")
	server.Stdout, server.Stderr = os.Stdout, os.Stderr
	if err := server.Run(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("the NFS server ended: %w", err)
	}
	return nil
}
