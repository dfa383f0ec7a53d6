// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import Partners
internal import TLS

/// Why a gate could not be asked over its TLS port, in the words of somebody who has to mend it.
enum GateFailure {
    static func unreachable(_ gate: GateAddress, _ why: Errno) -> Failure {
        let hint: String
        switch why {
        case .connectionRefused: hint = "does jumpd run there, and is this its port? `systemctl status jumpd.socket`"
        case .timedOut: hint = "is this network among those that may reach the gate? ask whoever runs it"
        default: hint = "is the name right, and does this machine reach that network?"
        }
        return Failure(code: "unreachable", message: "gate \(gate): \(why)", hint: hint)
    }

    static func lost(_ gate: GateAddress, _ why: Errno) -> Failure {
        guard why == .timedOut else {
            return Failure(code: "connection_lost", message: "gate \(gate): \(why)")
        }
        return Failure(code: "timed_out", message: "gate \(gate): no answer in time", hint: "wait longer: `--timeout`")
    }

    static func cut(_ gate: GateAddress, _ when: String) -> Failure {
        Failure(
            code: "connection_lost",
            message: "gate \(gate): it cut the connection \(when)",
            hint: "too many attempts from this address, or no gate at all: its log says which"
        )
    }

    /// The gate ended a session that stood.
    static func ended(_ gate: GateAddress, _ target: String, _ why: String? = nil) -> Failure {
        Failure(
            code: "session_cut",
            message: "gate \(gate): the session to \(target) was cut" + (why.map { " (\($0))" } ?? ""),
            hint: "its grant or its longest time is over, it was idle too long, or somebody ended it: "
                + "`eigctl jump targets` says what you may reach now"
        )
    }

    static func session(_ failure: TLSFailure, _ gate: GateAddress) -> Failure {
        if let verifyError = failure.verifyError { return distrusted(verifyError, failure.peer, gate) }
        if failure.reasons.contains("wrong version number") || failure.reasons.contains("packet length too long") {
            return Failure(
                code: "no_tls",
                message: "gate \(gate): what answers there does not speak TLS",
                hint: "is this the gate's port?"
            )
        }
        for (alert, code, what, hint) in alerts where failure.reasons.contains(where: { $0.hasSuffix(alert) }) {
            return Failure(code: code, message: "gate \(gate): \(what)", hint: hint)
        }
        return Failure(code: "tls", message: "gate \(gate): TLS failed: \(failure.reasons.joined(separator: "; "))")
    }

    /// The gate's certificate is not what we trust.
    private static func distrusted(_ why: String, _ peer: PeerCertificate?, _ gate: GateAddress) -> Failure {
        let names = peer?.dnsNames.joined(separator: ", ") ?? ""
        if why.contains("mismatch") {
            return Failure(
                code: "gate_name",
                message: "gate \(gate): its certificate is for \(names.isEmpty ? "no host" : names.printable), "
                    + "not for \(gate.host)",
                hint: "call it by that name; if it should be \(gate.host), this may not be the gate: do not go on"
            )
        }
        if why.contains("expired") || why.contains("not yet valid") {
            let days = peer.map { "\($0.notBefore.rfc3339.prefix(10)) to \($0.notAfter.rfc3339.prefix(10))" } ?? ""
            return Failure(
                code: "gate_date",
                message: "gate \(gate): \(why): its certificate is good from \(days)",
                hint: "is this machine's clock right? if it is, the gate needs a new certificate"
            )
        }
        return Failure(
            code: "gate_distrusted",
            message: "gate \(gate): its certificate is not trusted: \(why)"
                + (peer.map { " (issued by \($0.issuer.printable))" } ?? ""),
            hint: "`ca` names the authorities of the gate's own certificate, not of yours; "
                + "if it does, this may not be the gate: do not go on"
        )
    }

    /// What the gate says of our certificate in the one word TLS has for it (RFC 8446 §6.2).
    private static let alerts: [(alert: String, code: String, what: String, hint: String)] = [
        (
            "alert unknown ca", "certificate_unknown", "it does not know the authority of your certificate",
            "is this the certificate for this gate? its administrators list the authority as `ca` of an [[admin]]"
        ),
        (
            "alert certificate expired", "certificate_ended", "it says that your certificate has ended",
            "ask for a new one; if yours is good, one of the two clocks is wrong"
        ),
        (
            "alert certificate revoked", "certificate_revoked", "your certificate was revoked",
            "ask for a new one"
        ),
        (
            "alert certificate required", "certificate_required", "it wants a certificate and got none",
            "give `--cert` and `--key`"
        ),
        (
            "alert bad certificate", "certificate_refused", "it refuses your certificate",
            "is it for this gate, and for a client (extended key usage)? the gate's log says why"
        ),
        (
            "alert unsupported certificate", "certificate_refused", "it refuses your kind of certificate",
            "the gate takes RSA from 2048 bits, ECDSA and Ed25519, for clients (extended key usage)"
        ),
        (
            "alert certificate unknown", "certificate_refused", "it refuses your certificate",
            "the gate's log says why"
        ),
        (
            "alert access denied", "access_denied", "it knows your certificate and lets nobody in with it now",
            "are you locked out, disabled, or on another network than your own? the gate's log says which"
        ),
        (
            "alert protocol version", "tls_version", "it speaks no version of TLS that we speak",
            "both need TLS 1.2 or 1.3"
        ),
        (
            "alert handshake failure", "tls_handshake", "no way to talk: no common cipher, or no certificate of yours",
            "the gate's log says why"
        ),
        (
            "alert internal error", "gate_fault", "the gate itself failed", "ask whoever runs it"
        ),
    ]
}
