// SPDX-License-Identifier: Apache-2.0
internal import Control

/// Callbacks for people.
struct CallbackScreen {
    let usesColour: Bool

    func list(_ document: CallbackListDocument) -> String {
        var table = TextTable([
            ("ID", .left), ("STATE", .left), ("KIND", .left), ("FROM", .left), ("TO", .left), ("ORDER", .left),
            ("TRIES", .right), ("ACCEPTED", .left), ("NEXT", .left), ("LAST", .left),
        ])
        for item in document.callbacks {
            table.add([
                item.id,
                item.state,
                item.kind,
                item.source,
                item.destination,
                item.orderKey,
                Shown.count(item.attempts),
                Shown.instant(item.acceptedAt),
                Shown.instant(item.nextAt),
                last(item),
            ])
        }
        let more = document.isTruncated ? "there are more: ask for more with --limit\n" : ""
        return table.text(usesColour: usesColour) + more
    }

    func detail(_ document: CallbackDocument) -> String {
        let item = document.callback
        let lines: [(String, String?)] = [
            ("id", item.id), ("state", item.state), ("kind", item.kind), ("from", item.source),
            ("to", item.destination), ("order", item.orderKey), ("key", item.dedupKey),
            ("accepted", Shown.instant(item.acceptedAt)), ("next try", item.nextAt.map { Shown.instant($0) }),
            ("settled", item.settledAt.map { Shown.instant($0) }), ("last", last(item).isEmpty ? nil : last(item)),
            ("replay of", item.replayOf), ("body", "\(Shown.bytes(item.bodyBytes)) of \(item.contentType)"),
        ]
        let shown = lines.compactMap { line in
            line.1.map { "\(line.0):\(String(repeating: " ", count: 11 - line.0.count))\($0.printable)\n" }
        }
        let attempts = attempts(document.attempts)
        return [shown.joined(), attempts, body(document)].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private func last(_ item: CallbackItem) -> String {
        [item.lastStatus.map { "\($0)" }, item.lastError].compactMap { $0 }.joined(separator: " ")
    }

    private func attempts(_ attempts: [CallbackAttempt]) -> String {
        var table = TextTable([("TRY", .right), ("STARTED", .left), ("MS", .right), ("ANSWER", .left)])
        for attempt in attempts {
            let answer = [attempt.status.map { "\($0)" }, attempt.error].compactMap { $0 }.joined(separator: " ")
            let milliseconds = Shown.count(attempt.elapsedMilliseconds)
            table.add(["\(attempt.number)", Shown.instant(attempt.startedAt), milliseconds, answer])
        }
        return table.text(usesColour: usesColour)
    }

    private func body(_ document: CallbackDocument) -> String {
        if let body = document.body {
            return body.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable + "\n" }
                .joined()
        }
        return document.bodyBase64.map { "\($0)\n" } ?? "the body is no longer kept\n"
    }
}
