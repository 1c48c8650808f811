package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
)

// restic is the program restic with its defaults: it finds blocks by their
// content, compresses and encrypts them. A snapshot is a file of its own, which
// it has never seen, so that it reads everything each time.
type restic struct{ *bench }

func (restic) name() string { return resticName }

func (r restic) run(ctx context.Context, place string, command string, args ...string) error {
	environment := append(r.store.environment(), "RESTIC_PASSWORD=bench", "AWS_DEFAULT_REGION="+region,
		"RESTIC_REPOSITORY=s3:"+r.store.url()+"/"+bucket+"/"+place, "RESTIC_CACHE_DIR="+filepath.Join(r.dir, "restic-cache"))
	_, err := outputOf(ctx, child(ctx, environment, r.options.restic, append([]string{command, "--quiet"}, args...)...))
	return err
}

func (r restic) begin(ctx context.Context, place string) error { return r.run(ctx, place, "init") }

func (r restic) backup(ctx context.Context, place string, s subject) (int64, error) {
	file, err := r.snapshotFile(s)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	return s.size, r.run(ctx, place, "backup", file.Name())
}

// restore lets restic make the file under the path it had, then moves it.
func (r restic) restore(ctx context.Context, place string, s subject, path string) error {
	file, err := r.snapshotFile(s)
	if err != nil {
		return err
	}
	defer file.Close()
	below := path + ".restic"
	if err := r.run(ctx, place, "restore", "latest", "--target", below); err != nil {
		return err
	}
	return errors.Join(os.Rename(filepath.Join(below, file.Name()), path), os.RemoveAll(below))
}
