/* The folders in which gpg keeps keys: ours, and those that are thrown away after one look. A
 * folder of the second kind is locked as long as its worker lives, so whoever comes later knows
 * which of them a killed worker has left behind. */
#include "keys-parts.h"
#include "error.h"
#include "now.h"
#include <mado/limits.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY "t-"
/* No network: so no lists of what is revoked, and no directory. */
#define GPGSM_OPTIONS "disable-dirmngr\ndisable-crl-checks\nno-secmem-warning\n"

static const struct {
    const char *name, *text;
    gboolean may_change; /* by gpg; only made if it is not there */
} files[] = {
    /* Nothing goes to the network. With a seed file encryptions wait for each other. SHA-1 is no
     * digest any more (MD5 never is one, by gpg itself). Never max-output: it truncates, and GPGME
     * calls that a success. Whose a key is, people have said in our directory, so gpg need not
     * reckon whom it trusts; that a key is revoked or has expired it says all the same. */
    {"gpg.conf",
        "no-random-seed-file\nno-auto-key-locate\nno-auto-key-retrieve\ndisable-dirmngr\n"
        "no-auto-check-trustdb\ntrust-model always\nweak-digest SHA1\nno-greeting\n",
        FALSE},
    /* Without the first, parallel work fails as "No secret key". Our passphrase is a long random
     * one or none, so counting on it costs time only. */
    {"gpg-agent.conf", "auto-expand-secmem\nallow-loopback-pinentry\ns2k-count 65536\n", FALSE},
    {"gpgsm.conf", GPGSM_OPTIONS, FALSE},
    {"trustlist.txt", "", TRUE},
};

/* Where our clock is fixed, for the demo and for tests, theirs stands at the same moment. */
static char *text_of(gsize i)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(now_seconds());
    g_autofree char *line = g_date_time_format(now, "faked-system-time %Y%m%dT%H%M%S\n");

    return g_strconcat(files[i].text, now_is_fixed() && !files[i].may_change ? line : "", NULL);
}

char *home_options(void)
{
    return text_of(0);
}

static gboolean write_file(const char *home, gsize i, GError **error)
{
    g_autofree char *path = g_build_filename(home, files[i].name, NULL);
    g_autofree char *text = text_of(i);
    g_autofree char *present = NULL;

    if (g_file_get_contents(path, &present, NULL, NULL) &&
        (files[i].may_change || strcmp(present, text) == 0))
        return TRUE;
    return g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

static gboolean is_rival(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
        if (g_str_has_prefix(name, files[i].name) && name[strlen(files[i].name)] == '-')
            return TRUE;
    return FALSE;
}

/* Where there is a gpg.conf-2, gpg reads it and not our gpg.conf, on which it hangs that a verdict
 * is right. */
static gboolean has_no_rival(const char *path, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir)))
        if (is_rival(name)) {
            failure_refuse(error,
                "The folder of our keys has a file %s, which gpg reads in the place of ours. No "
                "mail is opened or sealed, and nothing was changed; remove %s/%s",
                name, path, name);
            return FALSE;
        }
    return TRUE;
}

gboolean home_set_up(const char *path, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(GError) cause = NULL;
        if (write_file(path, i, &cause))
            continue;
        failure_refuse(error,
            "The folder of our keys (%s) cannot be used: %s. Nothing was changed; see its owner "
            "and mode",
            path, cause->message);
        return FALSE;
    }
    return TRUE;
}

/* -- removing -- */

static void remove_inside(int folder)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        int inside;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            unlinkat(folder, entry->d_name, 0) == 0 || errno == ENOENT)
            continue;
        inside = openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (inside < 0)
            continue;
        remove_inside(inside);
        close(inside);
        unlinkat(folder, entry->d_name, AT_REMOVEDIR);
    }
    if (dir)
        closedir(dir);
    else if (copy >= 0)
        close(copy);
}

/* An agent that works there ends when its folder is gone; until then it may make a file. */
static void remove_folder(const char *path, int folder)
{
    for (int i = 0; i < 20; i++) {
        remove_inside(folder);
        if (rmdir(path) == 0 || errno == ENOENT)
            return;
        g_usleep(2000);
    }
}

/* What workers left behind that were killed. */
static void sweep(const char *path)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *left = g_build_filename(path, name, NULL);
        int folder;
        if (!g_str_has_prefix(name, TEMPORARY))
            continue;
        folder = open(left, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (folder < 0)
            continue;
        if (flock(folder, LOCK_EX | LOCK_NB) == 0)
            remove_folder(left, folder);
        close(folder);
    }
    if (dir)
        g_dir_close(dir);
}

/* -- opening -- */

static struct home *home_new(const char *path, const char *passphrase)
{
    struct home *home = g_new0(struct home, 1);

    home->path = g_strdup(path);
    home->passphrase = passphrase;
    home->lock = -1;
    return home;
}

struct home *home_open(const char *path, const char *passphrase, GError **error)
{
    struct stat found;

    if (strlen(path) > LIMIT_KEYS_HOME_PATH || path[0] != '/') {
        failure_refuse(error,
            "The folder of our keys must be an absolute path of %d bytes at most, and %s is not. "
            "Nothing was changed; set keys.home",
            LIMIT_KEYS_HOME_PATH, path);
        return NULL;
    }
    if (g_mkdir_with_parents(path, 0700) != 0 || stat(path, &found) != 0 ||
        !S_ISDIR(found.st_mode) || found.st_uid != geteuid() || chmod(path, 0700) != 0) {
        failure_refuse(error,
            "The folder of our keys (%s) cannot be made, or is not ours alone. Nothing was "
            "changed; "
            "see keys.home",
            path);
        return NULL;
    }
    if (!has_no_rival(path, error) || !home_set_up(path, error))
        return NULL;
    sweep(path);
    return home_new(path, passphrase);
}

/* Locked before anybody could have swept it away; -1: it was. */
static int make_locked(const char *pattern, char **made)
{
    char *path = g_strdup(pattern);
    struct stat found;
    int folder;

    *made = path;
    if (!g_mkdtemp_full(path, 0700))
        return -1;
    folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0 && flock(folder, LOCK_EX) == 0 && fstat(folder, &found) == 0 &&
        found.st_nlink > 0)
        return folder;
    if (folder >= 0)
        close(folder);
    return -1;
}

struct home *home_open_temporary(const struct home *outer, GError **error)
{
    g_autofree char *pattern = g_build_filename(outer->path, TEMPORARY "XXXXXX", NULL);
    g_autoptr(mado_home) home = NULL;
    int lock = -1;

    for (int i = 0; i < 5 && lock < 0; i++) {
        g_autofree char *path = NULL;
        lock = make_locked(pattern, &path);
        if (lock < 0)
            continue;
        home = home_new(path, outer->passphrase);
        home->thrown_away = TRUE;
        home->lock = lock;
    }
    if (!home) {
        failure_refuse(error,
            "No folder can be made in %s (%s). Nothing was changed; see its mode and the disk",
            outer->path, g_strerror(errno));
        return NULL;
    }
    return home_set_up(home->path, error) ? g_steal_pointer(&home) : NULL;
}

struct home *home_open_copy(const struct home *outer, GError **error)
{
    static const char ring[] = "pubring.kbx", options[] = "gpgsm.conf";
    g_autoptr(mado_home) home = home_open_temporary(outer, error);
    g_autofree char *from = g_build_filename(outer->path, ring, NULL);
    g_autofree char *to = home ? g_build_filename(home->path, ring, NULL) : NULL;
    g_autofree char *conf = home ? g_build_filename(home->path, options, NULL) : NULL;
    g_autofree char *keys = NULL;
    g_autoptr(GError) cause = NULL;
    gsize size = 0;

    if (!home)
        return NULL;
    if ((g_file_get_contents(from, &keys, &size, &cause) &&
            !g_file_set_contents(to, keys, (gssize)size, &cause)) ||
        (cause && !g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT)) ||
        !g_file_set_contents(conf, GPGSM_OPTIONS "no-autostart\n", -1, NULL)) {
        failure_refuse(error, "Our certificates cannot be copied: %s. Nothing was changed",
            cause ? cause->message : "the disk may be full");
        return NULL;
    }
    return g_steal_pointer(&home);
}

void home_close(struct home *home)
{
    if (!home)
        return;
    home_forget_context(home, GPGME_PROTOCOL_OpenPGP);
    home_forget_context(home, GPGME_PROTOCOL_CMS);
    if (home->thrown_away)
        remove_folder(home->path, home->lock);
    if (home->lock >= 0)
        close(home->lock);
    said_clear(&home->said);
    g_free(home->agent);
    g_free(home->path);
    g_free(home);
}

/* -- contexts -- */

/* Only for a key of ours: whoever encrypts with a password is not answered. */
static gpgme_error_t give_passphrase(
    void *data, const char *hint, const char *info, int again, int fd)
{
    const struct home *home = data;

    if (again || home->said.password > 0)
        return gpgme_error(GPG_ERR_CANCELED);
    if (gpgme_io_writen(fd, home->passphrase, strlen(home->passphrase)) != 0 ||
        gpgme_io_writen(fd, "\n", 1) != 0)
        return gpgme_error_from_errno(errno);
    return 0;
}

static gpgme_error_t equip(struct home *home, gpgme_ctx_t context, gpgme_protocol_t protocol)
{
    gpgme_error_t failed = gpgme_set_protocol(context, protocol);

    if (!failed)
        failed = gpgme_ctx_set_engine_info(context, protocol, NULL, home->path);
    if (!failed)
        failed = gpgme_set_pinentry_mode(
            context, home->passphrase ? GPGME_PINENTRY_MODE_LOOPBACK : GPGME_PINENTRY_MODE_ERROR);
    if (!failed)
        failed = gpgme_set_ctx_flag(context, "full-status", "1");
    gpgme_set_offline(context, 1);
    gpgme_set_status_cb(context, said_hear, &home->said);
    if (home->passphrase)
        gpgme_set_passphrase_cb(context, give_passphrase, home);
    return failed;
}

gpgme_ctx_t home_context(struct home *home, gpgme_protocol_t protocol, GError **error)
{
    gpgme_ctx_t *context = &home->contexts[protocol == GPGME_PROTOCOL_CMS];
    gpgme_error_t failed = 0;

    if (!*context) {
        failed = gpgme_new(context);
        if (!failed)
            failed = equip(home, *context, protocol);
    }
    if (failed) {
        home_forget_context(home, protocol);
        failure_later(error, "start", failed);
        return NULL;
    }
    gpgme_set_armor(*context, 0);
    gpgme_set_textmode(*context, 0);
    gpgme_signers_clear(*context);
    said_clear(&home->said);
    ended_forget();
    return *context;
}

void home_forget_context(struct home *home, gpgme_protocol_t protocol)
{
    g_clear_pointer(&home->contexts[protocol == GPGME_PROTOCOL_CMS], gpgme_release);
}
