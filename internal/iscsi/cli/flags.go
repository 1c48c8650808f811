package cli

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/muster-csi/muster/internal/iscsi/failure"
	"github.com/muster-csi/muster/internal/iscsi/portal"
	"github.com/muster-csi/muster/internal/nearest"
)

// options are the flags of iscsiadm that are understood.
type options struct {
	mode, kind, target, operation, name, value string
	portal                                     *portal.Portal
	login, logout, rescan, version, help       bool
	detail                                     int
	set                                        *pflag.FlagSet
}

// allowed are the flags that each mode takes, beside --mode.
var allowed = map[string][]string{
	"discovery": {"type", "portal"},
	"node":      {"targetname", "portal", "login", "logout", "rescan", "op", "name", "value"},
	"session":   {"print"},
}

// parse reads a command line and refuses what it does not understand: a flag
// that is passed over may be the one that mattered.
func parse(arguments []string) (*options, error) {
	o, address := &options{}, ""
	set := pflag.NewFlagSet(program, pflag.ContinueOnError)
	o.set = set
	set.SortFlags = false
	set.StringVarP(&o.mode, "mode", "m", "", "discovery, node or session")
	set.StringVarP(&o.kind, "type", "t", "", "how to discover: sendtargets")
	set.StringVarP(&o.target, "targetname", "T", "", "iSCSI name of the target, all when missing")
	set.StringVarP(&address, "portal", "p", "", "address of the portal, HOST or HOST:PORT")
	set.BoolVarP(&o.login, "login", "l", false, "log in to the targets chosen")
	set.BoolVarP(&o.logout, "logout", "u", false, "log out of the targets chosen")
	set.BoolVarP(&o.rescan, "rescan", "R", false, "let devices follow the size of their disks")
	set.StringVarP(&o.operation, "op", "o", "", "what to do with records: show, update or delete")
	set.StringVarP(&o.name, "name", "n", "", "name of the setting to update")
	set.StringVarP(&o.value, "value", "v", "", "value of the setting to update")
	set.IntVarP(&o.detail, "print", "P", 0, "how much to print of sessions: 0 or 3")
	set.BoolVarP(&o.version, "version", "V", false, "print the version")
	set.BoolVarP(&o.help, "help", "h", false, "print this")
	if err := set.Parse(arguments); err != nil {
		return nil, suggest(set, err)
	}
	if set.NArg() > 0 {
		return nil, failure.New(failure.Invalid, "%q is one word too many: everything is given by flags", set.Arg(0))
	}
	if o.version || o.help {
		return o, nil
	}
	if address != "" {
		at, err := portal.Parse(address)
		if err != nil {
			return nil, err
		}
		o.portal = &at
	}
	return o, o.check()
}

// suggest names the nearest flag beside one that is unknown.
func suggest(set *pflag.FlagSet, err error) error {
	word, unknown := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !unknown {
		return failure.New(failure.Invalid, "%w; see iscsiadm --help", err)
	}
	var names []string
	set.VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	word, _, _ = strings.Cut(word, "=")
	return failure.New(failure.Invalid, "%w; did you mean --%s?", err, nearest.Of(word, names))
}

// check refuses flags that do not belong together.
func (o *options) check() error {
	takes, known := allowed[o.mode]
	if !known {
		return oneOf("--mode", o.mode, "discovery", "node", "session")
	}
	var foreign error
	o.set.Visit(func(flag *pflag.Flag) {
		if flag.Name != "mode" && !slices.Contains(takes, flag.Name) {
			foreign = failure.New(failure.Invalid, "--%s means nothing with --mode %s, which takes --%s", flag.Name, o.mode, strings.Join(takes, ", --"))
		}
	})
	switch {
	case foreign != nil:
		return foreign
	case o.mode == "discovery":
		return o.checkDiscovery()
	case o.mode == "node":
		return o.checkNode()
	case o.detail != 0 && o.detail != 3:
		return failure.New(failure.Invalid, "--print can be 0 or 3 here, not %d", o.detail)
	}
	return nil
}

func (o *options) checkDiscovery() error {
	if o.kind != "sendtargets" && o.kind != "st" {
		return oneOf("--type", o.kind, "sendtargets")
	}
	if o.portal == nil {
		return failure.New(failure.Invalid, "discovery needs --portal, the address to ask")
	}
	return nil
}

func (o *options) checkNode() error {
	actions := 0
	for _, given := range []bool{o.login, o.logout, o.rescan, o.operation != ""} {
		if given {
			actions++
		}
	}
	setting := o.set.Changed("name") || o.set.Changed("value")
	switch {
	case actions > 1:
		return failure.New(failure.Invalid, "--login, --logout, --rescan and --op exclude each other: give one")
	case o.operation == "update" && (o.name == "" || !o.set.Changed("value")):
		return failure.New(failure.Invalid, "--op update needs --name and --value")
	case o.operation != "update" && setting:
		return failure.New(failure.Invalid, "--name and --value belong to --op update")
	case o.operation != "" && o.operation != "show" && o.operation != "update" && o.operation != "delete":
		return oneOf("--op", o.operation, "show", "update", "delete")
	}
	return nil
}

func oneOf(flag, given string, values ...string) error {
	return failure.New(failure.Invalid, "%s %q is unknown: it takes %s; did you mean %s?", flag, given, strings.Join(values, ", "), nearest.Of(given, values))
}
