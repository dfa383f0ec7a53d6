// SPDX-License-Identifier: Apache-2.0
internal import LinuxIO

/// Where eigctl speaks and listens; tests give their own.
package struct Console: Sendable {
    package var output: @Sendable (String) -> Void
    package var error: @Sendable (String) -> Void
    /// Whether the output understands colours and its reader wants them.
    package var usesColour: Bool
    /// The same of ``error``.
    package var usesColourInErrors: Bool
    /// One secret, typed unseen or taken whole from a pipe.
    package var readSecret: @Sendable (_ prompt: String) throws(Failure) -> [UInt8]
    /// One line typed after a prompt; nothing when the input has ended.
    package var readLine: @Sendable (_ prompt: String) -> String?
    /// A variable of the environment.
    package var environment: @Sendable (_ name: String) -> String?
    /// Standard input and output for bytes instead of words: taken, so that closing them is their end.
    package var takeStreams: @Sendable () throws(Failure) -> StreamPair
    /// What ``LoginSession/sshConnection()`` says.
    package var sshConnection: @Sendable () -> String?
    /// Shows `frame` at once and every so often until somebody ends it, or it is nothing; it is given the time since the
    /// first.
    package var repeatedly: @Sendable (_ every: Duration, _ frame: (_ elapsed: Duration) -> String?) -> Void
    /// Hands one entry to systemd's journal.
    package var journal: @Sendable ([UInt8]) throws(Failure) -> Void
    /// Whether somebody types, so that a secret is asked for twice and questions can be asked.
    package var isInteractive: Bool

    package init(
        usesColour: Bool,
        usesColourInErrors: Bool,
        isInteractive: Bool,
        output: @escaping @Sendable (String) -> Void,
        error: @escaping @Sendable (String) -> Void,
        readSecret: @escaping @Sendable (_ prompt: String) throws(Failure) -> [UInt8],
        readLine: @escaping @Sendable (_ prompt: String) -> String? = { _ in nil },
        environment: @escaping @Sendable (_ name: String) -> String? = { _ in nil },
        takeStreams: @escaping @Sendable () throws(Failure) -> StreamPair = { () throws(Failure) in
            throw Failure(code: "no_streams", message: "there are no standard streams")
        },
        sshConnection: @escaping @Sendable () -> String? = { nil },
        journal: @escaping @Sendable ([UInt8]) throws(Failure) -> Void = { _ throws(Failure) in },
        repeatedly: @escaping @Sendable (Duration, (Duration) -> String?) -> Void = { _, frame in _ = frame(.zero) }
    ) {
        self.usesColour = usesColour
        self.usesColourInErrors = usesColourInErrors
        self.isInteractive = isInteractive
        self.output = output
        self.error = error
        self.readSecret = readSecret
        self.readLine = readLine
        self.environment = environment
        self.takeStreams = takeStreams
        self.sshConnection = sshConnection
        self.journal = journal
        self.repeatedly = repeatedly
    }

    /// The process's own streams. Colours for a terminal that has them, unless NO_COLOR is set (no-color.org).
    static func standard() -> Console {
        let isPlain = Environment.value("NO_COLOR").map { !$0.isEmpty } ?? false
        let hasColours = !isPlain && Environment.value("TERM") ?? "dumb" != "dumb"
        let isInteractive = StandardInput.isTerminal
        return Console(
            usesColour: hasColours && StandardStream.output.isTerminal,
            usesColourInErrors: hasColours && StandardStream.error.isTerminal,
            isInteractive: isInteractive,
            output: { StandardStream.output.write($0) },
            error: { StandardStream.error.write($0) },
            readSecret: { prompt throws(Failure) in
                do throws(Errno) {
                    return isInteractive
                        ? try StandardInput.readPassword(prompt: prompt)
                        : try StandardInput.readAll(byteCountMax: 4096)
                } catch {
                    throw Failure(code: "no_password", message: "no password: \(error)")
                }
            },
            readLine: { prompt in
                StandardStream.error.write(prompt)
                return (try? StandardInput.readLine()) ?? nil
            },
            environment: { Environment.value($0) },
            takeStreams: { () throws(Failure) in
                do throws(Errno) {
                    let input = try OwnedDescriptor.takeStandardInput()
                    return StreamPair(input: input, output: try OwnedDescriptor.takeStandardOutput())
                } catch {
                    throw Failure(code: "no_streams", message: "standard input and output: \(error)")
                }
            },
            sshConnection: { LoginSession.sshConnection() },
            journal: { entry throws(Failure) in try JournalEntry.send(entry) },
            repeatedly: { every, frame in Watch.run(every: every, frame) }
        )
    }
}

extension String {
    /// Fit for a terminal: control characters of strangers become `?`.
    var printable: String {
        guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
        return String(
            String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 })
        )
    }
}
