/* An incident that becomes a part of another one. What went over is noted one by one, so that it
 * can come back. */
#include "error.h"
#include "event.h"
#include "search.h"

void merge_free(struct merge *merge)
{
    if (!merge)
        return;
    g_free(merge->actor);
    g_free(merge->reason);
    g_free(merge->label);
    g_free(merge);
}

/* In their order; ?1 is the part, ?2 the other. */
static gboolean run_all(
    struct store *store, const char *const *steps, guint64 part, guint64 target, GError **error)
{
    for (; *steps; steps++)
        if (!statement_run(store, *steps, VALUES(NUMBER(part), NUMBER(target)), error))
            return FALSE;
    return TRUE;
}

#define MOVE(kind, table)                                                                          \
    "INSERT INTO merge_part (incident, kind, id, text) SELECT ?1, '" kind "', id, '' FROM " table  \
    " WHERE incident = ?1 AND ?2 <> 0",                                                            \
        "UPDATE " table " SET incident = ?2 WHERE incident = ?1"
#define MOVE_BACK(kind, table)                                                                     \
    "UPDATE " table " SET incident = ?1 WHERE incident = ?2 AND id IN (SELECT id FROM merge_part"  \
    " WHERE merge_part.incident = ?1 AND kind = '" kind "')"
#define NOTE_MEMBERS(kind, whose)                                                                  \
    "INSERT INTO merge_part (incident, kind, id, text) SELECT ?1, '" kind "', 0, user FROM member" \
    " WHERE incident = " whose " AND ?1 <> ?2"

static const char *const moves[] = {
    MOVE("mail", "mail"),
    MOVE("letter", "outbox"),
    MOVE("delivery", "delivery"),
    MOVE("told", "told"),
    MOVE("coordination", "coordination"),
    MOVE("escalation", "escalation"),
    "INSERT INTO escalation_look (incident) SELECT ?2 WHERE ?1 <> ?2"
    " ON CONFLICT (incident) DO NOTHING",
    "INSERT INTO merge_part (incident, kind, id, text) SELECT ?1, 'merged', id, '' FROM incident"
    " WHERE merged_into = ?1 AND merged_into <> 0 AND ?2 <> 0",
    "UPDATE incident SET merged_into = ?2 WHERE merged_into = ?1 AND merged_into <> 0",
    NULL,
};

/* The part keeps its own. */
static const char *const additions[] = {
    "INSERT INTO merge_part (incident, kind, id, text) SELECT ?1, 'correspondent', 0, address"
    " FROM correspondent WHERE incident = ?1 AND address NOT IN"
    " (SELECT address FROM correspondent WHERE incident = ?2)",
    "INSERT INTO correspondent (incident, address) SELECT ?2, address FROM correspondent"
    " WHERE incident = ?1 ON CONFLICT (incident, address) DO NOTHING",
    "INSERT INTO merge_part (incident, kind, id, text) SELECT ?1, 'reporter', 0, address"
    " FROM reporter WHERE incident = ?1 AND address NOT IN"
    " (SELECT address FROM reporter WHERE incident = ?2)",
    "INSERT INTO reporter (incident, address, name, mail, at) SELECT ?2, address, name, mail, at"
    " FROM reporter WHERE incident = ?1 ON CONFLICT (incident, address) DO NOTHING",
    "INSERT INTO merge_part (incident, kind, id, text)"
    " SELECT ?1, 'reference', 0, authority || char(10) || id FROM reference WHERE incident = ?1"
    " AND NOT EXISTS (SELECT 1 FROM reference AS theirs WHERE theirs.incident = ?2"
    " AND theirs.authority = reference.authority AND theirs.id = reference.id)",
    "INSERT INTO reference (incident, authority, id, address, mail, at)"
    " SELECT ?2, authority, id, address, mail, at FROM reference WHERE incident = ?1"
    " ON CONFLICT (incident, authority, id) DO NOTHING",
    NULL,
};

/* Of one that few could see, those few go on; of two, those who could see both. */
static const char *const members[] = {
    NOTE_MEMBERS("member", "?1"),
    NOTE_MEMBERS("target-member", "?2"),
    "DELETE FROM member WHERE incident = ?2 AND user NOT IN (SELECT user FROM member WHERE incident"
    " = ?1) AND EXISTS (SELECT 1 FROM incident WHERE id = ?1 AND restricted = 1)",
    "INSERT INTO member (incident, user) SELECT ?2, user FROM member WHERE incident = ?1"
    " AND EXISTS (SELECT 1 FROM incident WHERE id = ?2 AND restricted = 0)"
    " ON CONFLICT (incident, user) DO NOTHING",
    "DELETE FROM member WHERE incident = ?1 AND ?2 <> 0",
    "INSERT INTO member (incident, user) SELECT ?1, user FROM member WHERE incident = ?2",
    NULL,
};

#define NOTED "merge_part.incident = ?1 AND kind = 'named' AND ?2 <> 0"

/* Who may be told of one of them whatever its label is has not been named for the other. */
static const char *const named[] = {
    "INSERT INTO merge_part (incident, kind, id, text) SELECT ?1, 'named', contact,"
    " at || char(10) || user || char(10) || reason FROM incident_named WHERE incident = ?2"
    " AND contact NOT IN (SELECT contact FROM incident_named WHERE incident = ?1)",
    "DELETE FROM incident_named WHERE incident = ?2 AND contact IN"
    " (SELECT id FROM merge_part WHERE merge_part.incident = ?1 AND kind = 'named')",
    NULL,
};

static const char *const named_back[] = {
    "INSERT INTO incident_named (incident, contact, user, reason, at) SELECT ?2, id,"
    " substr(words, 1, instr(words, char(10)) - 1), substr(words, instr(words, char(10)) + 1), at"
    " FROM (SELECT id, CAST(substr(text, 1, instr(text, char(10)) - 1) AS INTEGER) AS at,"
    " substr(text, instr(text, char(10)) + 1) AS words FROM merge_part WHERE " NOTED ")"
    " WHERE id NOT IN (SELECT contact FROM incident_named WHERE incident = ?2)",
    NULL,
};

static gboolean note_before(struct store *store, const struct merge *merge, GError **error)
{
    return statement_run(store,
        "INSERT INTO merge (incident, target, actor, reason, at, event, label, state, result,"
        " closed_at, updated_at, part_label, part_label_by, part_restricted, target_label,"
        " target_label_by, target_restricted) SELECT part.id, target.id, ?3, ?4, ?5,"
        " (SELECT coalesce(max(id), 0) FROM journal), ?6, part.state, part.result, part.closed_at,"
        " part.updated_at, part.label, part.label_by, part.restricted, target.label,"
        " target.label_by, target.restricted FROM incident AS part, incident AS target"
        " WHERE part.id = ?1 AND target.id = ?2",
        VALUES(NUMBER(merge->incident), NUMBER(merge->target), TEXT(merge->actor),
            TEXT(merge->reason), NUMBER(merge->at), TEXT(merge->label)),
        error);
}

/* What decides who sees it, of either. */
static gboolean set_sight(
    struct store *store, const struct merge *merge, guint64 incident, GError **error)
{
    return statement_run(store,
        "UPDATE incident SET label_by = CASE WHEN label = ?2 THEN label_by ELSE ?4 END, label = ?2,"
        " restricted = ?3, updated_at = CASE WHEN updated_at < ?5 THEN ?5 ELSE updated_at END"
        " WHERE id = ?1",
        VALUES(NUMBER(incident), TEXT(merge->label), NUMBER(merge->restricted), TEXT(merge->actor),
            NUMBER(merge->at)),
        error);
}

static gboolean close_part(struct store *store, const struct merge *merge, GError **error)
{
    return statement_run(store,
        "UPDATE incident SET state = 'closed', closed_at = CASE WHEN closed_at > 0 THEN closed_at"
        " ELSE ?3 END, merged_into = ?2, result = 'a part of '"
        " || (SELECT number FROM incident AS target WHERE target.id = ?2) WHERE id = ?1",
        VALUES(NUMBER(merge->incident), NUMBER(merge->target), NUMBER(merge->at)), error);
}

/* What was told goes over, and searches find it with the incident: its words are taken out while
 * it stands where it was, and put in by search_follow_label(). */
static gboolean drop_words(struct store *store, const struct merge *merge, GError **error)
{
    return search_drop_incident(store, merge->incident, error) &&
           search_drop_incident(store, merge->target, error);
}

gboolean store_merge(struct store *store, const struct merge *merge, GError **error)
{
    guint64 part = merge->incident, target = merge->target;

    return note_before(store, merge, error) && drop_words(store, merge, error) &&
           run_all(store, moves, part, target, error) &&
           run_all(store, additions, part, target, error) &&
           run_all(store, members, part, target, error) &&
           run_all(store, named, part, target, error) && set_sight(store, merge, part, error) &&
           set_sight(store, merge, target, error) &&
           event_add_state(store, part, "closed", merge->at, error) &&
           close_part(store, merge, error) && search_follow_label(store, part, error) &&
           search_follow_label(store, target, error);
}

struct merge *store_merge_show(struct store *store, guint64 incident, GError **error)
{
    static const struct column columns[] = {
        NUMBER_OF(struct merge, incident),
        NUMBER_OF(struct merge, target),
        TEXT_OF(struct merge, actor),
        TEXT_OF(struct merge, reason),
        NUMBER_OF(struct merge, at),
        TEXT_OF(struct merge, label),
    };
    static const struct shape shape = SHAPE(struct merge, merge_free, columns);
    g_autoptr(GPtrArray) rows = statement_rows(store,
        "SELECT incident, target, actor, reason, at, label FROM merge WHERE incident = ?1",
        VALUES(NUMBER(incident)), &shape, error);

    return rows && rows->len ? g_ptr_array_steal_index(rows, 0) : NULL;
}

/* -- and back -- */

/* Who has written to the other one since is a correspondent there. */
static const char *const back[] = {
    MOVE_BACK("mail", "mail"),
    MOVE_BACK("letter", "outbox"),
    MOVE_BACK("delivery", "delivery"),
    MOVE_BACK("told", "told"),
    MOVE_BACK("coordination", "coordination"),
    MOVE_BACK("escalation", "escalation"),
    "UPDATE incident SET merged_into = ?1 WHERE merged_into = ?2 AND merged_into <> 0 AND id IN"
    " (SELECT id FROM merge_part WHERE merge_part.incident = ?1 AND kind = 'merged')",
    "DELETE FROM correspondent WHERE incident = ?2 AND address IN (SELECT text FROM merge_part"
    " WHERE merge_part.incident = ?1 AND kind = 'correspondent') AND address NOT IN"
    " (SELECT from_key FROM message JOIN mail ON mail.id = message.mail WHERE mail.incident = ?2)",
    "DELETE FROM reporter WHERE incident = ?2 AND address IN (SELECT text FROM merge_part"
    " WHERE merge_part.incident = ?1 AND kind = 'reporter')",
    "DELETE FROM reference WHERE incident = ?2 AND authority || char(10) || id IN"
    " (SELECT text FROM merge_part WHERE merge_part.incident = ?1 AND kind = 'reference')",
    "DELETE FROM member WHERE incident = ?1 AND ?2 <> 0",
    "INSERT INTO member (incident, user) SELECT ?1, text FROM merge_part"
    " WHERE merge_part.incident = ?1 AND kind = 'member' AND ?2 <> 0",
    "UPDATE incident SET (state, result, closed_at, updated_at, label, label_by, restricted,"
    " merged_into) = (SELECT state, result, closed_at, updated_at, part_label, part_label_by,"
    " part_restricted, 0 FROM merge WHERE merge.incident = ?1) WHERE id = ?1 AND ?2 <> 0",
    NULL,
};

static const char *const target_back[] = {
    "UPDATE incident SET (label, label_by, restricted) = (SELECT target_label, target_label_by,"
    " target_restricted FROM merge WHERE merge.incident = ?1) WHERE id = ?2",
    "DELETE FROM member WHERE incident = ?2 AND ?1 <> 0",
    "INSERT INTO member (incident, user) SELECT ?2, text FROM merge_part"
    " WHERE merge_part.incident = ?1 AND kind = 'target-member'",
    NULL,
};

static const char *const forget[] = {
    "DELETE FROM merge_part WHERE incident = ?1 AND ?2 <> 0",
    "DELETE FROM merge WHERE incident = ?1 AND ?2 <> 0",
    NULL,
};

/* What has come in or was written down since, or what a person has said of its label, may need the
 * stricter one. */
static gboolean has_moved_on(
    struct store *store, const struct merge *merge, gboolean *moved, GError **error)
{
    gint64 count = 0;

    if (!statement_number(store,
            "SELECT count(*) FROM journal JOIN merge ON merge.incident = ?1"
            " WHERE journal.incident = ?2 AND journal.incident <> 0 AND journal.id > merge.event"
            " AND (journal.kind IN ('joined', 'restricted', 'unrestricted', 'merged', 'note',"
            " 'wrote', 'phone', 'visit', 'web') OR journal.kind = 'set'"
            " AND (journal.text LIKE 'label=%' OR journal.text LIKE 'subject=%'"
            " OR journal.text LIKE 'result=%'))",
            VALUES(NUMBER(merge->incident), NUMBER(merge->target)), &count, error))
        return FALSE;
    *moved = count > 0;
    return TRUE;
}

static gboolean note_state_before(struct store *store, guint64 part, gint64 now, GError **error)
{
    sqlite3_stmt *statement = statement_ask(
        store, "SELECT state FROM merge WHERE incident = ?1", VALUES(NUMBER(part)), error);
    int got = statement ? statement_next(store, statement, error) : -1;
    g_autofree char *state = got > 0 ? statement_text(statement, 0) : NULL;

    if (got > 0)
        statement_stop(statement);
    return got >= 0 && (!state || event_add_state(store, part, state, now, error));
}

gboolean store_merge_undo(
    struct store *store, const struct merge *merge, gint64 now, gboolean *kept, GError **error)
{
    guint64 part = merge->incident, target = merge->target;

    return has_moved_on(store, merge, kept, error) && note_state_before(store, part, now, error) &&
           drop_words(store, merge, error) && run_all(store, back, part, target, error) &&
           (*kept || (run_all(store, target_back, part, target, error) &&
                         run_all(store, named_back, part, target, error))) &&
           run_all(store, forget, part, target, error) &&
           store_join_incident(store, target, now, error) &&
           search_follow_label(store, part, error) && search_follow_label(store, target, error);
}

/* Whoever has written the mail, and nothing else, has told us nothing of where it was. Whom a
 * person has written to there goes on being answered. */
static gboolean forget_party(struct store *store, guint64 mail, guint64 incident, GError **error)
{
#define WROTE "(SELECT from_key FROM message WHERE mail = ?1)"
#define NO_MORE                                                                                    \
    " AND NOT EXISTS (SELECT 1 FROM mail JOIN message ON message.mail = mail.id"                   \
    " WHERE mail.incident = ?2 AND mail.id <> ?1 AND from_key = address)"
    return statement_run(store,
               "DELETE FROM reporter WHERE incident = ?2 AND address = " WROTE NO_MORE,
               VALUES(NUMBER(mail), NUMBER(incident)), error) &&
           statement_run(store,
               "DELETE FROM correspondent WHERE incident = ?2 AND address = " WROTE NO_MORE
               " AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.incident = ?2 AND outbox.kind ="
               " 'letter' AND lower(recipient) = correspondent.address AND id NOT IN (SELECT "
               "letter FROM dropped))",
               VALUES(NUMBER(mail), NUMBER(incident)), error);
}

gboolean store_split_mail(
    struct store *store, guint64 mail, guint64 from, guint64 incident, GError **error)
{
    return forget_party(store, mail, from, error) && search_drop_mail(store, mail, error) &&
           statement_change(store, "UPDATE mail SET incident = ?2 WHERE id = ?1",
               VALUES(NUMBER(mail), NUMBER(incident)), "mail", error) &&
           search_follow_mail(store, mail, error);
}
