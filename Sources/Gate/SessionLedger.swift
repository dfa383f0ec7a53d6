// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import Synchronization

/// The sessions that are open, on disk: what a gate that was killed leaves for the next one to tell.
///
/// Lines are appended and not waited for: a power cut may lose the last ones. A file that grows is written anew.
final class SessionLedger: Sendable {
    /// A session that nobody ended.
    struct Leftover: Hashable, Sendable {
        let id: String
        let person: String
        let destination: String
        let source: String
        let since: String
    }

    private struct State: ~Copyable {
        var file: OwnedDescriptor?
        var byteCount = 0
        var open: [String: String] = [:]
        /// Said once, until it works again.
        var hasFailed = false
    }

    private static let bytesMax = 1 << 20

    private let path: String
    private let state: Mutex<State>
    /// What the last gate left open.
    let leftovers: [Leftover]

    /// - Throws: what opening the file throws: its folder is the state folder of the gate.
    init(path: String) throws(Errno) {
        self.path = path
        let bytes = (try? FileStore.read(path, byteCountMax: 16 << 20)) ?? []
        leftovers = Self.leftovers(String(decoding: bytes, as: UTF8.self))
        state = Mutex(State())
        try state.withLock { state throws(Errno) in try Self.rewrite(path, &state) }
    }

    /// - Parameter text: `+` and the five fields of a session that began, `-` and the id of one that ended; parts are
    ///   separated by tabs. A line that was cut counts for nothing.
    static func leftovers(_ text: String) -> [Leftover] {
        var open: [String: Leftover] = [:]
        var order: [String] = []
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            if parts.count == 6, parts[0] == "+" {
                open[parts[1]] = Leftover(
                    id: parts[1],
                    person: parts[2],
                    destination: parts[3],
                    source: parts[4],
                    since: parts[5]
                )
                order.append(parts[1])
            } else if parts.count == 2, parts[0] == "-" {
                open[parts[1]] = nil
            }
        }
        return order.compactMap { open.removeValue(forKey: $0) }
    }

    func began(_ session: LiveSession) {
        let line = [
            "+", session.id, session.person, session.destination, session.source.description, session.since.rfc3339,
        ].joined(separator: "\t")
        state.withLock { state in
            state.open[session.id] = line
            append(line, &state)
        }
    }

    func ended(_ session: LiveSession) {
        state.withLock { state in
            guard state.open.removeValue(forKey: session.id) != nil else { return }
            append("-\t\(session.id)", &state)
        }
    }

    private func append(_ line: String, _ state: inout State) {
        do throws(Errno) {
            if state.file == nil || state.byteCount > Self.bytesMax { try Self.rewrite(path, &state) }
            let bytes = Array("\(line)\n".utf8)
            try state.file?.writeAll(bytes.span)
            state.byteCount += bytes.count
        } catch {
            // A full disk: what is open is known here, and written anew as soon as there is room.
            state.file = nil
        }
    }

    private static func rewrite(_ path: String, _ state: inout State) throws(Errno) {
        let text = state.open.values.sorted().map { "\($0)\n" }.joined()
        let bytes = Array(text.utf8)
        state.file = nil
        try FileStore.replace(path, with: bytes.span, mode: 0o600)
        state.file = try FileStore.openToAppend(path, mode: 0o600)
        state.byteCount = bytes.count
    }
}
