// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// The login this process runs in.
package enum LoginSession {
    private static let ancestorsMax = 32

    /// `SSH_CONNECTION` (ssh(1)): the client's address and port, then this host's, separated by spaces.
    ///
    /// sudo(8) takes it out of the environment, so that of the processes above is looked at, too, as far as this user
    /// may. Nothing when the login did not come over ssh, or nothing can be told.
    package static func sshConnection() -> String? {
        if let own = Environment.value("SSH_CONNECTION"), !own.isEmpty { return own }
        var processID = getppid()
        for _ in 0..<ancestorsMax where processID > 1 {
            if let found = variable("SSH_CONNECTION", of: processID) { return found }
            guard let parent = parent(of: processID) else { return nil }
            processID = parent
        }
        return nil
    }

    /// The user who logged in, whatever became of a process since by su(1) or sudo(8) (proc_pid_loginuid(5)).
    ///
    /// - Parameter processID: nothing for this process.
    /// - Returns: nothing where nobody logged in, or where it cannot be told.
    package static func loginUserID(of processID: Int32? = nil) -> UInt32? {
        let path = "/proc/\(processID.map(String.init) ?? "self")/loginuid"
        guard let bytes = try? FileStore.read(path, byteCountMax: 32) else { return nil }
        let digits = bytes.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        // The highest number says that there is none.
        return UInt32(String(decoding: digits, as: UTF8.self)).flatMap { $0 == .max ? nil : $0 }
    }

    private static func variable(_ name: String, of processID: pid_t) -> String? {
        guard let bytes = try? FileStore.read("/proc/\(processID)/environ", byteCountMax: 4 << 20) else { return nil }
        let prefix = Array("\(name)=".utf8)
        return bytes.split(separator: 0).first { $0.starts(with: prefix) }
            .map { String(decoding: $0.dropFirst(prefix.count), as: UTF8.self) }
    }

    /// The name in proc_pid_stat(5) may hold anything, parentheses too; what follows the last one is the state.
    private static func parent(of processID: pid_t) -> pid_t? {
        guard let bytes = try? FileStore.read("/proc/\(processID)/stat", byteCountMax: 4096),
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        return fields.count > 1 ? pid_t(String(decoding: fields[1], as: UTF8.self)) : nil
    }
}
