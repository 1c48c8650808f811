#!/usr/bin/env bash
# Starts a Docker engine by hand, for kind on machines that have none running and
# no systemd that could run one: CI sandboxes, nested virtual machines.
#
#   scripts/docker.sh start    installs Debian's docker.io where apt is and docker
#                              is not, starts the engine, prints how to reach it
#   scripts/docker.sh stop     removes its containers, volumes and networks and
#                              ends it; images stay for the next start
#   scripts/docker.sh status   says how it is; the exit code is 0 when it runs
#
# An engine that runs already is used and never touched: start leaves it alone,
# stop ends only what start began. The engine has a socket, a process id file, a
# data directory, cgroups and containerd namespaces of its own, and changes neither
# the firewall nor IP forwarding: its containers reach each other and this machine,
# not the world behind it.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/go/bin:/usr/lib/go/bin

run=/run/muster-docker         # framework/cluster/kind knows it too
data=/var/lib/muster/docker
socket=$run/docker.sock
pidfile=$run/docker.pid
cgroup=muster-docker
patience=60 # seconds, to come up or to end

say() { echo "docker.sh: $*"; }
fail() { say "$*" >&2; exit 1; }
ours() { docker --host "unix://$socket" "$@"; }

# pid prints the process id of the engine that start began, if that still runs.
pid() {
  local id
  id=$(cat "$pidfile" 2>/dev/null) || return 1
  [ "$(cat "/proc/$id/comm" 2>/dev/null)" = dockerd ] || return 1
  grep -qz -- "--config-file=$run/daemon.json" "/proc/$id/cmdline" || return 1
  echo "$id"
}

# foreign succeeds when an engine answers that is not the one of this script.
foreign() {
  pid >/dev/null && [ "${DOCKER_HOST-}" = "unix://$socket" ] && return 1
  command -v docker >/dev/null && timeout 10 docker info >/dev/null 2>&1
}

need_root() { [ "$(uname -s)-$(id -u)" = Linux-0 ] || fail "an engine needs root on Linux: run it with sudo"; }

install_docker() {
  command -v dockerd >/dev/null && command -v docker >/dev/null && return
  command -v apt-get >/dev/null || fail "Docker is not installed and apt is not here: install it (https://docs.docker.com/engine/install) and run this again"
  say "installing docker.io"
  export DEBIAN_FRONTEND=noninteractive
  # Its package would start it, with the paths that belong to the machine.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
  fi
  apt-get install -y -q --no-install-recommends docker.io >/dev/null ||
    { apt-get update -q && apt-get install -y -q --no-install-recommends docker.io; } >/dev/null ||
    fail "docker.io could not be installed; see above"
}

# lacks_resource succeeds where nobody can have CAP_SYS_RESOURCE.
lacks_resource() { [ $((0x$(sed -n 's/^CapBnd:\t//p' /proc/self/status) >> 24 & 1)) -eq 0 ]; }

write_config() {
  local runtime=
  if lacks_resource; then
    command -v go >/dev/null || fail "no CAP_SYS_RESOURCE here, and Go, which builds what stands in for it, is not in PATH: install Go"
    go build -buildvcs=false -o $run/muster-runtime ./cmd/muster-runtime
    runtime='"default-runtime": "muster", "runtimes": {"muster": {"path": "'$run'/muster-runtime"}},'
  fi
  cat >$run/daemon.json <<EOF
{
  $runtime
  "hosts": ["unix://$socket"], "pidfile": "$pidfile", "exec-root": "$run/exec", "data-root": "$data",
  "containerd-namespace": "$cgroup", "containerd-plugins-namespace": "$cgroup-plugins",
  "cgroup-parent": "/$cgroup", "exec-opts": ["native.cgroupdriver=cgroupfs"],
  "bridge": "none", "iptables": false, "ip-forward": false
}
EOF
}

start() {
  if pid >/dev/null; then say "the engine runs already at unix://$socket"; return; fi
  if foreign; then say "an engine runs already; nothing to do"; return; fi
  need_root
  install_docker
  mkdir -p $data
  tidy
  mkdir -p $run
  write_config
  setsid dockerd --config-file=$run/daemon.json >$run/dockerd.log 2>&1 </dev/null &
  local begun=$!
  for ((i = 0; i < patience * 10; i++)); do
    if ours info >/dev/null 2>&1; then
      say "the engine runs; reach it with: export DOCKER_HOST=unix://$socket"
      return
    fi
    kill -0 $begun 2>/dev/null || break
    sleep 0.1
  done
  tail -n 20 $run/dockerd.log >&2
  kill $begun 2>/dev/null || true
  fail "the engine did not come up; above is the end of $run/dockerd.log"
}

stop() {
  if ! pid >/dev/null; then say "no engine that this script started runs"; tidy; return; fi
  need_root
  local id containers
  id=$(pid)
  containers=$(ours ps --all --quiet)
  # shellcheck disable=SC2086 # the list is words
  [ -z "$containers" ] || ours rm --force --volumes $containers >/dev/null
  ours network prune --force >/dev/null
  ours volume prune --force >/dev/null
  kill "$id"
  for ((i = 0; i < patience * 10; i++)); do
    kill -0 "$id" 2>/dev/null || { tidy; say "the engine is stopped"; return; }
    sleep 0.1
  done
  fail "the engine (process $id) does not end; see $run/dockerd.log"
}

# strays prints the processes of an engine that was killed: those that its paths
# were given to, and what runs in its cgroups.
strays() {
  local dir
  for dir in /proc/[0-9]*; do
    if grep -qz -- "$run/\(exec\|daemon.json\)" "$dir/cmdline" 2>/dev/null ||
      grep -q ":/$cgroup/" "$dir/cgroup" 2>/dev/null; then
      [ "${dir#/proc/}" = $$ ] || echo "${dir#/proc/}"
    fi
  done
}

# tidy removes what an engine leaves behind: processes, mounts, cgroups, sockets.
tidy() {
  [ "$(id -u)" = 0 ] || return 0
  strays | xargs -r kill -9 2>/dev/null || true
  for ((i = 0; i < patience * 10; i++)); do
    [ -n "$(strays)" ] || break
    sleep 0.1
  done
  awk -v run="$run/" -v data="$data" 'index($5, run) == 1 || index($5 "/", data "/") == 1 {print $5}' \
    /proc/self/mountinfo | sort -r | xargs -r -n 1 umount
  find /sys/fs/cgroup -depth -type d -path "*/$cgroup*" -exec rmdir {} + 2>/dev/null || true
  rm -rf --one-file-system $run
}

case ${1-} in
start) start ;;
stop) stop ;;
status)
  if id=$(pid); then say "the engine runs (process $id) at unix://$socket with $(ours ps --quiet | wc -l) containers"
  elif foreign; then say "an engine runs that this script did not start"
  else say "no engine runs; start one with: sudo scripts/docker.sh start"; exit 1; fi ;;
*) echo "docker.sh: unknown argument \"${1-}\": it takes start, stop or status" >&2; exit 2 ;;
esac
