// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import Foundation
import Glibc
import IPsecConfig
import LinuxIO
import TestKit
import Testing
import TunnelHistory

@Suite("The watch over tunnels")
struct TunnelWatchTests {
    static let start = WallInstant(seconds: 1_790_000_000)
    static let id = TunnelID(partner: PartnerID("payfast")!, name: "t1")
    static let name = ConnectionName(tunnel: id, number: 1)

    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var path: String { folder["history.db"] }

    private func watch(_ path: String? = nil, log: PlutoLogSource = .none, at seconds: Int64 = 0) -> TunnelWatch {
        let watch = TunnelWatch(historyPath: path ?? self.path, log: log, now: Self.start + .seconds(seconds))
        watch.expect([Self.tunnel()], at: Self.start + .seconds(seconds))
        return watch
    }

    static func tunnel(_ peer: String = "203.0.113.7", backup: String? = nil) -> ExpectedTunnel {
        var tunnel = ExpectedTunnel(id: id, connections: [name], peer: IPAddress("203.0.113.7")!)
        tunnel.peer = IPAddress(peer)!
        tunnel.backup = backup.flatMap { IPAddress($0) }
        tunnel.ike = "aes_gcm256-sha2_512;dh20"
        return tunnel
    }

    static func sight(ike: Int, child: Int, bytes: Int = 0) -> PlutoSight {
        let text = """
            000 "\(name)": 10.20.0.0/24===198.51.100.10[@a]...203.0.113.7[@b]===172.16.5.0/24; erouted; eroute owner: #1
            000 "\(name)":   newest IKE SA: #\(ike); newest IPsec SA: #\(child); conn serial: $1;
            000 Total IPsec connections: loaded 1, active 1
            006 #\(child): "\(name)", type=ESP, add_time=1789999990, inBytes=\(bytes), outBytes=\(2 * bytes), id='@b'
            """
        return .report(PlutoReport(status: Array(text.utf8), traffic: []))
    }

    static let down = sight(ike: 0, child: 0)

    private func at(_ seconds: Int64) -> WallInstant { Self.start + .seconds(seconds) }

    private func document(_ watch: TunnelWatch, at seconds: Int64) -> TunnelsStatusDocument {
        var document = TunnelsStatusDocument(
            program: ProgramStatus(name: "jumpd tunnels", version: "1", pid: 1, startedAt: "", uptimeSeconds: 0),
            configuration: ConfigurationStatus(generation: 1)
        )
        watch.fill(&document, at: at(seconds))
        return document
    }

    @Test("tells a tunnel's state, its reason and its numbers")
    func status() throws {
        let watch = watch()
        #expect(watch.observe(Self.sight(ike: 1, child: 2, bytes: 100), at: at(0)).isEmpty)
        _ = watch.observe(Self.sight(ike: 1, child: 3, bytes: 50), at: at(5))
        watch.hear(["\"\(Self.name)\" #9: no local proposal matches remote proposals 1:IKE:ENCR=3DES"], at: at(6))
        _ = watch.observe(Self.down, at: at(10))
        let document = document(watch, at: 11)
        #expect(!document.ok)
        #expect(document.libreswan.isRunning)
        let tunnel = try #require(document.tunnels.first)
        #expect(tunnel.state == "down")
        #expect(tunnel.since == at(10).rfc3339)
        #expect(tunnel.lastUpAt == at(5).rfc3339)
        #expect(tunnel.isFailing && tunnel.isLoaded)
        #expect(tunnel.bytesInTotal == 150 && tunnel.bytesOutTotal == 300)
        #expect(tunnel.rekeysTotal == 1)
        #expect(tunnel.flapsTotal == 1 && tunnel.flapsDay == 1)
        let failure = try #require(tunnel.lastFailure)
        #expect(failure.reason == "ike_proposal")
        #expect(failure.theirs == "1:IKE:ENCR=3DES")
        #expect(failure.ours == "aes_gcm256-sha2_512;dh20")
        let copy = try TunnelsStatusDocument(json: document.json)
        #expect(copy == document)
    }

    @Test("goes on after a restart: totals, since when, what happened, how available it was")
    func restart() throws {
        do {
            let first = watch()
            for second in stride(from: Int64(0), through: 100, by: 5) {
                _ = first.observe(Self.sight(ike: 1, child: 2, bytes: Int(second)), at: at(second))
            }
            _ = first.observe(Self.down, at: at(105))
            first.flush(at: at(106))
        }
        let second = watch(at: 200)
        _ = second.observe(Self.sight(ike: 5, child: 6, bytes: 7), at: at(200))
        second.flush(at: at(201))
        let tunnel = try #require(document(second, at: 202).tunnels.first)
        #expect(tunnel.bytesInTotal == 107)
        #expect(tunnel.flapsTotal == 1 && tunnel.flapsDay == 1)
        // 105 s watched, 105 s of them up: it was down at the last look only.
        #expect(tunnel.availability == 100)
        let history = second.history(partner: "payfast", tunnel: nil, days: 90, limit: 100, at: at(202))
        #expect(history.events.map(\.event) == ["up", "down", "up"])
        #expect(history.days.map(\.upSeconds) == [105])
        #expect(history.days.map(\.bytesIn) == [107])
        #expect(second.history(partner: "acme", tunnel: nil, days: 90, limit: 100, at: at(202)).events.isEmpty)
        let cut = second.history(partner: nil, tunnel: "t1", days: 90, limit: 1, at: at(202))
        #expect(cut.events.count == 1 && cut.isCut)
    }

    @Test("sets a damaged history aside and says so")
    func damaged() throws {
        try FileStore.replace(path, with: Array(repeating: 0x41, count: 10_000).span, mode: 0o600)
        let watch = watch()
        _ = watch.observe(Self.sight(ike: 1, child: 2), at: at(0))
        let document = document(watch, at: 1)
        #expect(document.notices.contains { $0.contains("damaged") })
        #expect(document.history?.trouble == nil)
        #expect(document.history?.eventCount == 1)
        #expect(try FileStore.read("\(path).damaged").count == 10_000)
    }

    @Test("another program's database is not written into")
    func foreign() throws {
        do {
            let watch = watch()
            watch.flush(at: at(0))
        }
        var bytes = try FileStore.read(path)
        // application_id, at byte 68 of the header (sqlite.org/fileformat2.html).
        for index in 68..<72 { bytes[index] = 1 }
        try FileStore.replace(path, with: bytes.span, mode: 0o600)
        let watch = watch()
        watch.flush(at: at(0))
        #expect(try FileStore.read("\(path).damaged").count == bytes.count)
    }

    @Test("goes on without a history where none can be written, and writes it once it can")
    func unwritable() throws {
        let missing = folder["missing/history.db"]
        let watch = watch(missing)
        _ = watch.observe(Self.sight(ike: 1, child: 2), at: at(0))
        let before = document(watch, at: 1)
        #expect(before.tunnels.first?.state == "up")
        #expect(before.history?.trouble != nil)
        #expect(before.notices.contains { $0.hasPrefix("the history is not written: ") })
        try FileStore.makeFolder(folder["missing"], mode: 0o700)
        defer {
            for name in (try? FileStore.names(in: folder["missing"])) ?? [] {
                try? FileStore.remove(folder["missing/\(name)"])
            }
            try? FileStore.removeFolder(folder["missing"])
        }
        _ = watch.observe(Self.sight(ike: 1, child: 2), at: at(100))
        let after = document(watch, at: 101)
        #expect(after.history?.trouble == nil)
        #expect(after.history?.eventCount == 1)
    }

    @Test("a full volume stops nothing, and nothing is lost that fits", .enabled(if: geteuid() == 0))
    func fullVolume() throws {
        let volume = try TemporaryFolder(megabytes: 1)
        let watch = watch(volume["history.db"])
        _ = watch.observe(Self.sight(ike: 1, child: 2), at: at(0))
        try volume.fill()
        var second: Int64 = 5
        while document(watch, at: second).history?.trouble == nil, second < 4000 {
            _ = watch.observe(second % 10 == 0 ? Self.sight(ike: 1, child: 2) : Self.down, at: at(second))
            second += 5
        }
        let full = document(watch, at: second)
        #expect(full.history?.trouble?.hasPrefix("no room") == true, "\(full.notices)")
        #expect(full.tunnels.count == 1)
        try volume.empty()
        second += 86_400
        _ = watch.observe(Self.sight(ike: 1, child: 2), at: at(second + 90))
        _ = watch.observe(.notRunning, at: at(second + 100))
        watch.flush(at: at(second + 101))
        let after = document(watch, at: second + 102)
        #expect(after.history?.trouble == nil)
        let events = watch.history(partner: nil, tunnel: nil, days: 1, limit: 10_000, at: at(second + 102)).events
        #expect(events.contains { $0.text == "Libreswan does not run" })
    }

    @Test("keeps no more than 90 days, and no more of one day than it can bear")
    func bounds() {
        let watch = watch()
        for look in 0..<1000 {
            _ = watch.observe(look % 2 == 0 ? Self.sight(ike: 1, child: 2) : Self.down, at: at(Int64(look) * 5))
        }
        let first = watch.history(partner: nil, tunnel: nil, days: 90, limit: 10_000, at: at(5000))
        #expect(first.events.count <= 400)
        #expect(first.days.map(\.flaps).reduce(0, +) == 500)
        let later: Int64 = 91 * 86_400
        _ = watch.observe(Self.sight(ike: 1, child: 2), at: at(later))
        let kept = watch.history(partner: nil, tunnel: nil, days: 90, limit: 10_000, at: at(later))
        #expect(kept.events.map(\.event) == ["up"])
        #expect(kept.days.count <= 1)
    }

    @Test("reads a log file from where it stood, across rotation")
    func logFile() throws {
        let file = folder["pluto.log"]
        func write(_ lines: [String]) throws {
            let text = lines.map { "Nov 21 21:50:53.036021: \"\(Self.name)\" #1: \($0)\n" }.joined()
            try FileStore.replace(file, with: Array(text.utf8).span, mode: 0o600)
        }
        try write(["IKE_AUTH response rejected Child SA with NO_PROPOSAL_CHOSEN"])
        let watch = watch(log: .file(file))
        _ = watch.observe(Self.down, at: at(0))
        // What was written before it started is not news.
        #expect(document(watch, at: 1).tunnels.first?.lastFailure == nil)
        let append = try #require(FileHandle(forWritingAtPath: file))
        try append.seekToEnd()
        try append.write(
            contentsOf: Data("\"\(Self.name)\" #2: no PSK found for '@a'\n\"\(Self.name)\" #3: TS_UNAC".utf8)
        )
        _ = watch.observe(Self.down, at: at(5))
        #expect(document(watch, at: 6).tunnels.first?.lastFailure?.reason == "secret_missing")
        try append.write(contentsOf: Data("CEPTABLE\n".utf8))
        _ = watch.observe(Self.down, at: at(10))
        #expect(document(watch, at: 11).tunnels.first?.lastFailure?.reason == "networks")
        try write(["Peer ID '@x' mismatched on first found connection"])
        _ = watch.observe(Self.down, at: at(15))
        #expect(document(watch, at: 16).tunnels.first?.lastFailure?.reason == "identity")
        try FileStore.remove(file)
        _ = watch.observe(Self.down, at: at(20))
        #expect(document(watch, at: 21).notices.contains { $0.hasPrefix("pluto's log cannot be read") })
    }

    @Test("asks for the backup gateway, remembers when, and asks no sooner after a restart")
    func failover() {
        do {
            let first = watch()
            first.expect([Self.tunnel(backup: "203.0.113.8")], at: at(0))
            var changes: [GatewayChange] = []
            for second in stride(from: Int64(0), through: 60, by: 5) where changes.isEmpty {
                changes += first.observe(Self.down, at: at(second))
            }
            #expect(changes.map(\.peer) == [IPAddress("203.0.113.8")!])
            #expect(changes.map(\.why) == ["203.0.113.7 has been silent for 30s"])
            first.expect([Self.tunnel("203.0.113.8", backup: "203.0.113.8")], at: at(41))
            first.flush(at: at(42))
            let events = first.history(partner: nil, tunnel: nil, days: 1, limit: 10, at: at(43)).events
            #expect(events.map(\.text) == ["to the backup gateway 203.0.113.8"])
        }
        // The hold outlives the program.
        let second = TunnelWatch(historyPath: path, log: .none, now: at(50))
        second.expect([Self.tunnel("203.0.113.8", backup: "203.0.113.8")], at: at(50))
        var waited: Int64 = 50
        while waited < 1000, second.observe(Self.down, at: at(waited)).isEmpty { waited += 5 }
        #expect((335...345).contains(waited), "\(waited)")
    }

    @Test("has the numbers as metrics")
    func metrics() {
        let watch = watch()
        _ = watch.observe(Self.sight(ike: 1, child: 2, bytes: 5), at: at(0))
        var page = MetricsPage()
        watch.metrics(&page, at: at(20))
        for line in [
            "eig_tunnel_up{partner=\"payfast\",tunnel=\"t1\"} 1",
            "eig_tunnel_uptime_seconds{partner=\"payfast\",tunnel=\"t1\"} 30",
            "eig_tunnel_bytes_total{partner=\"payfast\",tunnel=\"t1\",direction=\"out\"} 10",
            "eig_tunnels_libreswan_running 1", "eig_tunnels_history_written 1",
        ] {
            #expect(page.text.contains(line + "\n"), "\(line)")
        }
    }
}
