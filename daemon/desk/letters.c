/* What mado writes by itself: from a template and a closed list of values to the exact bytes,
 * queued in the transaction of its cause. All of it has the null sender, so that nothing answers
 * it. */
#include "state.h"
#include "armour.h"
#include "log.h"
#include "now.h"
#include "text.h"
#include "token.h"
#include <inttypes.h>
#include <string.h>

enum { MOST_REFERENCES = 3 }; /* in one subject */

/* What a template becomes, beside its envelope. */
struct draft {
    const char *template, *from_name, *auto_submitted;
    char **languages;
    struct values *const *values; /* for each of these */
    const char *in_reply_to;      /* NULL: a letter of its own */
    gint64 reply_by;              /* what the letter promises, if it has these words */
    const char *promise;          /* NULL: nothing */
    gboolean waits_for_person;
    gboolean brings_key; /* ours */
    /* Numbers of the recipient's tracker, each of which goes into the subject; NULL: none. Those
     * that stood in a clear subject may stand in one, the others in a sealed letter alone. */
    char **clear_references, **sealed_references;
};

/* What a template has become, and the keys of ours that there are. */
struct page {
    char *subject, *text;
    GBytes *own_key, *armoured;
};

static void page_clear(struct page *page)
{
    g_free(page->subject);
    g_free(page->text);
    g_clear_pointer(&page->own_key, g_bytes_unref);
    g_clear_pointer(&page->armoured, g_bytes_unref);
}

static GBytes *compose(struct desk *desk, const struct draft *draft,
    const struct new_letter *envelope, const struct page *page, GError **error)
{
    struct enclosure key = {
        (char *)"public-key.asc", (char *)"application/pgp-keys", page->armoured};
    g_autoptr(GPtrArray) enclosures = g_ptr_array_new();
    g_autofree char *languages = g_strjoinv(", ", draft->languages);

    if (draft->brings_key && page->armoured)
        g_ptr_array_add(enclosures, &key);
    return write_letter(
        &(struct letter){
            .from_name = draft->from_name,
            .from_addr = desk->settings->team.address,
            .to_name = "",
            .to_addr = envelope->recipient,
            .subject = page->subject,
            .text = page->text,
            .message_id = envelope->message_id,
            .date = envelope->at,
            .timezone = desk->settings->team.timezone,
            .in_reply_to = draft->in_reply_to,
            .auto_submitted = draft->auto_submitted,
            .language = languages,
            .enclosures = enclosures,
            .own_key = page->own_key,
        },
        error);
}

/* What the gate says becomes what is to be done: in clear it is signed, if there is a key. It is
 * asked again when a person lets the letter go. */
static void obey(const struct asked *asked, gboolean waits_for_person, struct new_letter *letter)
{
    gboolean clear = asked->answer->way == GATE_CLEAR;

    letter->seal = !clear ? "seal" : asked_signer(asked) || waits_for_person ? "sign" : NULL;
    letter->held = clear || asked->answer->way == GATE_SEAL ? NULL : asked->answer->why;
    if (waits_for_person)
        letter->held = held_by_mode;
}

static gboolean journal_held(struct desk *desk, const struct new_letter *letter, GError **error)
{
    g_autofree char *text =
        g_strdup_printf("%s to %s: %s", letter->kind, letter->recipient, letter->held);

    log_event(LOG_LEVEL_WARN, letter->mail, "letter", "state=held: %s", text);
    return store_journal(
        desk->store, letter->at, "mado", "held", letter->incident, letter->mail, text, error);
}

/* Behind our own number: "[SAKURA#2026-0042-K7] [JPCERT#12345678] ...". */
void letters_add_references(char **subject, char **references)
{
    const char *end = **subject == '[' ? strchr(*subject, ']') : NULL;
    gsize at = end ? (gsize)(end + 1 - *subject) : 0;
    g_autoptr(GString) text = g_string_new_len(*subject, (gssize)at);

    if (!end)
        return;
    for (char **one = references; one && *one && one < references + MOST_REFERENCES; one++)
        g_string_append_printf(text, " [%s]", *one);
    g_string_append(text, *subject + at);
    g_free(*subject);
    *subject = g_strdup(text->str);
}

static GBytes *armoured(GBytes *key)
{
    char *text = armour_key(key, FALSE);

    return g_bytes_new_take(text, strlen(text));
}

static gboolean keep_promise(struct desk *desk, const struct draft *draft,
    const struct new_letter *letter, const struct page *page, GError **error)
{
    return !draft->promise || !strstr(page->text, draft->promise) ||
           store_promise_reply(desk->store, letter->incident, draft->reply_by, letter->at, error);
}

static char **references_for(const struct draft *draft, const struct new_letter *letter)
{
    return g_strcmp0(letter->seal, "seal") == 0 ? draft->sealed_references
                                                : draft->clear_references;
}

static GBytes *make(struct desk *desk, const struct draft *draft, const struct new_letter *letter,
    const struct asked *asked, struct page *page, GError **error)
{
    if (asked->pgp) {
        page->own_key = store_key_bytes(desk->store, asked->pgp->fingerprint, error);
        if (!page->own_key)
            return NULL;
        page->armoured = draft->brings_key ? armoured(page->own_key) : NULL;
    }
    pages_render(desk->templates, draft->template, (const char *const *)draft->languages,
        draft->values, &page->subject, &page->text);
    letters_add_references(&page->subject, references_for(draft, letter));
    return compose(desk, draft, letter, page, error);
}

/* What is held promises nothing yet: nobody has read it. */
static gboolean queue_asked(struct desk *desk, const struct draft *draft, struct new_letter *letter,
    const struct asked *asked, GError **error)
{
    struct page page = {0};
    g_autoptr(GBytes) bytes = NULL;
    g_autofree char *numbers = NULL;
    gboolean queued = FALSE, done;

    obey(asked, draft->waits_for_person, letter);
    bytes = make(desk, draft, letter, asked, &page, error);
    if (references_for(draft, letter))
        numbers = g_strjoinv("\n", references_for(draft, letter));
    letter->numbers = numbers;
    letter->subject = page.subject;
    letter->bytes = bytes;
    done = bytes && store_queue_letter(desk->store, letter, &queued, error) &&
           (!queued || (letter->held ? journal_held(desk, letter, error)
                                     : keep_promise(desk, draft, letter, &page, error)));
    desk->look_for_unsealed |= queued;
    page_clear(&page);
    return done;
}

/* `envelope` lacks what comes of the draft: subject and bytes. */
static gboolean queue(
    struct desk *desk, const struct draft *draft, const struct new_letter *envelope, GError **error)
{
    struct new_letter letter = *envelope;
    struct asked asked;
    gboolean done;

    letter.at = now_seconds();
    letter.sender = "";
    done = asking_do(desk,
               &(struct asking){.kind = letter.kind,
                   .recipient = letter.recipient,
                   .mail = letter.mail,
                   .incident = letter.incident},
               &asked, error) &&
           queue_asked(desk, draft, &letter, &asked, error);
    asked_clear(&asked);
    return done;
}

/* -- acknowledgements -- */

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

const char *letters_team_name(const struct settings *settings, const char *language)
{
    return g_str_equal(language, "ja") ? settings->team.name_ja : settings->team.name;
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
    return sealed && queue(desk, &draft, &letter, error);
}

gboolean letters_queue_ack(struct desk *desk, const struct acknowledgement *wanted, GError **error)
{
    g_auto(GStrv) languages = g_strsplit(wanted->language, " ", -1);
    g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func((GDestroyNotify)values_free);

    return fill(desk, wanted, languages, values, error) &&
           queue_ack(desk, wanted, languages, values, error);
}

/* -- acknowledgements that were held -- */

/* The numbers stay: which of them may stand in a clear subject was decided when they were known. */
static gboolean remake(struct desk *desk, const struct outbox_row *row, const struct asked *asked,
    struct draft *draft, GError **error)
{
    g_auto(GStrv) numbers = g_strsplit(row->numbers, "\n", -1);
    const struct new_letter letter = {.recipient = row->recipient,
        .message_id = row->message_id,
        .incident = row->incident,
        .seal = row->seal,
        .at = now_seconds()};
    struct page page = {0};
    g_autoptr(GBytes) bytes = NULL;
    gboolean done;

    draft->in_reply_to = *row->answers ? row->answers : NULL;
    draft->clear_references = draft->sealed_references = numbers;
    bytes = make(desk, draft, &letter, asked, &page, error);
    done = bytes && store_letter_remade(desk->store, row->id, page.subject, bytes, error) &&
           keep_promise(desk, draft, &letter, &page, error);
    page_clear(&page);
    return done;
}

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
    return remake(desk, row, asked, &draft, error);
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

/* -- to our own people -- */

/* "notice:17" -> "notice.17.5f0c...@sakura.example" */
static char *own_message_id(const struct desk *desk, const char *cause)
{
    g_autofree char *name = g_strdelimit(g_strdup(cause), ":", '.');

    return g_strdup_printf(
        "%s.%08x%08x@%s", name, g_random_int(), g_random_int(), desk_mail_domain(desk));
}

/* What answers it belongs to its incident. */
static char *message_id_of(struct desk *desk, const struct own_letter *wanted, GError **error)
{
    g_autofree char *unique = g_strdup_printf("%08x%08x", g_random_int(), g_random_int());
    struct incident *incident;
    g_autofree char *token = NULL;
    char *id;

    if (wanted->message_id)
        return g_strdup(wanted->message_id);
    if (!wanted->incident)
        return own_message_id(desk, wanted->cause);
    incident = store_incident_show(desk->store, wanted->incident, error);
    if (!incident)
        return NULL;
    token = token_make(desk->token_secret, incident->year, incident->sequence, wanted->to);
    id =
        token_message_id(incident->year, incident->sequence, token, unique, desk_mail_domain(desk));
    incident_free(incident);
    return id;
}

gboolean letters_queue_own(
    struct desk *desk, const struct own_letter *wanted, char **message_id, GError **error)
{
    g_autofree char *id = message_id_of(desk, wanted, error);
    char *languages[] = {
        wanted->language ? (char *)wanted->language : desk->settings->team.languages[0], NULL};
    const struct draft draft = {
        .template = wanted->template,
        .languages = languages,
        .from_name = wanted->language ? letters_team_name(desk->settings, wanted->language)
                                      : desk->settings->team.name,
        .auto_submitted = "auto-generated",
        .values = &wanted->values,
    };
    const struct new_letter letter = {.kind = wanted->kind,
        .cause = wanted->cause,
        .recipient = wanted->to,
        .incident = wanted->incident,
        .message_id = id};

    if (!id || !queue(desk, &draft, &letter, error))
        return FALSE;
    desk->look_for_letters = TRUE;
    if (message_id)
        *message_id = g_steal_pointer(&id);
    return TRUE;
}
