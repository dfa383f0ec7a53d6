// SPDX-License-Identifier: Apache-2.0
internal import Base

/// One member's header of a tar archive (POSIX.1-2017, pax, ustar Interchange Format).
///
/// Files only. Lengths past 8 GiB are written as GNU tar does, in base 256.
struct TarHeader: Hashable {
    static let blockBytes = 512

    var path: String
    var byteCount: Int
    var mode: UInt32 = 0o600
    var userID: UInt32 = 0
    var groupID: UInt32 = 0
    var userName = ""
    var groupName = ""
    var modifiedAt = WallInstant(seconds: 0)

    init(path: String, byteCount: Int) {
        self.path = path
        self.byteCount = byteCount
    }

    /// Nothing where the path is longer than the format holds: 100 bytes, or 155 and 100 around a slash.
    var bytes: [UInt8]? {
        guard let (prefix, name) = Self.split(Array(path.utf8)) else { return nil }
        var block = [UInt8](repeating: 0, count: Self.blockBytes)
        func put(_ bytes: some Collection<UInt8>, at offset: Int) {
            for (index, byte) in bytes.enumerated() { block[offset + index] = byte }
        }
        func put(_ value: Int, octal width: Int, at offset: Int) {
            let digits = String(value, radix: 8)
            guard digits.utf8.count > width else {
                return put((String(repeating: "0", count: width - digits.utf8.count) + digits).utf8, at: offset)
            }
            for index in 0..<8 { block[offset + width - index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
            block[offset] = 0x80
        }
        put(name, at: 0)
        put(Int(mode & 0o7777), octal: 7, at: 100)
        put(Int(min(userID, 0o7777777)), octal: 7, at: 108)
        put(Int(min(groupID, 0o7777777)), octal: 7, at: 116)
        put(byteCount, octal: 11, at: 124)
        put(max(0, Int(modifiedAt.seconds)), octal: 11, at: 136)
        put("        ".utf8, at: 148)
        block[156] = UInt8(ascii: "0")
        put("ustar".utf8, at: 257)
        put("00".utf8, at: 263)
        put(userName.utf8.prefix(31), at: 265)
        put(groupName.utf8.prefix(31), at: 297)
        put(prefix, at: 345)
        put(Self.checksum(block), octal: 6, at: 148)
        block[154] = 0
        return block
    }

    private static func split(_ path: [UInt8]) -> (prefix: ArraySlice<UInt8>, name: ArraySlice<UInt8>)? {
        if path.count <= 100 { return ([], path[...]) }
        for slash in path.indices.reversed() where path[slash] == UInt8(ascii: "/") && slash <= 155 {
            let name = path[(slash + 1)...]
            return (1...100).contains(name.count) ? (path[..<slash], name) : nil
        }
        return nil
    }

    /// The sum of all bytes, its own field taken for spaces.
    private static func checksum(_ block: [UInt8]) -> Int {
        block.indices.reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(block[$1])) }
    }

    /// What reading a block came to.
    enum Reading: Hashable {
        case member(TarHeader)
        /// A block of zeros: two of them end the archive.
        case end
        /// Not a header of an ordinary file that this program writes.
        case refused(String)
    }

    static func read(_ block: [UInt8]) -> Reading {
        if block.allSatisfy({ $0 == 0 }) { return .end }
        guard text(block[257..<262]) == "ustar" else { return .refused("it is no tar archive") }
        guard number(block[148..<155]) == checksum(block) else { return .refused("a header is damaged") }
        guard block[156] == UInt8(ascii: "0") || block[156] == 0 else {
            return .refused("it holds something that is no file: \(text(block[0..<100]).printable)")
        }
        guard let byteCount = number(block[124..<136]), byteCount >= 0, let mode = number(block[100..<107]),
            let userID = number(block[108..<115]), let groupID = number(block[116..<123]),
            let seconds = number(block[136..<148])
        else { return .refused("a header has a number that is none") }
        let prefix = text(block[345..<500])
        let name = text(block[0..<100])
        var header = TarHeader(path: prefix.isEmpty ? name : "\(prefix)/\(name)", byteCount: byteCount)
        header.mode = UInt32(truncatingIfNeeded: mode)
        header.userID = UInt32(truncatingIfNeeded: userID)
        header.groupID = UInt32(truncatingIfNeeded: groupID)
        header.userName = text(block[265..<297])
        header.groupName = text(block[297..<329])
        header.modifiedAt = WallInstant(seconds: Int64(seconds))
        return .member(header)
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        if field.first == 0x80 {
            guard field.dropFirst().dropLast(8).allSatisfy({ $0 == 0 }) else { return nil }
            let value = field.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Int(exactly: value)
        }
        let digits = field.prefix { $0 != 0 && $0 != 0x20 }
        return digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    /// Bytes of zeros behind the content, up to the next block.
    static func padding(_ byteCount: Int) -> Int { (blockBytes - byteCount % blockBytes) % blockBytes }
}
