// SPDX-License-Identifier: Apache-2.0
import Partners

/// What can be wrong with a partner file: edits of the example.
enum PartnerMistakes {
    static let all = keys + words + addresses + endpoints + tunnels + TunnelMistakes.all

    static let keys: [Mistake] = [
        Mistake(.syntax, "id = \"payfast\"", "id = payfast", at: "payfast\n\n# Required. What", hint: "TOML 1.0"),
        Mistake(.duplicateKey, "enabled = true", "ticket = \"A\"", at: "\"NET-4711\"", hint: "one of the two"),
        Mistake(.unknownKey, "owner = ", "onwer = \"x\"\nowner = ", at: "onwer", hint: "`owner`"),
        Mistake(.unknownKey, "\nfrom = [\"172", "\nform = 1\nfrom = [\"172", at: "form = 1", hint: "`from`"),
        Mistake(.unknownKey, "burst = 400", "Concurrent = 1", at: "Concurrent", hint: "`concurrent`"),
        Mistake(.unknownKey, "burst = 400", "requests_per_second = 1", at: "requests_", hint: "`requests-per-second`"),
        Mistake(.unknownKey, "scheme = ", "zebra = 1\nscheme = ", at: "zebra", hint: "scheme, file"),
        Mistake(.unknownKey, "[limits]", "[limit]", at: "limit]", hint: "`limits`"),
        Mistake(.type, "enabled = true", "enabled = \"yes\"", at: "\"yes\"", hint: "true"),
        Mistake(.type, "name = \"PayFast India\"", "name = 4", at: "4", hint: "\""),
        Mistake(.type, "roles = [\"send\"]", "roles = \"send\"", at: "\"send\"\n", hint: "[\"send\"]"),
        Mistake(.type, "roles = [\"send\"]", "roles = [\"send\", 1]", at: "1]", hint: "[\"send\"]"),
        Mistake(.type, "burst = 400", "burst = 4.5", at: "4.5", hint: "burst = 1"),
        Mistake(.type, "timeout = \"15s\"", "timeout = 15", at: "15\n", hint: "\"1s\""),
        Mistake(.type, "[limits]", "[[limits]]", at: "[[limits]]", hint: "[limits]"),
        Mistake(.type, "auth = { psk = \"payfast-t1.psk\" }", "auth = \"psk\"", at: "\"psk\"", hint: "{ psk"),
        Mistake(.missingKey, "owner = \"partner-ops@example.net\"", "", at: "# A send partner", hint: "`owner = "),
        Mistake(.missingKey, "reason = \"production over VPN\"", "", at: "[[allow]]\nfrom = [\"172", hint: "`reason"),
        Mistake(.missingKey, "san = \"edge.payfast.example\"", "", at: "[[certificate]]\n", hint: "`san"),
        Mistake(.missingKey, "file = \"payfast.credential\"", "", at: "[credential]", hint: "`file"),
        Mistake(.count, "roles = [\"send\"]", "roles = []", at: "[]", hint: "at least 1"),
        Mistake(.repeated, "roles = [\"send\"]", "roles = [\"send\", \"send\"]", at: "\"send\"]", hint: "once"),
    ]

    static let words: [Mistake] = [
        Mistake(.identifier, "id = \"payfast\"", "id = \"Pay-Fast\"", at: "\"Pay-Fast\"", hint: "payfast"),
        Mistake(.identifierFile, "id = \"payfast\"", "id = \"payfas\"", at: "\"payfas\"", hint: "payfas.toml"),
        Mistake(.text, "name = \"PayFast India\"", "name = \"  \"", at: "\"  \"", hint: "name"),
        Mistake(.text, "ticket = \"NET-4711\"", "ticket = \"a\\nb\"", at: "\"a\\nb\"", hint: "ticket"),
        Mistake(.choice, "roles = [\"send\"]", "roles = [\"sned\"]", at: "\"sned\"", hint: "\"send\""),
        Mistake(.choice, "roles = [\"send\"]", "roles = [\"x\"]", at: "\"x\"", hint: "\"send\", \"receive\""),
        Mistake(.choice, "eku = \"clientAuth\"", "eku = \"clientauth\"", at: "\"clientauth\"", hint: "\"clientAuth\""),
        Mistake(.choice, "scheme = \"terrapay\"", "scheme = \"teraplay\"", at: "\"teraplay\"", hint: "\"terrapay\""),
        Mistake(.choice, "profile = \"terrapay\"", "profile = \"gmsa\"", at: "\"gmsa\"", hint: "\"gsma\""),
        Mistake(.profile, "profile = \"terrapay\"", "profile = \"fspiop\"", at: "\"fspiop\"", hint: "\"plain\""),
        Mistake(.range, "burst = 400", "burst = 0", at: "0\n# Requests in", hint: "1 to 1000000"),
        Mistake(.range, "give-up-after = \"72h\"", "give-up-after = \"31d\"", at: "\"31d\"", hint: "1m to 30d"),
        Mistake(.duration, "timeout = \"15s\"", "timeout = \"15 s\"", at: "\"15 s\"", hint: "15s"),
        Mistake(.date, "until = 2099-06-30", "until = \"2099-06-30\"", at: "\"2099-06-30\"", hint: "without quotes"),
        Mistake(.date, "until = 2099-06-30", "until = 2099-06-30T10:00:00", at: "2099-06-30T10", hint: "Z"),
        Mistake(.san, "san = \"edge.payfast.example\"", "san = \"*.payfast.example\"", at: "\"*.pay", hint: "san"),
        Mistake(.san, "san = \"edge.payfast.example\"", "san = \"Edge.example\"", at: "\"Edge.", hint: "san"),
        Mistake(.pin, "pin = \"sha256:6a", "pin = \"sha256:6", at: "\"sha256:6", hint: "sha256:"),
        Mistake(.pin, "pin = \"sha256:6a", "pin = \"sha256:6A", at: "\"sha256:6A", hint: "sha256:"),
        Mistake(.serial, "\"0a1b2c3d\"", "\"zz\"", at: "\"zz\"", hint: "hex"),
        Mistake(.repeated, "\"0a1b2c3d\"", "\"0a1b2c3d\", \"A:1B:2C:3D\"", at: "\"A:1B", hint: "once"),
        Mistake(
            .fileName,
            "ca = \"payfast-ca.pem\"\n# Req",
            "ca = \"../x.pem\"\n# Req",
            at: "\"../x.pem\"",
            hint: "ca"
        ),
        Mistake(.conflict, "scheme = \"terrapay\"", "scheme = \"none\"", at: "[credential]", hint: "remove the file"),
        Mistake(.conflict, "# secret = ", "secret = ", at: "[callbacks]", hint: "standard-webhooks"),
    ]

    static let addresses: [Mistake] = [
        Mistake(.prefix, "\"203.0.113.10\"", "\"203.0.113.256\"", at: "\"203.0.113.256\"", hint: "network"),
        Mistake(.prefix, "\"203.0.113.10\"", "\"edge.example\"", at: "\"edge.example\"", hint: "address"),
        Mistake(.prefix, "\"203.0.113.10\"", "\"203.0.113.0/33\"", at: "\"203.0.113.0/33\"", hint: "network"),
        Mistake(
            .prefixHostBits,
            "\"203.0.113.64/28\"",
            "\"203.0.113.66/28\"",
            at: "\"203.0.113.66",
            hint: "\"203.0.113.64/28\""
        ),
        Mistake(
            .prefixHostBits,
            "\"2001:db8:5::/64\"",
            "\"2001:db8:5::1/64\"",
            at: "\"2001",
            hint: "\"2001:db8:5::/64\""
        ),
        Mistake(.prefixWide, "\"203.0.113.10\"", "\"0.0.0.0/0\"", at: "\"0.0.0.0/0\"", hint: "really"),
        Mistake(.prefixWide, "\"203.0.113.10\"", "\"::/0\"", at: "\"::/0\"", hint: "really"),
        Mistake(.prefixWide, "\"203.0.113.20/31\"", "\"0.0.0.0/0\"", at: "\"0.0.0.0/0\"", hint: "really"),
        Mistake(.prefixDoubtful, "\"203.0.113.10\"", "\"12.0.0.0/8\"", at: "\"12.0.0.0/8\"", hint: "narrow"),
        Mistake(
            .repeated,
            "\"203.0.113.10\"",
            "\"203.0.113.10\", \"203.0.113.10/32\"",
            at: "\"203.0.113.10/32\"",
            hint: "once"
        ),
        Mistake(.allowRedundant, "\"203.0.113.10\"", "\"203.0.113.65\"", at: "\"203.0.113.65\"", hint: "one of them"),
        Mistake(.allowOverlap, "\"203.0.113.10\"", "\"172.16.5.0/24\"", at: "\"172.16.5.10\"", hint: "one way"),
        Mistake(
            .allowOutsideTunnel,
            "[\"172.16.5.10\"]",
            "[\"172.16.6.10\"]",
            at: "\"172.16.6.10\"",
            hint: "remote-subnets"
        ),
        Mistake(.tunnelUnknown, "via = \"t1\"", "via = \"t2\"", at: "\"t2\"", hint: "\"t1\""),
    ]

    private static let url = "\"https://callbacks.payfast.example/terrapay\""

    static let endpoints: [Mistake] = [
        Mistake(.url, url, "\"http://callbacks.payfast.example/\"", at: "\"http:", hint: "https"),
        Mistake(.url, url, "\"https://me@callbacks.payfast.example/\"", at: "\"https://me@", hint: "https"),
        Mistake(.url, url, "\"https://callbacks.payfast.example/?a=1\"", at: "\"https://callbacks", hint: "PATH"),
        Mistake(.url, url, "\"https://callbacks.payfast.example/#a\"", at: "\"https://callbacks", hint: "PATH"),
        Mistake(.url, url, "\"https://callbacks.payfast.example:0/\"", at: "\"https://callbacks", hint: "PORT"),
        Mistake(.url, url, "\"https://callbacks.payfast.example/a/../b\"", at: "\"https://callbacks", hint: "PATH"),
        Mistake(.urlAddress, url, "\"https://203.0.113.22/terrapay\"", at: "\"https://203", hint: "\"203.0.113.22\""),
        Mistake(
            .missingKey,
            "profile = \"terrapay\"",
            "profile = \"standard-webhooks\"",
            at: "[callbacks]",
            hint: "`secret"
        ),
        Mistake(.missingKey, "to = [\"203.0.113.20/31\"]", "", at: "[callbacks]", hint: "`to = "),
        Mistake(.missingKey, "identity = \"payfast-out\"", "", at: "[callbacks]", hint: "`identity"),
    ]

    static let tunnels: [Mistake] = [
        Mistake(
            .tunnelName,
            "name = \"t1\"\n# Required. The address",
            "name = \"t-1\"\n# Required. The address",
            at: "\"t-1\"",
            hint: "t1"
        ),
        Mistake(
            .address,
            "peer = \"198.51.100.7\"",
            "peer = \"vpn.payfast.example\"",
            at: "\"vpn.payfast",
            hint: "peer"
        ),
        Mistake(.tunnelID, "\"@gw.edge.example\"", "\"gw.edge.example\"", at: "\"gw.edge", hint: "@"),
        Mistake(.tunnelID, "\"@gw.edge.example\"", "\"@gw;edge\"", at: "\"@gw;", hint: "@"),
        Mistake(.tunnelID, "\"@gw.edge.example\"", "\"%any\"", at: "\"%any\"", hint: "@"),
        Mistake(
            .prefixHostBits,
            "[\"10.20.0.0/24\"]",
            "[\"10.20.0.1/24\"]",
            at: "\"10.20.0.1/24\"",
            hint: "\"10.20.0.0/24\""
        ),
        Mistake(.conflict, "{ psk = \"payfast-t1.psk\" }", "{ }", at: "{ }", hint: "certificate"),
        Mistake(
            .conflict,
            "{ psk = \"payfast-t1.psk\" }",
            "{ psk = \"a\", certificate = \"b\" }",
            at: "{ psk = \"a\"",
            hint: "FILE"
        ),
        Mistake(.unknownKey, "auth = { psk = ", "auth = { x = 1, psk = ", at: "x = 1", hint: "psk"),
    ]
}
