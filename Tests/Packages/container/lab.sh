#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The demonstration's laboratory, with eigd as a unit of a machine; everything else is demo/lab.sh.
#
# usage: lab.sh FOLDER VERB …
#
# FOLDER/leader holds the process id of the machine's systemd.
set -eu

demo=$(cd "$(dirname "$0")/../../../demo" && pwd)
folder=$1

systemctl() { nsenter --target "$(cat "$folder/leader")" --all timeout 30 systemctl "$@"; }

case "$2 ${3:-}" in
"kill eigd") systemctl kill --kill-whom=main --signal=KILL eigd.service ;;
"start eigd") systemctl start eigd.service ;;
*) exec "$demo/lab.sh" "$@" ;;
esac
