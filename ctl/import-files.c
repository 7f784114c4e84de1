/* The files of an import: the spreadsheet, what its columns are, and the rows that were not taken.
 */
#include "error.h"
#include "import.h"
#include <errno.h>
#include <fcntl.h>
#include <mado/limits.h>
#include <string.h>
#include <unistd.h>

enum { MOST_FILES = 99 };

static gboolean complain(const char *path, const char *why, GError **error)
{
    error_set(error, MADO_E_NO_SUCH, "%s: %s. Nothing was changed.", path, why);
    return FALSE;
}

static char *read_some(const char *path, gsize most, gsize *size, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    g_autoptr(GString) all = g_string_new(NULL);
    char block[64 * 1024];
    ssize_t got = fd < 0 ? -1 : 0;

    while (fd >= 0 && all->len <= most && (got = read(fd, block, sizeof block)) > 0)
        g_string_append_len(all, block, got);
    if (got < 0)
        complain(path, g_strerror(errno), error);
    else if (all->len > most)
        complain(path, _("it is larger than a file of this kind may be"), error);
    if (fd >= 0)
        close(fd);
    *size = all->len;
    return got < 0 || all->len > most ? NULL : g_string_free(g_steal_pointer(&all), FALSE);
}

GPtrArray *import_read(const char *path, GError **error)
{
    gsize size;
    g_autofree char *bytes = read_some(path, LIMIT_SHEET_BYTES, &size, error);

    return bytes ? csv_read(bytes, size, error) : NULL;
}

char *import_beside(const char *path, const char *end)
{
    gsize length = strlen(path);

    if (length > 4 && g_ascii_strcasecmp(path + length - 4, ".csv") == 0)
        length -= 4;
    return g_strdup_printf("%.*s%s", (int)length, path, end);
}

gboolean import_read_mapping(struct intake *intake, GError **error)
{
    const char *named = intake->call->options.mapping;
    g_autofree char *text = NULL;
    gsize size;

    intake->mapping_path = named ? g_strdup(named) : import_beside(intake->path, ".mapping");
    intake->has_mapping = g_file_test(intake->mapping_path, G_FILE_TEST_EXISTS);
    if (!intake->has_mapping) {
        intake->mapping = sheet_mapping_new();
        return TRUE;
    }
    text = read_some(intake->mapping_path, LIMIT_CONTROL_MUCH, &size, error);
    if (text && (memchr(text, 0, size) || !g_utf8_validate(text, (gssize)size, NULL)))
        return complain(intake->mapping_path, _("this is no mapping"), error);
    intake->mapping = text ? sheet_mapping_read(text, error) : NULL;
    return intake->mapping != NULL;
}

static gboolean write_file(const char *path, const char *text, GError **error)
{
    g_autoptr(GError) failed = NULL;

    if (g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &failed))
        return TRUE;
    error_set(error, MADO_E_STORE_WRITE, "%s. Nothing was imported.", failed->message);
    return FALSE;
}

gboolean import_write_mapping(struct intake *intake, GError **error)
{
    g_autofree char *text = NULL;

    if (!intake->asked)
        return TRUE;
    for (guint i = 0; i < intake->sheet->heads->len; i++)
        sheet_mapping_set(intake->mapping, intake->sheet->heads->pdata[i], intake->sheet->field[i]);
    text = sheet_mapping_text(intake->mapping);
    if (!write_file(intake->mapping_path, text, error))
        return FALSE;
    screen_complain_softly("What you said of the columns is kept in %s.", intake->mapping_path);
    return TRUE;
}

/* -- what was rejected -- */

static void append_line(GString *out, GPtrArray *cells, const char *line, const char *reason)
{
    for (guint i = 0; i < cells->len; i++) {
        csv_append(out, cells->pdata[i]);
        g_string_append_c(out, ',');
    }
    csv_append(out, line);
    g_string_append_c(out, ',');
    csv_append(out, reason);
    g_string_append(out, "\r\n");
}

static void append_rejected(const struct intake *intake, guint i, GString *out)
{
    const struct csv_line *line = intake->lines->pdata[intake->sheet->first + i];
    g_autoptr(GPtrArray) cells = g_ptr_array_new();
    g_autofree char *number = g_strdup_printf("%u", line->number);

    for (guint k = 0; k < intake->sheet->heads->len; k++)
        g_ptr_array_add(cells, k < line->fields->len ? line->fields->pdata[k] : (gpointer) "");
    append_line(out, cells, number, row_text(json_array_get(intake->found, i), "why"));
}

static gboolean is_rejected(const struct intake *intake, guint i)
{
    return g_str_equal(row_text(json_array_get(intake->found, i), "result"), "rejected");
}

/* In a way that Excel takes for UTF-8. */
static char *rejected_text(const struct intake *intake)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < intake->rows->len; i++) {
        if (!is_rejected(intake, i))
            continue;
        if (!out->len) {
            g_string_append(out, "\xEF\xBB\xBF");
            append_line(out, intake->sheet->heads, "mado line", "mado reason");
        }
        append_rejected(intake, i, out);
    }
    return g_string_free(out, FALSE);
}

/* Somebody may have worked on the one that is there: a new one gets a name of its own. */
gboolean import_write_rejected(struct intake *intake, char **path, GError **error)
{
    g_autofree char *text = rejected_text(intake);

    *path = NULL;
    if (!*text)
        return TRUE;
    for (int i = 1; i <= MOST_FILES; i++) {
        g_autofree char *end =
            i == 1 ? g_strdup(".rejected.csv") : g_strdup_printf(".rejected-%d.csv", i);
        g_autofree char *name = import_beside(intake->path, end);
        g_autofree char *there = NULL;
        if (g_file_get_contents(name, &there, NULL, NULL) && !g_str_equal(there, text))
            continue;
        *path = g_steal_pointer(&name);
        return write_file(*path, text, error);
    }
    return complain(intake->path, _("there are too many files of rejected rows beside it"), error);
}
