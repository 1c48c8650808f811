// Command muster brings up a Kubernetes of its own, installs a storage driver
// and says with evidence whether the driver keeps its snapshot promises.
package main

import (
	"os"

	"github.com/muster-csi/muster/internal/cli"
)

func main() {
	os.Exit(cli.Main())
}
