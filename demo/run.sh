#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The demonstration: one transfer through the edge, both callbacks, every refusal, a crash, and an administrator at the gate.
#
# usage: demo/run.sh --programs FOLDER [--keep]
#
# FOLDER holds the built programs. Exits 0 only if each step was observed at the receiving end. Everything is taken
# down at the end, also on failure and Ctrl-C; --keep leaves it running and says how to play with it and stop it.
# Needs root: it makes network namespaces.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
programs="" keep=""
while [ $# -gt 0 ]; do
    case $1 in
    --programs) programs=$2 && shift ;;
    --keep) keep=yes ;;
    *) echo "usage: demo/run.sh --programs FOLDER [--keep]" >&2 && exit 64 ;;
    esac
    shift
done
[ -x "$programs/eigd" ] || { echo "demo: no programs in '$programs': run \`make demo\`" >&2 && exit 64; }
[ "$(id -u)" = 0 ] || { echo "demo: needs root, for network namespaces: run \`make demo\`" >&2 && exit 1; }

folder=$(mktemp -d /tmp/eig-demo.XXXXXX)

finish() {
    status=$?
    trap '' INT TERM HUP
    trap - EXIT
    if [ "$keep" ] && [ "$status" = 0 ]; then
        "$here/hints.sh" "$folder"
        exit 0
    fi
    if [ "$status" != 0 ] && [ "$status" != 130 ]; then
        # What the programs complained about, before it is gone.
        for log in "$folder"/log/*.err; do
            [ ! -s "$log" ] || { echo "--- the end of what $(basename "$log" .err) wrote:" && tail -n 10 "$log"; } >&2
        done
    fi
    "$here/lab.sh" "$folder" down || status=1
    rm -rf "$folder"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

began=$(date +%s)
# The programs run as a user without rights, who may be kept out of the folder they were built in.
chmod 711 "$folder"
mkdir "$folder/bin"
for name in eigd jumpd eigctl eig-sandbox; do install -m 755 "$programs/$name" "$folder/bin/$name"; done
user=65534
if ! setpriv --reuid="$user" --regid="$user" --clear-groups --no-new-privs "$folder/bin/eigctl" --version >/dev/null 2>&1
then
    echo "demo: a plain user cannot load the Swift libraries here, so eigd runs as root"
    user=0
fi
echo "$user" >"$folder/user"

"$here/tunnels.sh" "$folder" probe
"$here/pki.sh" "$folder/pki"
"$here/configure.sh" "$folder" "$user"
"$here/administrators.sh" "$folder" configure
"$folder/bin/eigctl" check --config "$folder/etc"
"$here/lab.sh" "$folder" up
echo "six namespaces: $(tr '\n' ' ' <"$folder/names")"
"$here/lab.sh" "$folder" start jumpd
"$here/tunnels.sh" "$folder" up
for program in rpt txn payfast mobicash eigd audit gate sshd; do "$here/lab.sh" "$folder" start "$program"; done
echo "running: TXN and RPT behind the edge, PayFast and MobiCash outside; jumpd enforce, eigd and the gate in it"
echo
"$folder/bin/eig-sandbox" demo --folder "$folder" --lab "$here/lab.sh"
echo
"$here/administrators.sh" "$folder" run
echo "the demonstration took $(($(date +%s) - began)) s"
