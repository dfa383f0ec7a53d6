// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// What this process takes of the machine at one moment.
package struct ProcessUsage: Hashable, Sendable {
    /// Of all its threads since its start, in user and kernel mode (getrusage(2)).
    package let processorSeconds: Double
    /// Memory that is present; nothing when `/proc` does not say (proc(5), `statm`).
    package let residentBytes: Int?
    package let openDescriptorCount: Int?
    /// RLIMIT_NOFILE.
    package let openDescriptorsMax: Int

    package static var now: ProcessUsage {
        var usage = rusage()
        _ = unsafe getrusage(RUSAGE_SELF.rawValue, &usage)
        let pages = (try? FileStore.read("/proc/self/statm", byteCountMax: 4096)).flatMap { bytes in
            let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
            return words.count > 1 ? Int(words[1]) : nil
        }
        // The folder's own descriptor is among them while it is read.
        let names = try? FileStore.names(in: "/proc/self/fd")
        return ProcessUsage(
            processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            residentBytes: pages.map { $0 * sysconf(CInt(_SC_PAGESIZE)) },
            openDescriptorCount: names.map { $0.count - 1 },
            openDescriptorsMax: sysconf(CInt(_SC_OPEN_MAX))
        )
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
}
