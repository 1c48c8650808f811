package target

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/muster-csi/muster/framework/kube"
)

// Renew makes the pods of the reference driver start anew from the image that the
// nodes have now, whose tag never changes. A driver that is not there is fine. It
// does not wait; InstallAddons does.
func Renew(ctx context.Context, config *rest.Config) error {
	c, err := kube.New(config)
	if err != nil {
		return err
	}
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"template": map[string]any{"metadata": map[string]any{
		"annotations": map[string]string{"muster-csi.org/renewed": time.Now().Format(time.RFC3339Nano)},
	}}}})
	if err != nil {
		return err
	}
	_, err = c.Core.AppsV1().Deployments(Namespace).Patch(ctx, controllerName, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("start the driver's controller anew: %w", err)
	}
	_, err = c.Core.AppsV1().DaemonSets(Namespace).Patch(ctx, nodeName, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("start the driver's node part anew: %w", err)
	}
	return nil
}
