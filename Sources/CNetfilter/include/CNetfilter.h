/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CNETFILTER_H
#define CNETFILTER_H
#endif
