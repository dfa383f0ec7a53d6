// SPDX-License-Identifier: Apache-2.0
package import Base

extension HeadWriter {
    /// The fields of a request that go on unchanged (``FieldPolicy``), but for those in `excluded`, which
    /// the caller writes itself or keeps back.
    package static func forwardedFields(
        of head: borrowing RequestHead,
        in bytes: Span<UInt8>,
        except excluded: FieldSet = FieldSet(),
        into output: inout ByteBuffer
    ) {
        forwardedFields(head.fields, in: bytes, except: excluded, into: &output)
    }

    /// The fields of a response that go back unchanged, but for those in `excluded`.
    package static func forwardedFields(
        of head: borrowing ResponseHead,
        in bytes: Span<UInt8>,
        except excluded: FieldSet = FieldSet(),
        into output: inout ByteBuffer
    ) {
        forwardedFields(head.fields, in: bytes, except: excluded, into: &output)
    }

    private static func forwardedFields(
        _ fields: borrowing FieldTable,
        in bytes: Span<UInt8>,
        except excluded: FieldSet,
        into output: inout ByteBuffer
    ) {
        let held = excluded.union(FieldPolicy.heldBack)
        let nominates = fields.facts.options.contains(.nominates)
        let all = fields.storage.span
        // Neighbours that came the way they would be written are copied in one go.
        var (runStart, runEnd) = (0, 0)
        for index in 0..<min(fields.count, all.count) {
            let field = all[index]
            if held.contains(field.known) { continue }
            if nominates, fields.isNominated(field.name, in: bytes) { continue }
            if field.isCanonical, field.name.start == runEnd {
                runEnd = field.value.end &+ 2
                continue
            }
            if runStart < runEnd { output.append(bytes.extracting(runStart..<runEnd)) }
            if field.isCanonical {
                (runStart, runEnd) = (field.name.start, field.value.end &+ 2)
            } else {
                (runStart, runEnd) = (0, 0)
                Self.field(field, of: bytes, into: &output)
            }
        }
        if runStart < runEnd { output.append(bytes.extracting(runStart..<runEnd)) }
    }
}
