// SPDX-License-Identifier: Apache-2.0

/// Somebody who must not pass, and how that must show.
struct Intruder {
    let label: String
    let who: String
    let what: String
    var party = Lab.Party.payfast
    /// For `eig-sandbox call`.
    let flags: [String]
    /// The status that must be answered; nothing where TLS ends it before there is one.
    let status: Int?
    /// eigd's reason code.
    let reason: String
}

extension Intruder {
    private static let reference = "PFINTRUDER"

    /// From PayFast's own address, with everything right but the certificate.
    static func connections(_ scenario: Scenario) throws(CallFailure) -> [Intruder] {
        let request = try scenario.create(reference) + scenario.lab.login(.payfast)
        return [
            Intruder(
                label: "b",
                who: "PayFast's address",
                what: "no client certificate",
                flags: request,
                status: nil,
                reason: "handshake_failed"
            ),
            Intruder(
                label: "c",
                who: "PayFast's address",
                what: "MobiCash's certificate",
                flags: request + scenario.lab.showing("mobicash"),
                status: 403,
                reason: "address_not_allowed"
            ),
            Intruder(
                label: "d",
                who: "PayFast's address",
                what: "PayFast's name, issued by MobiCash's CA",
                flags: request + scenario.lab.showing("impostor"),
                status: 403,
                reason: "identity_unknown"
            ),
        ]
    }

    /// From partners who are who they say, asking for what they must not have.
    static func requests(_ scenario: Scenario) throws(CallFailure) -> [Intruder] {
        let payfast = try scenario.lab.showing("payfast") + scenario.lab.login(.payfast)
        let mobicash = try scenario.lab.showing("mobicash") + scenario.lab.login(.mobicash)
        return [
            Intruder(
                label: "e",
                who: "PayFast",
                what: "a wrong password",
                flags: scenario.create(reference) + scenario.lab.showing("payfast") + ["--login", "payfast:guessed"],
                status: 401,
                reason: "credential_wrong"
            ),
            Intruder(
                label: "f",
                who: "MobiCash",
                what: "a route for send partners only",
                party: .mobicash,
                flags: scenario.create(reference) + mobicash,
                status: 403,
                reason: "role_not_allowed"
            ),
            Intruder(
                label: "g",
                who: "PayFast",
                what: "a body of 70,000 bytes where 65,536 are agreed",
                flags: scenario.post + ["--body-bytes", "70000"] + payfast,
                status: 413,
                reason: "body_too_large"
            ),
            Intruder(
                label: "h",
                who: "PayFast",
                what: "a second request smuggled in by CL + TE",
                flags: scenario.post + smuggled + payfast,
                status: 400,
                reason: "content_length_and_transfer_encoding"
            ),
        ]
    }

    /// One request by Content-Length, two by Transfer-Encoding: only the strict see neither (RFC 9112 §11.2).
    private static let smuggled = [
        "--verbatim", "--header", "Content-Length: 4", "--header", "Transfer-Encoding: chunked", "--body",
        "0\r\n\r\nGET /eig/gsma/transactions/\(reference) HTTP/1.1\r\nHost: edge.eig.example\r\n\r\n",
    ]
}
