// SPDX-License-Identifier: Apache-2.0
package import Base
internal import LinuxIO

extension MetricsPage {
    /// What every program says of itself.
    ///
    /// - Parameter prefix: of the names, such as `eig`: two programs' pages may end up in one.
    package mutating func program(_ prefix: String, startedAt: WallInstant) {
        gauge("\(prefix)_build_info", "The version that runs.", [([("version", productVersion)], 1)])
        gauge("\(prefix)_start_time_seconds", "When the program started, since 1970.", Double(startedAt.seconds))
        let usage = ProcessUsage.now
        counter(
            "\(prefix)_process_cpu_seconds_total",
            "Processor time of all threads, user and kernel.",
            [([], usage.processorSeconds)]
        )
        gauge(
            "\(prefix)_process_resident_memory_bytes",
            "Memory that is present.",
            usage.residentBytes.map { [([], Double($0))] } ?? []
        )
        gauge(
            "\(prefix)_process_open_fds",
            "Open descriptors.",
            usage.openDescriptorCount.map { [([], Double($0))] } ?? []
        )
        gauge("\(prefix)_process_max_fds", "Descriptors the program may open.", Double(usage.openDescriptorsMax))
    }
}
