/* What bears on a mail. Every look-up is one by an index, so that a flood does not slow itself
 * down. */
#include "sorting.h"
#include "statement.h"
#include "token.h"

static gboolean is_correspondent(
    struct store *store, guint64 incident, const char *address, GError **error)
{
    gint64 found;

    statement_number(store,
        "SELECT count(*) FROM correspondent WHERE incident = ?1 AND address = ?2",
        VALUES(NUMBER(incident), TEXT(address)), &found, error);
    return found > 0;
}

static gboolean is_signer(struct store *store, guint64 incident, const char *name, GError **error)
{
    gint64 found;

    statement_number(store,
        "SELECT count(*) FROM contact JOIN contact_address ON contact_address.contact = contact.id"
        " JOIN correspondent ON correspondent.incident = ?1"
        " AND correspondent.address = contact_address.address WHERE contact.name = ?2",
        VALUES(NUMBER(incident), TEXT(name)), &found, error);
    return found > 0;
}

/* Two numbers may be those of one incident, where one became a part of the other: what proves one
 * of them proves the other. */
static void share_proof(const struct known_incident *known, const GPtrArray *incidents)
{
    for (guint i = 0; i < incidents->len; i++) {
        struct known_incident *one = incidents->pdata[i];
        one->token_ok |= one->id == known->id && known->token_ok;
    }
}

/* Who reported it, or was asked for more; an address of theirs is as good as another. */
static gboolean is_asked(struct store *store, guint64 incident, const struct question *question,
    gboolean *asked, GError **error)
{
    static const char sql[] =
        "WITH theirs (address) AS (SELECT ?2 WHERE ?2 <> ''"
        " UNION SELECT other.address FROM contact_address AS one"
        " JOIN contact_address AS other ON other.contact = one.contact WHERE one.address = ?2"
        " UNION SELECT address FROM contact JOIN contact_address ON contact = contact.id"
        " WHERE name = ?3)"
        " SELECT EXISTS (SELECT 1 FROM reporter WHERE incident = ?1 AND address IN theirs)"
        " OR EXISTS (SELECT 1 FROM outbox JOIN writing ON writing.letter = outbox.id"
        " WHERE outbox.incident = ?1 AND purpose = 'ask' AND outbox.address IN theirs)";
    gint64 found = 0;
    gboolean done = statement_number(store, sql,
        VALUES(NUMBER(incident), TEXT(question->address), TEXT(question->signed_by)), &found,
        error);

    *asked = found != 0;
    return done;
}

/* Of what waits only: nothing else asks for it. */
static gboolean look_up_asked(
    struct store *store, const struct question *question, struct history *history, GError **error)
{
    const GPtrArray *const lists[] = {history->incidents, history->referred};
    struct known_incident *target = history->target;

    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
        for (guint j = 0; j < lists[i]->len; j++) {
            struct known_incident *one = lists[i]->pdata[j];
            if (g_str_equal(one->state, "waiting") &&
                !is_asked(store, one->id, question, &one->asked, error))
                return FALSE;
        }
    return !target || !g_str_equal(target->state, "waiting") ||
           is_asked(store, target->id, question, &target->asked, error);
}

static gboolean look_up_claims(struct store *store, const struct question *question,
    GBytes *token_secret, gint64 reopen_since, struct history *history, GError **error)
{
    g_autoptr(GError) failed = NULL;

    for (guint i = 0; i < question->claims->len && !failed; i++) {
        const struct claim *claim = g_ptr_array_index(question->claims, i);
        /* A mistyped number is no evidence, and the caps are those of the first incident. */
        guint64 incident =
            claim->check_ok ? store_find_incident(store, claim->year, claim->sequence, &failed) : 0;
        struct known_incident *known =
            incident ? store_known_incident(store, incident, reopen_since, &failed) : NULL;
        if (!known)
            continue;
        g_ptr_array_add(history->incidents, known);
        if (known->id != incident)
            known->claimed = g_strdup(claim->number);
        known->token_ok = claim->token && *question->address &&
                          token_is_right(token_secret, claim->year, claim->sequence,
                              question->address, claim->token);
        known->correspondent =
            *question->address && is_correspondent(store, known->id, question->address, &failed);
        known->signer =
            *question->signed_by && is_signer(store, known->id, question->signed_by, &failed);
        share_proof(known, history->incidents);
    }
    if (!failed)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}

/* A number into a field of the history. */
struct look_up {
    const char *sql;
    gint64 *into;
    const struct value *values;
};

static gboolean look_up_copies(
    struct store *store, const struct question *question, struct history *history, GError **error)
{
    gint64 copy, other;
    const struct value *values = VALUES(TEXT(question->message_id), TEXT(question->text_sha256),
        TEXT(question->address), NUMBER(question->mail));

    if (!*question->message_id)
        return TRUE;
    if (!statement_number(store,
            "SELECT min(mail) FROM message WHERE message_id = ?1 AND message_id <> ''"
            " AND text_sha256 = ?2 AND from_key = ?3 AND mail <> ?4",
            values, &copy, error) ||
        !statement_number(store, /* two ranges of the index: <> would walk all copies */
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM message WHERE message_id = ?1"
            " AND message_id <> '' AND text_sha256 < ?2 AND mail <> ?4) OR EXISTS (SELECT 1"
            " FROM message WHERE message_id = ?1 AND message_id <> '' AND text_sha256 > ?2"
            " AND mail <> ?4) THEN 1 ELSE 0 END",
            values, &other, error))
        return FALSE;
    history->copy_of = (guint64)copy;
    history->same_id_other_text = other != 0;
    return TRUE;
}

static gboolean look_up_replay(
    struct store *store, const struct question *question, struct history *history, GError **error)
{
    gint64 replay, sealed;

    if (!statement_number(store, /* the empty digest is in no index */
            "SELECT min(crypto.mail) FROM crypto JOIN mail ON mail.id = crypto.mail"
            " WHERE payload_sha256 = ?1 AND payload_sha256 <> '' AND crypto.mail <> ?2"
            " AND ledger <> 'copy'",
            VALUES(TEXT(question->payload_sha256), NUMBER(question->mail)), &replay, error) ||
        !statement_number(store,
            "SELECT min(crypto.mail) FROM crypto JOIN mail ON mail.id = crypto.mail"
            " JOIN message ON message.mail = crypto.mail WHERE sealed_sha256 = ?1"
            " AND sealed_sha256 <> '' AND crypto.mail <> ?2 AND from_key <> ?3"
            " AND ledger <> 'copy'",
            VALUES(TEXT(question->sealed_sha256), NUMBER(question->mail), TEXT(question->address)),
            &sealed, error))
        return FALSE;
    history->replay_of = (guint64)replay;
    history->sealed_of = (guint64)sealed;
    return TRUE;
}

/* A text into a field of the history. */
static gboolean look_up_text(
    struct store *store, const char *sql, const struct value *values, char **into, GError **error)
{
    sqlite3_stmt *statement = statement_ask(store, sql, values, error);
    int got = statement ? statement_next(store, statement, error) : -1;

    if (got > 0) {
        g_free(*into);
        *into = statement_text(statement, 0);
        statement_stop(statement);
    }
    return got >= 0;
}

static gboolean look_up_own_ticket(
    struct store *store, const struct question *question, struct history *history, GError **error)
{
    gint64 opened = 0;

    if (!look_up_text(store,
            "SELECT number FROM unreadable JOIN mail ON mail.id = unreadable.mail"
            " JOIN incident ON incident.id = mail.incident WHERE unreadable.mail = ?1",
            VALUES(NUMBER(question->mail)), &history->own_ticket, error) ||
        (*history->own_ticket &&
            !statement_number(store,
                "SELECT count(*) FROM mail JOIN journal ON journal.incident = mail.incident"
                " WHERE mail.id = ?1 AND journal.incident <> 0 AND kind = 'opened'"
                " AND journal.mail = ?1",
                VALUES(NUMBER(question->mail)), &opened, error)))
        return FALSE;
    history->own_ticket_is_older = *history->own_ticket && !opened;
    return TRUE;
}

static gboolean look_up_texts(
    struct store *store, const struct question *question, struct history *history, GError **error)
{
    return look_up_own_ticket(store, question, history, error) &&
           look_up_text(store,
               "SELECT label FROM unreadable JOIN mail ON mail.id = unreadable.mail"
               " JOIN incident ON incident.id = mail.incident WHERE unreadable.mail = ?1",
               VALUES(NUMBER(question->mail)), &history->own_label, error) &&
           look_up_text(store,
               "SELECT language FROM contact_address JOIN contact ON contact.id = contact"
               " WHERE address = ?1",
               VALUES(TEXT(question->address)), &history->language, error) &&
           look_up_text(store,
               "SELECT name FROM contact_address JOIN contact ON contact.id = contact"
               " WHERE address = ?1",
               VALUES(TEXT(question->address)), &history->contact, error) &&
           look_up_text(store,
               "SELECT organisation FROM contact_address JOIN contact ON contact.id = contact"
               " WHERE address = ?1",
               VALUES(TEXT(question->address)), &history->organisation, error);
}

static const char minutes_sql[] =
    "SELECT CAST(coalesce(sum(acks), 0) AS INTEGER) FROM ack_minute WHERE domain = ?1"
    " AND minute BETWEEN ?2 AND ?3";

/* "" stands for all domains together. What a clock that was ahead has dated later than now counts
 * no more than what is too old: else it would count for years. */
gboolean store_acks_this_hour(struct store *store, gint64 now, gint64 *count, GError **error)
{
    return statement_number(store, minutes_sql,
        VALUES(TEXT(""), NUMBER((now - 60 * 60) / 60), NUMBER(now / 60)), count, error);
}

/* One that came back went out all the same. */
#define WENT_OUT "(state <> 'failed' OR EXISTS (SELECT 1 FROM delivery WHERE letter = outbox.id))"

static const struct known_incident *first_of(const GPtrArray *incidents)
{
    return incidents->len ? incidents->pdata[0] : NULL;
}

static gboolean look_up_caps(struct store *store, const struct question *question, gint64 now,
    struct history *history, GError **error)
{
    const struct known_incident *first =
        history->target ?: first_of(history->incidents) ?: first_of(history->referred);
    gint64 day = now - 24 * 60 * 60;
    gint64 hour = (now - 60 * 60) / 60;
    const struct look_up look_ups[] = {
        {"SELECT count(*) FROM outbox WHERE kind IN ('ack', 'unreadable') AND address = ?1"
         " AND created_at > ?2 AND created_at <= ?3"
         " AND opens = 1 AND " WENT_OUT,
            &history->new_acks_to_address_today,
            VALUES(TEXT(question->address), NUMBER(day), NUMBER(now))},
        {"SELECT count(*) FROM outbox WHERE incident = ?1"
         " AND created_at > ?2 AND created_at <= ?3 "
         " AND kind IN ('ack', 'unreadable') AND opens = 0 AND " WENT_OUT,
            &history->acks_in_ticket_today,
            VALUES(ID(first ? first->id : 0), NUMBER(day), NUMBER(now))},
        {minutes_sql, &history->acks_to_domain_this_hour,
            VALUES(
                TEXT(*question->domain ? question->domain : "?"), NUMBER(hour), NUMBER(now / 60))},
        {minutes_sql, &history->acks_this_hour, VALUES(TEXT(""), NUMBER(hour), NUMBER(now / 60))},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(look_ups); i++)
        if (!statement_number(store, look_ups[i].sql, look_ups[i].values, look_ups[i].into, error))
            return FALSE;
    return TRUE;
}

struct history *store_consult(struct store *store, const struct question *question,
    GBytes *token_secret, gint64 now, GError **error)
{
    g_autoptr(mado_history) history = history_new();

    if (!look_up_claims(
            store, question, token_secret, now - question->reopen_for, history, error) ||
        !store_find_referred(store, question, now - question->reopen_for, history, error) ||
        !store_find_sorting(store, question->mail, history, error) ||
        !look_up_asked(store, question, history, error) ||
        !look_up_copies(store, question, history, error) ||
        !look_up_replay(store, question, history, error) ||
        !look_up_texts(store, question, history, error) ||
        !store_find_review(store, question, token_secret, history, error) ||
        !store_find_alike(store, question, now, history, error) ||
        !store_find_returned(store, question, token_secret, history, error) ||
        !look_up_caps(store, question, now, history, error))
        return NULL;
    history->consulted = TRUE;
    return g_steal_pointer(&history);
}
