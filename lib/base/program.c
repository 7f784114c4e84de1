#include "program.h"
#include <glib.h>
#include <unistd.h>

char *program_find(const char *name, const char *folder)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *here = self ? g_path_get_dirname(self) : NULL;
    g_autofree char *beside = here ? g_build_filename(here, name, NULL) : NULL;

    if (beside && access(beside, X_OK) == 0)
        return g_steal_pointer(&beside);
    return g_build_filename(folder, name, NULL);
}
