// SPDX-License-Identifier: Apache-2.0
internal import Access
internal import Base
internal import LinuxIO
internal import Partners

/// Who asks the desk, as far as it is known, and how the audit log names that.
struct DeskAsker: Sendable {
    /// Nothing for somebody on this host whom the gate does not know.
    let person: Person?
    /// Why there is no person.
    let denial: AccessDenial?
    let isLocal: Bool
    /// Root on this host, or the gate itself: may look at everything.
    let isOperator: Bool
    /// The account on this host; nothing through the gate's port.
    let login: String?
    /// For the audit log: what says that it was them.
    let how: String
    /// For the audit log: from where.
    let origin: String

    /// The person's id, the account, or nothing.
    var name: String { person?.id ?? login ?? "" }

    func has(_ right: AccessRight) -> Bool { person?.rights.contains(right) ?? false }
}

extension DeskAsker {
    /// A person who was found by an older policy is looked for again.
    init(_ caller: DeskCaller, _ policy: AccessPolicy, now: WallInstant) {
        switch caller {
        case .person(let found, let how, let source):
            let admin = policy.rules.admin(found.id).flatMap { admin in
                admin.isEnabled && (admin.until.map { now < $0 } ?? true) ? admin : nil
            }
            person = admin.map { admin in
                Person(admin: admin, rights: policy.rules.rights(of: admin), validUntil: found.validUntil)
            }
            denial = admin == nil ? .identityUnknown : nil
            (isLocal, isOperator) = (false, false)
            login = nil
            self.how = how
            origin = source.description
        case .local(let peer):
            let login = Self.login(peer)
            let name = login ?? "uid \(peer.userID)"
            switch policy.identify(login: name, now: now) {
            case .person(let found): (person, denial) = (found, nil)
            case .refused(let why, _): (person, denial) = (nil, why)
            }
            (isLocal, isOperator) = (true, Self.isOperator(peer))
            self.login = name
            how = "login \(name) (uid \(peer.userID), pid \(peer.processID))"
            origin = "local"
        }
    }

    static func isOperator(_ peer: PeerCredentials) -> Bool { peer.userID == 0 || peer.userID == Limits.userID }

    /// The account somebody logged in with, also where they have become root since (proc_pid_loginuid(5)).
    ///
    /// Only one thread may ask, see ``Accounts``: the one of the control socket.
    private static func login(_ peer: PeerCredentials) -> String? {
        let unset = "4294967295"
        if peer.userID == 0,
            let bytes = try? FileStore.read("/proc/\(peer.processID)/loginuid", byteCountMax: 32),
            case let text = String(decoding: bytes, as: UTF8.self).filter({ !$0.isWhitespace }), text != unset,
            let userID = UInt32(text), let name = Accounts.userName(userID)
        {
            return name
        }
        return Accounts.userName(peer.userID)
    }
}
