#!/bin/sh
# Makes a root file system of the one program in $1: a link for each of its tools,
# and the few files that programs expect of any Linux root. mmdebstrap runs it as
# root once the package is unpacked.
set -eu
root=$1

remove() {
	for path in "$@"; do
		rm -rf "${root:?}"/$path # unquoted: the paths hold patterns
	done
}

# What the machine that builds this would leave of itself, and the documentation.
remove 'etc/apt/sources.list*' etc/apt/apt.conf.d/99mmdebstrap 'etc/apt/trusted.gpg*' \
	etc/apt/auth.conf.d etc/resolv.conf etc/hostname etc/machine-id usr/share var/lib/dpkg
mkdir -p "$root/bin" "$root/etc" "$root/root"
mkdir -p -m 1777 "$root/tmp"
chroot "$root" /bin/busybox --install -s /bin
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"

# What the suites run in their pods.
for tool in sh cat dd grep ls sha256sum sleep stat sync tail; do
	if ! chroot "$root" /bin/sh -c "command -v $tool" >/dev/null; then
		echo "busybox has no $tool" >&2
		exit 1
	fi
done
