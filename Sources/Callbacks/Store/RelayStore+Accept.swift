// SPDX-License-Identifier: Apache-2.0
package import Base
package import SQLite

/// What accepting uses.
struct AcceptStatements: ~Copyable {
    let findDuplicate: Statement
    let insertMessage: Statement
    let insertBody: Statement
    let insertItem: Statement
    let hasHead: Statement
    let insertEndpoint: Statement
}

extension AcceptStatements {
    init(_ database: borrowing Database) throws(SQLiteFailure) {
        self.init(
            findDuplicate: try database.prepare(
                "select id, hash from message where kind = ? and source = ? and partner = ? and dedup = ?"
            ),
            insertMessage: try database.prepare(
                """
                insert into message(id, kind, source, partner, dedup, hash, content_type, fields, body_bytes, received_at)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning seq
                """
            ),
            insertBody: try database.prepare("insert into body(message, bytes) values (?, ?)"),
            insertItem: try database.prepare(
                """
                insert into item(seq, id, message, endpoint, okey, kseq, state, next_at, accepted_at, replay_of)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
            ),
            hasHead: try database.prepare(
                "select 1 from item where endpoint = ? and okey = ? and state in (0, 1, 5, 6)"
            ),
            insertEndpoint: try database.prepare("insert into endpoint(name) values (?) returning id")
        )
    }
}

/// One item a submission has made.
package struct NewItem: Sendable {
    package let id: UniqueID
    package let endpoint: Int64

    package init(id: UniqueID, endpoint: Int64) {
        self.id = id
        self.endpoint = endpoint
    }
}

extension RelayStore {
    /// The message stored under a submission's key, and the hash of its body.
    ///
    /// A key is its source's own, and for each partner it is used about: the same one in two partners' paths is
    /// two messages.
    package func message(
        of submission: Submission,
        dedup: String
    ) throws(SQLiteFailure) -> (id: UniqueID, hash: [UInt8])? {
        let found = try accepting.findDuplicate.first(
            submission.kind.rawValue,
            submission.source,
            submission.partner ?? "",
            dedup
        ) {
            (id: $0.uniqueID(0), hash: $0.blob(1))
        }
        guard let found else { return nil }
        guard let id = found.id else {
            throw SQLiteFailure(kind: .corrupt, message: "a message identifier is not 16 bytes long")
        }
        return (id, found.hash)
    }

    /// Stores a message once and one item for each destination; an item whose key has a head already waits.
    ///
    /// - Returns: for each item, whether it is a head.
    package mutating func insert(
        _ submission: Submission,
        id: UniqueID,
        dedup: String,
        hash: [UInt8],
        items: [NewItem],
        at now: ScheduleInstant
    ) throws(SQLiteFailure) -> [Bool] {
        let message = try accepting.insertMessage.first(
            id,
            submission.kind.rawValue,
            submission.source,
            submission.partner ?? "",
            dedup,
            hash,
            submission.contentType,
            StoredFields.encode(submission.fields),
            submission.body.count,
            submission.receivedAt.milliseconds,
            read: { $0.integer(0) }
        )
        guard let message else { throw SQLiteFailure(kind: .other, message: "an insert returned no row") }
        try accepting.insertBody.run(message, submission.body)
        var areHeads: [Bool] = []
        for item in items {
            let sequence = takeSequence()
            areHeads.append(
                try insertItem(
                    item,
                    message: message,
                    orderKey: submission.orderKey,
                    sequence: sequence,
                    keySequence: sequence,
                    replayOf: nil,
                    at: now
                )
            )
        }
        return areHeads
    }

    /// - Returns: whether the item is the head of its key.
    mutating func insertItem(
        _ item: NewItem,
        message: Int64,
        orderKey: String,
        sequence: Int64,
        keySequence: Int64,
        replayOf: UniqueID?,
        at now: ScheduleInstant
    ) throws(SQLiteFailure) -> Bool {
        let waits = try accepting.hasHead.first(item.endpoint, orderKey) { _ in true } ?? false
        let state = waits ? ItemState.waiting : .ready
        try accepting.insertItem.run(
            sequence,
            item.id,
            message,
            item.endpoint,
            orderKey,
            keySequence,
            state.rawValue,
            now.milliseconds,
            now.milliseconds,
            replayOf
        )
        return !waits
    }

    /// Adds an endpoint under a name it does not have yet.
    package mutating func insertEndpoint(named name: String) throws(SQLiteFailure) -> Int64 {
        guard let id = try accepting.insertEndpoint.first(name, read: { $0.integer(0) }) else {
            throw SQLiteFailure(kind: .other, message: "an insert returned no row")
        }
        return id
    }
}

extension Submission {
    /// The partner it is about.
    var partner: String? {
        switch kind {
        case .receiver: return source
        case .sender:
            for case .partner(let partner) in destinations { return partner.rawValue }
            return nil
        }
    }
}

/// Kept fields as one text, `name: value` a line.
enum StoredFields {
    static func encode(_ fields: [(name: String, value: String)]) -> String {
        var lines = ""
        for (name, value) in fields where isOneLine(name) && isOneLine(value) && !name.contains(":") {
            lines += "\(name): \(value)\n"
        }
        return lines
    }

    static func decode(_ text: String) -> [(name: String, value: String)] {
        text.split(separator: "\n").compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (String(line[..<colon]), String(line[colon...].dropFirst(2)))
        }
    }

    private static func isOneLine(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f } }
}
