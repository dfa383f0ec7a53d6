// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import AuditLog
internal import Base
internal import LinuxIO
internal import Partners

/// Who asks the desk, as far as it is known, and how the audit log names that.
struct DeskAsker: Sendable {
    /// What the gate knows them by.
    enum Proof: Sendable {
        case certificate(KnownCertificate)
        /// The account on this host by the kernel's word, and who logged in before becoming it.
        case account(name: String, userID: UInt32, loggedIn: LoggedInUser?)
    }

    /// Nothing for somebody on this host whom the gate does not know.
    let person: Person?
    /// Why there is no person.
    let denial: AccessDenial?
    /// The administrator who logged in before becoming somebody else: gives no right, and may not decide on their own.
    let alias: String?
    /// Root on this host, or the gate itself: may look at everything.
    let isOperator: Bool
    let proof: Proof
    /// For the audit log: the person's id, or an account.
    let name: String
    /// For the audit log: what says that it was them.
    let how: String
    /// For the audit log: from where.
    let origin: String

    var isLocal: Bool { if case .account = proof { true } else { false } }

    func has(_ right: AccessRight) -> Bool { person?.rights.contains(right) ?? false }

    /// Whether that is this person, under whichever name.
    func isAlso(_ person: String) -> Bool { self.person?.id == person || alias == person }
}

extension DeskAsker {
    /// A person who was found by an older policy is looked for again.
    init(_ caller: DeskCaller, _ policy: AccessPolicy, now: WallInstant) {
        switch caller {
        case .person(let found, let certificate, let source):
            let admin = policy.rules.admin(found.id).flatMap { admin in
                admin.isEnabled && (admin.until.map { now < $0 } ?? true) ? admin : nil
            }
            person = admin.map { admin in
                Person(admin: admin, rights: policy.rules.rights(of: admin), validUntil: found.validUntil)
            }
            denial = admin == nil ? .identityUnknown : nil
            (alias, isOperator) = (nil, false)
            proof = .certificate(certificate)
            name = person?.id ?? ""
            how = certificate.how
            origin = source.description
        case .local(let peer, let loggedIn):
            let identity = AuditIdentity(peer: peer, loggedIn: loggedIn)
            let account = Self.account(peer.userID)
            let found = Self.identify(account, peer, policy, now)
            (person, denial) = (found.person, found.denial)
            alias = loggedIn.flatMap { policy.admin(login: Self.account($0.userID))?.id }
            isOperator = Self.isOperator(peer)
            proof = .account(name: account, userID: peer.userID, loggedIn: loggedIn)
            name = person?.id ?? identity.who
            how = identity.how
            origin = "local"
        }
    }

    static func isOperator(_ peer: PeerCredentials) -> Bool { peer.userID == 0 || peer.userID == Limits.userID }

    /// By the account alone: who logged in before is somebody's word, root's for instance, who may be anybody.
    private static func identify(
        _ account: String,
        _ peer: PeerCredentials,
        _ policy: AccessPolicy,
        _ now: WallInstant
    ) -> (person: Person?, denial: AccessDenial?) {
        if peer.userID == 0 { return (nil, .loginRoot) }
        switch policy.identify(login: account, now: now) {
        case .person(let found): return (found, nil)
        case .refused(let why, _): return (nil, why)
        }
    }

    static func account(_ userID: UInt32) -> String { Accounts.userName(userID) ?? "uid \(userID)" }
}
