// SPDX-License-Identifier: Apache-2.0
internal import Base
internal import CLinux
internal import Glibc

/// How a child process ended.
package enum ExitStatus: Hashable, Sendable {
    case exited(code: Int)
    case killed(signal: Int)
}

/// Another program, started with an argument vector and no shell (posix_spawnp(3)).
package struct ChildProcess: ~Copyable, Sendable {
    package let processID: Int32

    /// What a finished program left.
    package struct Result: Sendable {
        package let status: ExitStatus
        package let output: [UInt8]
        package let errors: [UInt8]

        package var isSuccess: Bool { status == .exited(code: 0) }
        package var outputText: String { String(decoding: output, as: UTF8.self) }
        package var errorText: String { String(decoding: errors, as: UTF8.self) }
    }

    /// Starts a program; standard input is /dev/null, output and errors are ours.
    ///
    /// - Throws: `ENOENT` when there is no such program.
    package init(_ arguments: [String]) throws(Errno) {
        try self.init(arguments, outputNumber: -1, errorNumber: -1)
    }

    /// Starts a program whose output and errors go to the given descriptors.
    package init(
        _ arguments: [String],
        output: borrowing OwnedDescriptor,
        errors: borrowing OwnedDescriptor
    ) throws(Errno) {
        try self.init(arguments, outputNumber: output.rawValue, errorNumber: errors.rawValue)
    }

    /// A number of -1 leaves that stream as ours is.
    private init(_ arguments: [String], outputNumber: CInt, errorNumber: CInt) throws(Errno) {
        invariant(!arguments.isEmpty, "a program needs a name")
        var processID: pid_t = 0
        var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) }
        unsafe words.append(nil)
        defer { for index in unsafe words.indices { unsafe free(words[index]) } }
        // SAFETY: the vector and its strings live until the call returns.
        let status = unsafe words.withUnsafeBufferPointer { vector in
            unsafe vector.baseAddress!.withMemoryRebound(to: UnsafePointer<CChar>?.self, capacity: vector.count) {
                unsafe clinux_spawn($0, -1, outputNumber, errorNumber, &processID)
            }
        }
        guard status == 0 else { throw Errno.current }
        self.processID = processID
    }

    package borrowing func signal(_ number: CInt) { _ = Glibc.kill(processID, number) }

    /// Waits for the end.
    package consuming func wait() -> ExitStatus {
        var status: CInt = 0
        while unsafe waitpid(processID, &status, 0) < 0, errno == EINTR {}
        return Self.decode(status)
    }

    /// Says how it ended when it has, without waiting; call it no more after that.
    package borrowing func poll() -> ExitStatus? {
        var status: CInt = 0
        return unsafe waitpid(processID, &status, WNOHANG) == processID ? Self.decode(status) : nil
    }

    private static func decode(_ status: CInt) -> ExitStatus {
        let signal = status & 0x7f
        return signal == 0 ? .exited(code: Int(status >> 8 & 0xff)) : .killed(signal: Int(signal))
    }

    /// Runs a program to its end and collects what it wrote, each stream up to `byteCountMax`.
    ///
    /// The program is killed when `timeout` passes. Blocks: never on a worker.
    package static func run(
        _ arguments: [String],
        timeout: Duration = .seconds(60),
        byteCountMax: Int = 16 << 20
    ) throws(Errno) -> Result {
        let outputPipe = try Pipe()
        let errorPipe = try Pipe()
        let child = try ChildProcess(arguments, output: outputPipe.writer, errors: errorPipe.writer)
        let outputReader = outputPipe.keepReader()
        let errorReader = errorPipe.keepReader()
        var output = ByteBuffer()
        var errors = ByteBuffer()
        let deadline = Clock.monotonic() + timeout
        var openCount = 2
        var isOutputOpen = true
        var areErrorsOpen = true
        while openCount > 0 {
            guard Clock.monotonic() < deadline else {
                child.signal(SIGKILL)
                break
            }
            if isOutputOpen, try drain(outputReader, into: &output, byteCountMax) {
                isOutputOpen = false
                openCount -= 1
            }
            if areErrorsOpen, try drain(errorReader, into: &errors, byteCountMax) {
                areErrorsOpen = false
                openCount -= 1
            }
            guard openCount > 0 else { break }
            var entries = [
                pollfd(fd: isOutputOpen ? outputReader.rawValue : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: areErrorsOpen ? errorReader.rawValue : -1, events: Int16(POLLIN), revents: 0),
            ]
            let left = CInt(clamping: (deadline - Clock.monotonic()).milliseconds + 1)
            _ = unsafe entries.withUnsafeMutableBufferPointer { unsafe Glibc.poll($0.baseAddress, 2, left) }
        }
        return Result(status: child.wait(), output: output.array, errors: errors.array)
    }

    /// Reads what is there; true at end of stream.
    private static func drain(
        _ reader: borrowing OwnedDescriptor,
        into buffer: inout ByteBuffer,
        _ byteCountMax: Int
    ) throws(Errno) -> Bool {
        while true {
            switch try reader.read(into: &buffer, byteCountMax: 64 << 10) {
            case .received: if buffer.count > byteCountMax { buffer.truncate(to: byteCountMax) }
            case .wouldBlock: return false
            case .endOfStream: return true
            }
        }
    }
}
