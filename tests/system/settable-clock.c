/* LD_PRELOAD for a daemon under test: its wall clock is the host's and as many seconds more as
 * stand in the file MADO_CLOCK, at this moment. The file is mapped before main(), so that it can be
 * read in any confinement. The other clocks are as they are. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *seconds_more;
static int (*real)(clockid_t clock, struct timespec *time);

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("MADO_CLOCK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *file = mmap(NULL, sizeof *seconds_more, PROT_READ, MAP_SHARED, fd, 0);

    *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    if (file != MAP_FAILED)
        seconds_more = file;
    if (fd >= 0)
        close(fd);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    int done;

    if (!real)
        begin();
    done = real(clock, time);
    if (done == 0 && seconds_more && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        time->tv_sec += *seconds_more;
    return done;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now) < 0)
        return -1;
    *time = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *into)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_REALTIME, &now);
    if (into)
        *into = now.tv_sec;
    return now.tv_sec;
}
