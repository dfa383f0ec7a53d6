// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Sandbox
import Synchronization
import Testing

/// The edge's part in a transfer, without any of what makes it an edge: passes every request on at once.
final class StandInEdge: Role {
    let servers = Mutex<[String: Location]>([:])

    func answer(_ request: ReceivedRequest) -> Answer {
        let (kind, addressees): (String, [String])
        switch request.path {
        case "/v1/partners/mobicash/payouts": return pass(request, to: "mobicash", "/payouts")
        case "/eig/callbacks/payouts": (kind, addressees) = ("receiver", ["txn", "rpt"])
        case "/v1/callbacks/payfast": (kind, addressees) = ("sender", ["payfast", "rpt"])
        default: return pass(request, to: "txn", request.path)
        }
        for name in addressees where pass(request, to: name, "/callbacks", kind: kind).status != 200 {
            return Answer(status: 502)
        }
        return Answer(status: 202)
    }

    private func pass(_ request: ReceivedRequest, to name: String, _ path: String, kind: String? = nil) -> Answer {
        guard let base = servers.withLock({ $0[name] }) else { return Answer(status: 502) }
        var call = Call(request.method, base.at(path))
        call.body = request.body
        call.fields = [HeaderField("X-EIG-Partner", "payfast")]
        if let kind { call.fields.append(HeaderField("X-EIG-Callback-Kind", kind)) }
        do {
            let answer = try Caller.send(call)
            return Answer(status: answer.status, body: answer.body)
        } catch {
            return Answer(status: 502)
        }
    }
}

@Suite("The simulators by themselves")
struct TransferTests {
    static let create = """
        {"amount":"100.00","currency":"KES","type":"inttransfer","requestDate":"2026-01-01 00:00:00",
        "requestingOrganisationTransactionReference":"PF0001","debitParty":[{"key":"msisdn","value":"+91"}],
        "creditParty":[{"key":"msisdn","value":"+254"}]}
        """

    /// Everybody, on loopback, plain; gives where the edge and RPT are.
    static func lab(_ txn: EventLog, _ payfast: EventLog) throws -> (edge: Location, reports: Location) {
        let quiet = EventLog(role: "test", output: nil)
        let standIn = StandInEdge()
        let edge = try ServerTests.start(standIn, log: quiet).location("/")
        let reports = try ServerTests.start(ReportBackend(), log: quiet).location("/")
        let transactions = TransactionBackend(
            TransactionBackend.Settings(edge: edge, reports: reports, receiver: "mobicash", pause: .zero),
            log: txn
        )
        let payouts = ReceivePartner(
            ReceivePartner.Settings(callback: Call("POST", edge.at("/eig/callbacks/payouts")), pause: .zero),
            log: quiet
        )
        let servers = [
            "txn": try ServerTests.start(transactions, log: txn).location("/"),
            "rpt": reports,
            "mobicash": try ServerTests.start(payouts, log: quiet).location("/"),
            "payfast": try ServerTests.start(SendPartner(), log: payfast).location("/"),
        ]
        standIn.servers.withLock { $0 = servers }
        return (edge, reports)
    }

    @Test("carry one transfer from its request to both callbacks and the report")
    func transfer() throws {
        let (txn, payfast) = (EventLog(role: "txn", output: nil), EventLog(role: "payfast", output: nil))
        let (edge, reports) = try Self.lab(txn, payfast)
        var call = Call("POST", edge.at("/eig/gsma/transactions"))
        call.body = Array(Self.create.utf8)
        let answer = try Caller.send(call)
        #expect(answer.status == 200)
        #expect(answer.text.contains(#""transactionStatus":"3050:Remit Acknowledged.""#))

        let told = try #require(payfast.first(within: .seconds(10)) { $0.event == .request })
        #expect(told.status == 200)
        #expect(told.reference == "PF0001")
        let reference = try #require(told.transfer)

        for asked in [reference, "PF0001"] {
            let view = try Caller.send(Call("GET", edge.at("/eig/gsma/transactions/\(asked)")))
            #expect(view.text.contains(#""status":"SUCCESS""#), "\(asked): \(view.text)")
        }
        // The copy follows the delivery to the partner.
        _ = txn.first(within: .seconds(10)) { $0.path == "/v1/callbacks/payfast" }
        let report = try Caller.send(Call("GET", reports.at("/eig/reports/transactions/\(reference)"))).text
        for kind in ["transfer", "receiver-callback", "sender-callback"] {
            #expect(report.contains("\"kind\":\"\(kind)\""), "\(report)")
        }
    }

    @Test("refuse a reference that was used before, as TerraPay does")
    func duplicate() throws {
        let (txn, payfast) = (EventLog(role: "txn", output: nil), EventLog(role: "payfast", output: nil))
        let (edge, _) = try Self.lab(txn, payfast)
        var call = Call("POST", edge.at("/eig/gsma/transactions"))
        call.body = Array(Self.create.utf8)
        _ = try Caller.send(call)
        let second = try Caller.send(call)
        #expect(second.status == 200)
        #expect(second.text.contains(#""errorCode":"3004""#))
    }

    @Test(
        "refuse a body TerraPay would refuse, naming the code",
        arguments: [
            ("amount\":\"100.00", "amount\":\"-1", "1004"), ("PF0001", "PF", "1004"), ("inttransfer", "gift", "1004"),
            ("[{\"key\":\"msisdn\",\"value\":\"+254\"}]", "[]", "1005"), ("\"currency\":\"KES\",", "", "1005"),
        ]
    )
    func refuses(_ old: String, _ new: String, _ code: String) throws {
        let (txn, payfast) = (EventLog(role: "txn", output: nil), EventLog(role: "payfast", output: nil))
        let (edge, _) = try Self.lab(txn, payfast)
        var call = Call("POST", edge.at("/eig/gsma/transactions"))
        let parts = Self.create.split(separator: old, omittingEmptySubsequences: false)
        #expect(parts.count == 2)
        call.body = Array(parts.joined(separator: new).utf8)
        let answer = try Caller.send(call)
        #expect(answer.status == 400)
        #expect(answer.text.contains("\"errorCode\":\"\(code)\""), "\(answer.text)")
    }
}
