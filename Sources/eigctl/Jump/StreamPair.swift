// SPDX-License-Identifier: Apache-2.0
package import LinuxIO

/// Where bytes come from and where they go: standard input and output, or one socket twice.
package struct StreamPair: ~Copyable {
    let input: OwnedDescriptor
    let output: OwnedDescriptor

    package init(input: consuming OwnedDescriptor, output: consuming OwnedDescriptor) {
        self.input = input
        self.output = output
    }
}
