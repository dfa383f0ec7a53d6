// SPDX-License-Identifier: Apache-2.0
internal import Base

/// One encapsulated block of a PEM file (RFC 7468 §2).
struct PEMBlock: Hashable {
    var label: String
    /// Headers of the old encrypted form (RFC 1421) were present.
    var hasHeaders: Bool
    var bytes: [UInt8]
    /// Of its first line, from 1.
    var line: Int

    /// Reads all blocks; text before one is explanation (RFC 7468 §5.2), text after the last one is a mistake.
    static func parse(_ text: [UInt8]) throws(PEMError) -> [PEMBlock] {
        var blocks: [PEMBlock] = []
        var open: (block: PEMBlock, body: [UInt8])?
        var strayLine: Int?
        let lines = text.split(omittingEmptySubsequences: false) { $0 == UInt8(ascii: "\n") }
        for (index, rest) in lines.enumerated() {
            let number = index + 1
            let line = trimmed(rest)
            guard let (block, body) = open else {
                if let label = label(of: line, after: "-----BEGIN ") {
                    open = (PEMBlock(label: label, hasHeaders: false, bytes: [], line: number), [])
                    strayLine = nil
                } else if !line.isEmpty, strayLine == nil {
                    strayLine = number
                }
                continue
            }
            if let end = label(of: line, after: "-----END ") {
                guard end == block.label else { throw .unfinishedBlock(label: block.label, line: block.line) }
                var finished = block
                if !finished.hasHeaders { finished.bytes = try decode(body, line: block.line) }
                blocks.append(finished)
                open = nil
            } else if line.starts(with: Array("-----".utf8)) {
                throw .unfinishedBlock(label: block.label, line: block.line)
            } else if line.contains(UInt8(ascii: ":")) {
                open?.block.hasHeaders = true
            } else if !block.hasHeaders {
                open?.body = body + line
            }
        }
        if let open { throw .unfinishedBlock(label: open.block.label, line: open.block.line) }
        if let strayLine, !blocks.isEmpty { throw .trailingText(line: strayLine) }
        return blocks
    }

    private static func decode(_ body: [UInt8], line: Int) throws(PEMError) -> [UInt8] {
        guard !body.isEmpty, let bytes = Base64.decode(String(decoding: body, as: UTF8.self)) else {
            throw .notBase64(line: line)
        }
        return bytes
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        while let last = line.last, last == 0x20 || last == 0x09 || last == 0x0d { line.removeLast() }
        return line
    }

    private static func label(of line: ArraySlice<UInt8>, after prefix: String) -> String? {
        let text = String(decoding: line, as: UTF8.self)
        guard text.hasPrefix(prefix), text.hasSuffix("-----"), text.utf8.count > prefix.utf8.count + 5 else {
            return nil
        }
        return String(text.dropFirst(prefix.count).dropLast(5))
    }
}
