/* SPDX-License-Identifier: Apache-2.0 */
/* libsystemd's part that a service needs: sockets handed over, readiness, watchdog. */
#ifndef CSYSTEMD_H
#define CSYSTEMD_H

#include <stdlib.h>
#include <systemd/sd-daemon.h>

static inline int csystemd_first_descriptor(void) { return SD_LISTEN_FDS_START; }

#endif
