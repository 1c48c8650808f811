package api

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

// keeps makes the attempts of one rule. What the installed CRDs have no rule for is said, and is no failure: it is
// the cluster's choice of CRDs.
func keeps(ctx SpecContext, all rules, rule rule) {
	b := &bench{env: harness.Begin(ctx), all: all, made: map[string]*unstructured.Unstructured{}}
	unknown, err := b.examine(ctx, rule)
	Expect(err).NotTo(HaveOccurred())
	if len(unknown) == 0 {
		return
	}
	text := "the installed snapshot CRDs are older than client/v8 and have no rule about: " + strings.Join(unknown, "; ")
	AddReportEntry("not enforced in this cluster", text)
	if len(unknown) == len(rule.Attempts) {
		Skip(text)
	}
}

var _ = Describe("api", Label("api", clusterLabel), func() {
	all := loadRules()
	for _, rule := range all.Rules {
		It("accepts "+rule.Name, Label(contract.Label(rule.Clause)), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			keeps(ctx, all, rule)
		})
	}
})
