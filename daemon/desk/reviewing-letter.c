/* What a contact is asked: what we hold of it, and whether that is right. It goes to their own
 * address, and says nothing of any report. */
#include "state.h"
#include "now.h"
#include "people.h"
#include "token.h"
#include <string.h>

struct subject {
    struct desk *desk;
    const struct contact *contact;
    const struct review *review;
    const struct key *key; /* of theirs; NULL: none */
    const char *language;
};

static void set_team(const struct subject *subject, struct values *values)
{
    const struct settings *settings = subject->desk->settings;

    values_set(values, "team", settings->team.name);
    values_set(values, "team_ja", settings->team.name_ja);
    values_set(values, "address", settings->team.address);
    values_set(values, "phone", settings->team.phone);
    values_set(values, "emergency_phone", settings->team.emergency);
}

static void set_list(struct values *values, const char *name, char *const *list)
{
    g_autofree char *text = g_strjoinv(", ", (char **)list);

    values_set(values, name, text);
}

static void set_contact(const struct subject *subject, struct values *values)
{
    const struct contact *contact = subject->contact;

    values_set(values, "contact_name", contact->name);
    values_set(values, "contact_org", contact->organisation);
    values_set(values, "is_person", g_str_equal(contact->kind, "person") ? "yes" : "");
    set_list(values, "contact_mail", contact->addresses);
    set_list(values, "contact_deputies", contact->deputies);
    values_set(values, "contact_day", contact->day);
    values_set(values, "contact_night", contact->night);
    values_set(values, "contact_topics", contact->capability);
}

static void set_day(
    const struct subject *subject, struct values *values, const char *name, gint64 at)
{
    g_autofree char *day = at ? clock_tell_day(subject->desk->clock, at) : g_strdup("");

    values_set(values, name, day);
}

static void set_key(const struct subject *subject, struct values *values)
{
    const struct key *key = subject->key;
    enum key_health health = key ? key_health(key, now_seconds()) : KEY_GOOD;
    g_autofree char *fingerprint = key ? key_in_groups(key->fingerprint) : g_strdup("");

    values_set(values, "contact_fpr", fingerprint);
    set_day(subject, values, "contact_key_ends", key ? key_end(key) : 0);
    values_set(values, "key_ends_soon", health == KEY_GOOD ? "" : "yes");
}

static struct values *values_of(const struct subject *subject, GError **error)
{
    struct desk *desk = subject->desk;
    g_autoptr(mado_values) values = values_new();
    g_autofree char *number =
        g_strdup_printf("%s-%" G_GUINT64_FORMAT, desk->settings->tickets.tag, subject->review->id);
    g_autofree char *by = clock_tell(desk->clock, subject->review->due, subject->language);

    values_set(values, "review", number);
    values_set(values, "reply_by", by);
    set_team(subject, values);
    set_contact(subject, values);
    set_key(subject, values);
    set_day(subject, values, "last_verified", subject->contact->verified_at);
    return letters_set_our_key(desk, values, error) ? g_steal_pointer(&values) : NULL;
}

/* The one that lasts longest. */
static const struct key *choose_key(const GPtrArray *keys)
{
    const struct key *best = NULL;

    for (guint i = 0; i < keys->len; i++) {
        const struct key *key = keys->pdata[i];
        gint64 end = key_end(key);
        if (!g_str_equal(key->place, "pinned") || key->revoked)
            continue;
        if (!best || (key_end(best) && (!end || end > key_end(best))))
            best = key;
    }
    return best;
}

static gboolean queue(const struct subject *subject, GError **error)
{
    struct desk *desk = subject->desk;
    const struct review *review = subject->review;
    g_autoptr(mado_values) values = values_of(subject, error);
    g_autofree char *cause = g_strdup_printf("review:%" G_GUINT64_FORMAT, review->id);
    g_autofree char *unique = g_strdup_printf("%08x%08x", g_random_int(), g_random_int());
    g_autofree char *token =
        token_make(desk->token_secret, TOKEN_OF_REVIEW, (int)review->id, review->address);
    g_autofree char *id =
        token_message_id(TOKEN_OF_REVIEW, (int)review->id, token, unique, desk_mail_domain(desk));

    return values && letters_queue_own(desk,
                         &(struct own_letter){.kind = "review",
                             .cause = cause,
                             .template = "contact-review",
                             .to = review->address,
                             .values = values,
                             .language = subject->language,
                             .message_id = id},
                         NULL, error);
}

gboolean reviewing_write(
    struct desk *desk, const struct contact *contact, const struct review *review, GError **error)
{
    g_autoptr(GPtrArray) keys = store_keys_of_contact(desk->store, contact->id, error);
    const struct subject subject = {.desk = desk,
        .contact = contact,
        .review = review,
        .key = keys ? choose_key(keys) : NULL,
        .language = *contact->language ? contact->language : desk->settings->team.languages[0]};

    return keys && queue(&subject, error);
}
