// SPDX-License-Identifier: Apache-2.0
import Base
import BenchmarkKit
import Testing

@Suite("The load generator's command line")
struct LoadOptionsTests {
    static let least = [
        "--connect", "127.0.0.1:8443", "--server-name", "edge.example", "--ca", "ca", "--identities", "ids",
    ]

    @Test("needs a mode, a server and identities, and has a default for the rest")
    func defaults() throws {
        let options = try LoadOptions(["keep-alive"] + Self.least)
        #expect(options.mode == .keepAlive && options.endpoint.port == 8443 && options.connectionCount == 64)
        #expect(
            options.method == "POST" && options.path == "/" && options.bodyBytes == 128 && options.answerBytes == 40
        )
        #expect(options.seconds == .seconds(10) && options.warmUp == .seconds(1) && options.requestCount == nil)
        #expect(options.headers.isEmpty && options.watched.isEmpty && options.sourceAddresses.isEmpty)
        #expect(try LoadOptions(["handshake"] + Self.least).connectionCount == 8)
        #expect(try LoadOptions(["idle"] + Self.least).connectionCount == 10_000)
        #expect(try LoadOptions(["keep-alive", "--requests", "5"] + Self.least).warmUp == .zero)
        #expect(try LoadOptions(["keep-alive", "--body", "0"] + Self.least).method == "GET")
    }

    @Test("takes every option")
    func all() throws {
        let options = try LoadOptions(
            Self.least + [
                "rate", "--rate", "2000.5", "--connections", "3", "--seconds", "0.5", "--warm-up", "2", "--requests",
                "9",
                "--limit", "4", "--body", "16384", "--answer", "0", "--method", "PUT", "--path", "/x", "--header",
                "A: b",
                "--header", "C: d", "--settle", "1", "--watch", "1,22", "--source-addresses", "127.0.0.1,127.0.0.2",
            ]
        )
        #expect(options.rate == 2000.5 && options.connectionCount == 3 && options.seconds == .milliseconds(500))
        #expect(options.warmUp == .seconds(2) && options.requestCount == 9 && options.identityCountMax == 4)
        #expect(options.headers == ["A: b", "C: d"] && options.watched == [1, 22] && options.settle == .seconds(1))
        #expect(options.sourceAddresses.map(\.description) == ["127.0.0.1", "127.0.0.2"])
        #expect(options.method == "PUT" && options.path == "/x" && options.answerBytes == 0)
    }

    @Test(
        "is refused with the reason",
        arguments: [
            ([], "the mode is missing"), (["fast"], "unknown mode fast"), (["idle", "idle"], "unexpected word idle"),
            (["rate"], "--rate is missing"), (["idle", "--rate", "1"], "--rate is for the mode rate"),
            (["idle", "--seconds"], "--seconds needs a value"), (["idle", "--fast", "1"], "unknown option --fast"),
            (["idle", "--seconds", "1", "--seconds", "2"], "--seconds is given twice"),
            (["idle", "--watch", "1,x"], "--watch: not understood: 1,x"),
            (["idle", "--header", "A b"], "--header: not understood: A b"),
            (["idle", "--header", "A: b\r\nC: d"], "--header: not understood: A: b\r\nC: d"),
            (["idle", "--path", "/ x\n"], "--path: not understood: / x\n"),
            (["idle", "--connections", "0"], "--connections: not understood: 0"),
            (["rate", "--rate", "0"], "--rate: not understood: 0"),
        ] as [([String], String)]
    )
    func refused(_ words: [String], _ why: String) {
        #expect(throws: UsageError(why)) { try LoadOptions(Self.least + words) }
    }

    @Test("without a server is refused")
    func incomplete() {
        #expect(throws: UsageError("--connect is missing")) { try LoadOptions(["idle"]) }
    }
}

@Suite("What is told of a run")
struct LoadReportTests {
    @Test("is one line of JSON")
    func json() {
        var report = LoadReport(mode: .keepAlive)
        report.requests = 3
        report.answers = 5
        report.connections = 2
        report.nanoseconds = 1_500_000_000
        report.latency.record(nanoseconds: 100)
        #expect(report.isSuccess)
        report.fail("a \"quoted\"\nword")
        report.fail("another")
        report.watchedNanoseconds = 7
        report.watchedResidentBytes = (1024, 2048)
        report.ownNanoseconds = 9
        #expect(!report.isSuccess)
        #expect(
            report.json == """
                {"mode":"keep-alive","requests":3,"answers":5,"connections":2,"resumed":0,"failures":2,\
                "firstFailure":"a \\"quoted\\"\\u000aword","seconds":1.5,"requestsPerSecond":2.0,\
                "latencyNanoseconds":{"p50":100,"p90":100,"p99":100,"p999":100,"max":100},"watchedNanoseconds":7,\
                "watchedResidentBytes":{"before":1024,"after":2048},"ownNanoseconds":9}
                """
        )
    }

    @Test("says null of what was not measured, and nothing measured is no success")
    func empty() {
        let report = LoadReport(mode: .idle)
        #expect(!report.isSuccess)
        #expect(report.json.contains(#""firstFailure":null"#) && report.json.contains(#""watchedNanoseconds":null"#))
        #expect(report.json.contains(#""watchedResidentBytes":null"#) && report.json.contains(#""seconds":0.0"#))
    }

    @Test("reads what the kernel tells of a program")
    func account() {
        #expect(ProgramAccount.nanoseconds(schedstat: Array("123456 78 9\n".utf8)) == 123_456)
        #expect(ProgramAccount.nanoseconds(schedstat: Array("\n".utf8)) == nil)
        let status = Array("Name:\tx\nVmHWM:\t  99 kB\nVmRSS:\t    2048 kB\nThreads:\t1\n".utf8)
        #expect(ProgramAccount.residentBytes(status: status) == 2_097_152)
        #expect(ProgramAccount.residentBytes(status: Array("Name:\tx\n".utf8)) == nil)
    }
}
