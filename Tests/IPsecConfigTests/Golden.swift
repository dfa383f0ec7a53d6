// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Testing

/// What the emitter must write, and where it lies.
enum Golden {
    static let folder = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Golden"

    /// Compares text with a file under `Golden/`; `EDGE_BLESS=1` writes the file instead.
    static func expect(_ bytes: [UInt8], _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let path = "\(folder)/\(name)"
        if Environment.value("EDGE_BLESS") == "1" {
            try FileStore.replace(path, with: bytes.span, mode: 0o644)
            return
        }
        let wanted = String(decoding: try FileStore.read(path), as: UTF8.self)
        #expect(
            String(decoding: bytes, as: UTF8.self) == wanted,
            "differs from \(name)",
            sourceLocation: sourceLocation
        )
    }
}
