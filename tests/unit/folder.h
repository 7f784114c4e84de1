/* Folders that tests make. */
#pragma once
#include <glib/gstdio.h>

/* With all that is in it; frees the path. */
static inline void folder_remove(char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        char *inside = g_build_filename(path, name, NULL);
        gboolean folder =
            g_file_test(inside, G_FILE_TEST_IS_DIR) && !g_file_test(inside, G_FILE_TEST_IS_SYMLINK);
        if (folder) {
            folder_remove(inside);
            continue;
        }
        g_remove(inside);
        g_free(inside);
    }
    g_rmdir(path);
    g_free(path);
}
