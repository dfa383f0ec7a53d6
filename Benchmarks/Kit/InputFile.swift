// SPDX-License-Identifier: Apache-2.0
internal import LinuxIO

/// A file that a program cannot do without and cannot use.
package struct UnusableFile: Error, CustomStringConvertible {
    package let path: String
    package let why: String

    package init(path: String, why: String) {
        self.path = path
        self.why = why
    }

    package var description: String { "\(path): \(why)" }
}

/// Files named on a command line.
package enum InputFile {
    package static func read(_ path: String) throws(UnusableFile) -> [UInt8] {
        do throws(Errno) { return try FileStore.read(path) } catch { throw UnusableFile(path: path, why: "\(error)") }
    }
}
