// SPDX-License-Identifier: Apache-2.0

/// The life of one accepted HTTP connection between its handshake and its close (RFC 9112 §9).
///
/// Sans-I/O: it says what may happen next, the shell moves the bytes. One exchange at a time: the next
/// head is not read before the answer to the last one is complete. `State` is noncopyable, so the
/// compiler rejects a path that forgets the next state.
struct ConnectionMachine: ~Copyable {
    /// What the shell does next.
    enum Step: Hashable, Sendable {
        /// Nothing: something else is still missing.
        case wait
        /// Read the next request head.
        case readHead
        /// Send what is queued, half-close, and read until the peer closes too (RFC 9112 §9.6).
        case linger
        /// Nothing was being answered: close at once.
        case close
    }

    private var state = State.awaitingHead
    /// The peer will send no more.
    private(set) var hasInputEnded = false
    private(set) var isDraining = false

    /// Whether the answer now being written must say `Connection: close`.
    var mustClose: Bool {
        switch state {
        case .exchanging(let exchange): exchange.isLast || isDraining || hasInputEnded
        case .awaitingHead: true
        case .lingering: true
        }
    }

    var isExchanging: Bool {
        switch state {
        case .exchanging: true
        case .awaitingHead: false
        case .lingering: false
        }
    }

    var isLingering: Bool {
        switch state {
        case .lingering: true
        case .awaitingHead: false
        case .exchanging: false
        }
    }

    /// A complete, acceptable head was read.
    ///
    /// - Parameters:
    ///   - isPersistent: the request lets the connection live on.
    ///   - hasBody: body bytes follow.
    mutating func headRead(isPersistent: Bool, hasBody: Bool) {
        state = .exchanging(Exchange(isLast: !isPersistent, isRequestDone: !hasBody, isResponseDone: false))
    }

    /// Decides that this exchange is the connection's last, such as after a refusal.
    mutating func closeAfterResponse() { state.closeAfterResponse() }

    /// The request's last body byte was read.
    mutating func requestEnded() -> Step { settle { $0.isRequestDone = true } }

    /// The answer's last byte was queued.
    mutating func responseEnded() -> Step { settle { $0.isResponseDone = true } }

    /// The peer half-closed; what it asked for is still answered.
    mutating func inputEnded() -> Step {
        hasInputEnded = true
        switch state {
        case .awaitingHead: return .close
        case .exchanging(let exchange): return exchange.isRequestDone ? .wait : .close
        case .lingering: return .close
        }
    }

    /// The program stops: the next answer is the last one.
    mutating func drain() { isDraining = true }

    /// Closes in order without an answer in flight, as an idle connection of a stopping program does.
    mutating func retire() -> Step {
        state.retire()
    }

    private mutating func settle(_ change: (inout Exchange) -> Void) -> Step {
        state.settle(change, mustClose: isDraining || hasInputEnded)
    }
}

extension ConnectionMachine {
    /// One request and its answer.
    fileprivate struct Exchange: Hashable {
        var isLast: Bool
        var isRequestDone: Bool
        var isResponseDone: Bool
    }

    fileprivate enum State: ~Copyable {
        case awaitingHead
        case exchanging(Exchange)
        case lingering

        mutating func closeAfterResponse() {
            switch consume self {
            case .exchanging(var exchange):
                exchange.isLast = true
                self = .exchanging(exchange)
            case .awaitingHead:
                self = .exchanging(Exchange(isLast: true, isRequestDone: true, isResponseDone: false))
            case .lingering: self = .lingering
            }
        }

        mutating func retire() -> Step {
            switch consume self {
            case .awaitingHead:
                self = .lingering
                return .linger
            case .exchanging(let exchange):
                self = .exchanging(exchange)
                return .wait
            case .lingering:
                self = .lingering
                return .wait
            }
        }

        mutating func settle(_ change: (inout Exchange) -> Void, mustClose: Bool) -> Step {
            switch consume self {
            case .exchanging(var exchange):
                change(&exchange)
                guard exchange.isResponseDone else {
                    self = .exchanging(exchange)
                    return .wait
                }
                if exchange.isLast || mustClose {
                    self = .lingering
                    return .linger
                }
                guard exchange.isRequestDone else {
                    self = .exchanging(exchange)
                    return .wait
                }
                self = .awaitingHead
                return .readHead
            case .awaitingHead:
                self = .awaitingHead
                return .wait
            case .lingering:
                self = .lingering
                return .wait
            }
        }
    }
}
