/* SPDX-License-Identifier: Apache-2.0 */
/* libsystemd's part that a service needs: descriptors handed over, readiness, watchdog; and the journal. */
#ifndef CSYSTEMD_H
#define CSYSTEMD_H

#include <stddef.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

static inline int csystemd_first_descriptor(void) { return SD_LISTEN_FDS_START; }

/* A datagram socket connected to the one at `path`, non-blocking; -1 with errno. */
int csystemd_datagram_connect(const char *path);
/* Sends one datagram; 0, or the negative errno. */
int csystemd_datagram_send(int fd, const void *bytes, size_t count);
/* Whether there is room for another datagram, waiting for it at most `timeout_ms`. */
int csystemd_writable(int fd, int timeout_ms);
/* Whether `fd` is the stream that $JOURNAL_STREAM (DEVICE:INODE) names. */
int csystemd_is_stream(int fd, const char *stream);

#endif
