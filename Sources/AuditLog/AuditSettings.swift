// SPDX-License-Identifier: Apache-2.0
internal import AuditTrail
internal import Base
internal import LinuxIO
package import TLS

/// How much of a log is kept.
package struct AuditLimits: Hashable, Sendable {
    /// Files whose lines are all older are removed.
    package var keep = Duration.seconds(365 * 86_400)
    /// And the oldest ones, whatever their age, when all together are larger.
    package var bytesMax = 16 << 30
    /// A file goes for its age once it has been too old for so long, in spite of what the clock was set to meanwhile: one
    /// that jumps a year ahead must not cost a year.
    package var doubt = Duration.seconds(3600)
    /// And then even what the log server has not got, rather than fill the volume.
    var heldBytesMax: Int { bytesMax * 2 }

    package init() {}
}

/// How a log is kept.
package struct AuditSettings: Sendable {
    package var folder: AuditFolder
    package var key: Ed25519.PrivateKey
    package var limits = AuditLimits()
    /// A file that is larger is followed by a new one; so is one of another day, in UTC.
    package var fileBytesMax = 32 << 20
    /// What calls itself the source of the log's own lines.
    package var source = "audit log"

    package init(folder: AuditFolder, key: Ed25519.PrivateKey) {
        self.folder = folder
        self.key = key
    }

    /// What the machine calls itself (proc_sys_kernel(5)).
    static var hostName: String {
        guard let bytes = try? FileStore.read("/proc/sys/kernel/hostname", byteCountMax: 1024) else { return "" }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// This boot of the machine (proc_sys_kernel(5)).
    static var bootID: String {
        guard let bytes = try? FileStore.read("/proc/sys/kernel/random/boot_id", byteCountMax: 64) else {
            return "unknown"
        }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
