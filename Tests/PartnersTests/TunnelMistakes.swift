// SPDX-License-Identifier: Apache-2.0
import Partners

/// What can be wrong with a tunnel: edits of the example.
enum TunnelMistakes {
    static let all = ends + networks + algorithms + waivers

    private static let peer = "\npeer = \"198.51.100.7\""
    private static let backup = "backup-peer = \"198.51.100.8\""
    private static let local = "[\"10.20.0.0/24\"]"
    private static let remote = "[\"172.16.5.0/24\"]"
    private static let esp = "esp = [\"aes_gcm256\", \"aes256-sha2_512\"]"
    private static let ike =
        "ike = [\"aes_gcm256-sha2_512-dh20\", \"aes_gcm256-sha2_512-dh19\", \"aes256-sha2_512-dh20\", "
        + "\"aes256-sha2_256-dh19\"]"

    static let ends: [Mistake] = [
        Mistake(.address, peer, "\npeer = \"224.0.0.5\"", at: "\"224", hint: "gateway"),
        Mistake(.address, backup, "backup-peer = \"127.0.0.1\"", at: "\"127", hint: "gateway"),
        Mistake(.address, backup, "backup-peer = \"vpn2.payfast.example\"", at: "\"vpn2", hint: "backup-peer"),
        Mistake(.tunnelPeer, backup, "backup-peer = \"198.51.100.7\"", at: "\"198.51.100.7\"\n# Our", hint: "another"),
        Mistake(.tunnelPeer, peer, "\npeer = \"172.16.5.1\"", at: "\"172.16.5.1\"", hint: "remote-subnets"),
        Mistake(
            .tunnelPeer,
            "local-address = \"203.0.113.2\"",
            "local-address = \"198.51.100.7\"",
            at: "\"198.51.100.7\"\n# 2,",
            hint: "this host"
        ),
        Mistake(.tunnelFamily, backup, "backup-peer = \"2001:db8::8\"", at: "\"2001:db8::8\"", hint: "family"),
        Mistake(
            .tunnelFamily,
            "local-address = \"203.0.113.2\"",
            "local-address = \"2001:db8::2\"",
            at: "\"2001:db8::2\"",
            hint: "family"
        ),
        Mistake(
            .tunnelID,
            "\"@gw.edge.example\"",
            "\"@vpn.payfast.example\"",
            at: "\"@vpn.payfast.example\"\n# Required. Our",
            hint: "ask"
        ),
        Mistake(.tunnelID, "\"@gw.edge.example\"", "\"CN=gw\"", at: "\"CN=gw\"", hint: "@"),
        Mistake(.tunnelID, "\"@gw.edge.example\"", "\"4711\"", at: "\"4711\"", hint: "@"),
        Mistake(
            .conflict,
            "{ psk = \"payfast-t1.psk\" }",
            "{ psk = \"payfast-t1.psk\", ca = \"a.pem\" }",
            at: "{ psk = \"payfast-t1.psk\", ca",
            hint: "remove"
        ),
    ]

    static let networks: [Mistake] = [
        Mistake(.tunnelFamily, local, "[\"2001:db8:20::/64\"]", at: "[\"172.16.5.0/24\"]", hint: "family"),
        Mistake(
            .tunnelFamily,
            peer,
            "\npeer = \"2001:db8::7\"",
            at: "[\"172.16.5.0/24\"]",
            hint: "same family"
        ).with("backup-peer = \"198.51.100.8\"", "").with("local-address = \"203.0.113.2\"", ""),
        Mistake(.prefix, local, "[\"224.0.1.0/24\"]", at: "\"224", hint: "really"),
        Mistake(.prefix, local, "[\"10.20.0.0/99\"]", at: "\"10.20.0.0/99", hint: "network"),
        Mistake(.prefix, local, "[\"banana\"]", at: "\"banana\"", hint: "network"),
        Mistake(.count, remote, "[]", at: "[]", hint: "at least 1"),
        Mistake(
            .tunnelSelectors,
            local,
            "[\"10.20.0.0/24\", \"10.20.0.64/26\"]",
            at: "\"10.20.0.64/26\"",
            hint: "one of them"
        ),
        Mistake(.tunnelSelectors, local, "[\"172.16.0.0/16\"]", at: "\"172.16.5.0/24\"", hint: "NAT"),
        Mistake(
            .tunnelSelectors,
            "encapsulation = \"auto\"",
            """
            [[tunnel]]
            name = "t2"
            peer = "198.51.100.9"
            local-id = "@gw.edge.example"
            remote-id = "@vpn2.payfast.example"
            local-subnets = ["10.20.0.0/16"]
            remote-subnets = ["172.18.5.0/24", "172.16.5.128/25"]
            auth = { psk = "payfast-t1.psk" }
            """,
            at: "\"172.16.5.128/25\"",
            hint: "backup-peer"
        ),
        Mistake(
            .repeated,
            "encapsulation = \"auto\"",
            """
            [[tunnel]]
            name = "t1"
            peer = "198.51.100.9"
            local-id = "@gw.edge.example"
            remote-id = "@vpn2.payfast.example"
            local-subnets = ["10.20.0.0/16"]
            remote-subnets = ["172.18.5.0/24"]
            auth = { psk = "payfast-t1.psk" }
            """,
            at: "\"t1\"\npeer = \"198.51.100.9\"",
            hint: "own name"
        ),
    ]

    static let algorithms: [Mistake] = [
        Mistake(.tunnelProposal, ike, "ike = [\"rot13-sha999-dh99\"]", at: "\"rot13", hint: "aes_gcm256"),
        Mistake(
            .tunnelProposal,
            ike,
            "ike = [\"aes256gcm16-sha2_512-dh20\"]",
            at: "\"aes256gcm16",
            hint: "\"aes_gcm256\""
        ),
        Mistake(.tunnelProposal, ike, "ike = [\"aes256-sha256-dh20\"]", at: "\"aes256-sha256", hint: "\"sha2_256\""),
        Mistake(.tunnelProposal, ike, "ike = [\"aes256-sha2_256-modp2048\"]", at: "\"aes256-", hint: "\"dh14\""),
        Mistake(.tunnelProposal, ike, "ike = [\"aes128-sha1-modp1024\"]", at: "\"aes128-", hint: "\"dh14\""),
        Mistake(.tunnelProposal, ike, "ike = [\"aes256-sha2_256\"]", at: "\"aes256-sha2_256\"]\n", hint: "-dh20"),
        Mistake(.tunnelProposal, ike, "ike = [\"aes256-sha2_256;dh19\"]", at: "\"aes256-sha2_256;", hint: "-dh20"),
        Mistake(.tunnelProposal, esp, "esp = [\"aes256\"]", at: "\"aes256\"]", hint: "\"aes256-sha2_256\""),
        Mistake(.tunnelProposal, esp, "esp = [\"aes256-dh19\"]", at: "\"aes256-dh19\"]", hint: "aes_gcm256"),
        Mistake(.tunnelProposal, esp, "esp = [\"null-sha1\"]", at: "\"null-sha1\"]", hint: "aes_gcm256"),
        Mistake(
            .tunnelProposal,
            esp,
            "esp = [\"aes_gcm256-sha2_256\"]",
            at: "\"aes_gcm256-sha2_256\"]",
            hint: "\"aes_gcm256\""
        ),
        Mistake(
            .tunnelProposal,
            esp,
            "esp = [\"aes256-sha2_256-dh19-dh20\"]",
            at: "\"aes256-sha2_256-dh19-",
            hint: "aes_gcm256"
        ),
        Mistake(
            .tunnelProposal,
            esp,
            "esp = [\"aes_gcm256-dh20\", \"aes256-sha2_512\"]",
            at: "\"aes256-sha2_512\"]\n# How",
            hint: "same group"
        ),
        Mistake(.repeated, esp, "esp = [\"aes_gcm256\", \"aes_gcm256\"]", at: "\"aes_gcm256\"]\n# How", hint: "once"),
        Mistake(.count, esp, "esp = []", at: "[]", hint: "at least 1"),
        Mistake(.tunnelWeak, ike, "ike = [\"3des-sha2_256-dh14\"]", at: "\"3des-sha2_256", hint: "waiver"),
        Mistake(.tunnelWeak, ike, "ike = [\"aes256-md5-dh14\"]", at: "\"aes256-md5", hint: "waiver"),
        Mistake(.tunnelWeak, ike, "ike = [\"aes256-sha1-dh14\"]", at: "\"aes256-sha1", hint: "waiver"),
        Mistake(.tunnelWeak, ike, "ike = [\"aes256-sha2_256-dh5\"]", at: "\"aes256-sha2_256-dh5", hint: "waiver"),
        Mistake(.tunnelWeak, esp, "esp = [\"aes256-sha1\"]", at: "\"aes256-sha1", hint: "waiver"),
        Mistake(.tunnelWeak, "version = 2", "version = 1", at: "1\n# What may", hint: "waiver")
            .with(ike, ""),
        Mistake(.range, "version = 2", "version = 3", at: "3\n# What may", hint: "1 to 2"),
        Mistake(.range, "ike-lifetime = \"8h\"", "ike-lifetime = \"25h\"", at: "\"25h\"", hint: "5m to 1d"),
        Mistake(.range, "esp-lifetime = \"1h\"", "esp-lifetime = \"1m\"", at: "\"1m\"", hint: "5m to 1d"),
        Mistake(.range, "liveness = \"10s\"", "liveness = \"1s\"", at: "\"1s\"", hint: "5s to 5m"),
        Mistake(.duration, "liveness = \"10s\"", "liveness = \"5500ms\"", at: "\"5500ms\"", hint: "10s"),
        Mistake(.duration, "liveness = \"10s\"", "liveness = \"abc\"", at: "\"abc\"", hint: "15s"),
        Mistake(.range, "retransmit-timeout = \"30s\"", "retransmit-timeout = \"6m\"", at: "\"6m\"", hint: "10s to 5m"),
        Mistake(.choice, "encapsulation = \"auto\"", "encapsulation = \"force\"", at: "\"force\"", hint: "\"always\""),
        Mistake(.unknownKey, "encapsulation = \"auto\"", "auto = \"start\"", at: "auto = ", hint: "auth"),
        Mistake(.unknownKey, "encapsulation = \"auto\"", "reqid = 99999", at: "reqid", hint: "the keys here"),
        Mistake(.unknownKey, "encapsulation = \"auto\"", "also = \"x\"", at: "also =", hint: "auth"),
    ]

    private static let waiver =
        "encapsulation = \"auto\"\n[tunnel.waiver]\nallows = [\"ikev1\", \"sha1\"]\nreason = \"r\"\nticket = \"t\"\n"
        + "until = 2026-12-31\n"

    static let waivers: [Mistake] = [
        Mistake(.choice, "encapsulation = \"auto\"", waiver, at: "\"sha2\"", hint: "\"sha1\"").with(
            "allows = [\"ikev1\", \"sha1\"]",
            "allows = [\"sha2\"]"
        ),
        Mistake(.missingKey, "encapsulation = \"auto\"", waiver, at: "[tunnel.waiver]\nallows", hint: "`until = ").with(
            "until = 2026-12-31",
            ""
        ),
        Mistake(.missingKey, "encapsulation = \"auto\"", waiver, at: "[tunnel.waiver]\nallows", hint: "`ticket = ")
            .with(
                "\nticket = \"t\"",
                ""
            ),
        Mistake(.unknownKey, "encapsulation = \"auto\"", waiver, at: "reasons", hint: "`reason`").with(
            "reason = \"r\"",
            "reason = \"r\"\nreasons = \"x\"\n"
        ),
        Mistake(.tunnelWeak, "encapsulation = \"auto\"", waiver, at: "\"aes256-md5", hint: "waiver")
            .with(ike, "ike = [\"aes256-md5-dh14\", \"aes256-sha1-dh14\"]").with("version = 2", "version = 1"),
        Mistake(.waiverUnused, "encapsulation = \"auto\"", waiver, at: "[\"ikev1\", \"sha1\"]", hint: "remove")
            .with(ike, "ike = [\"aes256-sha1-dh14\"]"),
        Mistake(.tunnelProposal, "encapsulation = \"auto\"", waiver, at: "\"aes_gcm256-sha1", hint: "dh14")
            .with(ike, "ike = [\"aes256-sha1-dh14\", \"aes_gcm256-sha1-dh14\"]").with("version = 2", "version = 1"),
        Mistake(.tunnelProposal, "encapsulation = \"auto\"", waiver, at: "\"aes256-sha1-dh14\"", hint: "leave")
            .with(ike, "").with(esp, "esp = [\"aes256-sha1-dh14\"]").with("version = 2", "version = 1"),
        Mistake(.tunnelWeak, "encapsulation = \"auto\"", waiver, at: "{ certificate = \"edge-vpn\"", hint: "version 2")
            .with("auth = { psk = \"payfast-t1.psk\" }", "auth = { certificate = \"edge-vpn\", ca = \"a.pem\" }")
            .with(ike, "ike = [\"aes256-sha1-dh14\"]").with("version = 2", "version = 1"),
    ]
}
