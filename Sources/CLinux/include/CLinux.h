/* SPDX-License-Identifier: Apache-2.0 */
/* What Swift's Glibc module lacks (it is built without _GNU_SOURCE), and calls whose arguments are
   unions or variadic. Every function returns the kernel's result or -1 with errno set. */
#ifndef CLINUX_H
#define CLINUX_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* epoll(7) */
enum { CLINUX_EPOLLIN = 0x001, CLINUX_EPOLLOUT = 0x004, CLINUX_EPOLLERR = 0x008, CLINUX_EPOLLHUP = 0x010,
       CLINUX_EPOLLRDHUP = 0x2000, CLINUX_EPOLLEXCLUSIVE = 1u << 28, CLINUX_EPOLLET = 1u << 31 };
struct clinux_event {
    uint32_t events;
    uint64_t token;
} __attribute__((packed));
int clinux_epoll_create(void);
int clinux_epoll_add(int epoll, int fd, uint32_t events, uint64_t token);
int clinux_epoll_modify(int epoll, int fd, uint32_t events, uint64_t token);
int clinux_epoll_remove(int epoll, int fd);
int clinux_epoll_wait(int epoll, struct clinux_event *events, int count, int timeout_ms);
/* To the nanosecond (epoll_pwait2(2)); how much the kernel may add is the thread's timer slack. */
int clinux_epoll_wait_ns(int epoll, struct clinux_event *events, int count, int64_t timeout_ns);
int clinux_timer_slack(unsigned long nanoseconds);

/* eventfd(2), signalfd(2) */
int clinux_eventfd(void);
int clinux_signalfd(const int *signals, int count);
int clinux_signalfd_read(int fd, int *signal);

/* IP sockets. `bytes` holds 4 or 16 octets in network order, `length` says which. */
struct clinux_ip {
    uint8_t bytes[16];
    uint8_t length;
    uint16_t port;
};
int clinux_tcp_socket(int length);
int clinux_bind(int fd, const struct clinux_ip *ip);
int clinux_connect(int fd, const struct clinux_ip *ip);
int clinux_listen(int fd, int backlog);
int clinux_accept(int fd, struct clinux_ip *peer);
int clinux_local(int fd, struct clinux_ip *local);
int clinux_socket_error(int fd);
int clinux_set_option(int fd, int level, int name, int value);
int clinux_is_listening(int fd);
int clinux_is_dual_stack(int fd);
enum { CLINUX_NODELAY, CLINUX_KEEPALIVE, CLINUX_REUSEADDR, CLINUX_V6ONLY, CLINUX_USER_TIMEOUT_MS,
       CLINUX_KEEPIDLE, CLINUX_KEEPINTVL, CLINUX_KEEPCNT, CLINUX_DEFER_ACCEPT, CLINUX_QUICKACK,
       CLINUX_BIND_NO_PORT };
int clinux_tcp_option(int fd, int option, int value);

/* Bytes sent that the peer's kernel has not acknowledged (tcp(7), SIOCOUTQ). */
int clinux_unacknowledged(int fd);

/* Name resolution: getaddrinfo(3), TCP, at most `count` answers; returns the number, or -EAI_*. */
int clinux_resolve(const char *host, struct clinux_ip *answers, int count);
const char *clinux_resolve_error(int status);

/* Unix sockets */
int clinux_unix_socket(void);
/* Datagrams; sending waits. */
int clinux_unix_datagram_socket(void);
/* Whole messages over a connection (SOCK_SEQPACKET). */
int clinux_unix_message_socket(void);
int clinux_unix_bind(int fd, const char *path);
int clinux_unix_connect(int fd, const char *path);
int clinux_accept_any(int fd);
/* The path a socket is bound to, NUL-terminated; -1 when there is none. */
int clinux_unix_local(int fd, char *path, size_t size);
int clinux_peer_credentials(int fd, pid_t *pid, uid_t *uid, gid_t *gid);

/* The rest */
ssize_t clinux_random(void *bytes, size_t count);
int clinux_open(const char *path, int flags, mode_t mode);
/* Locks an open file for itself as a whole (flock(2)); EWOULDBLOCK when another one has it. */
int clinux_lock(int fd);
/* Makes sure of room for a file's first `count` bytes (fallocate(2)). */
int clinux_allocate(int fd, off_t count);
int clinux_exchange(const char *path, const char *other);
int clinux_get_lock(int fd, struct flock *lock);
long clinux_descriptors_max(void);
int clinux_pin_thread(int cpu);
int clinux_spawn(const char *const *argv, int stdin_fd, int stdout_fd, int stderr_fd, pid_t *pid);
int clinux_set_nonblocking(int fd);
void clinux_error_text(int error, char *text, size_t count);
int clinux_name_thread(unsigned long thread, const char *name);

/* The caller's groups (SO_PEERGROUPS): the number there are, or -1; ERANGE when `count` is too small. */
int clinux_peer_groups(int fd, gid_t *groups, int count);
int clinux_is_socket(const char *path);

/* crypt(3), in Password.c. `hash` takes CLINUX_HASH_BYTES; 0, or -1 for an unknown scheme or no memory. */
enum { CLINUX_HASH_BYTES = 384 };
int clinux_crypt(const char *phrase, const char *setting, char *hash);
int clinux_crypt_setting(const char *scheme, char *setting);

/* A line from the controlling terminal without echo, in Terminal.c: its length without the end, or -1;
   EINTR when the user gave up, E2BIG when it does not fit. */
ssize_t clinux_read_password(const char *prompt, char *line, size_t count);

/* Keys one by one, unseen, none of them a signal, until the other is called: 0, or -1 when `fd` is no terminal.
   One at a time. */
int clinux_terminal_begin(int fd);
void clinux_terminal_end(int fd);
int clinux_terminal_size(int fd, int *rows, int *columns);

#endif
