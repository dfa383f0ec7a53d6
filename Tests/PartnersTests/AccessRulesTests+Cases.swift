// SPDX-License-Identifier: Apache-2.0
import Partners
import Testing

extension AccessRulesTests {
    private static let ben = "id = \"ben\"\nname = \"Ben Okoro\"\n"
    private static let benSAN = "san = \"ben@edge.example\""
    private static let database = "address = \"10.20.0.20\"\nports = [5432]\n"
    private static let pin = "sha256:" + String(repeating: "0", count: 64)

    static let mistakes: [Mistake] = [
        Mistake(.unknownKey, "[gate]", "[gate]\nlisten-on = 1", at: "listen-on", hint: "`listen`"),
        Mistake(.unknownKey, "[audit.forward]", "[audit.forward]\ncas = 1", at: "cas =", hint: "`ca`"),
        Mistake(.unknownKey, "[lockout]", "[lock-out]", at: "lock-out]", hint: "`lockout`"),
        Mistake(.missingKey, "[audit]\n", "[audits]\n", at: "# This host", hint: "[audit]")
            .with("[audits]\n", "").with("key = \"audit.key\"\n", "").with("[audit.forward]\n", "")
            .with("folder = \"/var/lib/eig-audit\"\n", "").with("keep = \"365d\"\n", "")
            .with("keep-bytes = 17179869184\n", "")
            .with("control = \"/run/eig/audit.sock\"\n", "").with("events = \"/run/eig/audit-events.sock\"\n", "")
            .with("to = \"192.0.2.140:6514\"\n", "").with("name = \"logs.edge.example\"\n", "")
            .with("ca = \"logs-ca.pem\"\n", "").with("certificate = \"jump-logs.pem\"\nkey = \"jump-logs.key\"\n", ""),
        Mistake(.missingKey, "key = \"jump.key\"\n", "", at: "[gate]", hint: "jump.key"),
        Mistake(
            .missingKey,
            "reason = \"the shell of the gateway host\"\n",
            "",
            at: "[[target]]\n# Req",
            hint: "reason"
        ),
        Mistake(.san, "\"jump.edge.example\"", "\"jump\"", at: "\"jump\"\n", hint: "jump.edge.example"),
        Mistake(.san, "\"anna@edge.example\"", "\"Anna Bauer\"", at: "\"Anna Bauer\"\n# Her keys", hint: "anna@"),
        Mistake(.san, "\"anna@edge.example\"", "\"anna@Edge.example\"", at: "\"anna@E", hint: "anna@"),
        Mistake(.san, "\"anna@edge.example\"", "\"*.edge.example\"", at: "\"*.edge", hint: "anna@"),
        Mistake(.pin, "\"\(pin)\"", "\"sha256:00\"", at: "\"sha256:00\"", hint: "sha256:"),
        Mistake(.identifier, "login = \"anna\"", "login = \"Anna\"", at: "\"Anna\"\n", hint: "login"),
        Mistake(.identifier, "login = \"anna\"", "login = \"root\"", at: "\"root\"\n", hint: "logs in with"),
        Mistake(
            .identifier,
            "id = \"eig-01\"",
            "id = \"10.20.0.11\"",
            at: "\"10.20.0.11\"\n# Required. An",
            hint: "eig"
        )
        .with("\"eig-01:22\"", ""),
        Mistake(.identifier, "id = \"ben\"", "id = \"Ben\"", at: "\"Ben\"", hint: "id = "),
        Mistake(.address, "\"10.20.0.11\"", "\"eig-01.inside\"", at: "\"eig-01.inside\"", hint: "10.20.0.11"),
        Mistake(.targetAddress, "\"10.20.0.11\"", "\"127.0.0.1\"", at: "\"127.0.0.1\"", hint: "own"),
        Mistake(.targetAddress, "\"10.20.0.11\"", "\"203.0.113.2\"", at: "\"203.0.113.2\"\n# Req", hint: "ssh"),
        Mistake(.targetUnknown, "\"eig-01:22\"", "\"10.20.0.11:22\"", at: "\"10.20.0.11:22\"", hint: "[[target]]"),
        Mistake(.targetUnknown, "\"eig-01:22\"", "\"eig-02:22\"", at: "\"eig-02:22\"", hint: "\"eig-01\""),
        Mistake(.targetUnknown, "\"eig-01:22\"", "\"eig-01:23\"", at: "\"eig-01:23\"", hint: "22"),
        Mistake(.targetUnknown, "[\"txn-db\"]", "[\"reports\"]", at: "\"reports\"", hint: "[[target]]"),
        Mistake(.roleUnknown, "roles = [\"network\"]", "roles = [\"netwrok\"]", at: "\"netwrok\"", hint: "\"network\""),
        Mistake(.choice, "may = [\"approve\"]", "may = [\"aprove\"]", at: "\"aprove\"", hint: "\"approve\""),
        Mistake(
            .choice,
            "protocol = \"postgresql\"",
            "protocol = \"postgres\"",
            at: "\"postgres\"\n",
            hint: "postgresql"
        )
        .with("tls = { ca = \"db-ca.pem\", name = \"txn-db.inside\" }\n", ""),
        Mistake(.repeated, ben, ben.replacing("\"ben\"", with: "\"anna\""), at: "\"anna\"\nname = \"Ben", hint: "own"),
        Mistake(.repeated, benSAN, benSAN + "\nlogin = \"anna\"", at: "\"anna\"\n\n# What", hint: "own"),
        Mistake(.repeated, "id = \"databases\"", "id = \"network\"", at: "\"network\"\ntargets = [\"txn", hint: "own")
            .with("[\"network\", \"databases\"]", "[\"network\"]"),
        Mistake(.repeated, "id = \"txn-db\"", "id = \"eig-01\"", at: "\"eig-01\"\naddress = \"10.20.0.20", hint: "own")
            .with("[\"txn-db\"]", "[]"),
        Mistake(.adminShared, benSAN, "san = \"anna@edge.example\"", at: "\"anna@edge.example\"\n\n", hint: "own"),
        Mistake(.adminShared, benSAN, benSAN + "\npin = [\"\(pin)\"]", at: "\"\(pin)\"]\n\n", hint: "key"),
        Mistake(.networkDisagrees, "192.0.2.16/28", "198.51.100.0/28", at: "\"198.51.100.0/28\"", hint: "[management]"),
        Mistake(.portDisagrees, "ports = [9443, 22]", "ports = [22]", at: "\"0.0.0.0:9443\"", hint: "9443")
            .with("\"0.0.0.0:9443\", \"[::]:9443\"", "\"0.0.0.0:9443\""),
        Mistake(
            .conflict,
            "control = \"/run/eig/audit.sock\"",
            "control = \"/run/eig/jump.sock\"",
            at: "\"/run/eig/jump.sock\"\n# The Unix",
            hint: "own"
        ),
        Mistake(.conflict, "key = \"jump-logs.key\"\n", "", at: "[audit.forward]", hint: "both"),
        Mistake(.conflict, "protocol = \"postgresql\"\n", "", at: "{ ca = \"db-ca", hint: "postgresql"),
        Mistake(
            .conflict,
            database,
            database.replacing("5432", with: "5432, 5433"),
            at: "[[target]]\nid",
            hint: "each"
        ),
        Mistake(
            .conflict,
            "longest = \"8h\"\n\n[[target]]",
            "longest = \"5m\"\n\n[[target]]",
            at: "\"15m\"\nl",
            hint: "shorter"
        ),
        Mistake(.range, "keep-bytes = 17179869184", "keep-bytes = 16", at: "16\n# The", hint: "1048576 to"),
        Mistake(.type, "keep-bytes = 17179869184", "keep-bytes = \"16G\"", at: "\"16G\"", hint: "keep-bytes = "),
        Mistake(.range, "failures = 10", "failures = 11", at: "11\n# How", hint: "3 to 10"),
        Mistake(.range, "break-glass-longest = \"60m\"", "break-glass-longest = \"61m\"", at: "\"61m\"", hint: "1h"),
        Mistake(.breakGlass, benSAN, benSAN + "\nbreak-glass = true", at: "true\n\n# What", hint: "approve")
            .with("roles = [\"network\"]", "roles = []"),
        Mistake(
            .approverNone,
            "may = [\"approve\", \"audit\", \"sessions\"]",
            "may = []",
            at: "[[admin]]\nid",
            hint: "may"
        ),
    ]

    static let cases: [ConfigurationTests.Case] = [
        .init("the gate's key is missing", ["jumpd.toml key = \"jump.key\" E-FILE-MISSING"]) {
            $0.files["identities/jump.key"] = nil
        },
        .init("the gate's certificate is missing", ["jumpd.toml certificate = \"jump.pem\" E-FILE-MISSING"]) {
            $0.files["identities/jump.pem"] = nil
        },
        .init("the audit key is open to everybody", ["jumpd.toml key = \"audit.key\" E-FILE-MODE"]) {
            $0.files["identities/audit.key"]?.mode = 0o644
        },
        .init(
            "the authority of administrators is missing",
            ["jumpd.toml ca = \"admins-ca.pem\" E-FILE-MISSING", "jumpd.toml ca = \"admins-ca.pem\" E-FILE-MISSING"]
        ) { $0.files["ca/admins-ca.pem"] = nil },
        .init("the log server's authority is missing", ["jumpd.toml ca = \"logs-ca.pem\" E-FILE-MISSING"]) {
            $0.files["ca/logs-ca.pem"] = nil
        },
        .init(
            "a database's authority is missing",
            ["jumpd.toml tls = { ca = \"db-ca.pem\", name = \"txn-db.inside\" } E-FILE-MISSING"]
        ) { $0.files["ca/db-ca.pem"] = nil },
        .init("somebody's time has ended", ["jumpd.toml until = 2026-06-30 W-ADMIN-ENDED"]) {
            $0.edit("jumpd.toml", "2027-06-30", "2026-06-30")
        },
        .init(
            "a partner's authority would issue administrators",
            ["jumpd.toml ca = \"admins-ca.pem\" E-ADMIN-SHARED", "jumpd.toml ca = \"admins-ca.pem\" E-ADMIN-SHARED"]
        ) { $0.files["ca/admins-ca.pem"] = $0.files["ca/payfast-ca.pem"] },
        .init("one authority has two files", ["jumpd.toml san = \"anna@edge.example\" E-ADMIN-SHARED"]) {
            $0.files["ca/copy.pem"] = $0.files["ca/admins-ca.pem"]
            $0.edit(
                "jumpd.toml",
                "ca = \"admins-ca.pem\"\nsan = \"ben@edge.example\"",
                "ca = \"copy.pem\"\nsan = \"anna@edge.example\""
            )
        },
    ]
}
