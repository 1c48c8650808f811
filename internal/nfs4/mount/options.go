package mount

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/muster-csi/muster/internal/nearest"
)

// request is what somebody wants mounted, and how.
type request struct {
	source, host, export, dir string
	readOnly                  bool
	minor                     []uint32      // minor versions of version 4 to try, in this order
	cache                     time.Duration // how long names and attributes are believed
	hard                      bool
	wait                      time.Duration
	tries                     int
	retry                     time.Duration // how long a server may be away when it is mounted
	port                      uint16
}

// readArguments understands what mount(8) gives a helper: SOURCE DIR [-nsv] [-o OPTIONS].
func readArguments(arguments []string) (*request, error) {
	var words, options []string
	for i := 0; i < len(arguments); i++ {
		switch argument := arguments[i]; {
		case argument == "-o" && i+1 < len(arguments):
			i++
			options = append(options, strings.Split(arguments[i], ",")...)
		case argument == "-r":
			options = append(options, "ro")
		case argument == "-w":
			options = append(options, "rw")
		case len(argument) > 1 && strings.Trim(argument, "nsv") == "-": // about a list of mounts and how much to say
		case strings.HasPrefix(argument, "-"):
			return nil, fmt.Errorf("knows no flag %s; write it as mount.nfs4 HOST:/PATH DIR -o OPTION,...", argument)
		default:
			words = append(words, argument)
		}
	}
	if len(words) != 2 {
		return nil, errors.New("needs what to mount and where: mount.nfs4 HOST:/PATH DIR -o OPTION,...")
	}
	r := &request{source: words[0], dir: words[1], minor: []uint32{2, 1}, cache: 3 * time.Second,
		hard: true, wait: time.Minute, tries: 3, retry: 2 * time.Minute, port: 2049}
	host, export, found := strings.Cut(r.source, ":/")
	if !found || host == "" {
		return nil, fmt.Errorf("cannot mount %q: write it as HOST:/PATH", r.source)
	}
	r.host, r.export = strings.Trim(host, "[]"), path.Clean("/"+export)
	for _, option := range options {
		if err := r.set(option); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// settings are the options with a value.
var settings = map[string]func(r *request, value string) error{
	"nfsvers":      (*request).version,
	"vers":         (*request).version,
	"minorversion": func(r *request, v string) error { return r.version("4." + v) },
	"actimeo":      func(r *request, v string) error { return duration(v, time.Second, 0, &r.cache) },
	"timeo":        func(r *request, v string) error { return duration(v, time.Second/10, 1, &r.wait) },
	"retry":        func(r *request, v string) error { return duration(v, time.Minute, 0, &r.retry) },
	"retrans": func(r *request, v string) error {
		n, err := number(v, 0, 1000)
		r.tries = n + 1
		return err
	},
	"port": func(r *request, v string) error {
		n, err := number(v, 0, 65535)
		r.port = uint16(cmp.Or(n, 2049))
		return err
	},
	"proto": oneOf("tcp"),
	"sec":   oneOf("sys"),
	// The size of requests is agreed upon with the server.
	"rsize": anyNumber, "wsize": anyNumber,
}

// flags are the options without a value.
var flags = map[string]func(*request){
	"ro": func(r *request) { r.readOnly = true }, "rw": func(r *request) { r.readOnly = false },
	"soft": func(r *request) { r.hard = false }, "hard": func(r *request) { r.hard = true },
	"tcp": nothing, "defaults": nothing, "_netdev": nothing, "nosuid": nothing, "nodev": nothing,
	"noatime": nothing, "nodiratime": nothing, "relatime": nothing,
}

func nothing(*request) {}

func (r *request) set(option string) error {
	name, value, hasValue := strings.Cut(option, "=")
	if flag, known := flags[name]; known && !hasValue {
		flag(r)
		return nil
	}
	if set, known := settings[name]; known && hasValue {
		if err := set(r, value); err != nil {
			return fmt.Errorf("option %s: %w", option, err)
		}
		return nil
	}
	var all []string
	for name := range flags {
		all = append(all, name)
	}
	for name := range settings {
		all = append(all, name+"=")
	}
	slices.Sort(all)
	return fmt.Errorf("knows no option %q; did you mean %s?", option, nearest.Of(option, all))
}

// version chooses the minor versions to try. The words for one that is not there are
// those of the kernel, by which callers know it.
func (r *request) version(value string) error {
	switch value {
	case "4":
		r.minor = []uint32{2, 1}
	case "4.1":
		r.minor = []uint32{1}
	case "4.2":
		r.minor = []uint32{2}
	default:
		return errors.New("Protocol not supported: this client speaks versions 4.1 and 4.2")
	}
	return nil
}

func number(value string, least, most int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("needs a number from %d to %d", least, most)
	}
	return n, nil
}

func duration(value string, unit time.Duration, least int, into *time.Duration) error {
	n, err := number(value, least, 100000)
	*into = time.Duration(n) * unit
	return err
}

func anyNumber(_ *request, value string) error {
	_, err := number(value, 1, 1<<30)
	return err
}

func oneOf(known string) func(*request, string) error {
	return func(_ *request, value string) error {
		if value != known {
			return fmt.Errorf("this client knows %s only", known)
		}
		return nil
	}
}

// address is where the server is found.
func (r *request) address() string { return net.JoinHostPort(r.host, strconv.Itoa(int(r.port))) }
