#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Says how to play with a demonstration that was left running.
#
# usage: demo/hints.sh FOLDER
set -eu

folder=$1
payfast=$(sed -n 's/^payfast=//p' "$folder/names")
login=$(cat "$folder/login.payfast")
digest=$(printf '%s' "${login#*:}" | sha256sum | cut -d ' ' -f 1)

cat >"$folder/eigctl" <<END
#!/bin/sh
exec "$folder/bin/eigctl" --config "$folder/etc" --control-eigd "$folder/run/eigd/eigd.sock" \\
    --control-enforce "$folder/run/jumpd-enforce.sock" "\$@"
END
# curl as PayFast: in its namespace, with its certificate and its password.
cat >"$folder/curl" <<END
#!/bin/sh
exec ip netns exec $payfast curl --resolve edge.eig.example:8443:192.0.2.1 --cacert "$folder/pki/eig-ca.pem" \\
    --cert "$folder/pki/payfast.pem" --key "$folder/pki/payfast.key" \\
    -H "X-USERNAME: ${login%%:*}" -H "X-PASSWORD: $digest" "\$@"
END
chmod +x "$folder/eigctl" "$folder/curl"

cat <<END

It is left running in $folder. As root:

  $folder/eigctl status
  $folder/eigctl callbacks list
  $folder/curl -i https://edge.eig.example:8443/eig/gsma/transactions/REFERENCE
  $folder/curl -i https://edge.eig.example:8443/eig/gsma/transactions \\
    -H 'Content-Type: application/json' \\
    -d '{"amount":"1.00","currency":"KES","type":"p2p","requestDate":"2026-01-01 00:00:00",
         "requestingOrganisationTransactionReference":"MINE0001","debitParty":[],
         "creditParty":[{"key":"msisdn","value":"+254700000000"}]}'
  tail -f $folder/log/*.log
  curl --unix-socket $folder/run/payfast.sock -X PUT -d answer:500x3 http://control/faults
  \$EDITOR $folder/etc/partners.d/payfast.toml && $folder/eigctl apply

What that curl is, in full (in the namespace $payfast, after \`ip netns exec $payfast\`):

  curl --resolve edge.eig.example:8443:192.0.2.1 --cacert $folder/pki/eig-ca.pem \\
    --cert $folder/pki/payfast.pem --key $folder/pki/payfast.key \\
    -H 'X-USERNAME: ${login%%:*}' -H 'X-PASSWORD: $digest' https://edge.eig.example:8443/…

Stop it with: make demo-stop
END
