// SPDX-License-Identifier: Apache-2.0
internal import Base

/// The name of a file that is not yet in its place: `eig.conf.0123456789ab.tmp` beside `eig.conf`.
///
/// Another one each time: what a crash left behind is in nobody's way, and is known by its name.
package enum TemporaryName {
    private static let byteCount = 6
    private static let suffix = ".tmp"

    static func beside(_ path: String) -> String { "\(path).\(Hex.encode(Random.bytes(byteCount)))\(suffix)" }

    /// What a file of this name was to become; nothing when it is no such name.
    package static func place(of name: String) -> String? {
        let ending = 1 + 2 * byteCount + suffix.utf8.count
        guard name.hasSuffix(suffix), name.utf8.count > ending else { return nil }
        let mark = name.utf8.suffix(ending).dropLast(suffix.utf8.count)
        let digits = Array("0123456789abcdef".utf8)
        guard mark.first == UInt8(ascii: "."), mark.dropFirst().allSatisfy({ digits.contains($0) }) else { return nil }
        return String(name.utf8.dropLast(ending))
    }
}
