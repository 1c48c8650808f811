package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/muster-csi/muster/framework/why"
)

func TestWhyEndsWithTheCodeOfItsAnswer(t *testing.T) {
	subject := why.NewSubject(why.Claim, "shop", "data")
	for _, c := range []struct {
		chain why.Chain
		code  int
		first string
	}{
		{why.Chain{Subject: subject, Ready: true}, 0, "PersistentVolumeClaim shop/data is ready."},
		{why.Chain{Subject: subject, Cause: "it rains"}, 1, "PersistentVolumeClaim shop/data is not ready because it rains."},
	} {
		var out bytes.Buffer
		err := printChain(&out, &c.chain)
		if line, _, _ := strings.Cut(out.String(), "\n"); line != c.first || exitCode(err) != c.code {
			t.Errorf("got code %d and %q, want %d and %q", exitCode(err), line, c.code, c.first)
		}
		if err != nil && !said(err) {
			t.Errorf("the error %v is printed beside the answer", err)
		}
	}
}

func TestWhyCannotLook(t *testing.T) {
	t.Setenv("KUBECONFIG", t.TempDir()+"/nothing")
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	t.Setenv("HOME", t.TempDir())
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"an unknown kind":       {[]string{"volumesnapshto/x"}, "did you mean volumesnapshot?"},
		"no object":             {[]string{"vs"}, "write kind/name"},
		"no argument":           {nil, "accepts between 1 and 2 arg(s)"},
		"an unknown flag":       {[]string{"vs/x", "--namespac", "y"}, "did you mean --namespace?"},
		"two clusters":          {[]string{"vs/x", "--cluster", "a", "--kubeconfig", "b"}, "give one of them"},
		"no kubeconfig":         {[]string{"vs/x"}, "there is no kubeconfig"},
		"a missing kubeconfig":  {[]string{"vs/x", "--kubeconfig", "/nowhere/at/all"}, "cannot use the kubeconfig"},
		"a cluster not running": {[]string{"vs/x", "--cluster", "never-made"}, "never-made"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := newRootCommand()
			cmd.SetArgs(append([]string{"why"}, c.args...))
			cmd.SetOut(&bytes.Buffer{})
			err := cmd.ExecuteContext(t.Context())
			if !errors.Is(err, errNotJudged) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q with exit code 2", err, c.want)
			}
		})
	}
}
