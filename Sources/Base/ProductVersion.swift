// SPDX-License-Identifier: Apache-2.0

/// The version every program of this product reports; the packages carry the same.
package let productVersion = "0.1.0"
