// SPDX-License-Identifier: Apache-2.0
import Base
import LinuxIO
import TestKit
import Testing

@Suite("Whole files")
struct FileStoreTests {
    @Test("are replaced with their mode, and nothing else is left behind", arguments: [UInt32(0o600), 0o640, 0o644])
    func replace(mode: UInt32) throws {
        let scratch = try TemporaryFolder()
        for text in ["first", "", "a longer second one"] {
            try FileStore.replace(scratch["file"], with: Array(text.utf8).span, mode: mode)
            #expect(try FileStore.read(scratch["file"]) == Array(text.utf8))
            let status = try FileStore.status(scratch["file"])
            #expect(status.mode == mode && status.byteCount == text.utf8.count && !status.isDirectory)
        }
        #expect(try FileStore.names(in: scratch.path) == ["file"])
    }

    @Test("stay as they were when they cannot be replaced")
    func keeps() throws {
        let scratch = try TemporaryFolder()
        try FileStore.makeFolder(scratch["file"], mode: 0o700)
        #expect(throws: Errno.self) { try FileStore.replace(scratch["file"], with: [1].span, mode: 0o600) }
        #expect(try FileStore.names(in: scratch.path) == ["file"])
        #expect(throws: Errno.noEntry) { try FileStore.replace(scratch["none/file"], with: [1].span, mode: 0o600) }
        try FileStore.removeFolder(scratch["file"])
    }

    /// The process number alone is no name: in a container it is the same one each time.
    @Test("can be replaced again by a process of the same number as one that crashed in the middle of it")
    func leftover() throws {
        let scratch = try TemporaryFolder()
        let name = "file.\(Limits.processID).tmp"
        try FileStore.replace(scratch[name], with: [9].span, mode: 0o600)
        try FileStore.replace(scratch["file"], with: [1].span, mode: 0o600)
        #expect(try FileStore.read(scratch["file"]) == [1])
    }

    @Test("are read up to a bound, and not past it")
    func bound() throws {
        let scratch = try TemporaryFolder()
        let bytes = [UInt8](repeating: 5, count: 200_000)
        try FileStore.replace(scratch["file"], with: bytes.span, mode: 0o600)
        #expect(try FileStore.read(scratch["file"], byteCountMax: 200_000) == bytes)
        #expect(throws: Errno.fileTooLarge) { _ = try FileStore.read(scratch["file"], byteCountMax: 199_999) }
    }

    @Test("that are not there are said to be missing")
    func missing() throws {
        let scratch = try TemporaryFolder()
        #expect(throws: Errno.noEntry) { _ = try FileStore.read(scratch["none"]) }
        #expect(throws: Errno.noEntry) { _ = try FileStore.status(scratch["none"]) }
        #expect(throws: Errno.noEntry) { _ = try FileStore.names(in: scratch["none"]) }
        #expect(throws: Errno.noEntry) { try FileStore.remove(scratch["none"]) }
        #expect(throws: Errno.exists) { try FileStore.makeFolder(scratch.path, mode: 0o700) }
    }

    @Test("are listed in order, folders among them")
    func names() throws {
        let scratch = try TemporaryFolder()
        for name in ["b", ".hidden", "a"] { try FileStore.replace(scratch[name], with: [1].span, mode: 0o600) }
        try FileStore.makeFolder(scratch["c"], mode: 0o700)
        #expect(try FileStore.names(in: scratch.path) == [".hidden", "a", "b", "c"])
        #expect(try FileStore.status(scratch["c"]).isDirectory)
        try FileStore.removeFolder(scratch["c"])
    }
}

@Suite("Another program")
struct ChildProcessTests {
    @Test("is run with its arguments as they are, and its output and status come back")
    func run() throws {
        let result = try ChildProcess.run([
            "sh", "-c", "printf '%s|' \"$@\"; echo bad >&2; exit 3", "sh", "a b", "$HOME", "",
        ])
        #expect(result.status == .exited(code: 3) && !result.isSuccess)
        #expect(result.outputText == "a b|$HOME||")
        #expect(result.errorText == "bad\n")
    }

    @Test("that writes a lot on both streams blocks nobody, and is kept to a bound")
    func output() throws {
        let script = "head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2"
        let result = try ChildProcess.run(["sh", "-c", script], byteCountMax: 250_000)
        #expect(result.isSuccess)
        #expect(result.output.count == 250_000 && result.errors.count == 250_000)
    }

    @Test("that does not end in time is killed")
    func timeout() throws {
        let result = try ChildProcess.run(["sleep", "60"], timeout: .milliseconds(50))
        #expect(result.status == .killed(signal: 9))
    }

    @Test("that is not there is said to be missing")
    func missing() {
        #expect(throws: Errno.noEntry) { _ = try ChildProcess.run(["no-such-program-anywhere"]) }
    }

    @Test("reads nothing of our input, and says how it ended when asked")
    func input() throws {
        let result = try ChildProcess.run(["cat"])
        #expect(result.isSuccess && result.output.isEmpty)
        let child = try ChildProcess(["sleep", "60"])
        let early = child.poll()
        child.signal(15)
        let end = child.wait()
        #expect(early == nil && end == .killed(signal: 15))
    }
}

@Suite("Host names")
struct ResolverTests {
    @Test("that are addresses need no resolver", arguments: ["192.0.2.1", "2001:db8::1"])
    func literal(_ text: String) throws {
        #expect(try Resolver.addresses(of: text).map(\.description) == [text])
    }

    @Test("are found where the system finds them")
    func localhost() throws {
        let found = try Resolver.addresses(of: "localhost")
        #expect(found.contains { $0.description == "127.0.0.1" || $0.description == "::1" })
    }

    @Test("that cannot be one have a reason, and the name")
    func failure() {
        let error = #expect(throws: ResolveFailure.self) { _ = try Resolver.addresses(of: "no such host.") }
        #expect(error?.host == "no such host." && error?.reason.isEmpty == false)
    }
}
