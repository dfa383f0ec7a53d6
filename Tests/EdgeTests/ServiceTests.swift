// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Systemd
import Testing

@testable import Callbacks
@testable import Edge
@testable import Engine
@testable import Partners

@Suite("What a service manager gives and gets")
struct ServiceTests {
    /// Listening sockets on the loopback, and a file that names them or others.
    private struct Bench {
        var listeners: [Listener] = []
        var rule = ListenRule(partners: [], internal: [], control: ListenRule.controlDefault)

        init() throws {
            for side in [ServerConnection.Side.partners, .inside] {
                let socket = try Sockets.listen(IPEndpoint(address: .v4(0x7f00_0001), port: 0))
                guard let endpoint = Sockets.localEndpoint(socket) else { throw Errno.noEntry }
                listeners.append(Listener(use: side.rawValue, endpoint: endpoint, descriptor: socket))
            }
            rule.partners = [listeners[0].endpoint]
            rule.internal = [listeners[1].endpoint]
        }

        var lines: [String] { ListenDifference(rule, listeners).lines }
    }

    @Test("agree in silence")
    func same() throws {
        let bench = try Bench()
        #expect(bench.lines == [])
    }

    @Test("differ in words that name both places, the addresses and the mend")
    func differ() throws {
        var bench = try Bench()
        let open = bench.listeners[0].endpoint
        let wanted = try #require(IPEndpoint("192.0.2.1:8443"))
        bench.rule.partners = [wanted]
        let line = try #require(bench.lines.first)
        #expect(bench.lines.count == 1)
        #expect(line.contains("eigd.toml [listen] partners and the sockets of eigd.socket differ"))
        #expect(line.contains("192.0.2.1:8443 is in the file and not listened on"))
        #expect(line.contains("\(open) is listened on and not in the file"))
        #expect(line.contains("eigctl setup --yes, then systemctl restart eigd.socket eigd"))
    }

    @Test("differ when one is missing, or one too many")
    func partly() throws {
        var bench = try Bench()
        bench.rule.internal.append(try #require(IPEndpoint("192.0.2.1:8080")))
        #expect(bench.lines.map { $0.contains("not in the file") } == [false])
        bench.rule.internal = []
        #expect(bench.lines.map { $0.contains("not listened on") } == [false])
    }

    @Test("name a handed socket or are refused", arguments: ["eigd.socket", "unknown", "stored", "Partners", ""])
    func names(_ name: String) {
        #expect(throws: ListenFailure.self) {
            _ = try HandedSockets(ofGateway: [InheritedDescriptor(number: 3, name: name)])
        }
    }

    @Test("may be several for one side, but one for operators")
    func several() throws {
        var endpoints: [IPEndpoint] = []
        var made: [InheritedDescriptor] = []
        for name in ["partners", "partners", "internal", "control"] {
            let socket = try Sockets.listen(Self.anyPort)
            let endpoint = Sockets.localEndpoint(socket)
            endpoints.append(try #require(endpoint))
            made.append(InheritedDescriptor(number: socket.release(), name: name))
        }
        #expect(throws: ListenFailure.self) { _ = try HandedSockets(ofGateway: made + [made[3]]) }
        let sockets = try HandedSockets(ofGateway: made)
        #expect(try sockets.listeners(.partners, orAt: [Self.anyPort]).map(\.endpoint) == Array(endpoints[..<2]))
        #expect(try sockets.listeners(.inside).map(\.endpoint) == [endpoints[2]])
        #expect(sockets.control?.number == made[3].number)
        _ = OwnedDescriptor(adopting: made[3].number)
    }

    private static let anyPort = IPEndpoint(address: .v4(0x7f00_0001), port: 0)

    @Test("are our own where none was handed over")
    func own() throws {
        let sockets = try HandedSockets([], names: ["gate"])
        let listeners = try sockets.listeners("gate", orAt: [Self.anyPort], use: 3)
        #expect(listeners.map(\.use) == [3])
        let endpoint = Sockets.localEndpoint(listeners[0].descriptor)
        let taken = try #require(endpoint)
        do throws(ListenFailure) {
            _ = try sockets.listeners("gate", orAt: [taken], use: 3)
            Issue.record("a port that is taken was listened on twice")
        } catch {
            #expect(error.text(key: "[gate] listen in jumpd.toml").hasPrefix("cannot listen on \(taken): "))
        }
        withExtendedLifetime(listeners) {}
    }

    @Test("that do not listen are refused, with a mend")
    func silent() throws {
        let counter = try EventCounter()
        let handed = InheritedDescriptor(number: try counter.descriptor.duplicate().release(), name: "gate")
        do throws(ListenFailure) {
            _ = try HandedSockets([handed], names: ["gate"]).listeners("gate", orAt: [Self.anyPort], use: 0)
            Issue.record("what does not listen was taken")
        } catch {
            #expect(error.text(key: "").contains("no listening TCP socket: its unit needs ListenStream="))
        }
    }

    @Test("complain line by line where the journal reads")
    func complaints() {
        #expect(Complaint.prefixed("a\n  b\n\n") == "<3>a\n<3>  b\n")
        #expect(Complaint.prefixed("") == "")
    }

    @Test("see in one line what is served and what waits, and first what is wrong")
    func summary() {
        var relay = RelayMetrics()
        let well = GatewaySummary(problems: [], partnerCount: 1, connectionCount: 12, relay: relay)
        #expect(well.text == "serving 1 partner, 12 connections; 0 callbacks waiting")
        relay.room = .full
        relay.endpoints = [
            RelayMetrics.Endpoint(
                destination: "partner:payfast",
                backlogCount: 5,
                heldCount: 0,
                inFlightCount: 1,
                oldestDueAge: .seconds(90),
                oldestAge: nil,
                deliveredCount: 0,
                failedAttemptCount: 0,
                deadCount: 0,
                state: "open"
            )
        ]
        let ill = GatewaySummary(problems: ["the log is stuck"], partnerCount: 2, connectionCount: 1, relay: relay)
        #expect(ill.text.hasPrefix("the log is stuck; callbacks are not taken: the disk of the store is full; serving"))
        #expect(ill.text.hasSuffix("1 connection; 5 callbacks waiting, the oldest due for 90 s"))
    }
}
