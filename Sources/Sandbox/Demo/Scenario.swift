// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO

/// One transfer through the edge and back, everybody who must not pass, and a crash in the middle.
///
/// What a step claims is taken from the logs of those who received something; what the caller got is only the
/// status in its line.
struct Scenario {
    static let edge = "https://edge.eig.example:8443"

    let lab: Lab
    /// Called with each finding as it is made.
    let report: (Finding) -> Void
    var findings: [Finding] = []
    /// The network's reference of the transfer that is shown, once it is known.
    var transfer = ""
    /// PayFast's own reference of it, new in each run.
    let reference = "PF" + Hex.encode(Random.bytes(6)).uppercased()

    init(_ lab: Lab, report: @escaping (Finding) -> Void) {
        self.lab = lab
        self.report = report
    }

    /// - Throws: ``CallFailure/setup(_:)`` when the laboratory itself is broken; what was not observed is no error.
    mutating func run() throws(CallFailure) {
        try showTransfer()
        try showTunnels()
        try showRefusals()
        try showCrash()
    }

    mutating func show(_ finding: Finding) {
        findings.append(finding)
        report(finding)
    }

    /// The body of PayFast's request, in TerraPay's shape.
    func createBody(_ reference: String) -> String {
        let parties = [TerraPay.Pair(key: "msisdn", value: "+919876543210")]
        var request = TerraPay.CreateRequest(
            amount: "2500.00",
            currency: "KES",
            type: "inttransfer",
            requestDate: Clock.wall().terraPayText,
            requestingOrganisationTransactionReference: reference
        )
        request.descriptionText = "family support"
        request.provider = "MobiCash"
        request.debitParty = parties
        request.creditParty = [TerraPay.Pair(key: "msisdn", value: "+254712345678")]
        return String(decoding: JSON.encode(request), as: UTF8.self)
    }

    /// The header fields TerraPay asks of a send partner, besides the credential.
    var createFields: [String] {
        [
            "--header", "Content-Type: application/json", "--header", "X-DATE: \(Clock.wall().terraPayText)",
            "--header", "X-ORIGINCOUNTRY: IN",
        ]
    }

    /// The flags of a request to create a transfer, without its body.
    let post = ["--method", "POST", "--url", "\(Self.edge)/eig/gsma/transactions"]

    /// The flags of a whole one.
    func create(_ reference: String) -> [String] { post + ["--body", createBody(reference)] + createFields }
}

extension WallInstant {
    /// `YYYY-MM-DD HH:mm:ss`, as TerraPay writes instants, in UTC.
    fileprivate var terraPayText: String {
        let text = rfc3339
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))"
    }
}
