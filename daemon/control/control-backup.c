/* backup: a sealed copy of the store, and how the last one was. */
#include "control-answers.h"
#include "error.h"
#include "now.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { ASK_AGAIN_MS = 100, PIECE_BYTES = 768 * 1024, OLD_SECONDS = 36 * 60 * 60 };

/* -- how it is made -- */

static void tell_progress(struct answer *answer, guint64 task, const struct order_end *end)
{
    answer->next = json_pack("{s:o,s:i,s:o,s:o}", "task", answer_integer(task), "again_ms",
        ASK_AGAIN_MS, "done", answer_integer(end->done), "all", answer_integer(end->all));
}

static gboolean cannot_read(const char *path, GError **error)
{
    return answer_refuse(error, MADO_E_STORE_READ,
        "The backup %s cannot be read back: %s. Try again.", path, g_strerror(errno));
}

static GBytes *read_piece(const struct order_end *end, guint64 from, GError **error)
{
    gsize size = (gsize)MIN(end->size - from, PIECE_BYTES);
    g_autofree guint8 *bytes = g_malloc(size + 1);
    int fd = open(end->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    gssize got = fd >= 0 ? pread(fd, bytes, size, (off_t)from) : -1;

    if (got != (gssize)size)
        cannot_read(end->path, error);
    if (fd >= 0)
        close(fd);
    return got == (gssize)size ? g_bytes_new_take(g_steal_pointer(&bytes), size) : NULL;
}

/* It goes away with who has asked for it: from where they have it, as much as goes into one answer.
 */
static gboolean tell_piece(
    struct answer *answer, guint64 task, const struct order_end *end, GError **error)
{
    guint64 from = MIN(answer_page_number(answer, "from"), end->size), size = end->size;
    g_autoptr(GBytes) bytes = read_piece(end, from, error);
    g_autofree char *coded = NULL;
    json_t *row;

    if (!bytes)
        return FALSE;
    coded = g_base64_encode(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    row = ctl_row();
    answer_set(row, "piece", ctl_string(coded));
    answer_add(answer, row);
    from += g_bytes_get_size(bytes);
    if (from < size)
        answer->next = json_pack("{s:o,s:o,s:o,s:o}", "task", answer_integer(task), "from",
            answer_integer(from), "done", answer_integer(from), "all", answer_integer(size));
    else
        answer->context->forget(answer->context->desk, task);
    return TRUE;
}

static void tell_file(struct answer *answer, guint64 task, const struct order_end *end)
{
    json_t *row = ctl_row();

    answer_set(row, "file", ctl_string(end->path));
    answer_set(row, "size", answer_integer(end->size));
    answer_add(answer, row);
    answer->context->forget(answer->context->desk, task);
}

static gboolean go_on(struct answer *answer, guint64 task, GError **error)
{
    const struct control_context *context = answer->context;
    struct order_end end;

    if (!context->end(context->desk, task, answer->user, &end))
        return answer_refuse(error, MADO_E_NO_SUCH,
            "What was begun is not known any more: the daemon was started again, or it is long "
            "over. Try again.");
    if (end.error) {
        g_propagate_error(error, g_error_copy(end.error));
        context->forget(context->desk, task);
        return FALSE;
    }
    if (end.over && end.fetched)
        return tell_piece(answer, task, &end, error);
    if (end.over)
        tell_file(answer, task, &end);
    else
        tell_progress(answer, task, &end);
    return TRUE;
}

gboolean answer_backup(struct answer *answer, GError **error)
{
    const struct control_context *context = answer->context;
    const struct order order = {
        .kind = ORDER_BACKUP, .user = answer->user, .fetched = answer_flag(answer, "fetch")};
    guint64 task = answer_page_number(answer, "task");

    if (task)
        return go_on(answer, task, error);
    if (!context->begin)
        return answer_refuse(
            error, MADO_E_BUSY, "No backup can be made now. Nothing was written. Try again.");
    return context->begin(context->desk, &order, &task, error) && go_on(answer, task, error);
}

/* -- how the last one was -- */

json_t *answer_last_run(const struct answer *answer, const char *what)
{
    g_autoptr(mado_kept_run) run = store_kept_run(answer->context->store, what, NULL);
    json_t *row = json_object();

    answer_set(row, "done", answer_moment(answer, run ? run->done_at : 0));
    answer_set(row, "age_seconds", answer_age(run ? run->done_at : 0));
    answer_set(row, "file", ctl_known(run ? run->file : ""));
    answer_set(row, "size", answer_integer(run ? run->size : 0));
    answer_set(row, "why", ctl_known(run ? run->why : ""));
    return row;
}

static void examine(struct answer *answer, const char *check, const char *what, const char *folder)
{
    g_autoptr(mado_kept_run) run = store_kept_run(answer->context->store, what, NULL);
    gint64 since = run ? run->done_at : 0, age;
    g_autofree char *ago = NULL;
    g_autofree char *text = NULL;

    /* A store of yesterday is not to blame. */
    if (!run || (!since && !store_begun_at(answer->context->store, &since, NULL)))
        return;
    age = since ? now_seconds() - since : 0;
    ago = ctl_age_long(age);
    text = *run->why       ? g_strdup_printf(_("the last one failed: %s"), run->why)
           : !run->done_at ? g_strdup(_("none was made yet"))
                           : g_strdup_printf(_("%s ago: %s"), ago, run->file);
    if (*run->why || (*folder && run->done_at && age > OLD_SECONDS))
        answer_finding(answer, check, FAILURE, "mend what it says, then: madoctl backup", text);
    else if (age > OLD_SECONDS)
        answer_finding(answer, check, WARNING,
            "set backup.folder and audit.folder, or: madoctl backup FILE", text);
    else
        answer_finding(answer, check, FINE, NULL, text);
}

void answer_examine_copies(struct answer *answer)
{
    const struct settings *settings = answer->context->settings;

    examine(answer, "backup", "backup", settings->backup.folder);
    if (*settings->audit.folder)
        examine(answer, "journal export", "journal", settings->audit.folder);
}
