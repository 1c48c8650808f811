package yardstick

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/muster-csi/muster/fixtures/yardsticks"
	"github.com/muster-csi/muster/framework/timeouts"
)

const (
	// driverFile describes the driver to Kubernetes' storage tests.
	driverFile = "driver.yaml"
	// classFile is the class that driverFile names.
	classFile = "storageclass.yaml"
	// storageRunner is Ginkgo's runner of the version that they are built with.
	storageRunner = "storage-e2e-runner"
)

// runStorage runs Kubernetes' storage tests on this machine against the cluster.
func runStorage(ctx context.Context, d Definition, s Setting, dir string) error {
	binary := s.Binary(d.Program)
	if err := asksFor(ctx, binary, d.Images); err != nil {
		return err
	}
	if err := layOut(d, dir); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(dir, outputFile))
	if err != nil {
		return fmt.Errorf("make the log of %s: %w", d.Name, err)
	}
	defer log.Close()
	args := append([]string{"run", "--no-color", "--silence-skips", "--procs=" + strconv.Itoa(s.Processes),
		"--timeout=" + timeouts.Yardstick.String(), "--output-dir=" + dir, "--json-report=" + resultFile}, d.flags("--")...)
	args = append(args, binary, "--", "--kubeconfig="+s.Cluster.Config.Kubeconfig, "--storage.testdriver="+filepath.Join(dir, driverFile),
		"--repo-root="+dir, "--provider=skeleton")
	cmd := exec.Command(s.Binary(storageRunner), append(args, d.Arguments...)...)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = log, log
	return s.Execute(ctx, cmd)
}

// layOut writes what the tests are told of the driver into dir.
func layOut(d Definition, dir string) error {
	told, err := fs.Sub(yardsticks.Files, d.Name)
	if err != nil {
		return err
	}
	for _, name := range []string{driverFile, classFile} {
		text, err := fs.ReadFile(told, name)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o644)
		}
		if err != nil {
			return fmt.Errorf("write what %s is told of the driver: %w", d.Name, err)
		}
	}
	return nil
}

// asksFor checks that the program uses the images that were assembled for it: with
// another name its pods would wait for a registry until the case's time is over.
func asksFor(ctx context.Context, binary string, images []string) error {
	// The program connects to nothing when it only lists.
	output, err := exec.CommandContext(ctx, binary, "--list-images", "--kubeconfig=/dev/null").Output()
	if err != nil {
		return fmt.Errorf("ask %s for the images that it uses: %w", filepath.Base(binary), err)
	}
	var known []string
	for line := range bytes.Lines(output) {
		known = append(known, strings.TrimSpace(string(line)))
	}
	for _, image := range images {
		if !slices.Contains(known, image) {
			return fmt.Errorf("%s does not use the image %s: correct its name in components/catalogue.yaml and fixtures/yardsticks", filepath.Base(binary), image)
		}
	}
	return nil
}
