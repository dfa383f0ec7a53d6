// SPDX-License-Identifier: Apache-2.0
import CFuzzer
import FuzzProperties

/// SwiftPM renames a target's `main` to `<target>_main`; this is it.
@c(FuzzRequest_main)
public func run(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var argc = argc
    var argv = unsafe argv
    return unsafe LLVMFuzzerRunDriver(&argc, &argv) { bytes, count in
        // SAFETY: libFuzzer gives `count` bytes, and keeps them for the length of this call.
        RequestProperties.check(unsafe Span(_unsafeElements: UnsafeBufferPointer(start: bytes, count: count)))
        return 0
    }
}
