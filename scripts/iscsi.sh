#!/bin/sh
# Runs the tests of muster-iscsi, prints one line for each and, when one fails,
# all that it said. The last line counts them: "iscsi: N passed, N failed, N skipped",
# with the reason where tests were skipped.
set -u
cd "$(dirname "$0")/../tests/iscsi" || exit 1

if [ "$(uname -s)" != Linux ]; then
	echo "iscsi: 0 passed, 0 failed, all skipped: it needs Linux"
	exit 0
fi

log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

go vet . && go test -buildvcs=false -count=1 -timeout 9m -v . >"$log" 2>&1
status=$?
[ "$status" -eq 0 ] || cat "$log"
awk '
	/^--- (PASS|FAIL|SKIP): / { print; counted[$2]++ }
	/^ +[a-z_]+\.go:[0-9]+: / && reason == "" { reason = $0; sub(/^[^:]*:[0-9]+: /, "", reason) }
	END {
		verdict = sprintf("iscsi: %d passed, %d failed, %d skipped", counted["PASS:"], counted["FAIL:"], counted["SKIP:"])
		if (counted["SKIP:"] && !counted["PASS:"] && reason != "") verdict = verdict ": " reason
		print verdict
	}' "$log"
exit "$status"
