// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import LinuxIO
import Partners
import TestKit
import Testing

@testable import Libreswan

extension TunnelPlan {
    /// Nothing was left undone, and pluto does not run.
    fileprivate init(_ standing: TunnelFiles, _ wanted: WantedTunnels, _ composed: ComposedFiles) {
        self.init(standing: standing, wanted: wanted, composed: composed, unfinished: PendingWork(), loaded: nil)
    }
}

@Suite("Files for Libreswan")
struct TunnelFilesTests {
    static let emitter = ConfigurationEmitter(version: LibreswanVersion(4, 10))
    static let connections = [
        Connection.test("p_acme_t1_s1", third: 1, reqid: 1), .test("p_b_t1_s1", third: 2, reqid: 2),
    ]
    static let secret = SharedSecret(
        tunnel: connections[0].name.tunnel,
        local: connections[0].local.id,
        remote: connections[0].remote.id,
        key: Array(1...32)
    )

    private func standing(_ wanted: WantedTunnels, in folder: TemporaryFolder) throws -> TunnelFiles {
        let composed = try ComposedFiles(wanted, emitter: Self.emitter, standing: TunnelFiles(), key: Array(0..<32))
        for (name, bytes) in composed.bytes {
            try FileStore.replace("\(folder.path)/\(name)", with: bytes.span, mode: ComposedFiles.mode(name))
        }
        return try TunnelFiles.read(folder.path)
    }

    @Test("stand as they were composed, and a second plan finds nothing to do")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        let wanted = WantedTunnels(connections: Self.connections, secrets: [Self.secret])
        let standing = try standing(wanted, in: folder)
        #expect(standing.connections == Self.connections)
        #expect(standing.drift == [])
        #expect(
            try FileStore.names(in: folder.path)
                == ["eig-acme.conf", "eig-acme.secrets", "eig-b.conf", "eig.conf", "eig.secrets"]
        )
        // The key of nobody stays, though another was drawn.
        let again = try ComposedFiles(wanted, emitter: Self.emitter, standing: standing, key: Array(32..<64))
        let plan = TunnelPlan(standing, wanted, again)
        #expect(plan.isEmpty)
    }

    @Test("are written anew where somebody changed them, and only there")
    func drift() throws {
        let folder = try TemporaryFolder()
        let wanted = WantedTunnels(connections: Self.connections, secrets: [Self.secret])
        _ = try standing(wanted, in: folder)
        let text = "conn p_b_t1_s1\n    leftupdown=\"/bin/true\"\n"
        try FileStore.replace("\(folder.path)/eig-b.conf", with: Array(text.utf8).span, mode: 0o644)
        let standing = try TunnelFiles.read(folder.path)
        let composed = try ComposedFiles(wanted, emitter: Self.emitter, standing: standing, key: Array(0..<32))
        let plan = TunnelPlan(standing, wanted, composed)
        #expect(plan.writes == ["eig-b.conf"])
        #expect(plan.loads == [Self.connections[1].name])
        #expect(plan.drift.count == 1)
    }

    @Test("what goes stays while something new is added, unless both claim the same networks")
    func retaining() throws {
        let folder = try TemporaryFolder()
        let standing = try standing(WantedTunnels(connections: Self.connections, secrets: [Self.secret]), in: folder)
        let new = Connection.test("p_c_t1_s1", third: 3, reqid: 3)
        let wider = Connection.test("p_c_t1_s1", third: 1, reqid: 3)
        let kept = TunnelApplier.retaining(standing, WantedTunnels(connections: [new]))
        #expect(kept.connections.map(\.name) == (Self.connections + [new]).map(\.name))
        #expect(kept.secrets == [Self.secret])
        let claimed = TunnelApplier.retaining(standing, WantedTunnels(connections: [wider]))
        #expect(claimed.connections.map(\.name.description) == ["p_b_t1_s1", "p_c_t1_s1"])
        #expect(claimed.secrets == [])
    }

    @Test("a secret that changes loads no connection")
    func secret() throws {
        let folder = try TemporaryFolder()
        let standing = try standing(WantedTunnels(connections: Self.connections, secrets: [Self.secret]), in: folder)
        var other = Self.secret
        other.key = Array(2...33)
        let wanted = WantedTunnels(connections: Self.connections, secrets: [other])
        let composed = try ComposedFiles(wanted, emitter: Self.emitter, standing: standing, key: Array(0..<32))
        let plan = TunnelPlan(standing, wanted, composed)
        #expect(plan.writes == ["eig-acme.secrets"])
        #expect(plan.loads == [])
        #expect(plan.delta.secretsChanged == [other.tunnel])
        #expect(plan.rereadsSecrets && !plan.hasUnreadSecrets)
    }

    @Test("a secret that pluto was not told of is something to do, though the files have it already")
    func unreadSecret() throws {
        let folder = try TemporaryFolder()
        let wanted = WantedTunnels(connections: Self.connections, secrets: [Self.secret])
        let standing = try standing(wanted, in: folder)
        let composed = try ComposedFiles(wanted, emitter: Self.emitter, standing: standing, key: Array(0..<32))
        func plan(_ loaded: LoadedTunnels?) -> TunnelPlan {
            TunnelPlan(
                standing: standing,
                wanted: wanted,
                composed: composed,
                unfinished: PendingWork(hasSecrets: true),
                loaded: loaded
            )
        }
        let running = plan(LoadedTunnels(status: ""))
        #expect(running.hasUnreadSecrets && running.rereadsSecrets && !running.isEmpty)
        // It reads them when it starts.
        #expect(plan(nil).isEmpty)
    }

    @Test("two keys for one pair of identities are refused: Libreswan would take either")
    func ambiguous() {
        var other = Self.secret
        other.tunnel = Self.connections[1].name.tunnel
        other.key = Array(2...33)
        #expect(throws: EmissionFailure.self) {
            try ComposedFiles(
                WantedTunnels(connections: Self.connections, secrets: [Self.secret, other]),
                emitter: Self.emitter,
                standing: TunnelFiles(),
                key: Array(0..<32)
            )
        }
    }

    @Test("revisions are whole, and the oldest go")
    func revisions() throws {
        let folder = try TemporaryFolder()
        let store = RevisionStore(state: folder.path)
        let now = WallInstant(seconds: 1_800_000_000)
        for number in 1...(RevisionStore.keptMax + 3) {
            #expect(try store.add(["eig.conf": Array("number \(number)\n".utf8), "empty": []], at: now) == number)
            store.trim()
        }
        #expect(store.numbers() == Array(4...53))
        #expect(store.files(of: 53) == ["eig.conf": Array("number 53\n".utf8), "empty": []])
        #expect(store.files(of: 3) == nil)
        let path = "\(folder.path)/revisions/53"
        try FileStore.replace(path, with: Array(try FileStore.read(path).dropLast()).span, mode: 0o600)
        #expect(store.files(of: 53) == nil)
    }
}
