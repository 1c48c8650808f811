package harness

import (
	"context"
	"fmt"
	"strings"

	"github.com/onsi/ginkgo/v2"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/runid"
	"github.com/muster-csi/muster/framework/target"
)

// optionsDeployment is the one in which the options of the reference driver are noted.
const optionsDeployment = "longhorn-csi-controller"

// UseContract makes the driver behave as another Longhorn version until everything that the spec makes is gone;
// what else was chosen for the driver stays. Only Serial specs labelled settings may call it. A driver that cannot be told is
// skipped.
func (e *Env) UseContract(ctx context.Context, contract string) error {
	if !e.Target.Capabilities().Options {
		ginkgo.Skip(fmt.Sprintf("needs a driver that can be told to behave as Longhorn %s, which only the reference driver can", contract))
	}
	if err := mayChange("the driver's options"); err != nil {
		return err
	}
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: longhorn.Namespace, Name: optionsDeployment}}
	if err := e.Client.Get(ctx, client.ObjectKeyFromObject(deployment), deployment); err != nil {
		return fmt.Errorf("read the driver's Deployment %s: %w", deployment.Name, err)
	}
	held, before := e.driverOptions(deployment), deployment.DeepCopy()
	first, err := runid.Record(deployment, e.Config.Run, held)
	if err != nil {
		return err
	}
	if err := e.Client.Patch(ctx, deployment, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("note the options of Deployment %s: %w", deployment.Name, err)
	}
	e.OnRemoved(func(ctx context.Context) error { return e.putOptions(ctx, held, first) })
	e.chosen = contract
	return e.Target.SetOptions(ctx, target.Options{Contract: contract, Deviate: held.Deviate})
}

// putOptions gives the driver back its options; the last time it also forgets who has changed them.
func (c *Cluster) putOptions(ctx context.Context, held target.Options, last bool) error {
	if err := c.Target.SetOptions(ctx, held); err != nil || !last {
		return err
	}
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: longhorn.Namespace, Name: optionsDeployment}}
	if err := c.plain.Get(ctx, client.ObjectKeyFromObject(deployment), deployment); err != nil {
		return fmt.Errorf("read the driver's Deployment %s: %w", deployment.Name, err)
	}
	before := deployment.DeepCopy()
	runid.Forget(deployment)
	return c.plain.Patch(ctx, deployment, client.MergeFrom(before))
}

// driverOptions reads from the running driver how it was started: this process need not be the one that chose it.
func (e *Env) driverOptions(deployment *appsv1.Deployment) target.Options {
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
	return options
}
