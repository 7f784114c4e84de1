/* What mado writes by itself: from a template and a closed list of values to the exact bytes,
 * queued in the transaction of its cause. All of it has the null sender, so that nothing answers
 * it. */
#include "state.h"
#include "letters-draft.h"
#include "armour.h"
#include "log.h"
#include "now.h"
#include "text.h"
#include "token.h"
#include <string.h>

enum { MOST_REFERENCES = 3 }; /* in one subject */

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

gboolean letters_queue(
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

gboolean letters_remake(struct desk *desk, const struct outbox_row *row, const struct asked *asked,
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

const char *letters_team_name(const struct settings *settings, const char *language)
{
    return g_str_equal(language, "ja") ? settings->team.name_ja : settings->team.name;
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

    if (!id || !letters_queue(desk, &draft, &letter, error))
        return FALSE;
    desk->look_for_letters = TRUE;
    if (message_id)
        *message_id = g_steal_pointer(&id);
    return TRUE;
}
