// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import AccessStore
internal import AuditTrail
internal import Base
internal import Engine
internal import LinuxIO
internal import Partners

/// May this person go there? First the rules, then the audit log, then the target itself.
extension AdminConnection {
    func ask(for wanted: TargetName) {
        if let refusal { return refuse(refusal, of: wanted) }
        guard let person else { return close() }
        environment.grants.noteSeen(person.id, at: worker.wallNow)
        switch worker.snapshot.policy.decide(person, wanted, now: worker.wallNow) {
        case .refused(let denial): refuse(GateRefusal(denial, person: person.id, wanted: wanted), of: wanted)
        case .allowed(let passage):
            guard speech == .http || passage.target.wire == .postgresql else {
                return refuse(.noDatabase(passage.target.id), of: wanted)
            }
            guard environment.board.reserve(person.id, countMax: worker.snapshot.rules.gate.sessionsPerPersonMax) else {
                return refuse(.tooManySessions, of: wanted)
            }
            record(person, wanted, passage)
        }
    }

    private func refuse(_ refusal: GateRefusal, of wanted: TargetName) {
        environment.audit.tell(
            AuditEvent(
                .sessionRefused,
                .failure,
                who: person?.id ?? "",
                how: certificate.map(AuditWords.how) ?? "",
                origin: peer.description,
                object: wanted.description,
                details: [AuditEvent.Detail("reason", refusal.code), AuditEvent.Detail("said", refusal.message)]
            )
        )
        refuse(refusal)
    }

    private func record(_ person: Person, _ wanted: TargetName, _ passage: Passage) {
        let session = LiveSession(
            id: worker.makeSessionID(),
            person: person.id,
            destination: (passage.target.id, passage.port),
            source: peer,
            way: speech == .http ? .connect : .postgresql,
            passage: passage,
            endsAt: min(passage.until, worker.wallNow + passage.longest),
            at: (worker.wallNow, worker.now),
            place: (worker.index, token)
        )
        admission = Admission(
            session: session,
            destination: wanted,
            passage: passage,
            longestUntil: worker.now + passage.longest
        )
        phase = .recording
        setDeadline(after: GateTimes.recording)
        let inbox = environment.inboxes[worker.index]
        let token = self.token
        environment.audit.record(beginning(of: session, passage)) { isRecorded in
            _ = inbox.post(.recorded(token: token, session: session.id, isRecorded: isRecorded))
        }
    }

    private func beginning(of session: LiveSession, _ passage: Passage) -> AuditEvent {
        AuditEvent(
            .sessionBegin,
            who: session.person,
            how: certificate.map(AuditWords.how) ?? "",
            origin: peer.description,
            object: session.destination,
            details: [
                AuditEvent.Detail("session", session.id), AuditEvent.Detail("way", session.way.rawValue),
                AuditEvent.Detail("grant", passage.grantID), AuditEvent.Detail("ticket", passage.ticket),
                AuditEvent.Detail("break_glass", passage.isBreakGlass ? "yes" : "no"),
                AuditEvent.Detail("address", passage.endpoint.description),
                AuditEvent.Detail("tls", channel.tlsVersion ?? ""), AuditEvent.Detail("records", "metadata"),
            ]
        )
    }

    /// The audit log has answered.
    func recorded(_ isRecorded: Bool, session: String) {
        guard !isClosed, phase == .recording, let admission, admission.session.id == session else { return }
        guard isRecorded || admission.passage.isBreakGlass else { return refuse(.auditTrouble) }
        self.admission?.isRecorded = true
        if admission.passage.isBreakGlass {
            // An emergency does not wait for the log, but the log hears of it as soon as it can.
            if !isRecorded { environment.audit.tell(beginning(of: admission.session, admission.passage)) }
            worker.say(
                "break_glass",
                [
                    "person": admission.session.person, "target": admission.session.destination,
                    "peer": peer.description, "recorded": isRecorded ? "yes" : "no",
                ]
            )
        }
        phase = .dialing
        setDeadline(after: GateTimes.dialing)
        do {
            target = try TargetConnection.dial(admission.passage, for: self)
        } catch {
            dialFailed(error.description)
        }
    }

    /// The target does not answer, or not as it should.
    func dialFailed(_ why: String) {
        guard !isClosed, phase == .dialing, let admission else { return }
        environment.counters.countTargetFault(admission.passage.target.id)
        refuse(.target(admission.session.destination, why))
    }

    /// Gives back what an admission holds.
    ///
    /// What the log was asked to tell the beginning of has an end there, too, whether or not it became a session.
    ///
    /// - Parameter refusal: why nothing came of it; nothing where the client has gone, or a session is over.
    func leave(_ refusal: GateRefusal? = nil) {
        guard let admission else { return }
        self.admission = nil
        environment.board.release(admission.session.person)
        guard !admission.hasBegun else { return environment.board.remove(admission.session) }
        environment.audit.tell(
            AuditEvent(
                // Without an answer of the log's nobody knows whether it has the beginning.
                admission.isRecorded ? .sessionEnd : .sessionRefused,
                .failure,
                who: admission.session.person,
                how: certificate.map(AuditWords.how) ?? "",
                origin: peer.description,
                object: admission.session.destination,
                details: [
                    AuditEvent.Detail("session", admission.session.id),
                    AuditEvent.Detail("reason", refusal?.code ?? SessionEnd.personLost.code),
                    AuditEvent.Detail("detail", refusal?.message ?? "the client went away before it began"),
                ]
            )
        )
    }

    /// The files or the grants are others than when it was decided.
    func reconsider() {
        guard !isClosed, let certificate, phase != .lingering else { return }
        switch worker.snapshot.policy.identify(certificate, source: peer.address, now: worker.wallNow) {
        case .person(let fresh): if refusal == nil { person = fresh }
        case .refused(let denial, let claimed):
            let refusal = GateRefusal(denial, person: claimed?.id)
            person = nil
            self.refusal = refusal
            return accessLost(refusal)
        }
        guard let person, var admission else { return }
        switch worker.snapshot.policy.decide(person, admission.destination, now: worker.wallNow) {
        case .refused(let denial):
            accessLost(GateRefusal(denial, person: person.id, wanted: admission.destination))
        case .allowed(let passage):
            // Another address or another port is another place.
            guard passage.endpoint == admission.passage.endpoint else {
                return accessLost(GateRefusal(code: "target_changed", message: "the target is another one now"))
            }
            admission.passage = passage
            let longest = admission.session.since + passage.longest
            admission.session.prolong(
                LiveSession.Grant(id: passage.grantID, ticket: passage.ticket, endsAt: min(passage.until, longest))
            )
            self.admission = admission
            if phase == .relaying { setRelayDeadline() }
        }
    }

    private func accessLost(_ refusal: GateRefusal) {
        switch phase {
        case .relaying: finish(.accessLost(refusal.message))
        case .recording, .dialing: refuse(refusal)
        case .greeting, .handshaking, .opening, .asking, .lingering: break
        }
    }
}
