// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A folder of its own for one test, gone with it.
final class Folder: Sendable {
    let path = NSTemporaryDirectory() + "/sqlite-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
