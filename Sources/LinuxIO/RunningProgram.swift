// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A process that is not a child of ours, found by its command line (proc(5)).
package struct RunningProgram: Hashable, Sendable {
    package let processID: Int32

    /// Those with `argument` among their words, as far as we may see them.
    package static func all(withArgument argument: String) -> [RunningProgram] {
        let word = Array(argument.utf8)
        let names = (try? FileStore.names(in: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { number in
            let line = (try? FileStore.read("/proc/\(number)/cmdline", byteCountMax: 128 << 10)) ?? []
            return line.split(separator: 0).contains { Array($0) == word }
        }.map { RunningProgram(processID: $0) }
    }

    package func signal(_ number: CInt) { _ = Glibc.kill(processID, number) }
}
