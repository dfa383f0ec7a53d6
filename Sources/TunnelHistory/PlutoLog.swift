// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import LinuxIO
internal import Systemd

/// Where pluto's log is read.
package enum PlutoLogSource: Hashable, Sendable {
    /// The journal of `ipsec.service`: pluto logs by syslog when nobody tells it otherwise.
    case journal
    /// The file `logfile=` names (ipsec.conf(5)).
    case file(String)
    case none
}

/// pluto's log, read from where it was left. Stays on one thread.
struct PlutoLog: ~Copyable {
    struct Line {
        var at: WallInstant
        var text: String
    }

    private final class OpenFile {
        let descriptor: OwnedDescriptor

        init(_ path: String) throws(Errno) { descriptor = try FileStore.open(path) }
    }

    /// Lines that are read at one look; the rest is read at the next one.
    static let linesMax = 2000
    static let lineBytesMax = JournalReader.lineBytesMax
    static let unit = "ipsec.service"

    private let source: PlutoLogSource
    private var journal: JournalReader?
    private var file: OpenFile?
    private var position = 0
    private var rest: [UInt8] = []

    /// - Parameter cursor: what ``cursor`` was when the program before this one stopped.
    init(_ source: PlutoLogSource, after cursor: String?) {
        self.source = source
        switch source {
        case .journal: journal = JournalReader(unit: Self.unit, after: cursor)
        case .file(let path):
            open(path)
            // What was written before is history.
            while case .received = fill() {}
            rest = []
        case .none: break
        }
    }

    /// Where to go on another time; nothing but for the journal.
    var cursor: String? { journal?.cursor }

    /// Whether it can be read now.
    var isReadable: Bool {
        switch source {
        case .journal: journal != nil
        case .file: file != nil
        case .none: false
        }
    }

    /// The lines since the last look.
    mutating func read(at now: WallInstant) -> [Line] {
        switch source {
        case .none: return []
        case .journal:
            if journal == nil { journal = JournalReader(unit: Self.unit) }
            return (journal?.read(countMax: Self.linesMax) ?? []).map { Line(at: $0.at, text: $0.text) }
        case .file(let path):
            // One that was rotated away is shorter, or not there.
            let length = (try? FileStore.status(path).byteCount) ?? 0
            if file == nil || length < position { open(path) }
            return lines(at: now)
        }
    }

    private mutating func open(_ path: String) {
        position = 0
        rest = []
        file = try? OpenFile(path)
    }

    private mutating func fill() -> ReadOutcome {
        var buffer = ByteBuffer()
        guard let outcome = try? file?.descriptor.read(into: &buffer, byteCountMax: 256 << 10) else {
            return .endOfStream
        }
        rest += buffer.array
        position += buffer.count
        return outcome
    }

    private mutating func lines(at now: WallInstant) -> [Line] {
        for _ in 0..<4 { guard case .received = fill() else { break } }
        guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else {
            if rest.count > Self.lineBytesMax { rest = [] }
            return []
        }
        let whole = rest[..<end]
        rest = Array(rest[rest.index(after: end)...])
        return whole.split(separator: UInt8(ascii: "\n")).suffix(Self.linesMax).map {
            Line(at: now, text: String(decoding: $0.prefix(Self.lineBytesMax), as: UTF8.self))
        }
    }
}
