/* What mado writes by itself: from a template and a closed list of values to the exact bytes,
 * queued in the transaction of its cause. All of it has the null sender, so that nothing answers
 * it. */
#include "state.h"
#include "now.h"
#include "text.h"
#include "token.h"

/* What a template becomes, beside its envelope. */
struct draft {
    const char *template, *language, *from_name, *auto_submitted;
    const char *in_reply_to; /* NULL: a letter of its own */
    const struct values *values;
};

/* `envelope` lacks what comes of the draft: subject and bytes. */
static gboolean queue(
    struct desk *desk, const struct draft *draft, const struct new_letter *envelope, GError **error)
{
    struct new_letter letter = *envelope;
    g_autofree char *subject = NULL, *text = NULL;
    g_autoptr(GBytes) bytes = NULL;
    gboolean queued;

    template_render(templates_get(desk->templates, draft->template, draft->language), draft->values,
        &subject, &text);
    letter.at = now_seconds();
    bytes = write_letter(
        &(struct letter){
            .from_name = draft->from_name,
            .from_addr = desk->settings->team.address,
            .to_name = "",
            .to_addr = letter.recipient,
            .subject = subject,
            .text = text,
            .message_id = letter.message_id,
            .date = letter.at,
            .timezone = desk->settings->team.timezone,
            .in_reply_to = draft->in_reply_to,
            .auto_submitted = draft->auto_submitted,
            .language = draft->language,
        },
        error);
    letter.sender = "";
    letter.subject = subject;
    letter.bytes = bytes;
    return bytes && store_queue_letter(desk->store, &letter, &queued, error);
}

/* -- acknowledgements -- */

static const char *time_format(const char *language)
{
    return g_str_equal(language, "ja") ? "%Y-%m-%d %H:%M (%Z)" : "%a %e %b %Y %H:%M %Z";
}

/* The closed list of what an acknowledgement may say: nothing of the report. */
static struct values *ack_values(
    struct desk *desk, const struct acknowledgement *wanted, gint64 arrived)
{
    const struct settings *settings = desk->settings;
    struct values *values = values_new();
    g_autofree char *tag = desk_tagged(desk, wanted->number);
    g_autoptr(GDateTime) time = desk_local_time(desk, arrived);
    g_autofree char *received = g_date_time_format(time, time_format(wanted->language));
    g_autofree char *own = directory_own_fingerprint(desk, FALSE);

    values_set(values, "number", tag);
    values_set(values, "received_at", received);
    values_set(values, "team", settings->team.name);
    values_set(values, "team_ja", settings->team.name_ja);
    values_set(values, "address", settings->team.address);
    values_set(values, "our_fpr",
        *settings->team.key_fingerprint ? settings->team.key_fingerprint
        : own                           ? own
                                        : "");
    values_set(values, "our_key_url", settings->team.key_url);
    values_set(values, "emergency_phone", settings->team.emergency);
    return values;
}

static const char *team_name(const struct settings *settings, const char *language)
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

gboolean letters_queue_ack(struct desk *desk, const struct acknowledgement *wanted, GError **error)
{
    g_autoptr(mado_values) values = NULL;
    g_autofree char *id = ack_message_id(desk, wanted);
    g_autofree char *cause = g_strdup_printf("mail:%" G_GUINT64_FORMAT, wanted->mail);
    struct draft draft = {
        .template = wanted->template,
        .language = wanted->language,
        .from_name = team_name(desk->settings, wanted->language),
        .auto_submitted = "auto-replied",
        .in_reply_to = safe_id(wanted->message->message_id),
    };
    const struct new_letter letter = {
        .kind = "ack",
        .cause = cause,
        .recipient = wanted->to,
        .message_id = id,
        .incident = wanted->incident,
        .mail = wanted->mail,
        .opens = wanted->opens,
    };
    gint64 arrived;

    if (!store_mail_arrived(desk->store, wanted->mail, &arrived, error))
        return FALSE;
    values = ack_values(desk, wanted, arrived);
    draft.values = values;
    return queue(desk, &draft, &letter, error);
}

/* -- to our own people -- */

/* "notice:17" -> "notice.17.5f0c...@sakura.example" */
static char *own_message_id(const struct desk *desk, const char *cause)
{
    g_autofree char *name = g_strdelimit(g_strdup(cause), ":", '.');

    return g_strdup_printf(
        "%s.%08x%08x@%s", name, g_random_int(), g_random_int(), desk_mail_domain(desk));
}

gboolean letters_queue_own(
    struct desk *desk, const struct own_letter *wanted, char **message_id, GError **error)
{
    g_autofree char *id = own_message_id(desk, wanted->cause);
    const struct draft draft = {
        .template = wanted->template,
        .language = desk->settings->team.languages[0],
        .from_name = desk->settings->team.name,
        .auto_submitted = "auto-generated",
        .values = wanted->values,
    };
    const struct new_letter letter = {
        .kind = wanted->kind, .cause = wanted->cause, .recipient = wanted->to, .message_id = id};

    if (!queue(desk, &draft, &letter, error))
        return FALSE;
    desk->look_for_letters = TRUE;
    if (message_id)
        *message_id = g_steal_pointer(&id);
    return TRUE;
}
