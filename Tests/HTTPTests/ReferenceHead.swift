// SPDX-License-Identifier: Apache-2.0
import HTTP

/// The grammar of a request head once more, one byte after another and from the text of RFC 9112 alone:
/// slow, with nothing in common with the parser, and so a judge of it.
///
/// It knows lines, names and values, and a start line whose target is any run of target characters. What a
/// field means, and which targets are refused for what they say, it does not know.
struct ReferenceHead: Hashable {
    struct Line: Hashable {
        var name: [UInt8]
        var value: [UInt8]
    }

    var method: [UInt8] = []
    var target: [UInt8] = []
    var lines: [Line] = []
    var byteCount = 0

    enum Outcome: Hashable {
        case head(ReferenceHead)
        case incomplete
        case refused
    }

    static let nameBytes = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-".utf8)
    static let targetBytes = nameBytes.union(Set("/?%._~:@!$&'()*+,;=".utf8))
    static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].map { Array($0.utf8) }

    static func read(_ bytes: [UInt8]) -> Outcome {
        var head = ReferenceHead()
        var line: [UInt8] = []
        var (index, lineCount) = (0, 0)
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == 13 else {
                guard byte == 9 || (32...126).contains(byte) else { return .refused }
                line.append(byte)
                index += 1
                continue
            }
            guard index + 1 < bytes.count else { return .incomplete }
            guard bytes[index + 1] == 10 else { return .refused }
            index += 2
            if lineCount == 0, line.isEmpty, index > 2 { return .refused }
            if lineCount == 0, line.isEmpty { continue }
            if line.isEmpty {
                head.byteCount = index
                return .head(head)
            }
            guard lineCount == 0 ? head.readStart(line) : head.readField(line) else { return .refused }
            lineCount += 1
            line = []
        }
        return .incomplete
    }

    private mutating func readStart(_ line: [UInt8]) -> Bool {
        let parts = line.split(separator: 32, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2].elementsEqual("HTTP/1.1".utf8) else { return false }
        (method, target) = (Array(parts[0]), Array(parts[1]))
        return Self.methods.contains(method) && target.first == 47 && target.allSatisfy(Self.targetBytes.contains)
    }

    private mutating func readField(_ line: [UInt8]) -> Bool {
        guard let colon = line.firstIndex(of: 58), colon > 0 else { return false }
        let name = Array(line[..<colon])
        var value = Array(line[(colon + 1)...])
        while value.first == 32 || value.first == 9 { value.removeFirst() }
        while value.last == 32 || value.last == 9 { value.removeLast() }
        lines.append(Line(name: name, value: value))
        return name.allSatisfy(Self.nameBytes.contains)
    }
}
