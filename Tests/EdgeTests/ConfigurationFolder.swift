// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import TestKit

/// The certificates of a small world, made once.
enum Authorities {
    static let edge = Minted.make(.authority("Edge CA"))
    static let payfast = Minted.make(.authority("PayFast CA"))
    static let payfastSub = Minted.make(.authority("PayFast Issuing CA"), by: payfast)
    static let mobicash = Minted.make(.authority("MobiCash CA"))
}

enum Identities {
    static let edge = Minted.make(.leaf("edge.example", purposes: "serverAuth"), by: Authorities.edge)
    static let outward = Minted.make(.leaf("edge.example", purposes: "clientAuth"), by: Authorities.edge)
    static let payfast = Minted.make(
        .leaf("edge.payfast.example", purposes: "clientAuth"),
        by: Authorities.payfast
    )
    static let mobicash = Minted.make(
        .leaf("edge.mobicash.example", purposes: "clientAuth"),
        by: Authorities.mobicash
    )
}

/// A configuration folder that goes with its owner: two partners, two backends, all of it sound.
final class ConfigurationFolder: Sendable {
    private let folder: TemporaryFolder

    private static let folders = ["ca", "credentials", "identities", "partners.d", "secrets"]

    init(backendPort: UInt16 = 9) throws {
        folder = try TemporaryFolder(isInMemory: true)
        for name in Self.folders { try FileStore.makeFolder(folder[name], mode: 0o700) }
        try write("eigd.toml", Self.gateway(backendPort, path))
        try write("partners.d/payfast.toml", Self.payfast)
        try write("partners.d/mobicash.toml", Self.mobicash)
        try write("ca/payfast-ca.pem", Authorities.payfast.certificatePEM)
        try write("ca/mobicash-ca.pem", Authorities.mobicash.certificatePEM)
        try write("identities/edge.pem", Identities.edge.chainPEM)
        try write("identities/edge.key", Identities.edge.keyPEM)
        try write("identities/out.pem", Identities.outward.chainPEM)
        try write("identities/out.key", Identities.outward.keyPEM)
        try write("credentials/mobicash", "mobi:\(try PasswordHash.make(Array("secret".utf8)))\n")
    }

    var path: String { folder.path }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try FileStore.replace("\(path)/\(name)", with: bytes.span, mode: 0o640)
    }

    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    func read(_ name: String) throws -> [UInt8] { try FileStore.read("\(path)/\(name)") }

    func remove(_ name: String) throws { try FileStore.remove("\(path)/\(name)") }

    func replace(_ name: String, _ old: String, with new: String) throws {
        try write(name, String(decoding: try read(name), as: UTF8.self).replacing(old, with: new))
    }

    func append(_ name: String, _ text: String) throws {
        try write(name, try read(name) + Array(text.utf8))
    }

    private static func gateway(_ backendPort: UInt16, _ path: String) -> String {
        """
        [listen]
        partners = ["127.0.0.1:8443"]
        internal = ["127.0.0.1:8080"]
        control = "\(path)/eigd.sock"
        [server]
        names = ["edge.example"]
        certificate = "edge.pem"
        key = "edge.key"
        [workers]
        count = 1
        [internal]
        from = ["127.0.0.0/8"]
        [[backend]]
        name = "txn"
        address = "127.0.0.1:\(backendPort)"
        [[backend]]
        name = "rpt"
        address = "127.0.0.1:9"
        [[route]]
        path = "/eig/"
        role = "any"
        to = "txn"
        [[route]]
        method = "POST"
        path = "/callbacks/"
        role = "receive"
        to = "relay"
        [[route]]
        path = "/dead/"
        role = "any"
        to = "rpt"
        [store]
        path = "\(path)/relay.db"
        reserve-bytes = 0
        """
    }

    private static let payfast = """
        id = "payfast"
        name = "PayFast"
        roles = ["send"]
        owner = "ops"
        ticket = "T-1"
        [[allow]]
        from = ["127.0.0.1", "2001:db8:5::/48"]
        reason = "tests"
        [[certificate]]
        ca = "payfast-ca.pem"
        san = "edge.payfast.example"
        [limits]
        body-bytes = 4194304
        [callbacks]
        url = "https://callbacks.payfast.example/hook"
        to = ["203.0.113.20/31"]
        identity = "out"
        """

    private static let mobicash = """
        id = "mobicash"
        name = "MobiCash"
        roles = ["receive"]
        owner = "ops"
        ticket = "T-2"
        [[allow]]
        from = ["127.0.0.2"]
        reason = "tests"
        [[certificate]]
        ca = "mobicash-ca.pem"
        san = "edge.mobicash.example"
        [credential]
        scheme = "basic"
        file = "mobicash"
        [outward]
        url = "https://api.mobicash.example/v2"
        to = ["203.0.113.30"]
        identity = "out"
        """
}
