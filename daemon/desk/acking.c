/* Acknowledgements: what they may say, and how they go; those that were held are made anew. */
#include "state.h"
#include "letters-draft.h"
#include "now.h"
#include "text.h"
#include "token.h"
#include <inttypes.h>

/* Of the configuration, or else of the key that signs now. */
gboolean letters_set_our_key(struct desk *desk, struct values *values, GError **error)
{
    const struct settings *settings = desk->settings;
    g_autoptr(mado_key) signer = NULL;
    g_autofree char *own = NULL;

    if (!*settings->team.key_fingerprint &&
        !store_signing_key(desk->store, FALSE, now_seconds(), &signer, error))
        return FALSE;
    own = signer ? key_in_groups(signer->fingerprint) : g_strdup(settings->team.key_fingerprint);
    values_set(values, "our_fpr", own);
    values_set(values, "our_key_url", settings->team.key_url);
    return TRUE;
}

/* The closed list of what an acknowledgement may say: nothing of the report. */
static struct values *ack_values(
    struct desk *desk, const struct acknowledgement *wanted, const char *language, gint64 arrived)
{
    const struct settings *settings = desk->settings;
    struct values *values = values_new();
    g_autofree char *tag = desk_tagged(desk, wanted->number);
    g_autofree char *received = clock_tell(desk->clock, arrived, language);

    values_set(values, "number", tag);
    values_set(values, "received_at", received);
    values_set(values, "team", settings->team.name);
    values_set(values, "team_ja", settings->team.name_ja);
    values_set(values, "address", settings->team.address);
    values_set(values, "phone", settings->team.phone);
    values_set(values, "emergency_phone", settings->team.emergency);
    hours_tell(desk, wanted->category, values, language);
    return values;
}

static char *ack_message_id(struct desk *desk, const struct acknowledgement *wanted)
{
    g_autofree char *unique = g_strdup_printf("%08x%08x", g_random_int(), g_random_int());
    g_autofree char *token =
        token_make(desk->token_secret, wanted->year, wanted->sequence, wanted->to);

    return token_message_id(wanted->year, wanted->sequence, token, unique, desk_mail_domain(desk));
}

/* Who reads it has the thread only if the ids are fit to stand in a header of ours. */
static const char *safe_id(const char *id)
{
    return id && text_is_safe_message_id(id) ? id : NULL;
}

/* Three coarse reasons: who sends broken mail on purpose learns nothing from them. */
static const char *closed_reason(const char *closed, const char *language)
{
    static const struct {
        const char *closed, *en, *ja;
    } reasons[] = {
        {"no-key", "it is not encrypted to our current key",
            "当窓口の現在の鍵では暗号化されていませんでした"},
        {"broken", "it is damaged, or not protected against changes",
            "データが壊れているか、改ざんを検知できない形式でした"},
        {"", "its format is one that we cannot open", "当窓口では開けない形式でした"},
    };
    gsize i = 0;

    while (*reasons[i].closed && !g_str_equal(reasons[i].closed, closed))
        i++;
    return g_str_equal(language, "ja") ? reasons[i].ja : reasons[i].en;
}

static gboolean is_of_unreadable(const char *template)
{
    return g_str_equal(template, "undecryptable");
}

/* What is said of one mail, in one language after another. */
static gboolean fill(struct desk *desk, const struct acknowledgement *wanted, char **languages,
    GPtrArray *filled, GError **error)
{
    gboolean unreadable = is_of_unreadable(wanted->template);
    g_autofree char *closed =
        unreadable ? store_closed_because(desk->store, wanted->mail, error) : g_strdup("");
    gint64 arrived;

    if (!closed || !store_mail_arrived(desk->store, wanted->mail, &arrived, error))
        return FALSE;
    for (char **language = languages; *language; language++) {
        struct values *values = ack_values(desk, wanted, *language, arrived);
        g_ptr_array_add(filled, values);
        if (!letters_set_our_key(desk, values, error))
            return FALSE;
        if (unreadable)
            values_set(values, "reason", closed_reason(closed, *language));
    }
    return TRUE;
}

/* Only numbers of a known shape: what else stands in brackets is a stranger's text, which we do not
 * send on. */
static char **clear_references(const struct acknowledgement *wanted)
{
    const GPtrArray *tickets = wanted->message->report->tickets;
    g_autoptr(GStrvBuilder) ids = g_strv_builder_new();

    for (guint i = 0; !wanted->sealed && i < tickets->len; i++) {
        const struct ticket_ref *one = g_ptr_array_index(tickets, i);
        if (*one->authority && g_str_equal(one->from, "subject"))
            g_strv_builder_add(ids, one->id);
    }
    return g_strv_builder_end(ids);
}

/* All that the recipient has told of this incident. */
static char **sealed_references(
    struct desk *desk, const struct acknowledgement *wanted, GError **error)
{
    g_autoptr(GPtrArray) all = store_references(desk->store, wanted->incident, error);
    g_autoptr(GStrvBuilder) ids = g_strv_builder_new();

    for (guint i = 0; all && i < all->len; i++) {
        const struct reference *one = g_ptr_array_index(all, i);
        if (*one->authority && g_ascii_strcasecmp(one->address, wanted->to) == 0)
            g_strv_builder_add(ids, one->id);
    }
    return all ? g_strv_builder_end(ids) : NULL;
}

/* One answer, and another where a person has sorted the mail anew: the first never went. */
static char *ack_cause(const struct acknowledgement *wanted)
{
    return wanted->time > 1
               ? g_strdup_printf("mail:%" PRIu64 ":%" PRIi64, wanted->mail, wanted->time)
               : g_strdup_printf("mail:%" PRIu64, wanted->mail);
}

/* As things are now; without what is of the mail that it answers. The promise is the caller's to
 * free. */
static struct draft draft_of(const struct desk *desk, const struct acknowledgement *wanted,
    char **languages, const GPtrArray *values, char **promise)
{
    gint64 by = hours_reply_by(desk, wanted->category);

    *promise = by ? clock_tell(desk->clock, by, languages[0]) : NULL;
    return (struct draft){
        .template = wanted->template,
        .languages = languages,
        .from_name = letters_team_name(desk->settings, languages[0]),
        .auto_submitted = "auto-replied",
        .values = (struct values *const *)values->pdata,
        .reply_by = by,
        .promise = *promise,
        .brings_key = is_of_unreadable(wanted->template),
    };
}

static gboolean queue_ack(struct desk *desk, const struct acknowledgement *wanted, char **languages,
    const GPtrArray *values, GError **error)
{
    g_autofree char *id = ack_message_id(desk, wanted);
    g_autofree char *cause = ack_cause(wanted);
    g_auto(GStrv) clear = clear_references(wanted);
    g_auto(GStrv) sealed = sealed_references(desk, wanted, error);
    g_autofree char *promise = NULL;
    struct draft draft = draft_of(desk, wanted, languages, values, &promise);
    const struct new_letter letter = {
        .kind = is_of_unreadable(wanted->template) ? "unreadable" : "ack",
        .cause = cause,
        .recipient = wanted->to,
        .message_id = id,
        .incident = wanted->incident,
        .mail = wanted->mail,
        .opens = wanted->opens,
        .template = wanted->template,
        .languages = wanted->language,
        .answers = safe_id(wanted->message->message_id),
    };

    draft.in_reply_to = letter.answers;
    draft.waits_for_person = g_str_equal(desk->settings->acknowledge.mode, "hold");
    draft.clear_references = clear;
    draft.sealed_references = sealed;
    return sealed && letters_queue(desk, &draft, &letter, error);
}

gboolean letters_queue_ack(struct desk *desk, const struct acknowledgement *wanted, GError **error)
{
    g_auto(GStrv) languages = g_strsplit(wanted->language, " ", -1);
    g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func((GDestroyNotify)values_free);

    return fill(desk, wanted, languages, values, error) &&
           queue_ack(desk, wanted, languages, values, error);
}

/* -- that were held -- */

static gboolean remake_of(struct desk *desk, const struct outbox_row *row,
    const struct asked *asked, const struct incident *incident, GError **error)
{
    g_auto(GStrv) languages = g_strsplit(row->languages, " ", -1);
    g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func((GDestroyNotify)values_free);
    const struct acknowledgement wanted = {.mail = row->mail,
        .number = incident->number,
        .category = incident->category,
        .template = row->template};
    g_autofree char *promise = NULL;
    struct draft draft;

    if (!fill(desk, &wanted, languages, values, error))
        return FALSE;
    draft = draft_of(desk, &wanted, languages, values, &promise);
    return letters_remake(desk, row, asked, &draft, error);
}

gboolean letters_make_anew(
    struct desk *desk, const struct outbox_row *row, const struct asked *asked, GError **error)
{
    struct incident *incident;
    gboolean done;

    if (!*row->template || !templates_get(desk->templates, row->template, ""))
        return TRUE;
    incident = store_incident_show(desk->store, row->incident, error);
    done = incident && remake_of(desk, row, asked, incident, error);
    incident_free(incident);
    return done;
}
