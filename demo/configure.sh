#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Writes the demonstration's configuration: what /etc/eig holds on a real host.
#
# usage: demo/configure.sh FOLDER USER-ID
#
# Takes certificates from FOLDER/pki, programs from FOLDER/bin and where partners are from FOLDER/addresses; writes FOLDER/etc, FOLDER/login.* and
# FOLDER/hosts. USER-ID is who eigd runs as: it reads the configuration and owns its store.
set -eu

folder=$1
user=$2
pki=$folder/pki
payfast=$(sed -n 's/^payfast=//p' "$folder/addresses")
mobicash=$(sed -n 's/^mobicash=//p' "$folder/addresses")
etc=$folder/etc

umask 027
mkdir -p "$etc/partners.d" "$etc/ca" "$etc/identities" "$etc/credentials" "$etc/secrets" "$folder/run/eigd" "$folder/store"
install -m 640 "$pki/payfast-ca.pem" "$pki/mobicash-ca.pem" "$etc/ca/"
for name in edge payfast-out mobicash-out; do
    install -m 640 "$pki/$name.pem" "$pki/$name.key" "$etc/identities/"
done
for name in payfast mobicash; do
    password=$(openssl rand -hex 12)
    printf '%s:%s' "$name" "$password" >"$folder/login.$name"
    printf '%s' "$password" | "$folder/bin/eigctl" credential "$name" >"$etc/credentials/$name.credential"
done

cat >"$folder/hosts" <<END
127.0.0.1 localhost
192.0.2.1 edge.eig.example
$payfast callbacks.payfast.example
$mobicash api.mobicash.example callbacks.mobicash.example
END
# Bound over /etc/hosts of every program.
chmod 644 "$folder/hosts"

# Lines of a partner file that are there only with tunnels.
via() { [ ! -e "$folder/tunnelled" ] || echo 'via    = "t1"'; }
tunnel() { # PARTNER PEER PARTNER-SUBNET
    [ -e "$folder/tunnelled" ] || return 0
    echo "0x$(openssl rand -hex 32)" >"$etc/secrets/$1-t1.psk"
    cat <<END

[[tunnel]]
name           = "t1"
peer           = "$2"
local-id       = "@gw.eig.example"
remote-id      = "@vpn.$1.example"
local-subnets  = ["192.0.2.1/32"]
remote-subnets = ["$3"]
auth           = { psk = "$1-t1.psk" }
END
}

cat >"$etc/partners.d/payfast.toml" <<END
id     = "payfast"
name   = "PayFast India"
roles  = ["send"]
owner  = "partner-ops@example.net"
ticket = "NET-4711"

[[allow]]
from   = ["$payfast"]
reason = "production egress"
$(via)

[[certificate]]
ca  = "payfast-ca.pem"
san = "edge.payfast.example"

[credential]
scheme = "terrapay"
file   = "payfast.credential"

[limits]
requests-per-second = 200
concurrent          = 64
body-bytes          = 65536

[callbacks]
url      = "https://callbacks.payfast.example:9443/terrapay"
to       = ["$payfast"]
profile  = "terrapay"
identity = "payfast-out"
timeout  = "5s"
$(tunnel payfast 203.0.113.10 172.16.5.0/24)
END

cat >"$etc/partners.d/mobicash.toml" <<END
id     = "mobicash"
name   = "MobiCash Kenya"
roles  = ["receive"]
owner  = "partner-ops@example.net"
ticket = "NET-4712"

[[allow]]
from   = ["$mobicash"]
reason = "production egress"
$(via)

[[certificate]]
ca  = "mobicash-ca.pem"
san = "edge.mobicash.example"

[credential]
scheme = "terrapay"
file   = "mobicash.credential"

[callbacks]
url      = "https://callbacks.mobicash.example:9443/callbacks"
to       = ["$mobicash"]
profile  = "plain"
identity = "mobicash-out"
timeout  = "5s"

[outward]
url      = "https://api.mobicash.example:8443"
to       = ["$mobicash"]
identity = "mobicash-out"
timeout  = "10s"
$(tunnel mobicash 198.51.100.40 172.17.5.0/24)
END

cat >"$etc/eigd.toml" <<END
[listen]
partners = ["192.0.2.1:8443"]
internal = ["10.20.0.1:8081"]
control  = "$folder/run/eigd/eigd.sock"

[server]
names       = ["edge.eig.example"]
certificate = "edge.pem"
key         = "edge.key"

[internal]
from = ["10.20.0.0/24"]

[[backend]]
name    = "txn"
address = "10.20.0.10:8080"

[[backend]]
name    = "rpt"
address = "10.20.0.11:8080"

[[route]]
method = "POST"
path   = "/eig/gsma/transactions"
role   = "send"
to     = "txn"

[[route]]
method = "GET"
path   = "/eig/gsma/transactions/"
role   = "send"
to     = "txn"

[[route]]
method = "GET"
path   = "/eig/reports/"
role   = "send"
to     = "rpt"

[[route]]
method = "POST"
path   = "/eig/callbacks/"
role   = "receive"
to     = "relay"

[store]
path          = "$folder/store/relay.db"
reserve-bytes = 0

# Impatient, so that nobody waits for the demonstration: a real gateway keeps the defaults.
[relay]
retry                 = ["200ms", "500ms", "1s"]
receiver-callbacks-to = ["txn", "rpt"]
sender-copies-to      = ["rpt"]
END

cat >"$etc/jumpd.toml" <<END
[host]
addresses = ["192.0.2.1"]

[management]
from  = ["192.0.2.240/28"]
ports = [22, 9443]

[partners]
ports = [8443]

[internal]
from  = ["10.20.0.0/24"]
ports = [8081]

[control]
path = "$folder/run/jumpd-enforce.sock"
END

# eigd reads the configuration through its group and owns nothing but its socket's folder and its store.
chgrp -R "$user" "$etc"
chown "$user:$user" "$folder/run/eigd" "$folder/store"
chmod 711 "$folder/run"
