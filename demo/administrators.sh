#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The demonstration's second part: an administrator gets to a host behind the edge through the gate, and who may not does
# not.
#
# usage: demo/administrators.sh FOLDER configure | run
#
# `configure`, once the rest is: certificates of three administrators, the gate's part of FOLDER/etc/jumpd.toml, an account
# for a real sshd. `run`, once everybody is there: each step, with what was observed; exits 0 only if all were.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$1
verb=$2
pki=$folder/pki
etc=$folder/etc
lab=$here/lab.sh
gate=jump.edge.example:9443

configure() {
    "$here/pki.sh" "$pki" administrators
    install -m 640 "$pki/admins-ca.pem" "$etc/ca/"
    install -m 640 "$pki/jump.pem" "$pki/jump.key" "$etc/identities/"
    openssl genpkey -algorithm ed25519 -out "$etc/identities/audit.key"
    chmod 640 "$etc/identities/audit.key"
    user=$(cat "$folder/user")
    mkdir -p "$folder/gate/run" "$folder/gate/state" "$folder/gate/audit" "$folder/sshd/home"
    cat >>"$etc/jumpd.toml" <<END

[gate]
listen      = ["192.0.2.1:9443"]
name        = "jump.edge.example"
certificate = "jump.pem"
key         = "jump.key"
control     = "$folder/gate/run/jump.sock"

[audit]
key     = "audit.key"
folder  = "$folder/gate/audit"
control = "$folder/gate/run/audit.sock"
events  = "$folder/gate/run/audit-events.sock"

[[role]]
id      = "network"
targets = ["eig-01:22"]
may     = ["approve", "audit", "sessions"]

[[target]]
id      = "eig-01"
address = "10.20.0.20"
ports   = [22]
reason  = "the shell of a host behind the edge"
END
    for name in anna ben mallory; do
        cat >>"$etc/jumpd.toml" <<END

[[admin]]
id    = "$name"
name  = "$name"
roles = [$([ "$name" = mallory ] || echo '"network"')]
ca    = "admins-ca.pem"
san   = "$name@edge.example"
END
    done
    chgrp -R "$user" "$etc"
    chown -R "$user:$user" "$folder/gate"
    echo "192.0.2.1 jump.edge.example" >>"$folder/hosts"
    account
}

# The host's own accounts are not used: sshd sees these files in their place.
account() {
    sshd=$folder/sshd
    for key in host anna; do ssh-keygen -q -t ed25519 -N "" -C "$key" -f "$sshd/$key"; done
    cp "$sshd/anna.pub" "$sshd/authorized"
    printf 'eig-01 %s\n' "$(cut -d ' ' -f 1,2 "$sshd/host.pub")" >"$sshd/known_hosts"
    printf '%s\n' "root:x:0:0::/root:/bin/sh" "sshd:x:64206:64206::/run/sshd:/usr/sbin/nologin" \
        "operator:x:64207:64207::$sshd/home:/bin/sh" >"$sshd/passwd"
    printf '%s\n' "root:x:0:" "operator:x:64207:" >"$sshd/group"
    printf '%s\n' "root:*:1::::::" "sshd:*:1::::::" "operator:*:1::::::" >"$sshd/shadow"
    chown 64207:64207 "$sshd/home"
    cat >"$sshd/sshd_config" <<END
ListenAddress 10.20.0.20
HostKey $sshd/host
AuthorizedKeysFile $sshd/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
PidFile none
END
    cat >"$folder/ssh_config.anna" <<END
Host *
    User operator
    IdentityFile $sshd/anna
    IdentitiesOnly yes
    UserKnownHostsFile $sshd/known_hosts
    GlobalKnownHostsFile none
    BatchMode yes
    ProxyCommand sh -c '{ printf "CONNECT %%s:%%s HTTP/1.1\r\nHost: %%s\r\n\r\n" %h %p %h; cat; } | { openssl s_client -quiet -nocommands -verify_quiet -verify_return_error -CAfile $pki/eig-ca.pem -verify_hostname jump.edge.example -servername jump.edge.example -cert $pki/anna.pem -key $pki/anna.key -connect $gate; kill \$\$ 2>/dev/null; }'
END
}

# NAME COMMAND…: our own command on that administrator's machine.
at() {
    name=$1
    shift
    "$lab" "$folder" in admin "$folder/bin/eigctl" "$@" --gate "$gate" --cert "$pki/$name.pem" --key "$pki/$name.key" \
        --ca "$pki/eig-ca.pem"
}

step() { echo "$1"; }
saw() { echo "      ✓ $1"; }
missed() {
    echo "      ✗ $1" >&2
    exit 1
}

run() {
    echo "administrators: anna and ben of role \`network\`, mallory of none; a real sshd on eig-01, in \`backends\`"
    step "7   anna → gate → eig-01        without a grant"
    ! said=$(at anna jump connect eig-01:22 2>&1 </dev/null) || missed "she got through: $said"
    saw "anna: $said"

    step "8   anna asks, ben approves"
    grant=$(at anna grant request eig-01:22 --for 30m --ticket CHG-1 --reason "look at the logs" --json |
        sed -n 's/.*"id" *: *"\([^"]*\)".*/\1/p' | head -n 1)
    ! at anna grant approve "$grant" >/dev/null 2>&1 || missed "she approved it herself"
    saw "anna cannot approve her own $grant"
    at ben grant approve "$grant" >/dev/null || missed "ben could not approve $grant"
    saw "ben approved it"

    step "9   anna → gate → eig-01        plain ssh, nothing of ours on her machine but a certificate"
    there=$("$lab" "$folder" in admin ssh -F "$folder/ssh_config.anna" eig-01 'id -un; echo "$SSH_CONNECTION"')
    case $there in
    operator*"10.20.0.20 22") saw "a shell as $(echo "$there" | head -n 1) in \`backends\`: $(echo "$there" | tail -n 1)" ;;
    *) missed "no shell: $there" ;;
    esac

    step "a   mallory → gate → eig-01     no role, no grant"
    ! said=$(at mallory jump connect eig-01:22 2>&1 </dev/null) || missed "mallory got through: $said"
    saw "mallory: $said"

    step "b   ben revokes the grant while anna is connected"
    # Through eigctl, which ends with the connection: the pipe of the openssl lines stands until ssh has something to say.
    proxy="$folder/bin/eigctl jump connect %h:%p --gate $gate --cert $pki/anna.pem --key $pki/anna.key --ca $pki/eig-ca.pem"
    "$lab" "$folder" in admin timeout 30 ssh -F "$folder/ssh_config.anna" -o "ProxyCommand $proxy" eig-01 'echo in; sleep 20' \
        >"$folder/shell" 2>/dev/null </dev/null &
    shell=$!
    tries=0
    until [ "$(cat "$folder/shell")" = in ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 250 ] || missed "her shell did not come"
        sleep 0.02
    done
    began=$(date +%s%3N)
    at ben grant revoke "$grant" >/dev/null
    wait "$shell" 2>/dev/null || :
    took=$(($(date +%s%3N) - began))
    [ "$took" -lt 2000 ] || missed "her shell ended after $took ms"
    saw "her shell ended $took ms after he typed it"

    step "c   what was written down"
    verified=$("$lab" "$folder" in edge "$folder/bin/eigctl" audit verify --config "$etc") || missed "$verified"
    saw "eigctl audit verify: $(echo "$verified" | grep "lines in"), $(echo "$verified" | sed -n "s/^✓ //p")"
    echo
}

case $verb in
configure) configure ;;
run) run ;;
*) echo "usage: demo/administrators.sh FOLDER configure | run" >&2 && exit 64 ;;
esac
