//go:build !linux

package doctor

import "errors"

// ThisMachine returns an error: clusters need Linux.
func ThisMachine(string) (Machine, error) {
	return Machine{}, errors.New("clusters are made on Linux only; give the kubeconfig of one elsewhere with --kubeconfig")
}
