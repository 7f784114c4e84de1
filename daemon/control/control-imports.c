/* import: a look at rows, all of them in one change of the store, and how that is undone. */
#include "control-import.h"
#include "control-query.h"
#include "error.h"
#include "now.h"
#include "number.h"
#include <inttypes.h>
#include <mado/limits.h>
#include <string.h>

enum { UNDO_SECONDS = 24 * 60 * 60, IMPORTS_SHOWN = 100 };

static json_t *import_row(
    const struct answer *answer, const struct import *import, const char *result)
{
    json_t *row = ctl_row();

    answer_set(row, "import", answer_integer(import->id));
    answer_set(row, "result", ctl_string(result));
    answer_set(row, "file", ctl_string(import->file));
    answer_set(row, "by", ctl_string(import->actor));
    answer_set(row, "at", answer_moment(answer, import->at));
    answer_set(row, "incidents", json_integer(import->incidents));
    answer_set(row, "undone", answer_moment(answer, import->undone_at));
    return row;
}

/* -- a look -- */

static gboolean look(struct answer *answer, const json_t *rows, GError **error)
{
    gsize i;
    json_t *row;

    json_array_foreach((json_t *)rows, i, row) {
        struct candidate one;
        gboolean done = candidate_read(answer, row, &one, error);
        if (done)
            answer_add(answer, candidate_row(answer, &one, candidate_result(&one)));
        candidate_clear(&one);
        if (!done)
            return FALSE;
    }
    return TRUE;
}

/* -- in -- */

/* The number is of the year in which it was received. Nobody's address becomes one that mail is
 * answered to: that somebody has typed it proves nothing. */
static gboolean open_one(
    const struct answer *answer, struct candidate *one, guint64 *incident, GError **error)
{
    const struct new_incident wanted = {
        .year = when_year(answer, one->received),
        .category = one->category,
        .severity = one->severity,
        .label = one->label,
        .category_by = "import",
        .severity_by = "import",
        .label_by = one->label_by,
        .subject = one->subject,
        .reporter_name = one->reporter,
        .reporter_addr = "",
        .at = one->received,
    };
    int sequence;

    return store_open_incident(
        answer->context->store, &wanted, number_format, incident, &sequence, &one->known, error);
}

/* All that the line says can be read, and searched for. */
static gboolean keep_told(const struct answer *answer, const struct import *import,
    const struct candidate *one, guint64 incident, GError **error)
{
    g_autofree char *taken = g_strdup_printf(
        "%s, line %" PRIu64 " (import %" PRIu64 ")", import->file, one->line, import->id);
    char none[] = "";
    const struct told told = {.incident = incident,
        .way = (char *)"import",
        .actor = (char *)answer->user,
        .at = import->at,
        .opens = TRUE,
        .answer = {taken, one->reporter, one->contact, none, one->text, none, none, none, none}};

    return store_add_told(answer->context->store, &told, error);
}

static gboolean keep_number(const struct answer *answer, const struct import *import,
    const struct candidate *one, guint64 incident, GError **error)
{
    gboolean added;

    return !*one->old || store_add_reference(answer->context->store,
                             &(struct reference){.incident = incident,
                                 .authority = (char *)"import",
                                 .id = one->old,
                                 .address = (char *)"",
                                 .at = import->at},
                             &added, error);
}

static gboolean note_one(const struct answer *answer, const struct import *import,
    const struct candidate *one, guint64 incident, GError **error)
{
    g_autofree char *text = g_strdup_printf("%s, line %" PRIu64 " (import %" PRIu64
                                            ")%s%s: %s, nobody is "
                                            "told of it",
        import->file, one->line, import->id, *one->old ? ", number " : "", one->old, one->state);

    return store_journal(
        answer->context->store, import->at, answer->user, "imported", incident, 0, text, error);
}

static gboolean take_one(
    struct answer *answer, const struct import *import, struct candidate *one, GError **error)
{
    guint64 incident;

    if (!open_one(answer, one, &incident, error) ||
        !store_add_imported(answer->context->store,
            &(struct imported){incident, import->id, one->line, one->old, one->sha256, one->state,
                one->handler, one->result, one->closed},
            one->received, error) ||
        !keep_number(answer, import, one, incident, error) ||
        !keep_told(answer, import, one, incident, error) ||
        !note_one(answer, import, one, incident, error))
        return FALSE;
    answer_add(answer, candidate_row(answer, one, "imported"));
    return TRUE;
}

/* What was found good a moment ago is looked at once more; what is not so any more stops all. */
static gboolean take_row(
    struct answer *answer, struct import *import, const json_t *row, GError **error)
{
    struct candidate one;
    gboolean done = candidate_read(answer, row, &one, error);

    if (done && one.why) {
        done = answer_refuse(error, MADO_E_BAD_DATA, "line %" PRIu64 ": %s. Nothing was changed.",
            one.line, one.why);
    } else if (done && one.known) {
        answer_add(answer, candidate_row(answer, &one, "known"));
    } else if (done) {
        import->incidents++;
        done = take_one(answer, import, &one, error);
    }
    candidate_clear(&one);
    return done;
}

static gboolean note_import(struct answer *answer, const struct import *import, GError **error)
{
    g_autofree char *text = g_strdup_printf("import %" PRIu64 ": %s, %" PRIi64 " incidents",
        import->id, import->file, import->incidents);

    return store_journal(
               answer->context->store, import->at, answer->user, "import", 0, 0, text, error) &&
           store_end_import(answer->context->store, import->id, import->incidents, error);
}

static gboolean take_all(struct answer *answer, const json_t *rows, GError **error)
{
    const char *file = answer_string(answer, "file");
    struct import import = {
        .file = (char *)(file ? file : ""), .actor = (char *)answer->user, .at = now_seconds()};
    gsize i;
    json_t *row;

    if (!store_begin_import(answer->context->store, &import, &import.id, error))
        return FALSE;
    json_array_foreach((json_t *)rows, i, row)
        if (!take_row(answer, &import, row, error))
            return FALSE;
    if (!import.incidents)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "All of it is here already. Nothing was changed. See: madoctl import");
    if (!note_import(answer, &import, error))
        return FALSE;
    answer_add(answer, import_row(answer, &import, "imported"));
    return TRUE;
}

/* -- out -- */

static struct import *find_import(const struct answer *answer, const char *typed, GError **error)
{
    struct import *import = NULL;
    guint64 number;

    if (g_ascii_string_to_unsigned(typed, 10, 1, G_MAXINT64, &number, NULL)) {
        g_autoptr(GError) failed = NULL;
        import = store_import_show(answer->context->store, number, &failed);
        if (failed) {
            g_propagate_error(error, g_steal_pointer(&failed));
            return NULL;
        }
    }
    if (!import)
        answer_refuse(error, MADO_E_NO_SUCH,
            "There is no import %s. Nothing was changed. See: madoctl import", typed);
    return import;
}

static gboolean may_undo(const struct answer *answer, const struct import *import, GError **error)
{
    struct incident *touched = NULL;
    guint64 incident = 0;

    if (import->undone_at)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "Import %" PRIu64 " was undone already. Nothing was changed.", import->id);
    if (now_seconds() - import->at >= UNDO_SECONDS)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "Import %" PRIu64 " was more than a day ago. Nothing was changed. Single "
            "incidents are ended by: madoctl close ID",
            import->id);
    if (!store_import_touched(answer->context->store, import, &incident, error))
        return FALSE;
    if (!incident)
        return TRUE;
    touched = store_incident_show(answer->context->store, incident, error);
    if (touched)
        answer_refuse(error, MADO_E_BAD_DATA,
            "Somebody has worked on %s since. Nothing was changed. See: madoctl history %s",
            touched->number, touched->number);
    incident_free(touched);
    return FALSE;
}

static gboolean undo(struct answer *answer, const char *typed, GError **error)
{
    g_autoptr(mado_import) import = find_import(answer, typed, error);
    gint64 now = now_seconds();
    g_autofree char *text = import
                                ? g_strdup_printf("import %" PRIu64 " undone: %s, %" PRIi64
                                                  " incidents; their numbers are not given again",
                                      import->id, import->file, import->incidents)
                                : NULL;

    if (!import || !may_undo(answer, import, error) ||
        !store_undo_import(answer->context->store, import, answer->user, now, error) ||
        !store_journal(answer->context->store, now, answer->user, "import-undo", 0, 0, text, error))
        return FALSE;
    import->undone_at = now;
    answer_add(answer, import_row(answer, import, "undone"));
    return TRUE;
}

/* -- which there were -- */

static gboolean list(struct answer *answer, GError **error)
{
    g_autoptr(GPtrArray) all = store_imports(answer->context->store, IMPORTS_SHOWN, error);

    for (guint i = 0; all && i < all->len; i++) {
        const struct import *one = all->pdata[i];
        answer_add(answer, import_row(answer, one, one->undone_at ? "undone" : "imported"));
    }
    return all != NULL;
}

gboolean answer_import(struct answer *answer, GError **error)
{
    const json_t *rows = json_object_get(answer->args, "rows");
    const char *import = answer_string(answer, "undo");

    if (import)
        return undo(answer, import, error);
    if (!rows)
        return list(answer, error);
    if (json_array_size(rows) > LIMIT_SHEET_ROWS)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "More than %d rows. Nothing was changed. Import them in several files.",
            LIMIT_SHEET_ROWS);
    return answer_flag(answer, "look") ? look(answer, rows, error) : take_all(answer, rows, error);
}
