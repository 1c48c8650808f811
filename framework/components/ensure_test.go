package components

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

func TestEnsureBuildsWhatRuns(t *testing.T) {
	r := newTestRepo(t)
	set := r.ensure()
	for name, want := range map[string]string{"hello": "v1.2.3", "own": "first"} {
		out, err := exec.Command(set.Binary(name)).CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("%s printed %q (%v), want %q", name, out, err, want)
		}
	}
	if v := set.Versions(); v["hello"] != "v1.2.3" || v["own"] != "dev" {
		t.Errorf("versions are %v", v)
	}
	if set.Binary("absent") != "" {
		t.Errorf("a program that is not in the set has the path %q", set.Binary("absent"))
	}
}

func TestEnsureIsSilentWhenAllIsCached(t *testing.T) {
	r := newTestRepo(t)
	r.ensure()
	var said bytes.Buffer
	opts := r.options()
	opts.Progress = &said
	set, err := Ensure(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if said.Len() > 0 {
		t.Errorf("nothing was to do, yet it said %q", said.String())
	}
	for _, result := range set.Results() {
		if result.Built || result.Took != 0 {
			t.Errorf("%s was built a second time", result.Name)
		}
	}
}

func TestProgressCountsWhatIsBuilt(t *testing.T) {
	r := newTestRepo(t)
	var said bytes.Buffer
	opts := r.options("hello")
	opts.Progress = &said
	if _, err := Ensure(context.Background(), opts); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"building hello v1.2.3 (1 of 2, ", "building image muster.local/hello:v1.2.3 (2 of 2, ", "built 2 in "} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("progress lacks %q:\n%s", want, said.String())
		}
	}
}

func TestOnlyBuildsWhatIsNamed(t *testing.T) {
	r := newTestRepo(t)
	set := r.ensure("own")
	if set.Binary("own") == "" || set.Binary("hello") != "" {
		t.Errorf("only own was asked for; own=%q hello=%q", set.Binary("own"), set.Binary("hello"))
	}
	_, err := Ensure(context.Background(), r.options("helo"))
	if err == nil || !strings.Contains(err.Error(), `did you mean "hello"?`) {
		t.Errorf("a misspelt name gave %v", err)
	}
}

func TestOptionalIsBuiltForWhoNamesIt(t *testing.T) {
	r := newTestRepo(t)
	r.write(catalogueFile, strings.Replace(testCatalogue, "image: true}", "image: true, optional: true}", 1))
	if set := r.ensure(); set.Binary("hello") != "" || set.Binary("own") == "" {
		t.Errorf("for no name: own=%q hello=%q, want only own", set.Binary("own"), set.Binary("hello"))
	}
	if set := r.ensure("hello"); set.Binary("hello") == "" {
		t.Error("it was named and not built")
	}
	options := r.options()
	options.With = []string{"hello"}
	set, err := Ensure(t.Context(), options)
	if err != nil || set.Binary("hello") == "" || set.Binary("own") == "" {
		t.Errorf("with it: %v, %v", set, err)
	}
}

func TestConcurrentEnsureBuildsOnce(t *testing.T) {
	r := newTestRepo(t)
	const callers = 4
	sets := make([]*Set, callers)
	errs := make([]error, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() { sets[i], errs[i] = Ensure(context.Background(), r.options("hello")) })
	}
	wg.Wait()
	built := 0
	for i := range callers {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		if sets[i].Results()[0].Took > 0 {
			built++
		}
		if sets[i].Binary("hello") != sets[0].Binary("hello") {
			t.Errorf("two callers got different paths")
		}
	}
	// A program and its image may be built by two callers, each of them once.
	if built == 0 || built > 2 {
		t.Errorf("%d of %d callers built something", built, callers)
	}
	if got := r.cacheEntries("components"); len(got) != 1 {
		t.Errorf("the cache holds %v, want one directory", got)
	}
}

func TestFailedBuildLeavesNothingAndQuotesItsLog(t *testing.T) {
	r := newTestRepo(t)
	const source = "components/hello/upstream/cmd/hello/main.go"
	r.write(source, "package main\n\nfunc main() { thisDoesNotExist() }\n")
	_, err := Ensure(context.Background(), r.options("hello"))
	var failed *BuildError
	if !errors.As(err, &failed) {
		t.Fatalf("the error is %v, want a BuildError", err)
	}
	if !strings.Contains(err.Error(), "undefined: thisDoesNotExist") || !strings.Contains(err.Error(), failed.Log) {
		t.Errorf("the error quotes neither the compiler nor its log: %v", err)
	}
	if log, err := os.ReadFile(failed.Log); err != nil || !strings.Contains(string(log), "undefined") {
		t.Errorf("the log %s does not hold the compiler's message (%v)", failed.Log, err)
	}
	if got := r.cacheEntries("components"); len(got) != 0 {
		t.Errorf("the failed build left %v", got)
	}
	r.write(source, "package main\n\nfunc main() {}\n")
	r.ensure("hello")
}

func TestFinishedThingsSurviveALaterFailure(t *testing.T) {
	r := newTestRepo(t)
	r.write("cmd/own/main.go", "package main\n")
	if _, err := Ensure(context.Background(), r.options()); err == nil {
		t.Fatal("a program without main was built")
	}
	if set := r.ensure("hello"); set.Results()[0].Built {
		t.Error("hello was finished before the failure and built again after it")
	}
}
