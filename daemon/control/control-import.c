/* import: incidents that were kept in a spreadsheet, as madoctl has read it: a look at each row,
 * and then all of them in one change of the store. What is imported was answered and told of
 * elsewhere: it causes no letter, no notice and no promise. */
#include "category.h"
#include "control-import.h"
#include "control-query.h"
#include "desk.h"
#include "error.h"
#include "now.h"
#include "number.h"
#include "text.h"
#include <mado/limits.h>
#include <string.h>

enum { LONGEST_SUBJECT = 900, FUTURE_SECONDS = 24 * 60 * 60 };

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));

    return text ? text : "";
}

static gboolean reject(struct candidate *one, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The first reason stays. */
static gboolean reject(struct candidate *one, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    if (!one->why)
        one->why = g_strdup_vprintf(_(format), values);
    va_end(values);
    return FALSE;
}

void candidate_clear(struct candidate *one)
{
    g_free(one->why);
    g_free(one->sha256);
    g_free(one->text);
    g_free(one->subject);
    g_free(one->reporter);
    g_free(one->contact);
    g_free(one->old);
    g_free(one->result);
    g_free(one->known);
    g_ptr_array_unref(one->unknown);
}

/* -- times -- */

/* The zone of the team, unless the row names one. */
static gboolean read_moment(const struct answer *answer, const char *text, gint64 *at)
{
    g_autoptr(GDateTime) exact = g_date_time_new_from_iso8601(text, NULL);
    gint64 until;

    if (exact) {
        *at = g_date_time_to_unix(exact);
        return TRUE;
    }
    return when_period(answer, text, at, &until);
}

static gboolean read_times(const struct answer *answer, const json_t *row, struct candidate *one)
{
    const char *received = text_of(row, "received"), *closed = text_of(row, "closed");
    gint64 now = now_seconds();

    if (!read_moment(answer, received, &one->received))
        return reject(one, "the day of reception \"%.60s\" cannot be read", received);
    if (*closed && !read_moment(answer, closed, &one->closed))
        return reject(one, "the day of its end \"%.60s\" cannot be read", closed);
    if (one->received > now || one->closed > now + FUTURE_SECONDS)
        return reject(one, "its day has not come yet");
    /* A day without a time begins at midnight. */
    if (one->closed && one->closed + FUTURE_SECONDS <= one->received)
        return reject(one, "it ended before it was received");
    one->closed = one->closed ? MAX(one->closed, one->received) : 0;
    return TRUE;
}

/* -- words -- */

/* "Web サイト改ざん" and "Webサイト改ざん" are one. */
static char *without_blanks(const char *text)
{
    g_autofree char *same = g_utf8_normalize(text, -1, G_NORMALIZE_ALL);
    g_autofree char *folded = g_utf8_casefold(same ? same : "", -1);
    GString *out = g_string_new(NULL);

    for (const char *at = folded; *at; at++)
        if (!g_ascii_isspace(*at))
            g_string_append_c(out, *at);
    return g_string_free(out, FALSE);
}

static gboolean is_called(const char *name, const char *folded)
{
    g_autofree char *own = without_blanks(name ? name : "");

    return *own && g_str_equal(own, folded);
}

static const struct category *find_category(const GPtrArray *list, const char *word)
{
    g_autofree char *folded = without_blanks(word);

    for (guint i = 0; i < list->len; i++) {
        const struct category *one = list->pdata[i];
        if (is_called(one->id, folded) || is_called(one->ja, folded) || is_called(one->en, folded))
            return one;
    }
    return desk_category_by_words(list, word);
}

static void note_unknown(struct candidate *one, const char *kind, const char *word)
{
    g_ptr_array_add(one->unknown, g_strdup_printf("%s %s", kind, word));
}

static void read_category(const struct answer *answer, const json_t *row, struct candidate *one)
{
    const GPtrArray *list = answer->context->settings->categories;
    const char *word = text_of(row, "category"), *severity = text_of(row, "severity");
    const struct category *found = *word ? find_category(list, word) : NULL;

    if (*word && !found)
        note_unknown(one, "category", word);
    if (!found)
        found = category_find(list, CATEGORY_OTHER);
    one->category = found ? found->id : CATEGORY_OTHER;
    one->severity = *severity ? severity : found ? found->severity : "medium";
    if (!g_strv_contains(severity_names, one->severity))
        reject(one, "there is no severity \"%.60s\"", one->severity);
}

/* By user name or by name; somebody who has left is nobody. */
static void read_handler(const struct answer *answer, const json_t *row, struct candidate *one)
{
    const GPtrArray *operators = answer->context->settings->operators;
    const char *word = text_of(row, "handler");
    g_autofree char *folded = without_blanks(word);

    one->handler = "";
    for (guint i = 0; *word && operators && i < operators->len; i++) {
        const struct member *member = operators->pdata[i];
        if (is_called(member->user, folded) || is_called(member->name, folded)) {
            one->handler = member->user;
            return;
        }
    }
    if (*word)
        note_unknown(one, "handler", word);
}

static void read_label(const struct answer *answer, const json_t *row, struct candidate *one)
{
    const char *word = text_of(row, "label");

    one->label_by = *word ? "import" : "default";
    one->label = *word ? label_from_words(word) : answer->context->settings->handling.default_in;
    if (!one->label)
        reject(one, "there is no label \"%.60s\"", word);
}

static void read_state(const json_t *row, struct candidate *one)
{
    one->state = text_of(row, "state");
    if (!g_strv_contains(incident_states, one->state))
        reject(one, "there is no state \"%.60s\"", one->state);
    else if (one->closed && !state_is_over(one->state))
        reject(one, "it is %s, and has the day of its end", one->state);
}

/* -- what it says -- */

static char *all_lines(const json_t *row)
{
    GString *text = g_string_new(NULL);
    gsize i;
    json_t *line;

    json_array_foreach(json_object_get(row, "text"), i, line)
        g_string_append_printf(text, "%s%s", i ? "\n" : "", json_string_value(line));
    return g_string_free(text, FALSE);
}

static char *in_a_line(const char *text)
{
    return g_strstrip(g_strdelimit(text_harmless(text, "\r\n\t"), "\r\n\t", ' '));
}

static void read_texts(const json_t *row, struct candidate *one)
{
    g_autofree char *raw = all_lines(row);

    one->sha256 = g_compute_checksum_for_string(G_CHECKSUM_SHA256, raw, -1);
    one->text = text_harmless(raw, "\n\t");
    one->subject = in_a_line(text_of(row, "subject"));
    one->reporter = in_a_line(text_of(row, "reporter"));
    one->contact = g_strstrip(text_harmless(text_of(row, "contact"), "\n"));
    one->old = in_a_line(text_of(row, "number"));
    one->result = in_a_line(text_of(row, "result"));
    if (!*one->subject || strlen(one->subject) > LONGEST_SUBJECT)
        reject(one,
            *one->subject ? N_("its subject is too long") : N_("it does not say what happened"));
}

/* -- known already? -- */

static gboolean name_known(
    const struct answer *answer, guint64 incident, struct candidate *one, GError **error)
{
    struct incident *known = store_incident_show(answer->context->store, incident, error);

    if (!known)
        return FALSE;
    one->known = g_strdup(known->number);
    incident_free(known);
    return TRUE;
}

/* The same row is left alone; another one with the same number is for a person to look at. */
static gboolean look_for_known(const struct answer *answer, struct candidate *one, GError **error)
{
    struct store *store = answer->context->store;
    g_autoptr(GArray) numbered = NULL;
    guint64 incident = 0;

    if (!store_find_imported(store, one->sha256, &incident, error))
        return FALSE;
    if (incident)
        return name_known(answer, incident, one, error);
    numbered = store_find_old(store, one->old, 1, error);
    if (!numbered)
        return FALSE;
    if (!numbered->len)
        return TRUE;
    if (!name_known(answer, g_array_index(numbered, guint64, 0), one, error))
        return FALSE;
    reject(
        one, "%s was imported with the number %s, and said something else", one->known, one->old);
    return TRUE;
}

/* -- one row -- */

gboolean candidate_read(
    const struct answer *answer, const json_t *row, struct candidate *one, GError **error)
{
    *one = (struct candidate){.unknown = g_ptr_array_new_with_free_func(g_free),
        .line = (guint64)json_integer_value(json_object_get(row, "line"))};
    read_texts(row, one);
    read_times(answer, row, one);
    read_category(answer, row, one);
    read_handler(answer, row, one);
    read_label(answer, row, one);
    read_state(row, one);
    return look_for_known(answer, one, error);
}

static json_t *unknown_words(const struct candidate *one)
{
    json_t *words = json_array();

    for (guint i = 0; i < one->unknown->len; i++)
        json_array_append_new(words, ctl_string(one->unknown->pdata[i]));
    return words;
}

json_t *candidate_row(const struct answer *answer, const struct candidate *one, const char *result)
{
    json_t *row = ctl_row();
    gboolean whole = one->label != NULL;

    answer_set(row, "line", answer_integer(one->line));
    answer_set(row, "result", ctl_string(result));
    answer_set(row, "ticket", ctl_string(one->known));
    answer_set(row, "old", ctl_known(one->old));
    answer_set(row, "state", ctl_known(one->state));
    answer_set(row, "category", ctl_known(one->category));
    answer_set(row, "severity", ctl_known(one->severity));
    answer_set(row, "handler", ctl_known(one->handler));
    answer_set(row, "tlp", ctl_known(whole ? one->label : NULL));
    answer_set(row, "received", answer_moment(answer, one->received));
    answer_set(row, "closed", answer_moment(answer, one->closed));
    answer_set(row, "subject", ctl_known(one->subject));
    answer_set(row, "why", ctl_string(one->why));
    answer_set(row, "not_understood", unknown_words(one));
    return row;
}

const char *candidate_result(const struct candidate *one)
{
    return one->why ? "rejected" : one->known ? "known" : "new";
}
