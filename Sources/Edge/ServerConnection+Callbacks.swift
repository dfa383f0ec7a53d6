// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import Callbacks
internal import Engine
internal import HTTP
internal import Partners

/// Taking callbacks in: gathered whole, stored, and only then acknowledged.
extension ServerConnection {
    /// A receive partner tells the network: to every backend that is named for it.
    func acceptReceiverCallback(from record: PartnerRecord, _ bytes: Span<UInt8>) {
        accept(
            kind: .receiver,
            profile: worker.snapshot.inboundProfile(of: record.id),
            source: record.id.rawValue,
            destinations: worker.snapshot.receiverDestinations,
            bytes
        )
    }

    /// A backend tells a send partner: to its callback URL, with copies as configured.
    func acceptSenderCallback(to id: PartnerID, _ bytes: Span<UInt8>) {
        guard let record = worker.snapshot.directory[id] else { return deny(.partnerUnknown) }
        guard record.partner.callbacks != nil else { return deny(.notConfigured) }
        guard head.fields.first(.idempotencyKey) != nil else { return deny(.idempotencyKeyMissing) }
        guard limitBody(to: worker.snapshot.gateway.relay.bodyBytesMax) else {
            machine.closeAfterResponse()
            return deny(.bodyTooLarge)
        }
        exchange.record = record
        accept(
            kind: .sender,
            profile: worker.snapshot.inboundProfile(of: id),
            source: worker.snapshot.backendName(at: peer.address) ?? "internal",
            destinations: [.partner(id)] + worker.snapshot.senderCopyDestinations,
            bytes
        )
    }

    private func accept(
        kind: Submission.Kind,
        profile: InboundProfile,
        source: String,
        destinations: [Destination],
        _ bytes: Span<UInt8>
    ) {
        var fields: [(name: String, value: String)] = []
        for index in head.fields.indices {
            let field = head.fields[index]
            guard isKept(field) else { continue }
            fields.append((String(bytes[field.name]), String(bytes[field.value])))
        }
        exchange.sink = .callback(
            CallbackIntake(
                kind: kind,
                profile: profile,
                source: source,
                destinations: destinations,
                contentType: text(of: .contentType, bytes) ?? "application/json",
                fields: fields,
                idempotencyKey: text(of: .idempotencyKey, bytes)
            )
        )
        body.removeAll()
    }

    private func text(of field: KnownField, _ bytes: Span<UInt8>) -> String? {
        guard let place = head.fields.first(field) else { return nil }
        return String(bytes[place])
    }

    /// The few fields that say something about the message itself; credentials are never stored.
    private func isKept(_ field: Field) -> Bool {
        switch field.known {
        case .contentEncoding, .contentDigest, .xContentHash, .xDate, .signature, .signatureInput, .xCorrelationID,
            .webhookID, .webhookTimestamp, .webhookSignature, .fspiopSource, .fspiopDestination, .fspiopSignature,
            .fspiopURI, .fspiopHTTPMethod, .traceparent, .tracestate:
            true
        default: false
        }
    }

    /// The body is complete: hand it to the relay, and answer when it is on the disk.
    func submit(_ intake: CallbackIntake) {
        let bytes = body.array
        body.release()
        let reading: InboundProfile.Reading
        do throws(InboundProfile.Refusal) {
            reading =
                switch intake.kind {
                case .receiver:
                    try intake.profile.read(body: bytes, now: worker.wallNow) { intake.field($0) }
                case .sender: try intake.profile.readFromBackend(body: bytes) { intake.field($0) }
                }
        } catch {
            exchange.reason = error.rawValue
            exchange.record?.runtime.countRefusal(error.rawValue)
            worker.countRefusal(.callbackMalformed)
            logRefusal(code: error.rawValue, detail: "the callback was not taken")
            acknowledge(intake.profile.acknowledgement(for: error, now: worker.wallNow))
            return resume()
        }
        let submission = Submission(
            source: intake.source,
            kind: intake.kind,
            dedupKey: reading.dedupKey,
            orderKey: reading.orderKey,
            body: bytes,
            contentType: intake.contentType,
            fields: intake.fields,
            destinations: intake.destinations,
            receivedAt: worker.wallNow
        )
        if !worker.submit(submission, for: token, exchange.id) {
            stored(.overloaded(retryAfter: .seconds(5)), intake)
        }
    }

    /// The relay has decided; `id` is the exchange's that asked.
    func stored(_ outcome: SubmitOutcome, id: UniqueID) {
        guard !isClosed, machine.isExchanging, exchange.id == id, case .callback(let intake) = exchange.sink else {
            return
        }
        stored(outcome, intake)
        settle()
    }

    private func stored(_ outcome: SubmitOutcome, _ intake: CallbackIntake) {
        switch outcome {
        case .accepted, .duplicate: break
        case .conflict: count(.callbackConflict)
        case .overloaded: count(.relayOverloaded)
        case .failed: count(.relayFailed)
        }
        // A backend is answered in one dialect, whatever the partner it speaks to speaks.
        let answering = intake.kind == .receiver ? intake.profile : .plain
        acknowledge(answering.acknowledgement(for: outcome, now: worker.wallNow))
        resume()
    }

    private func count(_ reason: DenialReason) {
        exchange.reason = "\(reason.code)"
        exchange.record?.runtime.countRefusal("\(reason.code)")
        worker.countRefusal(reason)
        logRefusal(code: reason.code, detail: nil)
    }

    private func acknowledge(_ answer: Acknowledgement) {
        let seconds = answer.retryAfter.map { Int(($0.milliseconds + 999) / 1000) } ?? 0
        respond(
            status: answer.status,
            contentType: answer.contentType == nil ? "text/plain" : "application/json",
            body: answer.body,
            retryAfterSeconds: seconds
        )
    }
}
