// SPDX-License-Identifier: Apache-2.0
import Base
import IPsecConfig
import TestKit
import Testing

@Suite("What pluto prints")
struct PlutoReportTests {
    private func state(_ file: String) throws -> ConnectionState {
        let report = PlutoReport(status: try PlutoSample.bytes(file), traffic: [])
        #expect(report.isComplete)
        #expect(report.version == LibreswanVersion(4, 10))
        #expect(report.settings["uniqueids"] == "yes")
        #expect(report.settings["ikev1-policy"] == "drop")
        #expect(report.foreign.isEmpty)
        return try #require(report.connections[PlutoSample.name])
    }

    @Test("tells a trap from a connection without one")
    func routing() throws {
        let unrouted = try state("unrouted.status.txt")
        #expect(unrouted.routing == .unrouted)
        #expect(!unrouted.isUp && !unrouted.isIKEUp && !unrouted.isNegotiating)
        let routed = try state("routed.status.txt")
        #expect(routed.routing == .trapped)
        #expect(routed.isOriented == true)
        #expect(routed.peer == IPAddress("203.0.113.7"))
        #expect(routed.connectionSerial == 2)
    }

    @Test("tells how far the exchange is")
    func exchange() throws {
        let asking = try state("negotiating.status.txt")
        #expect(asking.exchanges.map(\.progress) == [.unanswered])
        #expect(asking.isNegotiating && !asking.isIKEUp)
        let half = try state("ike-up-child-failed.status.txt")
        #expect(half.isIKEUp && !half.isUp)
        #expect(half.ikeSerial == 4)
        #expect(half.exchanges.map(\.progress) == [.establishedIKE])
    }

    @Test("is read with and without numbers before the lines", arguments: [false, true])
    func up(_ isVersion5: Bool) throws {
        var status = PlutoSample.up(ike: 3, child: 9, old: 5)
        var traffic = PlutoSample.traffic(9, addedAt: 1_790_967_726, in: 46_572, out: 15_037_832)
        if isVersion5 {
            status = PlutoSample.withoutNumbers(status)
            traffic = PlutoSample.withoutNumbers(traffic)
        }
        let report = PlutoReport(status: status, traffic: traffic)
        let state = try #require(report.connections[PlutoSample.name])
        #expect(state.isUp && state.isIKEUp)
        #expect(state.routing == .tunnelled)
        #expect(state.ikeSerial == 3)
        #expect(state.childSerial == 9)
        #expect(state.exchanges.map(\.serial) == [3, 9, 5])
        #expect(state.exchanges.last?.progress == .establishedChild(ike: 3))
        #expect(state.traffic == [9: .init(addedAt: 1_790_967_726, bytesIn: 46_572, bytesOut: 15_037_832)])
    }

    @Test(
        "of version 5 has words of its own",
        arguments: [
            ("routed-tunnel", ConnectionState.Routing.tunnelled), ("routed-ondemand", .trapped),
            ("routed-negotiation", .held), ("unrouted", .unrouted), ("routed-something", .unknown),
        ]
    )
    func version5(_ word: String, _ routing: ConnectionState.Routing) throws {
        let text = """
            "p_acme_t1_s1": 10.20.0.0/24===198.51.100.10[@a]...203.0.113.7[@b]===172.16.5.0/24; \(word); \
            my_ip=unset; their_ip=unset;
            "p_acme_t1_s1":   owner: Child SA #4; established IKE SA: #3; established Child SA: #4; conn serial: $1;
            """
        let state = try #require(PlutoReport(status: Array(text.utf8), traffic: []).connections[PlutoSample.name])
        #expect(state.routing == routing)
        #expect(state.ikeSerial == 3 && state.childSerial == 4)
    }

    @Test("about others' connections is not taken for ours")
    func foreign() {
        let text = """
            000 "office": 10.0.0.0/8===198.51.100.10...203.0.113.9===172.31.0.0/16; erouted; eroute owner: #2
            000 "p_acme_t1_s1"[1] 192.0.2.1: 10.20.0.0/24===198.51.100.10...192.0.2.1; erouted; eroute owner: #2
            000 #2: "office":500 STATE_V2_ESTABLISHED_CHILD_SA (established Child SA); IKE SA #1; idle;
            006 #2: "office", type=ESP, add_time=1, inBytes=1, outBytes=1, id='p_acme_t1_s1", inBytes=9'
            """
        let report = PlutoReport(status: Array(text.utf8), traffic: [])
        #expect(report.connections.isEmpty)
        #expect(report.foreign == ["office"])
        #expect(!report.isComplete)
    }

    @Test("never stops the reader, whatever the bytes are", arguments: 0..<20)
    func hostile(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let files = PlutoSample.names.filter { $0.hasSuffix(".txt") }
        var corpus = try files.flatMap { try PlutoSample.bytes($0) } + PlutoSample.up(ike: 1, child: 2, old: 3)
        corpus += PlutoSample.traffic(2, addedAt: 1, in: 2, out: 3)
        for _ in 0..<400 {
            let spot = Int.random(in: 0..<corpus.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: corpus[spot] = UInt8.random(in: 0...255, using: &random)
            case 1: corpus.remove(at: spot)
            case 2: corpus.insert(contentsOf: Array("#\"[;:(=\n99999999999999999999".utf8), at: spot)
            default: corpus.swapAt(spot, Int.random(in: 0..<corpus.count, using: &random))
            }
        }
        let report = PlutoReport(status: corpus, traffic: corpus)
        for state in report.connections.values {
            #expect(state.exchanges.count <= PlutoReport.exchangesMax)
            #expect(state.traffic.values.allSatisfy { $0.bytesIn >= 0 && $0.bytesOut >= 0 })
        }
        let noise = (0..<20_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(PlutoReport(status: noise, traffic: noise).connections.isEmpty)
        for line in corpus.split(separator: UInt8(ascii: "\n")) {
            let text = String(decoding: line, as: UTF8.self)
            _ = PlutoLogLine(text)?.failure
            _ = TunnelFailure(log: text)
        }
    }

    @Test("is bounded by what is looked at, not by what comes")
    func bounded() {
        var text = ""
        for serial in 1...1000 {
            text += "000 #\(serial): \"p_acme_t1_s1\":500 STATE_V2_PARENT_I1 (sent IKE_SA_INIT request); idle;\n"
            text += "006 #\(serial): \"p_acme_t1_s1\", type=ESP, add_time=1, inBytes=1, outBytes=1, id='x'\n"
            text += "000 \"other\(serial)\": unrouted; eroute owner: #0\n"
        }
        let report = PlutoReport(status: Array(text.utf8), traffic: [])
        #expect(report.connections[PlutoSample.name]?.exchanges.count == PlutoReport.exchangesMax)
        #expect(report.connections[PlutoSample.name]?.traffic.count == PlutoReport.exchangesMax)
        #expect(report.foreign.count == 100)
    }
}
