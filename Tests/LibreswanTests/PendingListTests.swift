// SPDX-License-Identifier: Apache-2.0
import IPsecConfig
import LinuxIO
import TestKit
import Testing

@testable import Libreswan

@Suite("What pluto is yet to be told of")
struct PendingListTests {
    static let work = PendingWork(connections: [ConnectionName("p_acme_t1_s1")!], hasSecrets: true)

    @Test("is kept until it is done")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        let list = PendingList(state: folder.path)
        #expect(list.read().isEmpty)
        for work in [Self.work, PendingWork(connections: Self.work.connections), PendingWork(hasSecrets: true)] {
            try list.write(work)
            let read = list.read()
            #expect(read == work)
        }
        list.clear()
        #expect(list.read().isEmpty)
    }

    @Test("is as before when an apply changed nothing after all")
    func restored() throws {
        let folder = try TemporaryFolder()
        let list = PendingList(state: folder.path)
        try list.write(PendingWork(connections: [ConnectionName("p_b_t1_s1")!]))
        list.restore(Self.work)
        #expect(list.read() == Self.work)
        list.restore(PendingWork())
        #expect(try FileStore.names(in: folder.path) == [])
    }
}

@Suite("What a killed apply left lying about")
struct TidyTests {
    @Test("goes at the next start, and nothing else")
    func tidy() throws {
        let folder = try TemporaryFolder()
        let (etc, state) = ("\(folder.path)/ipsec.d", "\(folder.path)/state")
        for path in [etc, state, "\(state)/revisions", "\(state)/shadow", "\(state)/shadow/run"] {
            try FileStore.makeFolder(path, mode: 0o700)
        }
        let mark = "0123456789ab.tmp"
        let leftovers = [
            "\(etc)/eig.conf.\(mark)", "\(etc)/eig-acme.secrets.\(mark)", "\(state)/pending.\(mark)",
            "\(state)/revisions/7.\(mark)", "\(state)/load.conf", "\(state)/check.conf", "\(state)/identity.p12",
            "\(state)/password", "\(state)/authority.der", "\(state)/shadow/run/pluto.pid",
        ]
        let kept = [
            "\(etc)/eig.conf", "\(etc)/eig-acme.secrets", "\(etc)/other.conf.\(mark)", "\(etc)/eig-acme.conf.tmp",
            "\(state)/pending", "\(state)/choices", "\(state)/history.db", "\(state)/revisions/6",
        ]
        for path in leftovers + kept { _ = try FileStore.create(path, mode: 0o600) }
        var paths = LibreswanPaths()
        paths.folder = etc
        paths.state = state
        TunnelApplier(Toolbox(paths)).tidy()
        for path in kept { #expect((try? FileStore.status(path)) != nil, "\(path)") }
        for path in leftovers { #expect((try? FileStore.status(path)) == nil, "\(path)") }
        #expect((try? FileStore.status("\(state)/shadow")) == nil)
    }
}
