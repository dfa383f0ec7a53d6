// SPDX-License-Identifier: Apache-2.0
internal import AuditLog
internal import AuditTrail
internal import Base
internal import LinuxIO

/// The last lines, and those that follow them.
struct AuditTail {
    private static let looksEvery = Duration.milliseconds(200)

    private let invocation: Invocation
    private let files: AuditFiles
    private let filter: AuditFilter
    private let count: Int
    private let isFollowing: Bool

    init(_ invocation: Invocation, count: Int, isFollowing: Bool) throws(Failure) {
        self.invocation = invocation
        files = try AuditFiles(invocation)
        filter = try AuditFilter(invocation)
        self.count = count
        self.isFollowing = isFollowing
    }

    func run() throws(Failure) {
        let names = try files.names()
        files.report(invocation, isFollowing ? "tail -f" : "tail", details: filter.details)
        var shown: [[String]] = []
        var total = 0
        var last = names[names.count - 1]
        // The last file's reader goes on where it has stopped.
        var reader = try files.reader(last)
        shown.append(try rest(of: &reader, in: last, keeping: count))
        total += shown[0].count
        for name in names.dropLast().reversed() where total < count {
            var older = try files.reader(name)
            shown.append(try rest(of: &older, in: name, keeping: count - total))
            total += shown[shown.count - 1].count
        }
        invocation.console.output(shown.reversed().joined().joined())
        while isFollowing {
            Clock.sleep(Self.looksEvery)
            invocation.console.output(try rest(of: &reader, in: last, keeping: .max).joined())
            let now = try files.names()
            guard let next = now.first(where: { $0 > last }) else { continue }
            // The one that was followed is complete now; once more for its end.
            invocation.console.output(try rest(of: &reader, in: last, keeping: .max).joined())
            reader = try files.reader(next)
            last = next
        }
    }

    /// What is to be shown of the lines behind the reader, at most the last `keeping`.
    private func rest(of reader: inout LineReader, in name: String, keeping: Int) throws(Failure) -> [String] {
        var texts: [String] = []
        do throws(Errno) {
            while let bytes = try reader.next() {
                guard let line = TrailLine(bytes) else {
                    texts.append(invocation.isJSON ? "" : "\(name): a line that the log did not write\n")
                    continue
                }
                guard filter.shows(line), keeping > 0 else { continue }
                texts.append(
                    invocation.isJSON
                        ? String(decoding: bytes, as: UTF8.self) + "\n"
                        : AuditScreen.line(line, usesColour: invocation.console.usesColour)
                )
                if texts.count > 2 * keeping, keeping < .max / 2 { texts.removeFirst(texts.count - keeping) }
            }
        } catch { throw files.unreadable(error, name) }
        return Array(texts.suffix(keeping))
    }
}
