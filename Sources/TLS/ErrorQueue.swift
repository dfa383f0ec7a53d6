// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// This thread's OpenSSL error queue.
enum ErrorQueue {
    /// Empties it: the reasons, oldest first, each once.
    static func drain() -> [String] {
        var reasons: [String] = []
        while case let code = ERR_get_error(), code != 0 {
            let reason = unsafe ERR_reason_error_string(code).map { unsafe String(cString: $0) } ?? "code \(code)"
            if !reasons.contains(reason) { reasons.append(reason) }
        }
        return reasons
    }
}
