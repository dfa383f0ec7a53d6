// SPDX-License-Identifier: Apache-2.0

/// Stops the process when `condition` is false, and says why in every build.
///
/// The standard `precondition` drops its message under `-O`: a crash in the field would be a bare
/// `SIGILL`. Use this for what only a bug can make false; throw for what a peer can make false.
@inline(always)
package func invariant(
    _ condition: @autoclosure () -> Bool,
    _ why: @autoclosure () -> String,
    file: StaticString = #fileID,
    line: UInt = #line
) {
    guard condition() else { fatalError(why(), file: file, line: line) }
}
