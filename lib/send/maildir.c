/*
 * Letters into a Maildir: for the demo, for tests, for exercises, and for sites where another
 * program carries mail on. A letter's name is made of its id and its bytes, so that a second
 * attempt finds the first one's letter and leaves it as it is.
 *
 * The order is the promise: bytes, fsync, close, rename, fsync of the folder. A rename without
 * the last can lose the name in a power cut.
 */
#include "send.h"
#include "error.h"
#include "fault.h"
#include "fd.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct maildir {
    char *path;
    int tmp, inbox, shown;
};

static void maildir_close(gpointer transport)
{
    struct maildir *maildir = transport;
    const int fds[] = {maildir->tmp, maildir->inbox, maildir->shown};

    for (gsize i = 0; i < G_N_ELEMENTS(fds); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    g_free(maildir->path);
    g_free(maildir);
}

static int make_folder(const char *path, const char *name)
{
    g_autofree char *folder = g_build_filename(path, name, NULL);

    if (g_mkdir_with_parents(folder, 0700) < 0)
        return -1;
    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static gpointer maildir_open(const struct transport_setup *setup, GError **error)
{
    struct maildir *maildir = g_new0(struct maildir, 1);
    const char *path = "";

    g_variant_dict_lookup(setup->settings, "path", "&s", &path);
    maildir->path = g_strdup(path);
    maildir->tmp = make_folder(path, "tmp");
    maildir->inbox = make_folder(path, "new");
    maildir->shown = make_folder(path, "cur");
    if (maildir->tmp >= 0 && maildir->inbox >= 0 && maildir->shown >= 0)
        return maildir;
    g_set_error(error, MADO_ERROR, MADO_E_TRANSPORT,
        "%s cannot be used as a Maildir: %s. Nothing was sent; letters wait in the outbox", path,
        g_strerror(errno));
    maildir_close(maildir);
    return NULL;
}

static gboolean is_still(const struct maildir *maildir, int folder, const char *name)
{
    g_autofree char *path = g_build_filename(maildir->path, name, NULL);
    struct stat ours, there;

    return stat(path, &there) == 0 && fstat(folder, &ours) == 0 && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

/* What we hold open can be written to when it is moved away, unmounted or replaced, and nobody
 * would find there what is said to have gone. */
static gboolean is_in_place(const struct maildir *maildir, GError **error)
{
    if (is_still(maildir, maildir->inbox, "new") && is_still(maildir, maildir->shown, "cur"))
        return TRUE;
    g_set_error(error, MADO_ERROR, MADO_E_TRANSPORT,
        "%s: it is not there any more, or another folder took its place. Letters wait; put it "
        "back, or start madod again",
        maildir->path);
    return FALSE;
}

/* A reader of that Maildir may have moved the letter to cur/ and given it flags. */
static gboolean was_shown(struct maildir *maildir, const char *name)
{
    int fd = openat(maildir->shown, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
    gboolean found = FALSE;
    struct dirent *entry;

    if (!entries)
        return FALSE;
    while (!found && (entry = readdir(entries)))
        found = g_str_has_prefix(entry->d_name, name) && strchr(":", entry->d_name[strlen(name)]);
    closedir(entries);
    return found;
}

static gboolean is_there(struct maildir *maildir, const char *name)
{
    return faccessat(maildir->inbox, name, F_OK, 0) == 0 || was_shown(maildir, name);
}

/* Return-Path tells the envelope, as a final delivery does (RFC 5321 4.4). */
static gboolean write_letter(int to, const struct letter_out *letter, GError **error)
{
    g_autofree char *envelope =
        g_strdup_printf("Return-Path: <%s>\r\nDelivered-To: %s\r\n", letter->from, letter->to);
    guint64 copied;

    return fd_write_all(to, envelope, strlen(envelope), error) &&
           lseek(letter->fd, 0, SEEK_SET) == 0 &&
           fd_copy(letter->fd, to, G_MAXINT64, &copied, error);
}

static gboolean place_letter(
    struct maildir *maildir, const char *name, const struct letter_out *letter, GError **error)
{
    int fd;
    gboolean written;

    unlinkat(maildir->tmp, name, 0); /* half a letter of an attempt that was cut off */
    fd = openat(maildir->tmp, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    written = fd >= 0 && write_letter(fd, letter, error) && fsync(fd) == 0;
    if (fd >= 0 && close(fd) < 0)
        written = FALSE;
    fault_pass("letter_written");
    if (written && fd_move(maildir->tmp, name, maildir->inbox, name) && fsync(maildir->inbox) == 0)
        return TRUE;
    if (error && !*error)
        g_set_error(error, MADO_ERROR, MADO_E_TRANSPORT,
            "%s: the letter cannot be written: %s. It waits and is tried again", maildir->path,
            g_strerror(errno));
    return FALSE;
}

static char *letter_name(const struct letter_out *letter, GError **error)
{
    struct stat is;
    g_autofree char *sha256 =
        fstat(letter->fd, &is) == 0 ? fd_sha256(letter->fd, (guint64)is.st_size, error) : NULL;

    return sha256 ? g_strdup_printf("letter-%06" G_GUINT64_FORMAT ".%.16s.mado", letter->id, sha256)
                  : NULL;
}

static void maildir_send(
    gpointer transport, const struct letter_out *letter, struct send_result *result)
{
    struct maildir *maildir = transport;
    g_autoptr(GError) error = NULL;
    g_autofree char *name = NULL;

    if (!is_in_place(maildir, &error)) {
        *result = (struct send_result){SEND_NOT_TRIED, g_strdup(error->message)};
        return;
    }
    name = letter_name(letter, &error);
    /* An attempt that was cut off may have left the name without making it durable. */
    if (name && is_there(maildir, name) && fsync(maildir->inbox) == 0) {
        *result = (struct send_result){SEND_DONE, g_strdup("was there already")};
    } else if (name && place_letter(maildir, name, letter, &error)) {
        *result = (struct send_result){SEND_DONE, g_strdup_printf("new/%s", name)};
    } else {
        *result = (struct send_result){SEND_DEFERRED, g_strdup(error ? error->message : "unknown")};
    }
}

static gboolean maildir_prove(gpointer transport, GError **error)
{
    struct maildir *maildir = transport;

    if (!is_in_place(maildir, error))
        return FALSE;
    if (faccessat(maildir->tmp, ".", W_OK | X_OK, 0) == 0 &&
        faccessat(maildir->inbox, ".", W_OK | X_OK, 0) == 0)
        return TRUE;
    g_set_error(error, MADO_ERROR, MADO_E_TRANSPORT,
        "%s cannot be written to: %s. Letters wait; let madod write there", maildir->path,
        g_strerror(errno));
    return FALSE;
}

static void maildir_rest(gpointer transport)
{
}

const struct transport transport_maildir = {
    .name = "maildir",
    .repeatable = TRUE,
    .open = maildir_open,
    .send = maildir_send,
    .prove = maildir_prove,
    .rest = maildir_rest,
    .close = maildir_close,
};
