// SPDX-License-Identifier: Apache-2.0
import Control
import Testing
import eigctl

@Suite("eigctl status")
struct StatusTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    static var eigd: StatusDocument {
        var status = StatusDocument(
            program: ProgramStatus(
                name: "eigd",
                version: "1.2.3",
                pid: 100,
                startedAt: "2025-12-31T20:00:00.000Z",
                uptimeSeconds: 14_405
            ),
            configuration: ConfigurationStatus(
                generation: 4,
                loadedAt: "2025-12-31T23:00:00.000Z",
                lastAttempt: .init(at: "2025-12-31T23:30:00.000Z", ok: false, message: "partners.d/x.toml:1:1: no")
            )
        )
        var payfast = PartnerStatus(id: "payfast", name: "PayFast India", roles: ["send"], isEnabled: true)
        payfast.connectionsLive = 12
        payfast.requestsConcurrent = 3
        payfast.requestsTotal = 1_234_567
        payfast.refusedTotal = 9
        payfast.refusals = [CountedReason(reason: "credential", count: 2), CountedReason(reason: "rate", count: 7)]
        payfast.lastRequestAt = "2025-12-31T23:59:59.123Z"
        status.partners = [
            payfast, PartnerStatus(id: "mobicash", name: "MobiCash\u{1b}[2J", roles: ["receive"], isEnabled: false),
        ]
        var txn = BackendStatus(name: "txn", address: "10.20.0.10:8080")
        txn.connectionsLive = 5
        txn.connectionsIdle = 2
        txn.requestsTotal = 1_000_000
        txn.failuresTotal = 1
        txn.lastFailureAt = "2025-12-31T22:00:00.000Z"
        txn.lastFailure = "connection refused"
        status.backends = [txn]
        var listener = ListenerStatus(kind: "partners", address: "0.0.0.0:8443")
        listener.acceptedTotal = 400
        listener.refusedTotal = 17
        status.listeners = [listener]
        status.workers = [WorkerStatus(index: 0), WorkerStatus(index: 1)]
        var relay = RelayStatus()
        relay.pending = 3
        relay.dead = 2
        relay.oldestDueSeconds = 95
        relay.acceptedTotal = 1000
        relay.deliveredTotal = 995
        relay.storeBytes = 3_145_728
        var endpoint = RelayEndpointStatus(name: "payfast", kind: "partner")
        endpoint.pending = 3
        endpoint.isPaused = true
        relay.endpoints = [RelayEndpointStatus(name: "txn", kind: "backend"), endpoint]
        status.relay = relay
        status.certificates = [
            CertificateStatus(
                use: "server",
                file: "identities/edge.pem",
                subject: "CN=edge",
                notAfter: "2026-06-01T00:00:00.000Z",
                daysLeft: 151
            ),
            CertificateStatus(
                use: "partner-ca",
                partner: "payfast",
                file: "ca/payfast-ca.pem",
                subject: "CN=PayFast CA",
                notAfter: "2025-12-30T00:00:00.000Z",
                daysLeft: -2
            ),
        ]
        status.refusals = [CountedReason(reason: "tls_no_certificate", count: 4)]
        return status
    }

    static func enforce(drift: [String] = []) -> EnforceStatusDocument {
        var status = EnforceStatusDocument(
            program: ProgramStatus(
                name: "jumpd enforce",
                version: "1.2.3",
                pid: 90,
                startedAt: "2025-12-29T00:00:00.000Z",
                uptimeSeconds: 259_200
            ),
            configuration: ConfigurationStatus(generation: 7, loadedAt: "2025-12-31T23:00:00.000Z"),
            kernel: .init(table: "inet eig", isInPlace: true, isOwned: true, entryCount: 2, generation: 31)
        )
        let entries = [
            AllowEntryStatus(prefix: "203.0.113.10", port: 8443, packetsTotal: 5000, bytesTotal: 812_000),
            AllowEntryStatus(prefix: "172.16.5.10", port: 8443, via: "t1", packetsTotal: 0, bytesTotal: 0),
        ]
        status.partners = [EnforcePartnerStatus(id: "payfast", mark: 101, entries: entries, connectionsTracked: 12)]
        status.drops = [
            DropCount(reason: "strangers", packetsTotal: 77, bytesTotal: 4620),
            DropCount(reason: "spoofed", packetsTotal: 0, bytesTotal: 0),
        ]
        status.drift = drift
        return status
    }

    static var tunnels: TunnelsStatusDocument {
        var status = TunnelsStatusDocument(
            program: ProgramStatus(
                name: "jumpd tunnels",
                version: "1.2.3",
                pid: 80,
                startedAt: "2025-12-29T00:00:00.000Z",
                uptimeSeconds: 259_200
            ),
            configuration: ConfigurationStatus(generation: 7, loadedAt: "2025-12-31T23:00:00.000Z")
        )
        status.libreswan = .init(isInstalled: true, isRunning: true, version: "4.10")
        var up = TunnelStatus(
            partner: "payfast",
            name: "t1",
            state: "up",
            since: "2025-12-30T00:00:00.000Z",
            peer: "203.0.113.7"
        )
        up.isLoaded = true
        up.ike = "up"
        (up.pairCount, up.pairUpCount) = (2, 2)
        (up.bytesInTotal, up.bytesOutTotal) = (10_485_760, 2048)
        up.rekeysTotal = 48
        up.availability = 99.997
        var down = TunnelStatus(
            partner: "payfast",
            name: "t2",
            state: "down",
            since: "2025-12-31T22:58:00.000Z",
            peer: "203.0.113.8"
        )
        down.isLoaded = true
        down.isOnBackup = true
        down.ike = "asking"
        down.pairCount = 1
        (down.flapsTotal, down.flapsDay) = (3, 1)
        down.availability = 91.25
        var failure = TunnelStatus.Failure(
            at: "2025-12-31T23:59:00.000Z",
            reason: "ike_proposal",
            message: "no IKE proposal in common with the partner",
            hint: "agree with the partner on `ike`",
            detail: "no local proposal matches remote proposals 1:IKE:ENCR=3DES\u{1b}[2J"
        )
        failure.ours = "aes_gcm256-sha2_512;dh20"
        failure.theirs = "1:IKE:ENCR=3DES"
        down.lastFailure = failure
        status.tunnels = [up, down]
        status.advisories = [
            AdvisoryStatus(id: "CVE-2024-2357", summary: "a crash", isWorkedAround: true, how: "a random secret"),
            AdvisoryStatus(id: "CVE-2026-12413", summary: "another", isWorkedAround: false, how: "upgrade"),
        ]
        return status
    }

    /// Both tunnels, or the one that is up.
    func serve(drift: [String] = [], isCalm: Bool = false) throws -> [ControlServer] {
        var tunnels = Self.tunnels
        if isCalm { tunnels.tunnels.removeLast() }
        let answer = tunnels
        let enforce = Self.enforce(drift: drift)
        return [
            try bench.program("eigd") { _ in ControlResponse(Self.eigd) },
            try bench.program("enforce") { _ in ControlResponse(enforce) },
            try bench.program("tunnels") { _ in ControlResponse(answer) },
        ]
    }

    @Test("is one screen")
    func screen() throws {
        let servers = try serve()
        let ran = bench.run("status")
        #expect(ran.status == .error)
        #expect(ran.error.isEmpty)
        // A host where the store's folder is has a line more.
        let lines = ran.output.split(separator: "\n", omittingEmptySubsequences: false).filter {
            !$0.hasPrefix("disk: ")
        }
        try expectGolden(lines.joined(separator: "\n"), "status.txt")
        for server in servers { server.stop() }
    }

    @Test("of one partner is everything about it and nothing else")
    func partner() throws {
        let servers = try serve()
        let ran = bench.run("status", "payfast")
        #expect(ran.status == .ok)
        try expectGolden(ran.output, "status-payfast.txt")
        let json = try bench.run("status", "payfast", "--json").document(OverviewDocument.self)
        #expect(json.eigd?.partners.map(\.id) == ["payfast"])
        #expect(json.eigd?.certificates.map(\.file) == ["ca/payfast-ca.pem"])
        for server in servers { server.stop() }
    }

    @Test("of a partner nobody knows says whom it may mean")
    func unknown() throws {
        let servers = try serve()
        let ran = bench.run("status", "payfats")
        #expect(ran.status == .error)
        #expect(ran.error == "eigctl: error: there is no partner payfats\n  hint: did you mean payfast?\n")
        for server in servers { server.stop() }
    }

    @Test("keeps a stranger's control characters from the terminal")
    func control() throws {
        let servers = try serve()
        #expect(bench.run("status", "mobicash").output.contains("mobicash: MobiCash?[2J\n"))
        for server in servers { server.stop() }
    }

    @Test("ends with 2 when the kernel has drifted")
    func drift() throws {
        let servers = try serve(drift: ["an element is missing: 203.0.113.10 . 8443"], isCalm: true)
        let ran = bench.run("status")
        #expect(ran.status == .pending)
        #expect(ran.output.contains("  ! drift: an element is missing: 203.0.113.10 . 8443\n"))
        for server in servers { server.stop() }
    }

    @Test("shows the one program when the other cannot be asked, and ends with 1")
    func half() throws {
        let eigd = try bench.program("eigd") { _ in ControlResponse(Self.eigd) }
        let ran = bench.run("status")
        #expect(ran.status == .error)
        #expect(ran.output.contains("eigd 1.2.3: up 4h"))
        #expect(ran.output.contains("jumpd enforce: \(bench.path)/enforce.sock: there is no such socket\n"))
        #expect(ran.output.contains("  hint: is it running? ask `systemctl status jumpd-enforce`\n"))
        let json = try bench.run("status", "--json").document(OverviewDocument.self)
        #expect(!json.ok)
        #expect(json.eigd == Self.eigd)
        #expect(json.enforceError?.code == "no_socket")
        eigd.stop()
    }

    @Test("paints headings only where colours are wanted")
    func colours() throws {
        let servers = try serve()
        #expect(!bench.run("status").output.contains("\u{1b}"))
        #expect(bench.run("status", usesColour: true).output.contains("\u{1b}[1mPARTNER"))
        for server in servers { server.stop() }
    }

    @Test("is shown again with --watch, and the last one decides the exit status")
    func watched() throws {
        let servers = try serve(drift: ["x"], isCalm: true)
        let ran = bench.run("status", "--watch=5")
        #expect(ran.status == .pending)
        #expect(ran.output.split(separator: "eigd 1.2.3: up").count == 3)
        #expect(bench.run("status", "--watch").status == .pending)
        #expect(bench.run("status", "--watch", "payfats").status == .error)
        let json = bench.run("status", "--watch=1", "--json")
        #expect(json.output.split(separator: "\n").count == 2)
        for wrong in ["0", "x", "4000", "-1"] { #expect(bench.run("status", "--watch=\(wrong)").status == .usage) }
        for server in servers { server.stop() }
    }

    @Test("refuses a document of another version")
    func otherVersion() throws {
        let eigd = try bench.program("eigd") { _ in .text("{\"schema\":\"eig/9\"}", contentType: "application/json") }
        let ran = bench.run("status")
        #expect(ran.status == .error)
        #expect(ran.output.contains("eigd: an answer eigctl does not understand"))
        eigd.stop()
    }
}
