// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import Base
internal import Engine
internal import HTTP
internal import Synchronization
internal import TLS

/// From the first byte to knowing who it is.
extension AdminConnection {
    /// One byte more than PostgreSQL's request for TLS: what comes with it was not said by the client inside TLS.
    private static let peekedBytes = PostgresOpening.byteCount + 1

    func greet() {
        while !isClosed, phase == .greeting, channel.isReadable {
            var bytes = ByteBuffer()
            do throws(ChannelFailure) {
                switch try channel.peek(&bytes, byteCountMax: Self.peekedBytes) {
                case .received: break
                case .wouldBlock: return
                case .ended:
                    environment.counters.countFault(.closed)
                    return close()
                }
            } catch {
                return close()
            }
            switch bytes.bytes[0] {
            // A TLS record with a handshake in it (RFC 8446 §5.1).
            case 0x16: return handshake()
            case 0:
                guard let opening = PostgresOpening(bytes.bytes) else {
                    // The rest of it will be an event.
                    channel.isReadable = false
                    return
                }
                greet(opening, byteCount: bytes.count)
            default: return greetForeign(bytes.bytes)
            }
        }
    }

    private func handshake() {
        phase = .handshaking
        channel.secure(Session(server: worker.snapshot.server))
        receive()
    }

    private func greet(_ opening: PostgresOpening, byteCount: Int) {
        switch opening {
        case .tls, .gssapi:
            // Bytes behind it would be read as if they came inside TLS (CVE-2021-23214).
            guard byteCount == PostgresOpening.byteCount, take(PostgresOpening.byteCount) else {
                return refuseEarlyBytes()
            }
            if opening == .tls {
                speech = .postgresql
                answerOne("S")
                if !isClosed { handshake() }
            } else {
                guard !hasAskedForGSSAPI else { return close() }
                hasAskedForGSSAPI = true
                answerOne("N")
            }
        case .startUp:
            speech = .postgresql
            let message = "this port takes TLS only, with a certificate"
            sayInClear(GateRefusal(code: "tls_required", message: message, hint: "connect with sslmode=verify-full"))
        case .cancel:
            // It says nothing of who wants that, so that nobody is obeyed.
            environment.counters.countRefusal("cancel_unknown")
            close()
        case .foreign:
            environment.counters.countFault(.notTLS)
            close()
        }
    }

    private func take(_ byteCount: Int) -> Bool {
        var bytes = ByteBuffer()
        let filled = try? channel.fill(&bytes, scratch: &worker.wireIn, replies: &worker.wireOut)
        // A short read has emptied the socket as far as it knows; what comes next is an event, or is there already.
        channel.isReadable = true
        return filled == .received && bytes.count == byteCount
    }

    private func refuseEarlyBytes() {
        environment.counters.countRefusal("bytes_before_tls")
        worker.say("refusal", ["reason": "bytes_before_tls", "peer": peer.description])
        close()
    }

    private func answerOne(_ letter: StaticString) {
        channel.outgoing.append(letter)
        do throws(ChannelFailure) { try channel.flush(scratch: &worker.wireOut) } catch { return close() }
        // One byte that the kernel does not take in the beginning is a connection that makes no sense.
        if channel.queuedBytes > 0 { close() } else { channel.outgoing.release() }
    }

    /// Another protocol on this port: a person who mistyped something reads a sentence.
    private func greetForeign(_ bytes: Span<UInt8>) {
        environment.counters.countFault(.notTLS)
        guard (0x41...0x5a).contains(bytes[0]) else { return close() }
        let message = "this port takes TLS only, with a certificate"
        sayInClear(GateRefusal(code: "tls_required", status: 400, message: message, hint: "see eigctl jump ssh-config"))
    }

    private func sayInClear(_ refusal: GateRefusal) {
        environment.counters.countRefusal(refusal.code)
        answer(refusal)
    }

    /// The handshake is over: who is it?
    func handshakeEnded() {
        phase = .opening
        setDeadline(after: GateTimes.opening)
        environment.counters.handshakes.add(1, ordering: .relaxed)
        if channel.isPostgreSQL { speech = .postgresql }
        guard let certificate = channel.peerCertificate else { return close() }
        self.certificate = certificate
        identify(certificate)
        channel.acknowledgeNow()
    }

    private func identify(_ certificate: PeerCertificate) {
        let now = worker.wallNow
        switch worker.snapshot.policy.identify(certificate, source: peer.address, now: now) {
        case .person(let person):
            if let until = environment.lockouts.lockedUntil(person: person.id, source: peer.address, at: now) {
                refusal = .lockedOut(until, person: person.id)
            } else {
                environment.lockouts.succeeded(person.id, at: now)
                self.person = person
            }
        case .refused(let denial, let claimed):
            refusal = GateRefusal(denial, person: claimed?.id)
            loginFailed(denial.code, claimed: claimed?.id, certificate: certificate)
        }
    }

    /// Counts against who it claims to be and where it comes from, and is told.
    func loginFailed(_ code: String, claimed: String?, certificate: PeerCertificate?) {
        let names = certificate.map(AuditWords.names) ?? ""
        environment.loginFailed(
            code,
            claimed: claimed,
            how: certificate.map(AuditWords.how) ?? "no certificate",
            names: names,
            source: peer,
            at: worker.wallNow
        )
        worker.say(
            "login_failed",
            ["reason": code, "person": claimed ?? "", "names": names, "peer": peer.description]
        )
    }

    /// The TLS library refused the client, or the client us; an alert is on the way out.
    func handshakeFailed(_ failure: ChannelFailure) {
        try? channel.flush(scratch: &worker.wireOut)
        let fault = HandshakeFault(failure)
        environment.counters.countFault(fault)
        guard case .tls(let failure) = failure else { return }
        let why = failure.verifyError ?? failure.reasons.joined(separator: "; ")
        worker.say("handshake_failed", ["reason": "\(fault.code)", "detail": why, "peer": peer.description])
        switch fault {
        case .certificateMissing, .authorityUnknown, .certificateExpired, .certificateInvalid:
            loginFailed("\(fault.code)", claimed: nil, certificate: failure.peer)
        case .timeout, .closed, .parameters, .alert, .notTLS, .other: break
        }
    }
}
