/* The journal: is it as it was written, and a copy of it for who keeps one elsewhere. */
#include "control-answers.h"
#include "error.h"
#include "now.h"
#include "tar.h"
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

enum { EXPORT_PAGE = 1000, MOST_OF_A_LIST = 64 * 1024 };

/* -- the last export, which knows how long the journal was then -- */

static char *newest_export(const char *path)
{
    g_autoptr(GDir) folder = *path ? g_dir_open(path, 0, NULL) : NULL;
    g_autofree char *newest = NULL;
    const char *name;

    while (folder && (name = g_dir_read_name(folder)))
        if (g_str_has_prefix(name, "mado-journal-") && g_str_has_suffix(name, ".tar") &&
            g_strcmp0(name, newest) > 0) {
            g_free(newest);
            newest = g_strdup(name);
        }
    return newest ? g_build_filename(path, newest, NULL) : NULL;
}

/* NULL: it cannot be read. */
static json_t *read_list(const char *path)
{
    int fd = path ? open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
    struct tar_member member = {0};
    json_t *list = NULL;

    while (fd >= 0 && !list && tar_next(fd, &member, NULL) > 0)
        if (g_str_equal(member.name, "manifest.json")) {
            g_autoptr(GBytes) bytes = tar_bytes(fd, &member, MOST_OF_A_LIST, NULL);
            list = bytes
                       ? json_loadb(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), 0, NULL)
                       : NULL;
            break;
        }
    if (fd >= 0)
        close(fd);
    return list;
}

/* What is wrong by it, as a sentence; NULL: nothing. */
static char *compare_with(
    const struct answer *answer, const char *path, const json_t *list, GError **error)
{
    gint64 rows = json_integer_value(json_object_get(list, "journal_rows"));
    const char *hash = json_string_value(json_object_get(list, "journal_hash"));
    g_autoptr(GPtrArray) there = NULL;

    if (rows < 1 || !hash)
        return g_strdup_printf("the export %s cannot be read", path);
    there = store_journal_rows(answer->context->store, (guint64)rows - 1, 1, error);
    if (!there)
        return NULL;
    if (!there->len || ((struct journal_row *)there->pdata[0])->id != (guint64)rows)
        return g_strdup_printf("row %" PRIi64
                               " of the journal is in the export %s and is missing here: its end "
                               "was cut off; keep this store as it is, and compare: madoctl audit "
                               "verify FILE",
            rows, path);
    if (!g_str_equal(((struct journal_row *)there->pdata[0])->hash, hash))
        return g_strdup_printf(
            "row %" PRIi64
            " of the journal is another one than in the export %s: it was written anew; keep this "
            "store as it is, and compare: madoctl audit verify FILE",
            rows, path);
    return NULL;
}

/* -- audit verify -- */

static void add_verdict(
    struct answer *answer, guint64 checked, const char *why, const char *compared)
{
    json_t *row = ctl_row();

    answer_set(row, "checked", answer_integer(checked));
    answer_set(row, "intact", json_boolean(why == NULL));
    answer_set(row, "why", ctl_string(why));
    answer_set(row, "compared", ctl_string(compared));
    answer_add(answer, row);
}

static gboolean end_verdict(struct answer *answer, guint64 checked, GError **error)
{
    g_autofree char *path = newest_export(answer->context->settings->audit.folder);
    json_t *list = read_list(path);
    GError *failed = NULL;
    g_autofree char *why = path ? compare_with(answer, path, list, &failed) : NULL;

    json_decref(list);
    if (failed) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    add_verdict(answer, checked, why, path);
    return TRUE;
}

/* One piece of the chain a request, so that mail is served in between. The link between two pieces
 * travels through the asker, who can deceive nobody but themselves. */
gboolean answer_audit(struct answer *answer, GError **error)
{
    json_t *page = json_object_get(answer->args, "page");
    const char *link = json_string_value(json_object_get(page, "hash"));
    g_autoptr(GError) broken = NULL;
    char hash[STORE_HASH_SIZE] = "";
    guint64 after = answer_page_number(answer, "after");
    guint64 before = answer_page_number(answer, "checked");
    guint checked = 0;

    g_strlcpy(hash, link ? link : "", sizeof hash);
    if (!store_audit(answer->context->store, &after, hash, AUDIT_PAGE, &checked, &broken)) {
        if (!g_error_matches(broken, MADO_ERROR, MADO_E_AUDIT_BROKEN)) {
            g_propagate_error(error, g_steal_pointer(&broken));
            return FALSE;
        }
        add_verdict(answer, before + checked, broken->message, NULL);
    } else if (checked < AUDIT_PAGE) {
        return end_verdict(answer, before + checked, error);
    } else {
        answer->next = json_pack("{s:o,s:o,s:o}", "after", answer_integer(after), "hash",
            ctl_string(hash), "checked", answer_integer(before + checked));
    }
    return TRUE;
}

/* -- audit export -- */

/* Who takes it away is in it, too. */
static gboolean note(const struct answer *answer, GError **error)
{
    const char *file = answer_string(answer, "compare");
    g_autofree char *text =
        file ? g_strdup_printf("the journal was compared with %s", file) : g_strdup("the journal");

    return store_journal(answer->context->store, now_seconds(), answer->user,
        file ? "audit-verify" : "audit-export", 0, 0, text, error);
}

gboolean answer_audit_export(struct answer *answer, GError **error)
{
    guint64 after = answer_page_number(answer, "after");
    g_autoptr(GPtrArray) rows = NULL;

    if (!after && !note(answer, error))
        return FALSE;
    rows = store_journal_rows(answer->context->store, after, EXPORT_PAGE, error);
    for (guint i = 0; rows && i < rows->len; i++) {
        const struct journal_row *row = rows->pdata[i];
        answer_add(answer, ctl_journal_row(row));
        after = row->id;
    }
    if (rows && rows->len == EXPORT_PAGE)
        answer->next = json_pack(
            "{s:o,s:o}", "after", answer_integer(after), "checked", answer_integer(after));
    return rows != NULL;
}
