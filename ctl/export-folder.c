/* What is written for somebody to keep: a folder that was not there, which nobody else may read. */
#include "error.h"
#include "fd.h"
#include "madoctl.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
    char *name;
    int fd;
};

struct export_folder {
    char *path;
    int fd;
    GPtrArray *files; /* struct file */
};

static void file_free(gpointer data)
{
    struct file *file = data;

    if (file->fd >= 0)
        close(file->fd);
    g_free(file->name);
    g_free(file);
}

static gboolean refuse(const char *path, GError **error)
{
    if (errno == EEXIST)
        error_set(error, MADO_E_STORE_WRITE,
            "%s is there already, and stays as it is. Nothing was written. Write another name.",
            path);
    else
        error_set(error, MADO_E_STORE_WRITE,
            "%s cannot be written: %s. Nothing was kept. Write another name, or make room.", path,
            g_strerror(errno));
    return FALSE;
}

struct export_folder *export_folder_new(const char *path, GError **error)
{
    struct export_folder *folder;
    int fd =
        mkdir(path, 0700) == 0 ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;

    if (fd < 0) {
        refuse(path, error);
        return NULL;
    }
    folder = g_new0(struct export_folder, 1);
    folder->path = g_strdup(path);
    folder->fd = fd;
    folder->files = g_ptr_array_new_with_free_func(file_free);
    return folder;
}

static struct file *find(struct export_folder *folder, const char *name, GError **error)
{
    struct file *file;
    int fd;

    for (guint i = 0; i < folder->files->len; i++) {
        file = folder->files->pdata[i];
        if (g_str_equal(file->name, name))
            return file;
    }
    fd = openat(folder->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        refuse(name, error);
        return NULL;
    }
    file = g_new0(struct file, 1);
    file->name = g_strdup(name);
    file->fd = fd;
    g_ptr_array_add(folder->files, file);
    return file;
}

gboolean export_folder_add(
    struct export_folder *folder, const char *name, const void *bytes, gsize size, GError **error)
{
    struct file *file = find(folder, name, error);

    return file && (fd_write_all(file->fd, bytes, size, NULL) || refuse(name, error));
}

char *export_folder_names(const struct export_folder *folder)
{
    GString *names = g_string_new(NULL);

    for (guint i = 0; i < folder->files->len; i++)
        g_string_append_printf(
            names, "%s%s", i ? " " : "", ((const struct file *)folder->files->pdata[i])->name);
    return g_string_free(names, FALSE);
}

static gboolean is_on_disk(const struct export_folder *folder, GError **error)
{
    for (guint i = 0; i < folder->files->len; i++) {
        const struct file *file = folder->files->pdata[i];
        if (fsync(file->fd) < 0)
            return refuse(file->name, error);
    }
    return fsync(folder->fd) == 0 || refuse(folder->path, error);
}

static void take_away(const struct export_folder *folder)
{
    for (guint i = 0; i < folder->files->len; i++)
        unlinkat(folder->fd, ((const struct file *)folder->files->pdata[i])->name, 0);
    rmdir(folder->path);
}

gboolean export_folder_end(struct export_folder *folder, gboolean keep, GError **error)
{
    gboolean kept;

    if (!folder)
        return FALSE;
    kept = keep && is_on_disk(folder, error);
    if (!kept)
        take_away(folder);
    g_ptr_array_unref(folder->files);
    close(folder->fd);
    g_free(folder->path);
    g_free(folder);
    return kept;
}
