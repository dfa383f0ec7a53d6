// SPDX-License-Identifier: Apache-2.0
internal import Base

/// Something the audit log is told: who did what to what, how, from where, and with which result (PCI DSS 10.2.2).
///
/// When it happened, and in which order, says the log. What is too long is cut, never refused: a long reason is no
/// reason to lose an event. So no two fields together can push another one out, and the JSON is never more than
/// ``bytesMax`` long.
package struct AuditEvent: Hashable, Sendable {
    package enum Outcome: String, Hashable, Sendable, CaseIterable {
        case success
        case failure
    }

    /// One named text beside the fields that every event has.
    package struct Detail: Hashable, Sendable {
        package let name: String
        package let text: String

        /// - Precondition: `name` is 1 to 32 lower-case letters, digits and `_`.
        package init(_ name: String, _ text: String) {
            invariant(Self.isName(name), "not the name of a detail: \(name)")
            self.name = name
            self.text = text
        }

        package init(_ name: String, _ value: Int) { self.init(name, String(value)) }

        static func isName(_ name: String) -> Bool {
            (1...32).contains(name.utf8.count)
                && name.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                        UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
    }

    /// Of ``json``.
    package static let bytesMax = 8192
    package static let detailCountMax = 32
    /// The bounds of the texts count bytes as JSON writes them.
    static let whoBytesMax = 256
    static let howBytesMax = 512
    static let originBytesMax = 256
    static let objectBytesMax = 1024
    static let detailBytesMax = 1024

    package let kind: AuditKind
    package let outcome: Outcome
    /// A person's id, `system`, or nothing when nobody is known.
    package let who: String
    /// What says that it was them: `certificate 4A:… sha256:…`, `login anna (uid 1000, pid 4711)`, `system`.
    package let how: String
    /// `192.0.2.7:51234` or `local`.
    package let origin: String
    /// What it was done to: `eig-01:22`, `grant g-…`, `configuration 12ab…`.
    package let object: String
    /// In the order given; the last ones are left out where they would be too many, and ``cutMark`` says so.
    package let details: [Detail]

    /// In place of details that found no room.
    package static let cutMark = Detail("cut", "yes")

    package init(
        _ kind: AuditKind,
        _ outcome: Outcome = .success,
        who: String,
        how: String,
        origin: String,
        object: String,
        details: [Detail] = []
    ) {
        self.kind = kind
        self.outcome = outcome
        self.who = JSONText.cut(who, bytesMax: Self.whoBytesMax)
        self.how = JSONText.cut(how, bytesMax: Self.howBytesMax)
        self.origin = JSONText.cut(origin, bytesMax: Self.originBytesMax)
        self.object = JSONText.cut(object, bytesMax: Self.objectBytesMax)
        self.details = Self.fitting(details)
    }

    /// The program itself did it.
    package static func system(
        _ kind: AuditKind,
        _ outcome: Outcome = .success,
        object: String,
        details: [Detail] = []
    ) -> AuditEvent {
        AuditEvent(kind, outcome, who: "system", how: "system", origin: "local", object: object, details: details)
    }

    package func detail(_ name: String) -> String? { details.first { $0.name == name }?.text }

    /// Everything but the details is at most 2,400 bytes long.
    private static let detailsBytesMax = 5600

    private static func fitting(_ details: [Detail]) -> [Detail] {
        var fitting: [Detail] = []
        var byteCount = 0
        for (index, detail) in details.enumerated() {
            let cut = Detail(detail.name, JSONText.cut(detail.text, bytesMax: detailBytesMax))
            byteCount += size(of: cut)
            // As long as others follow, there must be room for the mark.
            let isLast = index == details.count - 1
            guard byteCount <= detailsBytesMax - (isLast ? 0 : size(of: cutMark)),
                fitting.count < detailCountMax - (isLast ? 0 : 1)
            else { return fitting + [cutMark] }
            fitting.append(cut)
        }
        return fitting
    }

    /// With its quotes, its colon and its comma.
    private static func size(of detail: Detail) -> Int { detail.name.utf8.count + JSONText.byteCount(detail.text) + 6 }
}
