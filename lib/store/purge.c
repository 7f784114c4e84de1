/*
 * What is gone by the rules of retention
 *
 * The row of a mail stays, with its hash and its place: so the ledger adds up, and the same mail
 * that comes again opens nothing. The row of an incident stays, with its number, its state and its
 * times. Whatever strangers or we have said goes: bytes, texts, facts, words of the index, and the
 * texts of the journal, whose chain is of their hashes.
 */
#include "search.h"
#include "error.h"
#include <mado/limits.h>

/* -- what goes -- */

/* Of what belongs to a mail, a letter or an incident, all of it: ?1 is its id. Who adds a table
 * with words of people in it adds it here. */
static const char *const of_mail[] = {
    "DELETE FROM mail_chunk WHERE mail = ?1",
    "DELETE FROM attachment WHERE mail = ?1",
    "DELETE FROM report WHERE mail = ?1",
    "DELETE FROM indicator WHERE mail = ?1",
    "DELETE FROM sighting WHERE mail = ?1",
    "DELETE FROM field WHERE mail = ?1",
    "DELETE FROM marking WHERE mail = ?1",
    "DELETE FROM crypto WHERE mail = ?1",
    "DELETE FROM signature WHERE mail = ?1",
    "DELETE FROM unreadable WHERE mail = ?1",
    "DELETE FROM key WHERE place = 'offered' AND origin = 'mail:' || ?1",
    "UPDATE delivery SET recipient = '', reason = '' WHERE mail = ?1",
    "UPDATE sorting SET reason = '' WHERE mail = ?1",
    "UPDATE journal SET text = NULL WHERE mail = ?1 AND mail <> 0 AND text IS NOT NULL",
    "DELETE FROM message WHERE mail = ?1",
    "UPDATE mail SET claims = '', why = '' WHERE id = ?1",
};

static const char *const of_letter[] = {
    "DELETE FROM letter_chunk WHERE letter = ?1",
    "DELETE FROM enclosure WHERE letter = ?1",
    "UPDATE writing SET text = '', waits_before = '', result_before = '' WHERE letter = ?1",
    "UPDATE delivery SET recipient = '', reason = '' WHERE letter = ?1",
    "UPDATE approval SET reason = '' WHERE letter = ?1",
    "UPDATE dropped SET reason = '' WHERE letter = ?1",
    ("UPDATE outbox SET sender = '', recipient = '', address = '', subject = '', reply = '',"
     " answers = '', numbers = '', sealed_to = '' WHERE id = ?1"),
};

static const char *const of_incident[] = {
    "DELETE FROM told WHERE incident = ?1",
    "DELETE FROM released WHERE incident = ?1",
    "DELETE FROM correspondent WHERE incident = ?1",
    "DELETE FROM reporter WHERE incident = ?1",
    "DELETE FROM reference_teller WHERE incident = ?1",
    "DELETE FROM reference WHERE incident = ?1",
    "DELETE FROM incident_named WHERE incident = ?1",
    ("UPDATE coordination SET address = '', their_number = '', shown = '', result = '',"
     " next_reminder = 0 WHERE incident = ?1"),
    "UPDATE escalation SET name = '', read_how = '' WHERE incident = ?1",
    "DELETE FROM escalation_step WHERE incident = ?1",
    "DELETE FROM escalation_look WHERE incident = ?1",
    ("UPDATE handover SET text = '' WHERE ended_at > 0 AND id IN"
     " (SELECT handover FROM handover_item WHERE incident = ?1 AND incident > 0)"),
    "DELETE FROM handover_item WHERE incident = ?1 AND incident > 0",
    "UPDATE imported SET old = '' WHERE incident = ?1",
    "UPDATE incident_link SET reason = '' WHERE incident = ?1",
    "UPDATE merge SET reason = '', result = '' WHERE incident = ?1",
    "DELETE FROM merge_part WHERE incident = ?1",
    "UPDATE journal SET text = NULL WHERE incident = ?1 AND incident <> 0 AND text IS NOT NULL",
    ("UPDATE incident SET subject = '(purged)', reporter_name = '', reporter_addr = '',"
     " result = '', waits_for = '' WHERE id = ?1"),
};

static gboolean run_all(
    struct store *store, const char *const *sql, gsize count, guint64 id, GError **error)
{
    for (gsize i = 0; i < count; i++)
        if (!statement_run(store, sql[i], VALUES(NUMBER(id)), error))
            return FALSE;
    return TRUE;
}

static gboolean mark(struct store *store, const char *sql, guint64 id, gint64 now, GError **error)
{
    return statement_run(store, sql, VALUES(NUMBER(id), NUMBER(now)), error);
}

static gboolean purge_mail(struct store *store, guint64 mail, gint64 now, GError **error)
{
    return search_drop_mail(store, mail, error) &&
           run_all(store, of_mail, G_N_ELEMENTS(of_mail), mail, error) &&
           mark(store, "UPDATE mail SET purged_at = ?2 WHERE id = ?1", mail, now, error);
}

static gboolean purge_mails_of(struct store *store, guint64 incident, gint64 now, GError **error)
{
    g_autoptr(GArray) mails =
        statement_ids(store, "SELECT id FROM mail WHERE incident = ?1 AND purged_at = 0",
            VALUES(NUMBER(incident)), error);

    for (guint i = 0; mails && i < mails->len; i++)
        if (!purge_mail(store, g_array_index(mails, guint64, i), now, error))
            return FALSE;
    return mails != NULL;
}

static gboolean purge_letters_of(struct store *store, guint64 incident, GError **error)
{
    g_autoptr(GArray) letters = statement_ids(
        store, "SELECT id FROM outbox WHERE incident = ?1", VALUES(NUMBER(incident)), error);

    for (guint i = 0; letters && i < letters->len; i++)
        if (!run_all(store, of_letter, G_N_ELEMENTS(of_letter), g_array_index(letters, guint64, i),
                error))
            return FALSE;
    return letters != NULL;
}

/* They can be made anew. The rows stay: of one cause there is one letter. */
static const char *const of_report[] = {
    "DELETE FROM letter_chunk WHERE letter = ?1",
    "DELETE FROM enclosure WHERE letter = ?1",
    "UPDATE writing SET text = '' WHERE letter = ?1",
};

gboolean store_forget_reports(struct store *store, gint64 before, GError **error)
{
    g_autoptr(GArray) letters = statement_ids(store,
        "SELECT letter FROM writing JOIN outbox ON outbox.id = letter WHERE purpose = 'report'"
        " AND text <> '' AND outbox.state IN ('sent', 'failed') AND changed_at < ?1",
        VALUES(NUMBER(before)), error);

    for (guint i = 0; letters && i < letters->len; i++)
        if (!run_all(store, of_report, G_N_ELEMENTS(of_report), g_array_index(letters, guint64, i),
                error))
            return FALSE;
    return letters != NULL;
}

static gboolean purge_incident(struct store *store, guint64 incident, gint64 now, GError **error)
{
    return purge_mails_of(store, incident, now, error) &&
           purge_letters_of(store, incident, error) &&
           search_drop_incident(store, incident, error) &&
           run_all(store, of_incident, G_N_ELEMENTS(of_incident), incident, error) &&
           mark(store, "UPDATE incident SET purged_at = ?2 WHERE id = ?1", incident, now, error);
}

/* -- what may go -- */

/* It is over since before ?1, nobody keeps it, no letter of it waits; with all its parts. */
#define IS_OVER(one)                                                                               \
    one ".state IN ('closed', 'rejected') AND " one ".closed_at > 0 AND " one ".closed_at < ?1 "   \
        "AND " one ".kept = ''"
#define NO_PART_IS_KEPT                                                                            \
    " AND NOT EXISTS (SELECT 1 FROM incident AS part WHERE part.merged_into = incident.id"         \
    " AND part.kept <> '')"
#define INCIDENTS                                                                                  \
    " FROM incident WHERE purged_at = 0 AND " IS_OVER(                                             \
        "incident") " AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.incident = incident.id"    \
                    " AND outbox.state IN ('queued', 'held', 'deferred', "                         \
                    "'sending'))" NO_PART_IS_KEPT                                                  \
                    " AND (merged_into = 0 OR EXISTS (SELECT 1 FROM incident AS whole"             \
                    " WHERE whole.id = incident.merged_into AND " IS_OVER("whole") "))"
/* What belongs to an incident goes if that is over and not kept, nor a part of it, whose mails it
 * has; at the latest with it. */
#define MAILS(places)                                                                              \
    " FROM mail WHERE purged_at = 0 AND ledger IN (" places ") AND settled_at < ?1"                \
    " AND (incident IS NULL OR EXISTS (SELECT 1 FROM incident WHERE incident.id = mail.incident"   \
    " AND incident.state IN ('closed', 'rejected') AND incident.kept = ''" NO_PART_IS_KEPT "))"

static const struct {
    const char *name;
    const char *which, *count;
    gboolean (*purge)(struct store *store, guint64 id, gint64 now, GError **error);
} rules[PURGE_RULES] = {
    [PURGE_CLOSED] = {"closed", "SELECT id" INCIDENTS " ORDER BY id LIMIT ?2",
        "SELECT count(*), (SELECT coalesce(sum(size), 0) FROM mail WHERE purged_at = 0"
        " AND incident IN (SELECT id" INCIDENTS "))" INCIDENTS,
        purge_incident},
    [PURGE_SPAM] = {"spam", "SELECT id" MAILS("'spam'") " ORDER BY id LIMIT ?2",
        "SELECT count(*), coalesce(sum(size), 0)" MAILS("'spam'"), purge_mail},
    [PURGE_UNREADABLE] = {"unreadable",
        "SELECT id" MAILS("'unreadable', 'quarantine'") " ORDER BY id LIMIT ?2",
        "SELECT count(*), coalesce(sum(size), 0)" MAILS("'unreadable', 'quarantine'"), purge_mail},
    [PURGE_FEED] = {"feed", "SELECT id" MAILS("'feed'") " ORDER BY id LIMIT ?2",
        "SELECT count(*), coalesce(sum(size), 0)" MAILS("'feed'"), purge_mail},
    [PURGE_BOUNCE] = {"bounce", "SELECT id" MAILS("'bounce'") " ORDER BY id LIMIT ?2",
        "SELECT count(*), coalesce(sum(size), 0)" MAILS("'bounce'"), purge_mail},
    [PURGE_MACHINE] = {"machine", "SELECT id" MAILS("'machine'") " ORDER BY id LIMIT ?2",
        "SELECT count(*), coalesce(sum(size), 0)" MAILS("'machine'"), purge_mail},
};

const char *purge_rule_name(enum purge_rule rule)
{
    return rules[rule].name;
}

gboolean store_purge_count(struct store *store, enum purge_rule rule, gint64 before, guint64 *count,
    guint64 *bytes, GError **error)
{
    sqlite3_stmt *statement =
        statement_ask(store, rules[rule].count, VALUES(NUMBER(before)), error);
    int got = statement ? statement_next(store, statement, error) : -1;

    *count = *bytes = 0;
    if (got > 0) {
        *count = (guint64)sqlite3_column_int64(statement, 0);
        *bytes = (guint64)sqlite3_column_int64(statement, 1);
        statement_stop(statement);
    }
    return got >= 0;
}

static gboolean note(struct store *store, const struct purge_some *some, guint64 id, GError **error)
{
    gboolean is_incident = some->rule == PURGE_CLOSED;
    g_autofree char *text =
        g_strdup_printf("all that it said, by retention.%s", rules[some->rule].name);

    return store_journal(store, some->now, some->actor, "purged", is_incident ? id : 0,
        is_incident ? 0 : id, text, error);
}

/* They name whose mail was answered, for the limits of an hour. */
static gboolean forget_counts(struct store *store, gint64 now, GError **error)
{
    enum { MINUTE = 60, DAY = 24 * 60 * MINUTE };

    return statement_run(store, "DELETE FROM ack_minute WHERE minute < ?1",
        VALUES(NUMBER((now - DAY) / MINUTE)), error);
}

gboolean store_purge_some(
    struct store *store, const struct purge_some *some, guint64 *count, GError **error)
{
    g_autoptr(GArray) ids = statement_ids(
        store, rules[some->rule].which, VALUES(NUMBER(some->before), NUMBER(some->most)), error);

    *count = 0;
    for (guint i = 0; ids && i < ids->len; i++) {
        guint64 id = g_array_index(ids, guint64, i);
        if (!rules[some->rule].purge(store, id, some->now, error) || !note(store, some, id, error))
            return FALSE;
        (*count)++;
    }
    return ids && forget_counts(store, some->now, error);
}

/* -- and nothing of it is left in the file -- */

enum { PAGES = 1000 };

/* The index keeps words that were taken out until it has merged what has them. */
gboolean store_purge_clean(struct store *store, gboolean first, gboolean *more, GError **error)
{
    int before = sqlite3_total_changes(store->db);
    gint64 free_pages;

    if (!statement_run(store, "INSERT INTO search (search, rank) VALUES ('merge', ?1)",
            VALUES(NUMBER(first ? -PAGES : PAGES)), error))
        return FALSE;
    *more = sqlite3_total_changes(store->db) - before >= 2;
    if (*more)
        return TRUE;
    if (sqlite3_exec(store->db, "PRAGMA incremental_vacuum(1000)", NULL, NULL, NULL) != SQLITE_OK)
        return statement_fail(store, sqlite3_errcode(store->db), "incremental_vacuum", error);
    if (!statement_number(store,
            "SELECT freelist_count FROM pragma_freelist_count, pragma_auto_vacuum"
            " WHERE auto_vacuum <> 0",
            NULL, &free_pages, error))
        return FALSE;
    *more = free_pages > 0;
    return TRUE;
}

/* What was written over stands in the file of the last commits, too. */
gboolean store_purge_end(struct store *store, GError **error)
{
    int result = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

    return result == SQLITE_OK || statement_fail(store, result, "checkpoint", error);
}
