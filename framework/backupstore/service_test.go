package backupstore

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/fake"
)

func TestServiceNamesAreTakenApart(t *testing.T) {
	for host, want := range map[string][2]string{
		"minio-service.default":                    {"minio-service", "default"},
		"minio-service.default.svc":                {"minio-service", "default"},
		"minio-service.default.svc.cluster.local":  {"minio-service", "default"},
		"minio-service.default.svc.cluster.local.": {"minio-service", "default"},
		"minio-service":                            {},
		"localhost":                                {},
		"127.0.0.1":                                {},
		"fd00::1":                                  {},
		"s3.amazonaws.com":                         {},
		"s3.eu-west-1.amazonaws.com":               {},
		"":                                         {},
	} {
		service, namespace, ok := serviceName(host)
		if ok != (want[0] != "") || ok && (service != want[0] || namespace != want[1]) {
			t.Errorf("serviceName(%q) = %q, %q, %t, want %q", host, service, namespace, ok, want)
		}
	}
}

func TestAReadyPodBehindTheServiceIsFound(t *testing.T) {
	yes, no, port, name := true, false, int32(9001), "api"
	pod := func(name string, ready *bool) discoveryv1.Endpoint {
		return discoveryv1.Endpoint{
			Conditions: discoveryv1.EndpointConditions{Ready: ready},
			TargetRef:  &corev1.ObjectReference{Kind: "Pod", Namespace: "storage", Name: name},
		}
	}
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{Namespace: "storage", Name: "minio-x", Labels: map[string]string{discoveryv1.LabelServiceName: "minio"}},
		Ports:      []discoveryv1.EndpointPort{{Name: &name, Port: &port}},
		Endpoints:  []discoveryv1.Endpoint{pod("starting", &no), pod("working", &yes)},
	}
	ports := []corev1.ServicePort{{Name: "api", Port: 9000, TargetPort: intstr.FromString("http")}, {Name: "console", Port: 9090}}
	service := func(name string) *corev1.Service {
		return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "storage", Name: name}, Spec: corev1.ServiceSpec{Ports: ports}}
	}
	core := fake.NewClientset(slice, service("minio"), service("idle"))

	got, err := podBehind(context.Background(), core, "minio", "storage", 9000)
	if want := (podPort{"storage", "working", 9001}); err != nil || got == nil || *got != want {
		t.Errorf("podBehind = %+v, %v, want %+v", got, err, want)
	}
	if got, err := podBehind(context.Background(), core, "backups", "example", 443); got != nil || err != nil {
		t.Errorf("podBehind without such a Service = %+v, %v, want nothing", got, err)
	}
	for _, c := range []struct {
		service string
		port    int
		text    string
	}{{"minio", 443, "no port 443"}, {"minio", 9090, "no ready pod"}, {"idle", 9000, "no ready pod"}} {
		if got, err := podBehind(context.Background(), core, c.service, "storage", c.port); err == nil || !strings.Contains(err.Error(), c.text) {
			t.Errorf("podBehind %s:%d = %+v, %v, want an error with %q", c.service, c.port, got, err, c.text)
		}
	}
}
