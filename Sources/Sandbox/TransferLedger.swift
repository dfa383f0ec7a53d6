// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// One transfer at the transaction backend.
struct Transfer: Hashable, Sendable {
    enum State: String, Hashable, Sendable {
        case acknowledged = "3050:Remit Acknowledged."
        case succeeded = "3000:Remit Success"
        case failed = "3032:Remit Failed"

        /// The word that decides about refunds.
        var word: String {
            switch self {
            case .acknowledged: "PENDING"
            case .succeeded: "SUCCESS"
            case .failed: "FAILED"
            }
        }

        var code: String { String(rawValue.prefix { $0 != ":" }) }
        var words: String { String(rawValue.drop { $0 != ":" }.dropFirst()) }
    }

    /// The network's reference.
    let reference: String
    /// Who asked for it, as the edge says.
    let sender: String
    let request: TerraPay.CreateRequest
    var state = State.acknowledged

    var answer: TerraPay.Transaction {
        TerraPay.Transaction(
            amount: request.amount,
            currency: request.currency,
            type: request.type,
            requestDate: request.requestDate,
            requestingOrganisationTransactionReference: request.requestingOrganisationTransactionReference,
            transactionStatus: state.rawValue,
            transactionReference: reference,
            status: state.word
        )
    }
}

/// The transfers of a transaction backend, found by either side's reference.
final class TransferLedger: Sendable {
    enum Opened: Hashable, Sendable {
        case new
        case duplicate
    }

    private let transfers = Mutex<[String: Transfer]>([:])

    /// Files a new transfer under both references, or says that the sender used its reference before.
    func open(_ transfer: Transfer) -> Opened {
        let theirs = Self.key(transfer.sender, transfer.request.requestingOrganisationTransactionReference)
        return transfers.withLock { transfers in
            guard transfers[theirs] == nil else { return .duplicate }
            transfers[theirs] = transfer
            transfers[transfer.reference] = transfer
            return .new
        }
    }

    /// - Parameter reference: ours, or the one `sender` gave.
    func find(_ reference: String, sender: String) -> Transfer? {
        transfers.withLock { transfers in
            guard let found = transfers[reference] ?? transfers[Self.key(sender, reference)] else { return nil }
            // A partner sees its own transfers only, whichever reference it names.
            return found.sender == sender ? found : nil
        }
    }

    /// Moves a pending transfer to its end.
    ///
    /// - Returns: the transfer when this call moved it; nothing when it is unknown or had ended before, so
    ///   that a callback delivered twice is acted upon once.
    func settle(_ reference: String, as state: Transfer.State) -> Transfer? {
        transfers.withLock { transfers in
            guard var transfer = transfers[reference], transfer.state == .acknowledged else { return nil }
            transfer.state = state
            transfers[reference] = transfer
            transfers[Self.key(transfer.sender, transfer.request.requestingOrganisationTransactionReference)] = transfer
            return transfer
        }
    }

    /// References of two partners may be equal; the space keeps them apart from ours.
    private static func key(_ sender: String, _ reference: String) -> String { "\(sender) \(reference)" }
}
