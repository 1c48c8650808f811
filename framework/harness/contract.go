package harness

import (
	"context"
	"fmt"
	"strings"

	"github.com/onsi/ginkgo/v2"
	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/target"
)

// NeedsContract skips the spec when the run asks for the behaviour of a Longhorn older than since.
func (e *Env) NeedsContract(since, because string) {
	ginkgo.GinkgoHelper()
	if !e.Follows(since) {
		ginkgo.Skip(fmt.Sprintf("needs the contract of Longhorn %s or later, this run asks for %s: %s", since, e.Config.Contract, because))
	}
}

// Follows reports whether the run asks for the behaviour of that Longhorn or a later one.
func (e *Env) Follows(since string) bool {
	ginkgo.GinkgoHelper()
	return Must(parseVersion(e.Config.Contract)).atLeast(Must(parseVersion(since)))
}

// UseContract makes the driver behave as another Longhorn version for the length of the spec; what else was
// chosen for the driver stays. Only Serial specs may call it.
func (e *Env) UseContract(ctx context.Context, contract string) error {
	before, err := e.driverOptions(ctx)
	if err != nil {
		return err
	}
	e.OnCleanup(func(ctx context.Context) error { return e.Target.SetOptions(ctx, before) })
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
