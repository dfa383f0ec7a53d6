// SPDX-License-Identifier: Apache-2.0
internal import Base

/// The names of up to sixteen bytes that are known, each at the place a multiplication of its bytes gives.
///
/// One comparison of sixteen bytes then says whether it is that name. A class that is made once: whoever looks
/// up many names takes it once.
final class FieldNames: Sendable {
    /// The names of ``KnownField`` do not share a place under this multiplier; found by trying.
    private static let multiplier: UInt64 = 0x9a9c_5934_60b7_1b2f
    private static let placeBits = 7

    static let shared = FieldNames()

    private let names: InlineArray<128, SIMD16<UInt8>>
    private let fields: InlineArray<128, KnownField>
    /// All bits of as many lanes as the place says.
    private let masks: InlineArray<17, SIMD16<UInt8>>

    private init() {
        var names = InlineArray<128, SIMD16<UInt8>>(repeating: SIMD16())
        var fields = InlineArray<128, KnownField>(repeating: .other)
        for field in KnownField.allCases where (1...16).contains(field.name.utf8CodeUnitCount) {
            var name = SIMD16<UInt8>(repeating: ASCII.space)
            for index in 0..<field.name.utf8CodeUnitCount { name[index] = field.name.byte(at: index) }
            let place = Self.place(of: name)
            invariant(fields[place] == .other, "two field names at one place: try another multiplier")
            names[place] = name
            fields[place] = field
        }
        var masks = InlineArray<17, SIMD16<UInt8>>(repeating: SIMD16())
        for count in 0...16 {
            for lane in 0..<count { masks[count][lane] = 0xff }
        }
        self.masks = masks
        self.names = names
        self.fields = fields
    }

    /// The field whose name are the first `count` of these bytes, in any case; ``KnownField/other`` when it has
    /// none of ours.
    ///
    /// - Precondition: those are name bytes: others could pass for letters in lower case, or for the spaces behind.
    @inline(__always)
    func field(_ head: SIMD16<UInt8>, count: Int) -> KnownField {
        field(head & masks[count] | SIMD16(repeating: ASCII.space))
    }

    /// The field with exactly this name; ``KnownField/other`` when it has none of ours.
    ///
    /// - Parameter name: in lower case, spaces behind it.
    @inline(__always)
    func field(_ name: SIMD16<UInt8>) -> KnownField {
        let place = Self.place(of: name)
        return names[place].isSame(as: name) ? fields[place] : .other
    }

    @inline(__always)
    private static func place(of name: SIMD16<UInt8>) -> Int {
        let (low, high) = name.words
        let mixed = low ^ (high &<< 1 | high &>> 63)
        return Int(truncatingIfNeeded: (mixed &* multiplier) &>> UInt64(64 - placeBits))
    }
}
