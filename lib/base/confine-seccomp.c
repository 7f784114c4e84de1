/*
 * seccomp: which system calls a role may make
 *
 * What is in no table fails with EPERM. What glibc can do without fails with ENOSYS, as on an older
 * kernel. What only a hijacked role would do ends the process: exec and ptrace everywhere; opening,
 * sockets and signals in the reader, which parses what strangers wrote.
 */
#include "confine-parts.h"
#include "error.h"
#include "fd.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define CALL(name) SCMP_SYS(name)
#define CALLS(...) ((const int[]){__VA_ARGS__, END_OF_CALLS})
#define END_OF_CALLS (-999999)

/* Calls whatever their arguments are. */
static const struct {
    enum confine_set roles;
    guint32 action;
    const int *calls;
} tables[] = {
    {SET_FILTERED, SCMP_ACT_ALLOW, /* bytes, memory, time, itself, the end */
        CALLS(CALL(read), CALL(readv), CALL(pread64), CALL(preadv), CALL(write), CALL(writev),
            CALL(pwrite64), CALL(pwritev), CALL(lseek), CALL(_llseek), CALL(close),
            CALL(close_range), CALL(fstat), CALL(fstat64), CALL(ftruncate), CALL(ftruncate64),
            CALL(brk), CALL(munmap), CALL(mremap), CALL(madvise), CALL(futex), CALL(futex_time64),
            CALL(sched_yield), CALL(sched_getaffinity), CALL(set_robust_list), CALL(clock_gettime),
            CALL(clock_gettime64), CALL(clock_getres), CALL(gettimeofday), CALL(time), CALL(times),
            CALL(nanosleep), CALL(clock_nanosleep), CALL(clock_nanosleep_time64), CALL(getpid),
            CALL(gettid), CALL(getppid), CALL(getuid), CALL(geteuid), CALL(getgid), CALL(getegid),
            CALL(getrandom), CALL(getrusage), CALL(getrlimit), CALL(ugetrlimit), CALL(uname),
            CALL(sysinfo), CALL(sigaltstack), CALL(rt_sigreturn), CALL(sigreturn),
            CALL(restart_syscall), CALL(exit), CALL(exit_group))},
    {SET_TALKERS, SCMP_ACT_ALLOW, /* channels and sockets that are there already */
        CALLS(CALL(poll), CALL(ppoll), CALL(ppoll_time64), CALL(select), CALL(_newselect),
            CALL(pselect6), CALL(epoll_create1), CALL(epoll_ctl), CALL(epoll_wait),
            CALL(epoll_pwait), CALL(eventfd2), CALL(signalfd4), CALL(timerfd_create),
            CALL(timerfd_settime), CALL(timerfd_settime64), CALL(timerfd_gettime), CALL(dup),
            CALL(recvmsg), CALL(recvfrom), CALL(shutdown), CALL(getsockopt), CALL(getsockname),
            CALL(getpeername), CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigpending),
            CALL(rt_sigtimedwait), CALL(setitimer), CALL(getitimer), CALL(alarm), CALL(umask))},
    {SET_TALKERS & ~SET_SPEAKERS & ~SET_DIALLER, SCMP_ACT_ALLOW,
        CALLS(CALL(sendto), CALL(sendmsg))},
    {SET_TALKERS & ~SET_COURIER & ~SET_DIALLER, SCMP_ACT_ALLOW, CALLS(CALL(memfd_create))},
    {SET_DESK | SET_LISTENER | SET_KEYS, SCMP_ACT_ALLOW, CALLS(CALL(accept), CALL(accept4))},
    {SET_INTAKE, SCMP_ACT_ALLOW, CALLS(CALL(inotify_rm_watch))},
    {SET_STARTERS, SCMP_ACT_ALLOW, CALLS(CALL(wait4), CALL(waitid))},
    {SET_KEYS, SCMP_ACT_ALLOW, /* gpg, gpgsm and the agent, which inherit all this */
        CALLS(CALL(execve), CALL(fork), CALL(vfork), CALL(arch_prctl), CALL(set_tid_address),
            CALL(pipe), CALL(pipe2), CALL(dup2), CALL(dup3), CALL(connect), CALL(bind),
            CALL(listen), CALL(setsid), CALL(chdir), CALL(chmod), CALL(inotify_init),
            CALL(inotify_init1), CALL(inotify_add_watch), CALL(inotify_rm_watch), CALL(mlock))},
    {SET_READER, SCMP_ACT_ALLOW, CALLS(CALL(setrlimit))},
    {SET_DIALLER, SCMP_ACT_ALLOW, /* and what the resolver wants; which files is Landlock's */
        CALLS(CALL(connect), CALL(recvmmsg), CALL(newfstatat), CALL(fstatat64), CALL(stat),
            CALL(stat64), CALL(lstat), CALL(lstat64), CALL(access), CALL(faccessat),
            CALL(faccessat2), CALL(readlink), CALL(readlinkat))},
    {SET_PLACES, SCMP_ACT_ALLOW, /* files; which ones is Landlock's business */
        CALLS(CALL(open), CALL(openat), CALL(newfstatat), CALL(fstatat64), CALL(stat), CALL(stat64),
            CALL(lstat), CALL(lstat64), CALL(statx), CALL(statfs), CALL(statfs64), CALL(fstatfs),
            CALL(fstatfs64), CALL(access), CALL(faccessat), CALL(faccessat2), CALL(readlink),
            CALL(readlinkat), CALL(getcwd), CALL(getdents), CALL(getdents64), CALL(unlink),
            CALL(unlinkat), CALL(rename), CALL(renameat), CALL(renameat2), CALL(link), CALL(linkat),
            CALL(mkdir), CALL(mkdirat), CALL(rmdir), CALL(fchmod), CALL(fsync), CALL(fdatasync),
            CALL(fallocate), CALL(flock), CALL(fadvise64), CALL(sendfile), CALL(copy_file_range))},
    {SET_FILTERED, SCMP_ACT_ERRNO(ENOSYS), CALLS(CALL(clone3), CALL(rseq))},
    {SET_FILTERED & ~SET_PLACES, SCMP_ACT_ERRNO(ENOSYS), CALLS(CALL(statx))},
    {SET_PLACES, SCMP_ACT_ERRNO(ENOSYS), CALLS(CALL(openat2))},
    {SET_FILTERED, SCMP_ACT_KILL_PROCESS,
        CALLS(CALL(execveat), CALL(ptrace), CALL(process_vm_readv), CALL(process_vm_writev))},
    {SET_NO_PROGRAMS, SCMP_ACT_KILL_PROCESS, CALLS(CALL(execve))},
    {SET_READER | SET_CHILD, SCMP_ACT_KILL_PROCESS,
        CALLS(CALL(open), CALL(openat), CALL(openat2), CALL(creat), CALL(open_by_handle_at),
            CALL(socket), CALL(socketpair), CALL(connect), CALL(bind), CALL(listen), CALL(accept),
            CALL(accept4), CALL(kill), CALL(tkill), CALL(rt_sigqueueinfo), CALL(rt_tgsigqueueinfo),
            CALL(pidfd_send_signal), CALL(pidfd_getfd))},
    {SET_CHILD, SCMP_ACT_KILL_PROCESS,
        CALLS(CALL(fork), CALL(vfork), CALL(clone), CALL(memfd_create), CALL(sendmsg),
            CALL(sendmmsg), CALL(sendto), CALL(recvmsg), CALL(recvmmsg), CALL(recvfrom))},
};

#define INT_IS(argument, value)                                                                    \
    {                                                                                              \
        argument, SCMP_CMP_MASKED_EQ, 0xffffffffU, (unsigned)(value)                               \
    }
#define LACKS(argument, bit)                                                                       \
    {                                                                                              \
        argument, SCMP_CMP_MASKED_EQ, bit, 0                                                       \
    }
#define IS_NULL(argument)                                                                          \
    {                                                                                              \
        argument, SCMP_CMP_EQ, 0, 0                                                                \
    }

#define NEW_NAMESPACES                                                                             \
    (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |     \
        CLONE_NEWCGROUP)

/* Of the types of sockets this bit is in all but SOCK_STREAM, SOCK_DGRAM and SOCK_RAW, which takes
 * a protocol of its own. */
#define NOT_TCP_OR_UDP 4

/* Calls that are allowed with these arguments alone. */
static const struct {
    enum confine_set roles;
    int call;
    guint count;
    struct scmp_arg_cmp arguments[3];
} conditions[] = {
    /* No memory becomes code any more. */
    {SET_FILTERED, CALL(mmap), 1, {LACKS(2, PROT_EXEC)}},
    {SET_FILTERED, CALL(mmap2), 1, {LACKS(2, PROT_EXEC)}},
    /* A program and its libraries are mapped from files, and not written. */
    {SET_KEYS, CALL(mmap), 2, {LACKS(2, PROT_WRITE), LACKS(3, MAP_ANONYMOUS)}},
    {SET_KEYS, CALL(mmap2), 2, {LACKS(2, PROT_WRITE), LACKS(3, MAP_ANONYMOUS)}},
    {SET_FILTERED, CALL(mprotect), 1, {LACKS(2, PROT_EXEC)}},
    /* fstat is made of this; the path, which cannot be checked, tells of a file's size at most. */
    {SET_FILTERED & ~SET_PLACES & ~SET_DIALLER, CALL(newfstatat), 1, {INT_IS(3, AT_EMPTY_PATH)}},
    /* F_SETOWN would send signals. */
    {SET_FILTERED, CALL(fcntl), 1, {INT_IS(1, F_GETFL)}},
    {SET_FILTERED, CALL(fcntl), 1, {INT_IS(1, F_GETFD)}},
    {SET_TALKERS, CALL(fcntl), 1, {INT_IS(1, F_SETFL)}},
    {SET_TALKERS, CALL(fcntl), 1, {INT_IS(1, F_SETFD)}},
    {SET_TALKERS, CALL(fcntl), 1, {INT_IS(1, F_DUPFD_CLOEXEC)}},
    {SET_TALKERS, CALL(fcntl), 1, {INT_IS(1, F_ADD_SEALS)}},
    {SET_TALKERS, CALL(fcntl), 1, {INT_IS(1, F_GET_SEALS)}},
    {SET_PLACES, CALL(fcntl), 1, {INT_IS(1, F_GETLK)}},
    {SET_PLACES, CALL(fcntl), 1, {INT_IS(1, F_SETLK)}},
    {SET_PLACES, CALL(fcntl), 1, {INT_IS(1, F_SETLKW)}},
    /* Whom a socket speaks with stays as it was when it came: no address, and no connecting anew by
     * MSG_FASTOPEN (in sendmsg(2) the address cannot be seen; a stream passes it over otherwise).
     */
    {SET_SPEAKERS, CALL(sendto), 1, {IS_NULL(4)}},
    {SET_SPEAKERS, CALL(sendmsg), 1, {LACKS(2, MSG_FASTOPEN)}},
    /* TIOCSTI would type into the terminal that started us. */
    {SET_TALKERS, CALL(ioctl), 1, {INT_IS(1, TCGETS)}},
    {SET_TALKERS, CALL(ioctl), 1, {INT_IS(1, FIONREAD)}},
    {SET_FILTERED, CALL(prlimit64), 2, {INT_IS(0, 0), IS_NULL(2)}},
    /* What a reader needs to fork and confine a child; the child's filter takes it away again. */
    {SET_READER, CALL(prlimit64), 1, {INT_IS(0, 0)}},
    {SET_KEYS, CALL(prlimit64), 1, {INT_IS(0, 0)}},
    /* The threads of the agent too; but no namespaces, in which it would have rights. */
    {SET_KEYS, CALL(clone), 1, {LACKS(0, NEW_NAMESPACES)}},
    {SET_KEYS, CALL(prctl), 1, {INT_IS(0, PR_SET_CHILD_SUBREAPER)}},
    {SET_KEYS, CALL(prctl), 1, {INT_IS(0, PR_SET_NAME)}},
    {SET_KEYS, CALL(prctl), 2, {INT_IS(0, PR_SET_DUMPABLE), INT_IS(1, 0)}},
    {SET_KEYS, CALL(prctl), 1, {INT_IS(0, PR_GET_DUMPABLE)}},
    {SET_KEYS, CALL(socket), 1, {INT_IS(0, AF_UNIX)}},
    {SET_KEYS, CALL(socketpair), 1, {INT_IS(0, AF_UNIX)}},
    /* Is the owner of a lock still there? Without an answer nobody takes over what a gpg that was
     * ended has locked. */
    {SET_KEYS, CALL(kill), 1, {INT_IS(1, 0)}},
    {SET_FORKERS, CALL(clone), 1,
        {{0, SCMP_CMP_EQ, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, 0}}},
    {SET_FORKERS, CALL(prctl), 1, {INT_IS(0, PR_SET_PDEATHSIG)}},
    {SET_READER, CALL(prctl), 2, {INT_IS(0, PR_SET_SECCOMP), INT_IS(1, SECCOMP_MODE_FILTER)}},
    /* The dialler reads files and writes none; it connects to hosts, never to a socket of this one
     * (the operators' would believe it). */
    {SET_DIALLER, CALL(open), 1, {LACKS(1, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)}},
    {SET_DIALLER, CALL(openat), 1, {LACKS(2, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)}},
    {SET_DIALLER, CALL(socketpair), 1, {INT_IS(0, AF_UNIX)}},
    {SET_DIALLER, CALL(socket), 3, {INT_IS(0, AF_INET), LACKS(1, NOT_TCP_OR_UDP), INT_IS(2, 0)}},
    {SET_DIALLER, CALL(socket), 3, {INT_IS(0, AF_INET6), LACKS(1, NOT_TCP_OR_UDP), INT_IS(2, 0)}},
    /* MSG_FASTOPEN would connect past Landlock. */
    {SET_DIALLER, CALL(sendto), 1, {LACKS(3, MSG_FASTOPEN)}},
    {SET_DIALLER, CALL(sendmsg), 1, {LACKS(2, MSG_FASTOPEN)}},
    {SET_DIALLER, CALL(sendmmsg), 1, {LACKS(3, MSG_FASTOPEN)}},
    {SET_DIALLER, CALL(setsockopt), 2, {INT_IS(1, IPPROTO_IP), INT_IS(2, IP_RECVERR)}},
    {SET_DIALLER, CALL(setsockopt), 2, {INT_IS(1, IPPROTO_IPV6), INT_IS(2, IPV6_RECVERR)}},
    {SET_DIALLER, CALL(setsockopt), 2, {INT_IS(1, SOL_SOCKET), INT_IS(2, SO_KEEPALIVE)}},
    {SET_DIALLER, CALL(setsockopt), 2, {INT_IS(1, IPPROTO_TCP), INT_IS(2, TCP_NODELAY)}},
    {SET_DIALLER, CALL(setsockopt), 2, {INT_IS(1, IPPROTO_TCP), INT_IS(2, TCP_KEEPIDLE)}},
    {SET_DIALLER, CALL(setsockopt), 2, {INT_IS(1, IPPROTO_TCP), INT_IS(2, TCP_KEEPINTVL)}},
    {SET_DIALLER, CALL(setsockopt), 2, {INT_IS(1, IPPROTO_TCP), INT_IS(2, TCP_KEEPCNT)}},
    {SET_DIALLER, CALL(setsockopt), 2, {INT_IS(1, IPPROTO_TCP), INT_IS(2, TCP_USER_TIMEOUT)}},
};

static int add_tables(scmp_filter_ctx filter, enum confine_set role)
{
    int status = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(tables); i++)
        if (tables[i].roles & role)
            for (const int *call = tables[i].calls; *call != END_OF_CALLS && status == 0; call++)
                status = seccomp_rule_add(filter, tables[i].action, *call, 0);
    return status;
}

static int add_conditions(scmp_filter_ctx filter, enum confine_set role)
{
    int status = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(conditions) && status == 0; i++)
        if (conditions[i].roles & role)
            status = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, conditions[i].call,
                conditions[i].count, conditions[i].arguments);
    return status;
}

/* abort() signals itself. A reader's child cannot even do that (its pid is not known when its
 * filter is made): there abort() goes on to its last resort, an illegal instruction. */
static int add_own_signals(scmp_filter_ctx filter, enum confine_set role)
{
    return role & SET_CHILD ? 0
                            : seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(tgkill), 1,
                                  SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffffU, (guint)getpid()));
}

static int export_program(scmp_filter_ctx filter, GBytes **program)
{
    g_autoptr(GMappedFile) mapped = NULL;
    int fd = fd_new_memory("filter", NULL);
    int status = fd < 0 ? -errno : seccomp_export_bpf(filter, fd);

    if (status == 0 && (mapped = g_mapped_file_new_from_fd(fd, FALSE, NULL)))
        *program =
            g_bytes_new(g_mapped_file_get_contents(mapped), g_mapped_file_get_length(mapped));
    if (fd >= 0)
        close(fd);
    return status;
}

GBytes *filter_build(enum confine_kind kind, GError **error)
{
    enum confine_set role = 1 << kind;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    GBytes *program = NULL;
    int status = filter ? 0 : -ENOMEM;

    if (status == 0)
        status = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (status == 0)
        status = add_tables(filter, role);
    if (status == 0)
        status = add_conditions(filter, role);
    if (status == 0)
        status = add_own_signals(filter, role);
    if (status == 0)
        status = export_program(filter, &program);
    seccomp_release(filter);
    if (!program)
        g_set_error(error, MADO_ERROR, MADO_E_CONFINE,
            "the filter of the %s cannot be made: %s; it does not start", confine_kind_name(kind),
            g_strerror(-status));
    return program;
}

gboolean filter_install(GBytes *program, GError **error)
{
    gsize size;
    struct sock_filter *code = (struct sock_filter *)g_bytes_get_data(program, &size);
    struct sock_fprog filter = {.len = (unsigned short)(size / sizeof *code), .filter = code};

    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0)
        return TRUE;
    g_set_error(error, MADO_ERROR, MADO_E_CONFINE,
        "the kernel takes no seccomp filter: %s; the role does not start", g_strerror(errno));
    return FALSE;
}
