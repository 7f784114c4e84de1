/*
 * Everything that init leaves behind, or nothing.
 *
 * SECURITY: it may run as root, in folders that belong to the user of the daemon. There it acts as
 * that user, so that a link laid out by a hijacked daemon leads no further than the daemon could go
 * itself.
 */
#include "conf.h"
#include "error.h"
#include "fd.h"
#include "init.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE "/var/lib/mado"
#define RUN "/run/mado"
#define DROP_IN_FOLDER "/etc/systemd/system/madod.service.d"

static gboolean fail(GError **error, const char *path, const char *what)
{
    error_set(error, MADO_E_STORE_WRITE, "%s %s: %s. Nothing was left behind.", path, _(what),
        g_strerror(errno));
    return FALSE;
}

/* -- as whom -- */

static gboolean act_as_daemon(const struct init *init)
{
    return !init->of_host || (setegid(init->gid) == 0 && seteuid(init->uid) == 0);
}

static void act_as_self(const struct init *init)
{
    if (init->of_host && (seteuid(0) < 0 || setegid(0) < 0))
        _exit(1); /* never happens, and nothing may go on as somebody else */
}

/* -- one folder, one file -- */

static void remember(struct init *init, const char *path)
{
    g_ptr_array_add(init->made, g_strdup(path));
}

/* TRUE also where it is there already. */
static gboolean make_folder(struct init *init, const char *path, mode_t mode, GError **error)
{
    if (mkdir(path, mode) == 0) {
        remember(init, path);
        return TRUE;
    }
    return errno == EEXIST || fail(error, path, "cannot be made");
}

/* For the daemon, in a folder that is not the daemon's. */
static gboolean give_folder(struct init *init, const char *path, mode_t mode, GError **error)
{
    gboolean known = g_file_test(path, G_FILE_TEST_IS_DIR);

    if (!make_folder(init, path, mode, error))
        return FALSE;
    return known || !init->of_host || lchown(path, init->uid, init->gid) == 0 ||
           fail(error, path, "cannot be given to the daemon");
}

/* Complete and on the disk before it has its name. */
static int write_beside(
    struct init *init, const char *beside, const char *text, mode_t mode, GError **error)
{
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

    if (fd < 0) {
        fail(error, beside, "cannot be written");
        return -1;
    }
    remember(init, beside);
    if (fd_write_all(fd, text, strlen(text), NULL) && fsync(fd) == 0)
        return fd;
    fail(error, beside, "cannot be written");
    close(fd);
    return -1;
}

static gboolean put_file(
    struct init *init, const char *path, const char *text, mode_t mode, GError **error)
{
    g_autofree char *beside = g_strconcat(path, ".new", NULL);
    int fd;

    unlink(beside);
    fd = write_beside(init, beside, text, mode, error);
    if (fd < 0)
        return FALSE;
    close(fd);
    if (rename(beside, path) < 0)
        return fail(error, path, "cannot be written");
    remember(init, path);
    return TRUE;
}

/* -- the pieces -- */

static gboolean put_password(
    struct init *init, const char *setting, const char *file, GError **error)
{
    g_autofree char *path = g_build_filename(init->folder, file, NULL);
    g_autofree char *line = g_strconcat(init_answer(init, setting), "\n", NULL);
    gboolean done;

    if (!*init_answer(init, setting))
        return TRUE;
    if (!act_as_daemon(init))
        return fail(error, path, "cannot be written as the daemon's user");
    done = put_file(init, path, line, 0600, error);
    act_as_self(init);
    explicit_bzero(line, strlen(line));
    return done;
}

static gboolean put_passwords(struct init *init, GError **error)
{
    g_autofree char *folder = g_build_filename(init->folder, "credentials", NULL);

    if (!*init_answer(init, INIT_MAILBOX_PASSWORD) && !*init_answer(init, INIT_RELAY_PASSWORD))
        return TRUE;
    return give_folder(init, folder, 0700, error) &&
           put_password(init, INIT_MAILBOX_PASSWORD, INIT_MAILBOX_FILE, error) &&
           put_password(init, INIT_RELAY_PASSWORD, INIT_RELAY_FILE, error);
}

static gboolean make_maildir(struct init *init, const char *path, GError **error)
{
    static const char *const inner[] = {"", "new", "cur", "tmp"};
    gboolean done = TRUE;

    if (!act_as_daemon(init))
        return fail(error, path, "cannot be made as the daemon's user");
    for (gsize i = 0; done && i < G_N_ELEMENTS(inner); i++) {
        g_autofree char *folder = g_build_filename(path, inner[i], NULL);
        done = make_folder(init, folder, 0700, error);
    }
    act_as_self(init);
    return done;
}

static gboolean make_places(struct init *init, GError **error)
{
    const char *path = init_answer(init, "intake.sources.path");

    if (init->of_host &&
        !(give_folder(init, STATE, 0700, error) && give_folder(init, RUN, 0755, error)))
        return FALSE;
    /* One that is elsewhere is there: that was asked. */
    if (!init_answer_is(init, "intake.sources.type", "maildir") ||
        g_file_test(path, G_FILE_TEST_IS_DIR))
        return TRUE;
    return make_maildir(init, path, error);
}

/* -- what the unit must know of a mailbox elsewhere -- */

static gboolean is_below(const char *path, const char *folder)
{
    gsize length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || !path[length]);
}

static char *drop_in_text(const char *path)
{
    if (is_below(path, "/home") || is_below(path, "/root"))
        return g_strdup_printf("# By madoctl init: of the homes, the service sees this alone.\n"
                               "[Service]\nProtectHome=tmpfs\nBindPaths=%s\n",
            path);
    return g_strdup_printf("# By madoctl init: beside its own folders, the service writes here.\n"
                           "[Service]\nReadWritePaths=%s\n",
        path);
}

static gboolean put_drop_in(struct init *init, GError **error)
{
    const char *path = init_answer(init, "intake.sources.path");
    g_autofree char *folder = init_answer_is(init, "intake.sources.type", "lmtp")
                                  ? g_path_get_dirname(path)
                                  : g_strdup(path);
    g_autofree char *text = drop_in_text(folder);

    if (!init->of_host || !*path || is_below(path, STATE) || is_below(path, RUN))
        return TRUE;
    g_ptr_array_add(init->next, g_strdup("systemctl daemon-reload"));
    return (g_mkdir_with_parents(DROP_IN_FOLDER, 0755) == 0 ||
               fail(error, DROP_IN_FOLDER, "cannot be made")) &&
           put_file(init, DROP_IN_FOLDER "/mailbox.conf", text, 0644, error);
}

/* -- the configuration itself -- */

static gboolean checks_out(const char *path, GError **error)
{
    g_autoptr(GPtrArray) problems = conf_problems_new();
    struct settings *settings = conf_load(path, problems);
    g_autofree char *text = conf_problems_to_text(problems);

    fputs(text, stderr);
    if (!settings) {
        error_set(error, MADO_E_CONFIG_READ,
            "These answers make no configuration that can be used (see above). Nothing was left "
            "behind.");
        return FALSE;
    }
    init_say("Tickets will be called %s#2026-0001-..; times are told in %s.\n",
        settings->tickets.tag, settings->team.timezone);
    conf_free(settings);
    return TRUE;
}

/* By link and unlink: another init, or an operator, may have been faster. */
static gboolean publish(
    struct init *init, const char *beside, int fd, const char *path, GError **error)
{
    /* It holds no secret, and madoctl and madod --deliver read it as whoever runs them. */
    if (fchmod(fd, 0644) < 0 || !fd_move(AT_FDCWD, beside, AT_FDCWD, path))
        return fail(error, path, "cannot be written");
    remember(init, path);
    return fd_sync_folder(init->folder, error);
}

static gboolean put_configuration(struct init *init, GError **error)
{
    g_autofree char *text = init_text(init);
    g_autofree char *beside = g_strconcat(init->path, ".new", NULL);
    gboolean done;
    int fd;

    unlink(beside);
    fd = write_beside(init, beside, text, 0600, error);
    if (fd < 0)
        return FALSE;
    done = checks_out(beside, error) && publish(init, beside, fd, init->path, error);
    close(fd);
    return done;
}

/* The unit starts nothing before it is there. */
static gboolean put_enabled(struct init *init, GError **error)
{
    g_autofree char *path = g_build_filename(init->folder, "enabled", NULL);
    return !init->of_host || put_file(init, path, "", 0644, error);
}

/* Behind a failure; what has another name by now, or was there before, is no longer found here. */
static void take_back(struct init *init)
{
    for (guint i = init->made->len; i > 0; i--)
        g_remove(init->made->pdata[i - 1]);
}

gboolean init_write(struct init *init, GError **error)
{
    static gboolean (*const steps[])(struct init *, GError **) = {
        put_passwords, make_places, put_drop_in, put_configuration, put_enabled};
    mode_t before = umask(0);
    gboolean done = TRUE;

    for (gsize i = 0; done && i < G_N_ELEMENTS(steps); i++)
        done = steps[i](init, error);
    umask(before);
    if (!done)
        take_back(init);
    return done;
}
