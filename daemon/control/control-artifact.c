/* The files that came with a ticket: which they are, and one of them for who saves it. */
#include "control-answers.h"
#include "error.h"
#include <inttypes.h>
#include <mado/limits.h>
#include <string.h>

enum {
    ELSEWHERE_SHOWN = 20,
    FILES_SHOWN = 500,
    ASK_AGAIN_MS = 20,
    PIECE_BYTES = 768 * 1024, /* of a file in one answer */
    FEWEST_DIGITS = 8,        /* of a hash that names a file */
    MOST_OF_A_NUMBER = 4,     /* digits */
};

/* -- which they are -- */

static json_t *numbers_of(const struct answer *answer, const GPtrArray *all)
{
    json_t *rows = json_array();

    for (guint i = 0; i < all->len; i++) {
        const struct related *one = g_ptr_array_index(all, i);
        if (answer_sees_incident(answer, one->incident))
            json_array_append_new(rows, ctl_string(one->number));
    }
    return rows;
}

static json_t *file_row(const struct artifact *file, guint n)
{
    json_t *row = ctl_row();

    answer_set(row, "n", answer_integer(n));
    answer_set(row, "mail", answer_integer(file->mail));
    answer_set(row, "name", ctl_known(file->name));
    answer_set(row, "type", ctl_string(file->type));
    answer_set(row, "size", answer_integer(file->size));
    answer_set(row, "sha256", ctl_string(file->sha256));
    return row;
}

static gboolean add_file(
    struct answer *answer, guint64 incident, const struct artifact *file, guint n, GError **error)
{
    g_autoptr(GPtrArray) others = store_incidents_with_file(
        answer->context->store, file->sha256, incident, ELSEWHERE_SHOWN, error);
    json_t *row = file_row(file, n);

    if (others)
        answer_set(row, "elsewhere", numbers_of(answer, others));
    return answer_add_if(answer, row, others != NULL);
}

gboolean answer_artifacts(struct answer *answer, GError **error)
{
    guint64 incident;
    g_autoptr(GPtrArray) files = NULL;
    gboolean done = TRUE;

    if (!answer_find_ticket(answer, &incident, error))
        return FALSE;
    files = store_artifacts(answer->context->store, incident, FILES_SHOWN, error);
    for (guint i = 0; files && done && i < files->len; i++)
        done = add_file(answer, incident, g_ptr_array_index(files, i), i + 1, error);
    return files && done;
}

/* -- one of them -- */

/* "3", or the first digits of a hash; NULL: the only one that there is. */
static gboolean is_meant(const char *word, const struct artifact *file, guint n)
{
    g_autofree char *number = g_strdup_printf("%u", n);

    if (!word)
        return TRUE;
    if (strlen(word) <= MOST_OF_A_NUMBER)
        return g_str_equal(word, number);
    return strlen(word) >= FEWEST_DIGITS && !g_ascii_strncasecmp(file->sha256, word, strlen(word));
}

/* The place of the file that is meant; 0: none is, or several that are not the same. */
static guint find_file(const GPtrArray *files, const char *word, gboolean *many)
{
    const struct artifact *found = NULL;
    guint place = 0;

    *many = FALSE;
    for (guint i = 0; i < files->len; i++) {
        const struct artifact *file = g_ptr_array_index(files, i);
        if (!is_meant(word, file, i + 1))
            continue;
        *many |= found && !g_str_equal(found->sha256, file->sha256);
        if (!found)
            place = i + 1;
        found = found ? found : file;
    }
    return *many ? 0 : place;
}

static gboolean refuse_file(
    const struct answer *answer, const GPtrArray *files, gboolean many, GError **error)
{
    const char *id = answer_string(answer, "id");
    const char *word = answer_string(answer, "file");

    if (!files->len)
        return answer_refuse(
            error, MADO_E_NO_SUCH, "No files came with ticket %s. Nothing was saved.", id);
    if (many)
        return answer_refuse(error, MADO_E_USAGE,
            "More than one file of ticket %s is meant. Nothing was saved. Write which, by its "
            "number or %d digits of its hash or more: madoctl artifact save %s/1; see: madoctl "
            "artifact list %s",
            id, FEWEST_DIGITS, id, id);
    return answer_refuse(error, MADO_E_NO_SUCH,
        "No file %s came with ticket %s. Nothing was saved. See: madoctl artifact list %s",
        word ? word : "", id, id);
}

static gboolean is_of_size(const struct artifact *file, GError **error)
{
    return file->size <= LIMIT_SAVED_BYTES ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "The file has %" PRIu64 " bytes, and at most %d can be saved. Nothing was saved.",
               file->size, LIMIT_SAVED_BYTES);
}

/* What will be saved is told at once, and begun. */
static gboolean begin(struct answer *answer, guint64 *task, GError **error)
{
    const struct control_context *context = answer->context;
    struct order order = {.kind = ORDER_SAVE, .user = answer->user};
    g_autoptr(GPtrArray) files = NULL;
    const struct artifact *file;
    gboolean many;
    json_t *row;
    guint n;

    if (!answer_find_ticket(answer, &order.incident, error) ||
        !(files = store_artifacts(context->store, order.incident, FILES_SHOWN, error)))
        return FALSE;
    n = find_file(files, answer_string(answer, "file"), &many);
    if (!n)
        return refuse_file(answer, files, many, error);
    file = g_ptr_array_index(files, n - 1);
    order.mail = file->mail;
    order.file_name = file->name;
    order.sha256 = file->sha256;
    if (!context->begin)
        return answer_refuse(
            error, MADO_E_BUSY, "No file can be saved now. Nothing was saved. Try again.");
    if (!is_of_size(file, error) || !context->begin(context->desk, &order, task, error))
        return FALSE;
    row = file_row(file, n);
    answer_set(row, "ticket", answer_ticket_number(answer, order.incident));
    answer_add(answer, row);
    return TRUE;
}

/* From where they have it: the rest, or as much as goes into one answer. */
static void tell_piece(struct answer *answer, guint64 task, GBytes *bytes)
{
    gsize size;
    const guchar *data = g_bytes_get_data(bytes, &size);
    gsize from = MIN(answer_page_number(answer, "from"), size);
    gsize much = MIN(size - from, (gsize)PIECE_BYTES);
    g_autofree char *coded = g_base64_encode(data + from, much);
    json_t *row = ctl_row();

    answer_set(row, "piece", ctl_string(coded));
    answer_add(answer, row);
    if (from + much < size)
        answer->next = json_pack(
            "{s:o,s:o}", "task", answer_integer(task), "from", answer_integer(from + much));
    else
        answer->context->forget(answer->context->desk, task);
}

static gboolean go_on(struct answer *answer, guint64 task, GError **error)
{
    const struct control_context *context = answer->context;
    struct order_end end;

    /* What was hidden in the meantime is as if it were not there. */
    if (!context->end(context->desk, task, answer->user, &end) ||
        !answer_sees_mail(answer, end.mail))
        return answer_refuse(error, MADO_E_NO_SUCH,
            "What was begun is not known any more: the daemon was started again, or it is long "
            "over. Nothing was saved. Try again.");
    if (end.error) {
        g_propagate_error(error, g_error_copy(end.error));
        context->forget(context->desk, task);
        return FALSE;
    }
    if (end.over && end.bytes)
        tell_piece(answer, task, end.bytes);
    else
        answer->next =
            json_pack("{s:o,s:i}", "task", answer_integer(task), "again_ms", ASK_AGAIN_MS);
    return TRUE;
}

gboolean answer_artifact_save(struct answer *answer, GError **error)
{
    guint64 task = answer_page_number(answer, "task");

    if (task)
        return go_on(answer, task, error);
    return begin(answer, &task, error) && go_on(answer, task, error);
}
