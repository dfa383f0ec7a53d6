// SPDX-License-Identifier: Apache-2.0
import BenchmarkKit
import LinuxIO

/// The programs whose processor time and memory a run reads, all their threads together.
struct WatchedPrograms {
    let processIDs: [Int32]

    /// Of all threads there are now; one that has ended takes its time with it.
    ///
    /// Nothing when no program is watched or one has gone.
    func nanoseconds() -> UInt64? {
        sum { id in
            guard let threads = try? FileStore.names(in: "/proc/\(id)/task") else { return nil }
            return threads.reduce(0) { sum, thread in
                let text = try? FileStore.read("/proc/\(id)/task/\(thread)/schedstat")
                return sum + (text.flatMap(ProgramAccount.nanoseconds(schedstat:)) ?? 0)
            }
        }
    }

    func residentBytes() -> Int? {
        sum { id in (try? FileStore.read("/proc/\(id)/status")).flatMap(ProgramAccount.residentBytes(status:)) }
    }

    private func sum<Value: AdditiveArithmetic>(_ value: (Int32) -> Value?) -> Value? {
        guard !processIDs.isEmpty else { return nil }
        var total = Value.zero
        for id in processIDs {
            guard let one = value(id) else { return nil }
            total += one
        }
        return total
    }
}
