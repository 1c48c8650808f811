package main

import (
	"path/filepath"
	"slices"
	"strings"
)

// bundleCommands are runc's commands that read the config.json of a bundle.
var bundleCommands = []string{"create", "run", "restore"}

// describedBy returns the file that describes the process which a call of runc
// starts: the config.json of a bundle, or for exec the file of one process. It
// returns "" for calls that start none.
func describedBy(args []string) (file string, isBundle bool) {
	for i, command := range args {
		switch rest := args[i+1:]; {
		case slices.Contains(bundleCommands, command):
			return filepath.Join(option(rest, "bundle", "b"), "config.json"), true
		case command == "exec":
			return option(rest, "process", "p"), false
		}
	}
	return "", false
}

// option returns the value of an option, given as "--long value",
// "--long=value" or either with the letter, and "" when it is not given.
func option(args []string, long, letter string) string {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		name, value, joined := strings.Cut(arg, "=")
		if name != "--"+long && name != "-"+long && name != "-"+letter {
			continue
		}
		if !joined && i+1 < len(args) {
			value = args[i+1]
		}
		return value
	}
	return ""
}
