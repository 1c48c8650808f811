package harness

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/onsi/ginkgo/v2"
	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/target"
)

// skipOutOfScope skips a spec whose labels say that it is about other releases than the run asks for.
func (c *Cluster) skipOutOfScope(labels []string) {
	ginkgo.GinkgoHelper()
	if why := c.contract.OutOfScope(labels, c.Config.Contract); why != "" {
		ginkgo.AddReportEntry(contract.OtherRelease, why, ginkgo.ReportEntryVisibilityNever)
		ginkgo.Skip(fmt.Sprintf("not for Longhorn %s: %s", c.Config.Contract, why))
	}
}

// NeedsContract skips the spec when the run asks for the behaviour of a Longhorn older than since. Where a
// clause says so, the labels of the spec do this by themselves.
func (e *Env) NeedsContract(since, because string) {
	ginkgo.GinkgoHelper()
	if !e.Follows(since) {
		ginkgo.Skip(fmt.Sprintf("needs the contract of Longhorn %s or later, this run asks for %s: %s", since, e.Config.Contract, because))
	}
}

// Follows reports whether the run, or the spec itself, asks for the behaviour of that Longhorn or a later one.
func (e *Env) Follows(since string) bool {
	ginkgo.GinkgoHelper()
	return Must(parseVersion(cmp.Or(e.chosen, e.Config.Contract))).atLeast(Must(parseVersion(since)))
}

// UseBefore makes the driver behave as a Longhorn older than since, for the length of the spec, where the
// run does not ask for such a one anyway. Only Serial specs may call it.
func (e *Env) UseBefore(ctx context.Context, since string) error {
	v, err := parseVersion(since)
	if err != nil || !e.Follows(since) {
		return err
	}
	return e.UseContract(ctx, fmt.Sprintf("%d.%d", v.major, v.minor-1))
}

// UseContract makes the driver behave as another Longhorn version until everything that the spec makes is gone;
// what else was chosen for the driver stays. Only Serial specs may call it.
func (e *Env) UseContract(ctx context.Context, contract string) error {
	before, err := e.driverOptions(ctx)
	if err != nil {
		return err
	}
	e.OnRemoved(func(ctx context.Context) error { return e.Target.SetOptions(ctx, before) })
	e.chosen = contract
	return e.Target.SetOptions(ctx, target.Options{Contract: contract, Deviate: before.Deviate})
}

// driverOptions reads from the running driver how it was started: this process need not be the one that chose it.
func (e *Env) driverOptions(ctx context.Context) (target.Options, error) {
	const name = "longhorn-csi-controller"
	var deployment appsv1.Deployment
	if err := e.Client.Get(ctx, client.ObjectKey{Namespace: longhorn.Namespace, Name: name}, &deployment); err != nil {
		return target.Options{}, fmt.Errorf("read the driver's Deployment %s: %w", name, err)
	}
	options := target.Options{Contract: e.Config.Contract}
	for _, container := range deployment.Spec.Template.Spec.Containers {
		for _, argument := range container.Args {
			if value, found := strings.CutPrefix(argument, "--contract="); found {
				options.Contract = value
			}
			if value, found := strings.CutPrefix(argument, "--deviate="); found && value != "" {
				options.Deviate = strings.Split(value, ",")
			}
		}
	}
	return options, nil
}
