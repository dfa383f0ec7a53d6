// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import Testing

/// Compares text with a file under `Golden/`; `EDGE_BLESS=1` writes the file instead.
func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    let path = "/\(folder)/Golden/\(name)"
    if Environment.value("EDGE_BLESS") == "1" {
        try FileStore.replace(path, with: Array(text.utf8).span, mode: 0o644)
        return
    }
    let wanted = String(decoding: try FileStore.read(path), as: UTF8.self)
    #expect(text == wanted, "differs from Golden/\(name)", sourceLocation: sourceLocation)
}
