// SPDX-License-Identifier: Apache-2.0
package import Base
package import LinuxIO

/// The files of the last applies, one revision a file, so that one of them can be put back as it was.
///
/// A revision is complete: a line for each file with its name and length, and its bytes. It holds secrets: 0600, in a
/// folder of root's.
package struct RevisionStore: Sendable {
    package static let keptMax = 50

    private let folder: String

    package init(state: String) { folder = "\(state)/revisions" }

    /// The numbers of those that are kept, oldest first.
    package func numbers() -> [Int] {
        let names = (try? FileStore.names(in: folder)) ?? []
        return names.compactMap { Int($0) }.filter { $0 > 0 }.sorted()
    }

    /// Keeps one more; ``trim()`` lets the oldest go once its files stand.
    ///
    /// - Throws: when it cannot be written, such as `ENOSPC`; nothing is kept of it then.
    /// - Returns: its number.
    package func add(_ files: [String: [UInt8]], at now: WallInstant) throws(Errno) -> Int {
        do throws(Errno) { try FileStore.makeFolder(folder, mode: 0o700) } catch {
            guard error == .exists else { throw error }
        }
        let known = numbers()
        let number = (known.last ?? 0) + 1
        var bytes = Array("eig tunnels, revision \(number) of \(now.rfc3339)\n".utf8)
        for (name, text) in files.sorted(by: { $0.key < $1.key }) {
            bytes += Array("\(name) \(text.count)\n".utf8) + text
        }
        try FileStore.replace("\(folder)/\(number)", with: bytes.span, mode: 0o600)
        return number
    }

    /// Forgets one whose files never stood.
    func remove(_ number: Int) { try? FileStore.remove("\(folder)/\(number)") }

    /// Lets the oldest go.
    func trim() {
        for old in numbers().dropLast(Self.keptMax) { remove(old) }
    }

    /// The files of one revision by name; nothing when there is none, or it is not as we wrote it.
    package func files(of number: Int) -> [String: [UInt8]]? {
        guard let bytes = try? FileStore.read("\(folder)/\(number)", byteCountMax: 256 << 20) else { return nil }
        var rest = bytes[...]
        func line() -> String? {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            defer { rest = rest[(end + 1)...] }
            return String(decoding: rest[..<end], as: UTF8.self)
        }
        guard let head = line(), head.hasPrefix("eig tunnels, revision \(number) ") else { return nil }
        var files: [String: [UInt8]] = [:]
        while !rest.isEmpty {
            guard let words = line()?.split(separator: " "), words.count == 2, let count = Int(words[1]), count >= 0,
                rest.count >= count
            else { return nil }
            files[String(words[0])] = Array(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return files
    }
}
