// SPDX-License-Identifier: Apache-2.0
import Base
import Testing

@Suite("The text of an identifier, made ahead")
struct UniqueIDTextTests {
    @Test(
        "is the identifier's own text, with and without hyphens",
        arguments: [
            UniqueID(high: 0, low: 0), UniqueID(high: .max, low: .max),
            UniqueID(high: 0x017f_22e2_79b0_7cc3, low: 0x98c4_dc0c_0c07_398f),
        ]
    )
    func text(id: UniqueID) {
        let text = UniqueIDText(id)
        var whole = ByteBuffer()
        whole.append(text)
        #expect(String(whole.bytes) == id.description)
        var digits = ByteBuffer()
        digits.append(digitsOf: text)
        #expect(String(digits.bytes) == id.description.filter { $0 != "-" })
        var low = ByteBuffer()
        low.append(lowDigitsOf: text)
        #expect(String(low.bytes) == String(String(digits.bytes).suffix(16)))
        var line = JSONWriter(ByteBuffer())
        line.field("id", text)
        let object = line.finish()
        #expect(String(object.bytes) == "{\"id\":\"\(id)\"}")
    }
}
