#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Takes down every demonstration that was left running.
#
# usage: demo/stop.sh
set -eu

here=$(cd "$(dirname "$0")" && pwd)
[ "$(id -u)" = 0 ] || { echo "demo: needs root: run \`make demo-stop\`" >&2 && exit 1; }
count=0
for folder in /tmp/eig-demo.*; do
    # Only folders of root's are taken at their word: their scripts and process ids are acted upon.
    [ -d "$folder" ] && [ ! -L "$folder" ] && [ "$(stat -c %u "$folder")" = 0 ] || continue
    "$here/lab.sh" "$folder" down
    rm -rf "$folder"
    echo "stopped: $folder"
    count=$((count + 1))
done
[ "$count" -gt 0 ] || echo "no demonstration is running"
