/* share: what others may be told of a ticket, as a file: printed for an operator, or with a letter.
 */
#include "control-enclose.h"
#include "error.h"
#include "now.h"
#include "sharing.h"
#include <string.h>

enum { PIECE_BYTES = 512 * 1024 };

/* -- what is wanted -- */

static gboolean refuse_format(const char *format, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (const struct share_format *one = share_formats; one->name; one++)
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", one->name);
    return answer_refuse(error, MADO_E_USAGE,
        "There is no format \"%s\". Nothing was shared. Write one of %s.", format, names->str);
}

static gboolean refuse_kind(const char *kind, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (int one = 0; one < INDICATOR_KINDS; one++)
        g_string_append_printf(
            names, "%s%s", names->len ? ", " : "", indicator_name((enum indicator_kind)one));
    return answer_refuse(error, MADO_E_USAGE,
        "There are no indicators of the type \"%s\". Nothing was shared. Write some of %s.", kind,
        names->str);
}

/* "ipv4,url" */
static gboolean take_only(const struct answer *answer, char ***only, GError **error)
{
    const char *typed = answer_string(answer, "only");
    gboolean all = TRUE;

    *only = typed && *typed ? g_strsplit(typed, ",", -1) : NULL;
    for (char **one = *only; all && one && *one; one++)
        all = indicator_from_name(g_strstrip(*one)) < INDICATOR_KINDS || refuse_kind(*one, error);
    return all;
}

/* NULL with an error. */
static struct enclosure *make(
    struct answer *answer, const struct sheet *sheet, struct share_count *count, GError **error)
{
    const struct control_context *context = answer->context;
    const char *format = answer_string(answer, "format");
    g_auto(GStrv) only = NULL;
    const struct sharing wanted = {.format = format ? format : "text", .label = sheet->label};
    struct sharing all = wanted;

    if (!context->share) {
        answer_refuse(error, MADO_E_BUSY, "Nothing can be shared now.");
        return NULL;
    }
    if (!share_format_find(wanted.format)) {
        refuse_format(wanted.format, error);
        return NULL;
    }
    if (!take_only(answer, &only, error))
        return NULL;
    all.only = only;
    return context->share(context->desk, sheet, &all, count, error);
}

/* -- with a letter -- */

static gboolean add_file(struct sheet *sheet, struct enclosure *file)
{
    if (!file)
        return FALSE;
    if (!sheet->files)
        sheet->files = enclosures_new();
    g_ptr_array_add(sheet->files, file);
    return TRUE;
}

/* Whoever is asked for something gets what is known as a table, where there is anything; what is
 * too much for one goes by share. */
static gboolean add_evidence(struct answer *answer, struct sheet *sheet, GError **error)
{
    const struct control_context *context = answer->context;
    const struct sharing wanted = {.format = "csv", .label = sheet->label};
    struct share_count count = {0, 0};
    g_autoptr(GError) failed = NULL;
    struct enclosure *file =
        context->share ? context->share(context->desk, sheet, &wanted, &count, &failed) : NULL;

    sheet->evidence = file && (count.indicators || count.events);
    if (sheet->evidence)
        return add_file(sheet, file);
    enclosure_free(file);
    if (!failed || g_error_matches(failed, MADO_ERROR, MADO_E_BAD_DATA))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}

gboolean answer_share_file(struct answer *answer, struct sheet *sheet, GError **error)
{
    struct share_count count;

    if (strcmp(sheet->purpose, "coord") == 0)
        return add_evidence(answer, sheet, error);
    return strcmp(sheet->purpose, "share") != 0 ||
           add_file(sheet, make(answer, sheet, &count, error));
}

/* -- printed -- */

static gboolean note(struct answer *answer, guint64 incident, const struct enclosure *file,
    const struct share_count *count, GError **error)
{
    g_autofree char *text = g_strdup_printf("%s (%u indicators, %u events, SHA-256 %s): printed",
        file->name, count->indicators, count->events, file->sha256);

    return store_journal(
        answer->context->store, now_seconds(), answer->user, "shared", incident, 0, text, error);
}

static void tell(struct answer *answer, const struct sheet *sheet, const struct enclosure *file,
    const struct share_count *count)
{
    struct incident *incident = store_incident_show(answer->context->store, sheet->incident, NULL);
    const char *format = answer_string(answer, "format");
    json_t *row = ctl_row();

    answer_set(row, "ticket", answer_ticket_number(answer, sheet->incident));
    answer_set(row, "tlp", ctl_string(incident ? incident->label : NULL));
    answer_set(row, "format", ctl_string(format ? format : "text"));
    answer_set(row, "name", ctl_string(file->name));
    answer_set(row, "size", answer_integer(file->size));
    answer_set(row, "sha256", ctl_string(file->sha256));
    answer_set(row, "indicators", answer_integer(count->indicators));
    answer_set(row, "events", answer_integer(count->events));
    answer_set(row, "came_sealed", json_boolean(file->sealed));
    answer_add(answer, row);
    incident_free(incident);
}

/* From where they have it; the text is cut between characters. */
static void tell_piece(struct answer *answer, const struct enclosure *file)
{
    gsize size, from = answer_page_number(answer, "from"), much;
    const char *data = g_bytes_get_data(file->bytes, &size);
    g_autofree char *piece = NULL;
    json_t *row = ctl_row();

    from = MIN(from, size);
    much = MIN(size - from, (gsize)PIECE_BYTES);
    while (from + much < size && (data[from + much] & 0xc0) == 0x80)
        much--;
    piece = g_strndup(data + from, much);
    answer_set(row, "piece", json_string(piece));
    answer_add(answer, row);
    if (from + much < size)
        answer->next = json_pack(
            "{s:o,s:o}", "from", answer_integer(from + much), "sha256", ctl_string(file->sha256));
}

static gboolean is_the_same(
    const struct answer *answer, const struct enclosure *file, GError **error)
{
    const char *sha256 =
        json_string_value(json_object_get(json_object_get(answer->args, "page"), "sha256"));

    return !sha256 || g_str_equal(sha256, file->sha256) ||
           answer_refuse(error, MADO_E_BUSY,
               "The ticket was changed in the meantime. Nothing was shared. Try again.");
}

static gboolean print(struct answer *answer, const struct sheet *sheet, GError **error)
{
    struct share_count count = {0, 0};
    struct enclosure *file = make(answer, sheet, &count, error);
    gboolean first = !json_object_get(answer->args, "page");
    gboolean done = file && is_the_same(answer, file, error) &&
                    (!first || note(answer, sheet->incident, file, &count, error));

    if (done && first)
        tell(answer, sheet, file, &count);
    if (done)
        tell_piece(answer, file);
    enclosure_free(file);
    return done;
}

gboolean answer_share(struct answer *answer, GError **error)
{
    char none[] = "";
    struct sheet sheet = {.to = none,
        .to_name = none,
        .writer_name = none,
        .organisation = none,
        .party = none,
        .purpose = none};

    if (!answer_find_ticket(answer, &sheet.incident, error))
        return FALSE;
    answer->incident = sheet.incident;
    return print(answer, &sheet, error);
}
