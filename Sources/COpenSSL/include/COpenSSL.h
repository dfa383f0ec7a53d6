/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COPENSSL_H
#define COPENSSL_H
#endif
