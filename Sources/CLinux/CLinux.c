/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

extern char **environ;

_Static_assert(sizeof(struct clinux_event) == sizeof(struct epoll_event), "epoll_event layout");

int clinux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int control(int epoll, int operation, int fd, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data.u64 = token};
    return epoll_ctl(epoll, operation, fd, &event);
}

int clinux_epoll_add(int epoll, int fd, uint32_t events, uint64_t token) {
    return control(epoll, EPOLL_CTL_ADD, fd, events, token);
}

int clinux_epoll_modify(int epoll, int fd, uint32_t events, uint64_t token) {
    return control(epoll, EPOLL_CTL_MOD, fd, events, token);
}

int clinux_epoll_remove(int epoll, int fd) { return control(epoll, EPOLL_CTL_DEL, fd, 0, 0); }

int clinux_epoll_wait(int epoll, struct clinux_event *events, int count, int timeout_ms) {
    return epoll_wait(epoll, (struct epoll_event *)events, count, timeout_ms);
}

int clinux_epoll_wait_ns(int epoll, struct clinux_event *events, int count, int64_t timeout_ns) {
    struct timespec timeout = {.tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
    return epoll_pwait2(epoll, (struct epoll_event *)events, count, &timeout, NULL);
}

int clinux_timer_slack(unsigned long nanoseconds) { return prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0); }

int clinux_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int clinux_signalfd(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    int status = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (status != 0) {
        errno = status;
        return -1;
    }
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int clinux_signalfd_read(int fd, int *signal) {
    struct signalfd_siginfo info;
    ssize_t count = read(fd, &info, sizeof info);
    if (count != sizeof info) return -1;
    *signal = (int)info.ssi_signo;
    return 0;
}

static socklen_t to_sockaddr(const struct clinux_ip *ip, struct sockaddr_storage *storage) {
    memset(storage, 0, sizeof *storage);
    if (ip->length == 4) {
        struct sockaddr_in *in = (struct sockaddr_in *)storage;
        in->sin_family = AF_INET;
        in->sin_port = htons(ip->port);
        memcpy(&in->sin_addr, ip->bytes, 4);
        return sizeof *in;
    }
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)storage;
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(ip->port);
    memcpy(&in6->sin6_addr, ip->bytes, 16);
    return sizeof *in6;
}

static void from_sockaddr(const struct sockaddr_storage *storage, struct clinux_ip *ip) {
    memset(ip, 0, sizeof *ip);
    if (storage->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)storage;
        ip->length = 4;
        ip->port = ntohs(in->sin_port);
        memcpy(ip->bytes, &in->sin_addr, 4);
    } else if (storage->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)storage;
        ip->length = 16;
        ip->port = ntohs(in6->sin6_port);
        memcpy(ip->bytes, &in6->sin6_addr, 16);
    }
}

int clinux_tcp_socket(int length) {
    return socket(length == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int clinux_bind(int fd, const struct clinux_ip *ip) {
    struct sockaddr_storage storage;
    socklen_t length = to_sockaddr(ip, &storage);
    return bind(fd, (struct sockaddr *)&storage, length);
}

int clinux_connect(int fd, const struct clinux_ip *ip) {
    struct sockaddr_storage storage;
    socklen_t length = to_sockaddr(ip, &storage);
    return connect(fd, (struct sockaddr *)&storage, length);
}

int clinux_listen(int fd, int backlog) { return listen(fd, backlog); }

int clinux_accept(int fd, struct clinux_ip *peer) {
    struct sockaddr_storage storage = {0};
    socklen_t length = sizeof storage;
    int accepted = accept4(fd, (struct sockaddr *)&storage, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted >= 0) from_sockaddr(&storage, peer);
    return accepted;
}

int clinux_local(int fd, struct clinux_ip *local) {
    struct sockaddr_storage storage = {0};
    socklen_t length = sizeof storage;
    int status = getsockname(fd, (struct sockaddr *)&storage, &length);
    if (status == 0) from_sockaddr(&storage, local);
    return status;
}

int clinux_socket_error(int fd) {
    int value = 0;
    socklen_t length = sizeof value;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &length) == 0 ? value : errno;
}

int clinux_set_option(int fd, int level, int name, int value) {
    return setsockopt(fd, level, name, &value, sizeof value);
}

int clinux_is_listening(int fd) {
    int value = 0;
    socklen_t length = sizeof value;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0 && value != 0;
}

int clinux_is_dual_stack(int fd) {
    int family = 0, only = 1;
    socklen_t length = sizeof family;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &length) != 0 || family != AF_INET6) return 0;
    length = sizeof only;
    return getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &length) == 0 && only == 0;
}

int clinux_tcp_option(int fd, int option, int value) {
    switch (option) {
    case CLINUX_NODELAY: return clinux_set_option(fd, IPPROTO_TCP, TCP_NODELAY, value);
    case CLINUX_KEEPALIVE: return clinux_set_option(fd, SOL_SOCKET, SO_KEEPALIVE, value);
    case CLINUX_REUSEADDR: return clinux_set_option(fd, SOL_SOCKET, SO_REUSEADDR, value);
    case CLINUX_V6ONLY: return clinux_set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, value);
    case CLINUX_USER_TIMEOUT_MS: return clinux_set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, value);
    case CLINUX_KEEPIDLE: return clinux_set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, value);
    case CLINUX_KEEPINTVL: return clinux_set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, value);
    case CLINUX_KEEPCNT: return clinux_set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, value);
    case CLINUX_DEFER_ACCEPT: return clinux_set_option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, value);
    case CLINUX_QUICKACK: return clinux_set_option(fd, IPPROTO_TCP, TCP_QUICKACK, value);
    case CLINUX_BIND_NO_PORT: return clinux_set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, value);
    default: errno = ENOPROTOOPT; return -1;
    }
}

int clinux_resolve(const char *host, struct clinux_ip *answers, int count) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list = NULL;
    int status = getaddrinfo(host, NULL, &hints, &list);
    if (status != 0) return status < 0 ? status : -status;
    int found = 0;
    for (struct addrinfo *entry = list; entry != NULL && found < count; entry = entry->ai_next) {
        if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
        struct sockaddr_storage storage = {0};
        memcpy(&storage, entry->ai_addr, entry->ai_addrlen);
        from_sockaddr(&storage, &answers[found++]);
    }
    freeaddrinfo(list);
    return found;
}

const char *clinux_resolve_error(int status) { return gai_strerror(status); }

int clinux_unix_socket(void) { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

int clinux_unix_datagram_socket(void) { return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0); }

int clinux_unix_message_socket(void) {
    return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int clinux_unacknowledged(int fd) {
    int count = 0;
    return ioctl(fd, SIOCOUTQ, &count) == 0 ? count : -1;
}

int clinux_lock(int fd) { return flock(fd, LOCK_EX | LOCK_NB); }

int clinux_allocate(int fd, off_t count) { return fallocate(fd, 0, 0, count); }

static int to_sockaddr_un(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address->sun_path, path);
    return 0;
}

int clinux_unix_bind(int fd, const char *path) {
    struct sockaddr_un address;
    if (to_sockaddr_un(path, &address) != 0) return -1;
    return bind(fd, (struct sockaddr *)&address, sizeof address);
}

int clinux_unix_connect(int fd, const char *path) {
    struct sockaddr_un address;
    if (to_sockaddr_un(path, &address) != 0) return -1;
    return connect(fd, (struct sockaddr *)&address, sizeof address);
}

int clinux_unix_local(int fd, char *path, size_t size) {
    struct sockaddr_un address = {0};
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0) return -1;
    if (address.sun_family != AF_UNIX || length <= offsetof(struct sockaddr_un, sun_path)) return -1;
    size_t count = strnlen(address.sun_path, sizeof address.sun_path);
    if (count == 0 || count >= size) return -1;
    memcpy(path, address.sun_path, count);
    path[count] = 0;
    return 0;
}

int clinux_accept_any(int fd) { return accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int clinux_peer_credentials(int fd, pid_t *pid, uid_t *uid, gid_t *gid) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    int status = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length);
    if (status == 0) {
        *pid = credentials.pid;
        *uid = credentials.uid;
        *gid = credentials.gid;
    }
    return status;
}

ssize_t clinux_random(void *bytes, size_t count) { return getrandom(bytes, count, 0); }

int clinux_open(const char *path, int flags, mode_t mode) { return open(path, flags | O_CLOEXEC, mode); }

int clinux_exchange(const char *path, const char *other) {
    return renameat2(AT_FDCWD, path, AT_FDCWD, other, RENAME_EXCHANGE);
}

int clinux_get_lock(int fd, struct flock *lock) { return fcntl(fd, F_GETLK, lock); }

long clinux_descriptors_max(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) getrlimit(RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur == RLIM_INFINITY ? 1048576 : (long)limit.rlim_cur;
}

int clinux_pin_thread(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return sched_setaffinity(0, sizeof set, &set);
}

int clinux_spawn(const char *const *argv, int stdin_fd, int stdout_fd, int stderr_fd, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, defaults;
    sigemptyset(&none);
    sigfillset(&defaults);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    if (stdin_fd >= 0) posix_spawn_file_actions_adddup2(&actions, stdin_fd, 0);
    else posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (stdout_fd >= 0) posix_spawn_file_actions_adddup2(&actions, stdout_fd, 1);
    if (stderr_fd >= 0) posix_spawn_file_actions_adddup2(&actions, stderr_fd, 2);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int status = posix_spawnp(pid, argv[0], &actions, &attributes, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (status != 0) {
        errno = status;
        return -1;
    }
    return 0;
}

int clinux_set_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

void clinux_error_text(int error, char *text, size_t count) {
    const char *found = strerror_r(error, text, count);
    if (found != text) {
        strncpy(text, found, count - 1);
        text[count - 1] = 0;
    }
}

int clinux_name_thread(unsigned long thread, const char *name) { return pthread_setname_np(thread, name); }

int clinux_peer_groups(int fd, gid_t *groups, int count) {
    socklen_t length = (socklen_t)count * sizeof *groups;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) != 0) return -1;
    return (int)(length / sizeof *groups);
}

int clinux_is_socket(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0 && S_ISSOCK(status.st_mode);
}
