package config_test

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/driver/deviation"
)

func TestFlagsOfTheNodeRole(t *testing.T) {
	var settings config.Node
	command := command(settings.Bind)
	err := command.ParseFlags([]string{"--node-name=n1", "--pool-size=2Gi", "--contract=1.4", "--deviate=detached-accepted"})
	if err != nil {
		t.Fatal(err)
	}
	if settings.NodeName != "n1" || settings.PoolSize != 2<<30 || settings.Contract.String() != "1.4" || !settings.Deviations.Has(deviation.DetachedAccepted) {
		t.Errorf("got %+v", settings)
	}
	if settings.DriverName != "driver.longhorn.io" || settings.Namespace != "longhorn-system" {
		t.Errorf("defaults are %+v", settings)
	}
}

func TestNodeNameIsRequired(t *testing.T) {
	var settings config.Node
	if err := settings.Validate(); err == nil || !strings.Contains(err.Error(), "--node-name") {
		t.Errorf("got %v", err)
	}
}

func TestWrongFlagsAreExplained(t *testing.T) {
	cases := map[string]struct{ argument, want string }{
		"unknown flag":      {"--namespaces=x", "did you mean --namespace?"},
		"unknown contract":  {"--contract=1.13", "did you mean 1.1"},
		"patch release":     {"--contract=1.12.1", "did you mean 1.12?"},
		"unknown deviation": {"--deviate=type-uncheked", `did you mean "type-unchecked"`},
		"no size":           {"--pool-size=many", "write it as 32Gi"},
		"negative size":     {"--pool-size=-1Gi", "write it as 32Gi"},
	}
	for name, c := range cases {
		var settings config.Node
		command := command(settings.Bind)
		command.SetArgs([]string{c.argument})
		if err := command.Execute(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestContractGates(t *testing.T) {
	type gates struct{ attached, topology, single, xfs, bi bool }
	cases := map[string]gates{
		"1.3":  {attached: true},
		"1.4":  {attached: true},
		"1.5":  {bi: true},
		"1.6":  {bi: true, xfs: true},
		"1.9":  {bi: true, xfs: true},
		"1.10": {bi: true, xfs: true, topology: true},
		"1.12": {bi: true, xfs: true, topology: true, single: true},
	}
	for text, want := range cases {
		contract, err := config.ParseContract(text)
		if err != nil {
			t.Fatal(err)
		}
		got := gates{contract.NeedsAttachedSource(), contract.HasTopology(), contract.HasSingleNodeModes(), contract.ChecksXFSMinimum(), contract.KnowsBackingImages()}
		if got != want {
			t.Errorf("%s: got %+v, want %+v", text, got, want)
		}
	}
	if config.LatestContract().String() != "1.12" {
		t.Errorf("the latest contract is %s", config.LatestContract())
	}
}

func command(bind func(flags *pflag.FlagSet)) *cobra.Command {
	result := &cobra.Command{Use: "node", RunE: func(*cobra.Command, []string) error { return nil }, SilenceErrors: true, SilenceUsage: true}
	result.SetFlagErrorFunc(config.SuggestFlag)
	bind(result.Flags())
	return result
}
