#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The demonstration's laboratory: six network namespaces and the programs in them.
#
# usage: demo/lab.sh FOLDER up | down | start PROGRAM | stop PROGRAM | kill PROGRAM | in NAMESPACE COMMAND…
#
#   payfast  203.0.113.10   ─┐
#   mobicash 198.51.100.40  ─┼─ edge 192.0.2.1 ── backends 10.20.0.10 (TXN), 10.20.0.11 (RPT)
#   stranger 203.0.113.130  ─┤                 10.20.0.20 (a host with sshd)
#   admin    192.0.2.242    ─┘
#
# All state is in FOLDER: names (of the namespaces), run/PROGRAM.pid, log/PROGRAM.log and .err. `down` ends the
# programs it started, by their process ids, and removes the namespaces it made, by their names. Needs root.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$1
verb=$2
shift 2

NAMESPACES="edge payfast mobicash stranger admin backends"

fail() { echo "lab: $*" >&2; exit 1; }

# Where a party is reached: in clear, or inside its tunnel.
address() { sed -n "s/^$1=//p" "$folder/addresses"; }

# The namespace's real name: `eig-payfast`, or with a suffix where that was taken.
real() { sed -n "s/^$1=//p" "$folder/names"; }

wire() { # NAMESPACE ADDRESS EDGE-ADDRESS: one veth pair to the edge, and the way there
    ip -n "$(real edge)" link add "$1" type veth peer name edge netns "$(real "$1")"
    ip -n "$(real edge)" addr add "$3" dev "$1"
    ip -n "$(real edge)" link set "$1" up
    ip -n "$(real "$1")" addr add "$2" dev edge
    ip -n "$(real "$1")" link set edge up
    ip -n "$(real "$1")" route add default via "${3%/*}"
}

up() {
    mkdir -p "$folder/run" "$folder/log"
    : >"$folder/names"
    suffix=""
    while :; do
        taken=""
        for name in $NAMESPACES; do [ ! -e "/run/netns/eig-$name$suffix" ] || taken=yes; done
        [ "$taken" ] || break
        suffix=$((${suffix:-1} + 1))
        [ "$suffix" -lt 100 ] || fail "a hundred laboratories stand already: ip netns list"
    done
    for name in $NAMESPACES; do
        ip netns add "eig-$name$suffix"
        # Written at once: what exists is on the list, whatever happens next.
        echo "$name=eig-$name$suffix" >>"$folder/names"
        ip -n "eig-$name$suffix" link set lo up
    done
    ip -n "$(real edge)" addr add 192.0.2.1/32 dev lo
    wire payfast 203.0.113.10/28 203.0.113.1/28
    wire mobicash 198.51.100.40/28 198.51.100.33/28
    wire stranger 203.0.113.130/28 203.0.113.129/28
    wire admin 192.0.2.242/28 192.0.2.241/28
    wire backends 10.20.0.10/24 10.20.0.1/24
    ip -n "$(real backends)" addr add 10.20.0.11/24 dev edge
    ip -n "$(real backends)" addr add 10.20.0.20/24 dev edge
}

# A program is known by its id and the instant it was started at: an id alone may be somebody else's by now.
alive() {
    [ -e "$folder/run/$1.pid" ] || return 1
    read -r id began <"$folder/run/$1.pid"
    now=$(cut -d ' ' -f 3,22 "/proc/$id/stat" 2>/dev/null) || return 1
    # A program that ended and was not reaped yet is not alive.
    [ "${now#* }" = "$began" ] && [ "${now% *}" != Z ]
}

launch() { # PROGRAM NAMESPACE COMMAND…: its standard output is appended to its log
    program=$1 namespace=$2
    shift 2
    ! alive "$program" || fail "$program runs already"
    # Its own session: Ctrl-C reaches the driver, which then takes everything down in order.
    # Its own mount namespace: the names of the demonstration resolve there and nowhere else.
    setsid ip netns exec "$(real "$namespace")" unshare -m \
        sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$folder/hosts" "$@" \
        >>"$folder/log/$program.log" 2>>"$folder/log/$program.err" </dev/null &
    id=$!
    echo "$id $(cut -d ' ' -f 22 "/proc/$id/stat")" >"$folder/run/$program.pid"
}

listening() { # PROGRAM NAMESPACE PORT…: waits until each port is open
    program=$1 namespace=$(real "$2")
    shift 2
    tries=0
    for port; do
        until [ -n "$(ip netns exec "$namespace" ss -Hltn "sport = :$port")" ]; do
            alive "$program" || { tail -n 20 "$folder/log/$program.err" "$folder/log/$program.log" >&2; fail "$program ended"; }
            tries=$((tries + 1))
            [ "$tries" -lt 500 ] || fail "$program does not listen on port $port"
            sleep 0.02
        done
    done
}

answering() { # PROGRAM SOCKET: waits until its control socket answers
    tries=0
    until curl -sf -o /dev/null --unix-socket "$2" http://control/v1/status; do
        alive "$1" || { tail -n 20 "$folder/log/$1.err" "$folder/log/$1.log" >&2; fail "$1 ended"; }
        tries=$((tries + 1))
        [ "$tries" -lt 250 ] || fail "$1 does not answer on $2"
        sleep 0.02
    done
}

start() {
    pki=$folder/pki
    etc=$folder/etc
    sandbox=$folder/bin/eig-sandbox
    case $1 in
    jumpd)
        launch jumpd edge "$folder/bin/jumpd" enforce --config "$folder/etc" --ipsec-folder "$folder/ipsec"
        answering jumpd "$folder/run/jumpd-enforce.sock"
        ;;
    eigd)
        # What faces the network has no privilege.
        user=$(cat "$folder/user")
        launch eigd edge setpriv --reuid="$user" --regid="$user" --clear-groups --no-new-privs --inh-caps=-all \
            "$folder/bin/eigd" --config "$folder/etc"
        listening eigd edge 8443 8081
        ;;
    audit | gate)
        user=$(cat "$folder/user")
        [ "$1" = audit ] || set -- "$1" --state "$folder/gate/state"
        launch "$1" edge setpriv --reuid="$user" --regid="$user" --clear-groups --no-new-privs --inh-caps=-all \
            "$folder/bin/jumpd" "$@" --config "$etc"
        case $1 in
        audit) answering audit "$folder/gate/run/audit.sock" ;;
        gate) listening gate edge 9443 ;;
        esac
        ;;
    sshd)
        # shellcheck disable=SC2016 # the inner shell's own
        launch sshd backends sh -ec 'for each in passwd group shadow; do mount --bind "$0/$each" "/etc/$each"; done
            mount -t tmpfs tmpfs /run && mkdir -p /run/sshd && exec /usr/sbin/sshd -D -e -f "$0/sshd_config"' "$folder/sshd"
        listening sshd backends 22
        ;;
    txn)
        launch txn backends "$sandbox" txn --listen 10.20.0.10:8080 --control "$folder/run/txn.sock" \
            --edge http://10.20.0.1:8081 --reports http://10.20.0.11:8080 --receiver mobicash
        listening txn backends 8080
        ;;
    rpt)
        launch rpt backends "$sandbox" rpt --listen 10.20.0.11:8080 --control "$folder/run/rpt.sock"
        listening rpt backends 8080
        ;;
    payfast)
        launch payfast payfast "$sandbox" send-partner --listen "$(address payfast):9443" --control "$folder/run/payfast.sock" \
            --certificate "$pki/payfast-callbacks.pem" --key "$pki/payfast-callbacks.key" --client-ca "$pki/eig-ca.pem"
        listening payfast payfast 9443
        ;;
    mobicash)
        launch mobicash mobicash "$sandbox" receive-partner --listen "$(address mobicash):8443" \
            --listen "$(address mobicash):9443" \
            --control "$folder/run/mobicash.sock" \
            --certificate "$pki/mobicash-server.pem" --key "$pki/mobicash-server.key" --client-ca "$pki/eig-ca.pem" \
            --callback https://edge.eig.example:8443/eig/callbacks/payouts --ca "$pki/eig-ca.pem" \
            --client-certificate "$pki/mobicash.pem" --client-key "$pki/mobicash.key" \
            --login "$(cat "$folder/login.mobicash")"
        listening mobicash mobicash 8443 9443
        ;;
    ipsec-*)
        end=${1#ipsec-}
        ipsec=$folder/ipsec/$end
        launch "$1" "$end" /usr/libexec/ipsec/pluto --nofork --config "$ipsec/ipsec.conf" \
            --secretsfile "$ipsec/ipsec.secrets" --nssdir "$ipsec/nss" --rundir "$ipsec/run"
        tries=0
        until [ -S "$ipsec/run/pluto.ctl" ]; do
            alive "$1" || { tail -n 20 "$folder/log/$1.err" "$folder/log/$1.log" >&2; fail "$1 ended"; }
            tries=$((tries + 1))
            [ "$tries" -lt 500 ] || fail "$1 has no control socket"
            sleep 0.02
        done
        ;;
    *) fail "no such program: $1" ;;
    esac
}

end() { # SIGNAL PROGRAM: sends it and waits until the program is gone, killing it after five seconds
    alive "$2" || { rm -f "$folder/run/$2.pid"; return 0; }
    read -r id began <"$folder/run/$2.pid"
    kill -"$1" "$id" 2>/dev/null || :
    tries=0
    while alive "$2"; do
        tries=$((tries + 1))
        if [ "$tries" -ge 250 ]; then
            kill -KILL "$id" 2>/dev/null || :
        fi
        sleep 0.02
    done
    rm -f "$folder/run/$2.pid"
}

down() {
    # Nobody may be stopped halfway by a second Ctrl-C.
    trap '' INT TERM HUP
    for program in payfast mobicash txn rpt eigd gate audit sshd ipsec-payfast ipsec-mobicash ipsec-edge jumpd; do end TERM "$program"; done
    [ -e "$folder/names" ] || return 0
    while IFS="=" read -r name namespace; do
        ip netns del "$namespace" 2>/dev/null || :
    done <"$folder/names"
    rm -f "$folder/names"
}

case $verb in
up) up ;;
down) down ;;
start) start "$1" ;;
stop) end TERM "$1" ;;
kill) end KILL "$1" ;;
in)
    namespace=$(real "$1")
    shift
    exec ip netns exec "$namespace" unshare -m \
        sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$folder/hosts" "$@"
    ;;
*) fail "no such verb: $verb" ;;
esac
