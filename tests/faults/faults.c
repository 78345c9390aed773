/*
 * Makes chosen operations on the files of the embedded database fail, as a full or a broken disk does, and moves the
 * clock of the machine as this process sees it. For the tests of tests/api/soak, which compile it and preload it:
 *
 *   cc -shared -fPIC -O1 -o faults.so faults.c
 *   FAULTS_CONTROL=/path/control LD_PRELOAD=./faults.so passerelle serve
 *
 * The control file is read at each operation, so that one process can go through many faults. Without the file nothing
 * fails. It has one line:
 *
 *   GENERATION OPERATIONS SKIP TIMES ERRNO
 *
 * OPERATIONS are letters: w a write, g a write beyond the end of its file, s a flush to disk, t a truncation. The first
 * SKIP operations of a generation succeed, the next TIMES ones fail with ERRNO (0: all that follow). Each failure appends
 * a byte to the file CONTROL.hits.
 *
 * FAULTS_CLOCK names a file with a number of seconds that is added to the time of the machine.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long generation = -1, counted = 0;

/* System calls are made directly: the functions of the C library are the ones replaced here. */
static int read_text(const char *path, char *text, size_t size) {
    long file = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (file < 0) return -1;
    long length = syscall(SYS_read, file, text, size - 1);
    syscall(SYS_close, file);
    if (length < 0) return -1;
    text[length] = 0;
    return 0;
}

static int is_database(int file) {
    char link[32], path[1024];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strstr(path, "passerelle.sqlite3") != NULL;
}

static void count_hit(const char *control) {
    char path[1024];
    snprintf(path, sizeof path, "%s.hits", control);
    long file = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return;
    (void)!syscall(SYS_write, file, "x", 1);
    syscall(SYS_close, file);
}

/* Whether an operation is to fail. Sets errno if so and leaves it unchanged otherwise. `end` is where a write ends. */
static int fails(int file, char operation, off_t end) {
    const char *control = getenv("FAULTS_CONTROL");
    char text[128], operations[16];
    long number, skip, times;
    int code, before = errno, failing = 0;
    if (control == NULL || !is_database(file)) {
        errno = before;
        return 0;
    }
    if (read_text(control, text, sizeof text) == 0 &&
        sscanf(text, "%ld %15s %ld %ld %d", &number, operations, &skip, &times, &code) == 5) {
        int chosen = strchr(operations, operation) != NULL;
        if (!chosen && operation == 'w' && strchr(operations, 'g') != NULL) {
            struct stat status;
            chosen = fstat(file, &status) == 0 && end > status.st_size;
        }
        if (chosen) {
            pthread_mutex_lock(&lock);
            if (number != generation) {
                generation = number;
                counted = 0;
            }
            counted++;
            failing = counted > skip && (times == 0 || counted <= skip + times);
            pthread_mutex_unlock(&lock);
        }
        if (failing) {
            count_hit(control);
            errno = code;
            return 1;
        }
    }
    errno = before;
    return 0;
}

ssize_t write(int file, const void *bytes, size_t length) {
    off_t at = lseek(file, 0, SEEK_CUR);
    if (fails(file, 'w', at + (off_t)length)) return -1;
    return syscall(SYS_write, file, bytes, length);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at) {
    if (fails(file, 'w', at + (off_t)length)) return -1;
    return syscall(SYS_pwrite64, file, bytes, length, at);
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t at) {
    return pwrite64(file, bytes, length, at);
}

int fsync(int file) {
    return fails(file, 's', 0) ? -1 : (int)syscall(SYS_fsync, file);
}

int fdatasync(int file) {
    return fails(file, 's', 0) ? -1 : (int)syscall(SYS_fdatasync, file);
}

int ftruncate64(int file, off64_t length) {
    return fails(file, 't', 0) ? -1 : (int)syscall(SYS_ftruncate, file, length);
}

int ftruncate(int file, off_t length) {
    return ftruncate64(file, length);
}

/* The file of the clock is read at most fifty times a second: the program reads the clock much more often. */
int clock_gettime(clockid_t clock, struct timespec *now) {
    static long read_at = -1, offset = 0;
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    const char *path;
    if (result != 0 || clock != CLOCK_REALTIME || (path = getenv("FAULTS_CLOCK")) == NULL) return result;
    struct timespec machine;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &machine);
    long tick = machine.tv_sec * 50 + machine.tv_nsec / 20000000;
    if (__atomic_exchange_n(&read_at, tick, __ATOMIC_RELAXED) != tick) {
        char text[32];
        int before = errno;
        __atomic_store_n(&offset, read_text(path, text, sizeof text) == 0 ? atol(text) : 0, __ATOMIC_RELAXED);
        errno = before;
    }
    now->tv_sec += __atomic_load_n(&offset, __ATOMIC_RELAXED);
    return 0;
}
