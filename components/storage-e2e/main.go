// Command storage-e2e.test is Kubernetes' own test suite for the storage driver of
// somebody else, alone: its end-to-end binary has thousands of other specs and
// takes much longer to compile. Its flags are those of that binary; what the driver
// is and can do stands in the file that -storage.testdriver names. Ginkgo's runner
// starts it, several processes at once, and therefore takes it for a test binary.
package main

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/test/e2e/framework"
	"k8s.io/kubernetes/test/e2e/framework/config"
	"k8s.io/kubernetes/test/e2e/framework/testfiles"

	// Defines the specs for each -storage.testdriver.
	_ "k8s.io/kubernetes/test/e2e/storage/external"

	// Says what was in a spec's namespace when it failed, and writes objects as YAML.
	_ "k8s.io/kubernetes/test/e2e/framework/debug/init"
	_ "k8s.io/kubernetes/test/utils/format"
)

// outcome is what Ginkgo needs of a testing.T.
type outcome struct{ code int }

// Fail implements ginkgo.GinkgoTestingT.
func (o *outcome) Fail() { o.code = 1 }

func main() {
	testing.Init() // the runner gives flags of test binaries
	config.CopyFlags(config.Flags, flag.CommandLine)
	framework.RegisterCommonFlags(flag.CommandLine)
	framework.RegisterClusterFlags(flag.CommandLine)
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "unknown arguments %q: everything is a flag, see -help\n", flag.Args())
		os.Exit(2)
	}
	framework.AfterReadingAllFlags(&framework.TestContext)
	// Where the file of -storage.testdriver names other files.
	testfiles.AddFileSource(testfiles.RootFileSource{Root: framework.TestContext.RepoRoot})
	klog.EnableContextualLogging(true)
	gomega.RegisterFailHandler(framework.Fail)
	suite, reporter := framework.CreateGinkgoConfig()
	var result outcome
	ginkgo.RunSpecs(&result, "External storage", suite, reporter)
	os.Exit(result.code)
}
