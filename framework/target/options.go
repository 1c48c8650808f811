package target

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"

	"github.com/muster-csi/muster/framework/kube"
)

// SetOptions implements Target by changing the arguments in both pod templates.
func (r *reference) SetOptions(ctx context.Context, options Options) error {
	if options.Contract == "" {
		options.Contract = DefaultContract
	}
	c, err := r.client()
	if err != nil {
		return err
	}
	if err := setDeploymentOptions(ctx, c, options); err != nil {
		return err
	}
	if err := setDaemonSetOptions(ctx, c, options); err != nil {
		return err
	}
	if err := driverReady(ctx, c); err != nil {
		return fmt.Errorf("the driver does not start with contract %s and deviations %v: %w", options.Contract, options.Deviate, err)
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.contract = options.Contract
	return nil
}

func setDeploymentOptions(ctx context.Context, c *kube.Client, options Options) error {
	deployments := c.Core.AppsV1().Deployments(Namespace)
	err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
		deployment, err := deployments.Get(ctx, controllerName, metav1.GetOptions{})
		if err != nil || !setArguments(&deployment.Spec.Template.Spec, options) {
			return err
		}
		_, err = deployments.Update(ctx, deployment, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		return fmt.Errorf("cannot change the options of Deployment %s: %w", controllerName, err)
	}
	return nil
}

func setDaemonSetOptions(ctx context.Context, c *kube.Client, options Options) error {
	sets := c.Core.AppsV1().DaemonSets(Namespace)
	err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
		set, err := sets.Get(ctx, nodeName, metav1.GetOptions{})
		if err != nil || !setArguments(&set.Spec.Template.Spec, options) {
			return err
		}
		_, err = sets.Update(ctx, set, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		return fmt.Errorf("cannot change the options of DaemonSet %s: %w", nodeName, err)
	}
	return nil
}

// setArguments puts the options into the driver container's arguments and
// reports whether that changed them.
func setArguments(pod *corev1.PodSpec, options Options) bool {
	changed := false
	for i := range pod.Containers {
		container := &pod.Containers[i]
		if container.Name != driverContainer {
			continue
		}
		next := slices.Clone(container.Args)
		next = setFlag(next, "--contract=", options.Contract)
		next = setFlag(next, "--deviate=", strings.Join(options.Deviate, ","))
		changed = changed || !slices.Equal(next, container.Args)
		container.Args = next
	}
	return changed
}

// setFlag replaces the argument that begins with flag, or appends it.
func setFlag(args []string, flag, value string) []string {
	for i, arg := range args {
		if strings.HasPrefix(arg, flag) {
			args[i] = flag + value
			return args
		}
	}
	return append(args, flag+value)
}
