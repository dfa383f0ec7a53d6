/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CSYSTEMD_H
#define CSYSTEMD_H
#endif
