// SPDX-License-Identifier: Apache-2.0
import Base
import Control
import Testing

@testable import eigctl

@Suite("The verdict")
struct VerdictTests {
    static let now = WallInstant(seconds: 1_798_761_600)

    /// Both programs run and nothing is wrong.
    static func good() -> OverviewDocument {
        var eigd = StatusDocument(
            program: ProgramStatus(name: "eigd", version: "1", pid: 1, startedAt: "", uptimeSeconds: 1),
            configuration: ConfigurationStatus(generation: 1, lastAttempt: .init(at: "", ok: true))
        )
        eigd.partners = [PartnerStatus(id: "payfast", name: "PayFast", roles: ["send"], isEnabled: true)]
        eigd.relay = RelayStatus()
        eigd.certificates = [certificate("server", days: 31)]
        var overview = OverviewDocument(ok: true)
        overview.eigd = eigd
        overview.enforce = EnforceStatusDocument(
            program: eigd.program,
            configuration: ConfigurationStatus(generation: 1),
            kernel: .init(table: "inet eig", isInPlace: true, isOwned: true, entryCount: 1, generation: 1)
        )
        return overview
    }

    /// One tunnel, up unless it is changed.
    static func tunnels(_ change: (inout TunnelStatus) -> Void) -> TunnelsStatusDocument {
        var document = TunnelsStatusDocument(
            program: ProgramStatus(name: "jumpd tunnels", version: "1", pid: 1, startedAt: "", uptimeSeconds: 1),
            configuration: ConfigurationStatus(generation: 1)
        )
        document.libreswan.isRunning = true
        var tunnel = TunnelStatus(partner: "payfast", name: "t1", state: "up", since: "2026-01-01", peer: "203.0.113.7")
        change(&tunnel)
        document.tunnels = [tunnel]
        return document
    }

    static func certificate(_ use: String, days: Int) -> CertificateStatus {
        let ends = (now + .seconds(days * 86_400)).rfc3339
        return CertificateStatus(use: use, file: "x.pem", subject: "CN=x", notAfter: ends, daysLeft: days)
    }

    /// A gate that is well, reviewed ten days ago, unless it is changed.
    static func gate(_ change: (inout GateStatusDocument) -> Void) -> GateStatusDocument {
        var document = GateStatusDocument(
            program: ProgramStatus(name: "jumpd gate", version: "1", pid: 1, startedAt: "", uptimeSeconds: 1),
            configuration: ConfigurationStatus(generation: 1)
        )
        document.gate = "jump.example"
        document.sessions.liveMax = 8192
        document.review = review(daysAgo: 10)
        change(&document)
        return document
    }

    static func review(daysAgo days: Int) -> ReviewSignature {
        let at = (now + .seconds(-days * 86_400)).rfc3339
        return ReviewSignature(at: at, who: "ben", note: "n", days: 180, sha256: "00")
    }

    /// An audit log that is written and copied, unless it is changed.
    static func audit(_ change: (inout AuditStatusDocument) -> Void) -> AuditStatusDocument {
        var document = AuditStatusDocument(
            program: ProgramStatus(name: "jumpd audit", version: "1", pid: 1, startedAt: "", uptimeSeconds: 1),
            log: .init(folder: "/var/lib/eig-audit", seq: 1234, head: "1234:sha256:00", key: "k")
        )
        document.forward = .init(
            to: "192.0.2.140:6514",
            isConnected: true,
            seq: 1234,
            lagLines: 0,
            connectionsTotal: 1,
            trouble: nil
        )
        change(&document)
        return document
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let state: Verdict.State
        let says: String
        let change: @Sendable (inout OverviewDocument) -> Void
        var testDescription: String { says }
    }

    static let cases: [Case] = [
        Case(state: .failing, says: "eigd: nobody listens") {
            $0.eigd = nil
            $0.eigdError = .init(code: "no_socket", message: "eigd: nobody listens")
        },
        Case(state: .failing, says: "eig-lockdown.service has failed") {
            $0.units = [UnitStatus(name: "eig-lockdown.service", state: "failed", detail: "failed", restarts: 0)]
        },
        Case(state: .failing, says: "the kernel's table inet eig is not in place") {
            $0.enforce?.kernel.isInPlace = false
        },
        Case(state: .failing, says: "callbacks are not accepted") { $0.eigd?.relay?.isAccepting = false },
        Case(state: .failing, says: "server certificate ended on") {
            $0.eigd?.certificates = [certificate("server", days: -1)]
        },
        Case(state: .attention, says: "server certificate ends in 29 days") {
            $0.eigd?.certificates = [certificate("server", days: 29)]
        },
        Case(state: .attention, says: "partner-ca certificate ended on") {
            $0.eigd?.certificates = [certificate("partner-ca", days: -1)]
        },
        Case(state: .failing, says: "the gate admits nobody: no audit log") {
            $0.gate = gate { gate in
                gate.auditTrouble = "no audit log"
                gate.notices = ["nobody is admitted: no audit log"]
            }
        },
        Case(state: .failing, says: "no grant can be given: disk full") {
            $0.gate = gate { $0.store = .init(path: "x", bytes: 1, trouble: "disk full") }
        },
        Case(state: .attention, says: "signed by ben 150 days ago") {
            $0.gate = gate { $0.review = review(daysAgo: 150) }
        },
        Case(state: .failing, says: "signed by ben 180 days ago") {
            $0.gate = gate { $0.review = review(daysAgo: 180) }
        },
        Case(state: .failing, says: "no review of access was signed since") {
            $0.gate = gate { gate in
                gate.review = nil
                gate.reviewableSince = review(daysAgo: 200).at
            }
        },
        Case(state: .attention, says: "2 uses of break-glass nobody looked at") {
            $0.gate = gate { $0.grants.reviewsOpen = 2 }
        },
        Case(state: .attention, says: "break-glass is in use") { $0.gate = gate { $0.grants.breakGlassActive = 1 } },
        Case(state: .attention, says: "anna is locked out until 2027-01-01 00:30:00 after 10 failures") {
            $0.gate = gate {
                $0.lockouts = [
                    LockoutItem(
                        kind: "person",
                        name: "anna",
                        since: "2027-01-01T00:00:00.000Z",
                        until: "2027-01-01T00:30:00.000Z",
                        failures: 10
                    )
                ]
            }
        },
        Case(state: .failing, says: "gate certificate ended on") {
            $0.gate = gate { $0.certificates = [certificate("gate", days: -1)] }
        },
        Case(state: .failing, says: "the audit log is not written: disk full") {
            $0.audit = audit { $0.trouble = "disk full" }
        },
        Case(state: .attention, says: "the audit log is not copied to 192.0.2.140:6514: refused") {
            $0.audit = audit { audit in
                audit.forward?.isConnected = false
                audit.forward?.trouble = "refused"
            }
        },
        Case(state: .failing, says: "jumpd gate: no such socket") {
            $0.gateError = .init(code: "no_socket", message: "jumpd gate: no such socket")
        },
        Case(state: .attention, says: "drift: x") { $0.enforce?.drift = ["x"] },
        Case(state: .attention, says: "1 callback holds the ones behind") { $0.eigd?.relay?.dead = 1 },
        Case(state: .attention, says: "the oldest callback is 16m 40s late") {
            $0.eigd?.relay?.oldestDueSeconds = 1000
        },
        Case(state: .attention, says: "was refused: no") {
            $0.eigd?.configuration.lastAttempt = .init(at: "", ok: false, message: "no")
        },
        Case(state: .attention, says: "are free where the callback store is") {
            $0.disk = DiskStatus(path: "/x/y", freeBytes: 99, totalBytes: 1000)
        },
        Case(state: .attention, says: "no partner is let in") { $0.eigd?.partners[0].isEnabled = false },
        Case(state: .attention, says: "backend txn: refused") {
            var backend = BackendStatus(name: "txn", address: "")
            backend.lastFailure = "refused"
            backend.lastFailureAt = (now + .seconds(-299)).rfc3339
            $0.eigd?.backends = [backend]
        },
        Case(state: .failing, says: "tunnel t1 of payfast is down since 2026-01-01: not loaded into Libreswan") {
            $0.tunnels = tunnels { $0.state = "down" }
        },
        Case(state: .failing, says: "is partial (1 of 2 pairs of networks) since") {
            $0.tunnels = tunnels {
                $0.state = "partial"
                $0.isLoaded = true
                ($0.pairCount, $0.pairUpCount) = (2, 1)
            }
        },
        Case(state: .failing, says: "Libreswan does not run") {
            $0.tunnels = tunnels { $0.state = "down" }
            $0.tunnels?.libreswan.isRunning = false
        },
        Case(state: .failing, says: "jumpd tunnels: no") {
            $0.tunnelsError = .init(code: "no_socket", message: "jumpd tunnels: no")
        },
        Case(state: .attention, says: "tunnel t1 of payfast was taken down") {
            $0.tunnels = tunnels { $0.state = "held" }
        },
        Case(state: .attention, says: "nothing is known of tunnel t1 of payfast") {
            $0.tunnels = tunnels { $0.state = "unknown" }
        },
        Case(state: .attention, says: "uses the backup gateway 203.0.113.7") {
            $0.tunnels = tunnels { $0.isOnBackup = true }
        },
        Case(state: .attention, says: "history is not written: no room") {
            $0.tunnels = tunnels { _ in }
            $0.tunnels?.history = .init(bytes: 1, eventCount: 1, trouble: "no room")
        },
        Case(state: .attention, says: "eigd: listens elsewhere") { $0.eigd?.notices = ["listens elsewhere"] },
    ]

    @Test("names what is wrong", arguments: cases)
    func reasons(_ testCase: Case) {
        var overview = Self.good()
        testCase.change(&overview)
        let verdict = Verdict(overview, now: Self.now)
        #expect(verdict.state == testCase.state)
        #expect(verdict.reasons.count == 1 && verdict.reasons[0].text.contains(testCase.says), "\(verdict.reasons)")
        #expect(verdict.text(usesColour: false).hasPrefix("\(testCase.state.rawValue.uppercased()): "))
    }

    @Test("expects nothing of a program that this host does not have", arguments: ["eigd", "jumpd enforce"])
    func absent(_ name: String) {
        var overview = Self.good()
        overview.absent = [name]
        if name == "eigd" { overview.eigd = nil } else { overview.enforce = nil }
        let verdict = Verdict(overview, now: Self.now)
        #expect(verdict.state == .healthy && verdict.reasons.isEmpty, "\(verdict)")
        #expect(overview.exitCode == .ok)
        let screen = StatusScreen(overview, usesColour: false).text
        let said = "\n\(name): not on this host (its package is not installed)\n"
        #expect(screen.contains(said), "\(screen)")
        #expect(!screen.contains("not in eigd"), "\(screen)")
        #expect(PartnerScreen(overview, id: "payfast", usesColour: false).text.contains(said))
    }

    @Test("takes a program for absent only where systemd knows the other one, and nobody answers")
    func whatIsAbsent() {
        func unit(_ name: String) -> UnitStatus {
            UnitStatus(name: "\(name).service", state: "inactive", detail: "dead", restarts: 0)
        }
        func program(_ unit: String, _ isStandard: Bool) -> Program {
            Program(name: unit, unit: unit, path: "/x", standard: isStandard ? "/x" : "/y", timeout: .seconds(1))
        }
        let (eigd, jumpd) = (program("eigd", true), program("jumpd-enforce", true))
        func isAbsent(_ asked: Program, _ other: Program, _ units: [UnitStatus], _ code: String = "no_socket") -> Bool {
            OverviewDocument.isAbsent(asked, beside: other, units: units, Failure(code: code, message: ""))
        }
        let (gateway, both) = ([unit("eigd")], [unit("eigd"), unit("jumpd-enforce")])
        #expect(isAbsent(jumpd, eigd, gateway) && isAbsent(jumpd, eigd, gateway, "nobody_listens"))
        #expect(isAbsent(eigd, jumpd, [unit("jumpd-enforce"), unit("eig-lockdown")]))
        // Installed, whether it runs or not.
        #expect(!isAbsent(jumpd, eigd, both) && !isAbsent(eigd, jumpd, gateway))
        // Neither, or no systemd that could tell.
        #expect(!isAbsent(jumpd, eigd, []) && !isAbsent(eigd, jumpd, [unit("eig-lockdown")]))
        // Somebody is there.
        for code in ["denied", "timed_out", "malformed_answer"] { #expect(!isAbsent(jumpd, eigd, gateway, code)) }
        // Asked for by name.
        #expect(!isAbsent(program("jumpd-enforce", false), eigd, gateway))
    }

    @Test("is healthy when nothing is wrong, or was long ago")
    func healthy() {
        var overview = Self.good()
        var backend = BackendStatus(name: "txn", address: "")
        backend.lastFailure = "refused"
        backend.lastFailureAt = (Self.now + .seconds(-301)).rfc3339
        overview.eigd?.backends = [backend]
        overview.eigd?.relay?.oldestDueSeconds = 900
        overview.disk = DiskStatus(path: "/x/y", freeBytes: 100, totalBytes: 1000)
        overview.tunnels = Self.tunnels { $0.isLoaded = true }
        overview.units = [UnitStatus(name: "eig-backup.timer", state: "inactive", detail: "dead", restarts: 0)]
        let verdict = Verdict(overview, now: Self.now)
        #expect(verdict.state == .healthy && verdict.text(usesColour: false) == "HEALTHY\n", "\(verdict)")
        #expect(verdict.text(usesColour: true) == "\u{1b}[1;32mHEALTHY\u{1b}[0m\n")
    }

    @Test("has the worst first, and counts what is many")
    func order() {
        var overview = Self.good()
        overview.enforce?.drift = (1...9).map { "entry \($0)" }
        overview.eigd?.relay?.isAccepting = false
        let verdict = Verdict(overview, now: Self.now)
        let states = verdict.reasons.map(\.state)
        #expect(states == states.sorted(by: >) && states.first == .failing)
        #expect(verdict.reasons.map(\.text).contains("and 6 more like that"))
        #expect(verdict.reasons.count == 5)
    }

    @Test("reads systemd's answer, and leaves out what is not installed")
    func units() {
        let text = """
            Id=eigd.service
            LoadState=loaded
            ActiveState=active
            SubState=running
            NRestarts=3
            StateChangeTimestamp=Sat 2026-11-21 19:00:00 UTC

            Id=none.service
            LoadState=not-found
            ActiveState=inactive
            SubState=dead

            Id=eigd.socket
            LoadState=loaded
            ActiveState=failed
            SubState=failed
            StateChangeTimestamp=

            """
        let units = ServiceUnits.parse(text)
        #expect(units.map(\.name) == ["eigd.service", "eigd.socket"])
        #expect(units[0].restarts == 3 && units[0].isActive && units[0].since == "Sat 2026-11-21 19:00:00 UTC")
        #expect(!units[1].isActive && units[1].since == nil && units[1].restarts == 0)
        #expect(ServiceUnits.parse("").isEmpty)
    }
}
