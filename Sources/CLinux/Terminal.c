/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static ssize_t read_line(int tty, char *line, size_t count) {
    size_t length = 0;
    for (;;) {
        char byte;
        ssize_t got = read(tty, &byte, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return length > 0 ? (ssize_t)length : (errno = EINTR, -1);
        switch (byte) {
        case '\n': case '\r': return (ssize_t)length;
        case 3: case 4: case 28: errno = EINTR; return -1;
        case 8: case 127: if (length > 0) length--; break;
        case 21: length = 0; break;
        default:
            if (length == count) { errno = E2BIG; return -1; }
            line[length++] = byte;
        }
    }
}

ssize_t clinux_read_password(const char *prompt, char *line, size_t count) {
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0) return -1;
    struct termios before, during;
    sigset_t deadly, mask;
    ssize_t length = -1;
    int error = 0;
    /* A signal in between must not leave the terminal silent: keys cannot send one, others wait. */
    sigemptyset(&deadly);
    sigaddset(&deadly, SIGHUP);
    sigaddset(&deadly, SIGINT);
    sigaddset(&deadly, SIGTERM);
    sigprocmask(SIG_BLOCK, &deadly, &mask);
    if (tcgetattr(tty, &before) == 0) {
        during = before;
        during.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
        during.c_cc[VMIN] = 1;
        during.c_cc[VTIME] = 0;
        if (write(tty, prompt, strlen(prompt)) >= 0 && tcsetattr(tty, TCSAFLUSH, &during) == 0) {
            length = read_line(tty, line, count);
            error = errno;
            tcsetattr(tty, TCSAFLUSH, &before);
            if (write(tty, "\n", 1) < 0) error = errno;
        } else error = errno;
    } else error = errno;
    close(tty);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    errno = error;
    return length;
}

static struct termios before_screen;

int clinux_terminal_begin(int fd) {
    if (tcgetattr(fd, &before_screen) != 0) return -1;
    struct termios during = before_screen;
    during.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
    during.c_cc[VMIN] = 1;
    during.c_cc[VTIME] = 0;
    return tcsetattr(fd, TCSAFLUSH, &during);
}

void clinux_terminal_end(int fd) { tcsetattr(fd, TCSAFLUSH, &before_screen); }

int clinux_terminal_size(int fd, int *rows, int *columns) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0) return -1;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return 0;
}
