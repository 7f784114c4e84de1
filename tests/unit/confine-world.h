/* A place where roles are confined and try what they may. */
#pragma once
#include "confine.h"
#include "log.h"
#include <glib/gstdio.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534
#define CANNOT_BE_CONFINED 90

/* What a deed is done with, made before the role is confined. */
static struct {
    char *own, *outside; /* folders in which our user may write */
    struct sockaddr_un listening;
    int socket;   /* unconnected */
    pid_t target; /* another process of our user, that it may trace */
} world;

static inline int socket_unix(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static inline int wait_for(pid_t child)
{
    int status;

    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    return status;
}

static inline void become_nobody(void)
{
    if (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0 ||
        prctl(PR_SET_DUMPABLE, 1) < 0)
        _exit(CANNOT_BE_CONFINED);
}

static inline void lock_in(enum confine_kind kind, int pretend_abi)
{
    const struct confine_place places[] = {{world.own, CONFINE_WRITE}, {NULL, CONFINE_READ}};
    g_autoptr(GError) error = NULL;

    if (confine_role(&(struct confinement){.kind = kind,
                         .places = places,
                         .keep = (int[]){2, world.socket, -1},
                         .pretend_abi = pretend_abi},
            &error))
        return;
    g_printerr("# %s\n", error->message);
    _exit(CANNOT_BE_CONFINED);
}

static inline char *make_folder(void)
{
    char *folder = g_dir_make_tmp("mado-confine-XXXXXX", NULL);

    g_assert_nonnull(folder);
    if (geteuid() == 0)
        g_assert_cmpint(chmod(folder, 0777), ==, 0);
    return folder;
}

static inline int make_world(void)
{
    int listener = socket_unix();

    world.own = make_folder();
    world.outside = make_folder();
    world.listening.sun_family = AF_UNIX;
    g_snprintf(world.listening.sun_path, sizeof world.listening.sun_path, "%s/s", world.outside);
    g_assert_cmpint(
        bind(listener, (struct sockaddr *)&world.listening, sizeof world.listening), ==, 0);
    g_assert_cmpint(chmod(world.listening.sun_path, 0777), ==, 0);
    g_assert_cmpint(listen(listener, 1000), ==, 0);
    return listener;
}

static inline void remove_folder(char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_remove(path);
    }
    g_rmdir(folder);
    g_free(folder);
}

static inline void remove_world(int listener)
{
    close(listener);
    remove_folder(world.own);
    remove_folder(world.outside);
}
