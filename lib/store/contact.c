/* Whom we know: contacts, their addresses, and who belongs to a group. */
#include "statement.h"
#include "error.h"

static const struct column columns[] = {
    NUMBER_OF(struct contact, id),
    TEXT_OF(struct contact, kind),
    TEXT_OF(struct contact, name),
    TEXT_OF(struct contact, organisation),
    TEXT_OF(struct contact, language),
    TEXT_OF(struct contact, seal),
    TEXT_OF(struct contact, note),
    NUMBER_OF(struct contact, verified_at),
    TEXT_OF(struct contact, verified_by),
    TEXT_OF(struct contact, verified_how),
    NUMBER_OF(struct contact, created_at),
    NUMBER_OF(struct contact, changed_at),
    TEXT_OF(struct contact, relation),
    TEXT_OF(struct contact, clearance),
    TEXT_OF(struct contact, charset),
    TEXT_OF(struct contact, capability),
    TEXT_OF(struct contact, day),
    TEXT_OF(struct contact, night),
};
static const struct shape shape = SHAPE(struct contact, contact_free, columns);

#define SELECT                                                                                     \
    "SELECT id, kind, name, organisation, language, seal, note, coalesce(verified_at, 0),"         \
    " verified_by, verified_how, created_at, changed_at, relation, clearance, charset, "           \
    "capability,"                                                                                  \
    " day, night FROM contact "

/* -- reading -- */

static char **texts(
    struct store *store, const char *sql, const struct value *values, GError **error)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    sqlite3_stmt *statement = statement_ask(store, sql, values, error);
    int got = statement ? 1 : -1;

    while (got > 0 && (got = statement_next(store, statement, error)) > 0) {
        g_autofree char *text = statement_text(statement, 0);
        g_strv_builder_add(builder, text);
    }
    return got == 0 ? g_strv_builder_end(builder) : NULL;
}

/* Kept one a line. */
static char **lines(struct store *store, const char *sql, guint64 contact, GError **error)
{
    g_auto(GStrv) all = texts(store, sql, VALUES(NUMBER(contact)), error);

    return all ? g_strsplit(*all ? *all : "", "\n", -1) : NULL;
}

/* The rows have them empty. */
static gboolean add_lists(struct store *store, struct contact *contact, GError **error)
{
    contact->addresses =
        texts(store, "SELECT address FROM contact_address WHERE contact = ?1 ORDER BY place",
            VALUES(NUMBER(contact->id)), error);
    if (contact->addresses)
        contact->members = texts(store,
            "SELECT name FROM membership JOIN contact ON contact.id = membership.member"
            " WHERE membership.contact = ?1 ORDER BY name",
            VALUES(NUMBER(contact->id)), error);
    if (contact->members)
        contact->numbers =
            lines(store, "SELECT numbers FROM contact WHERE id = ?1", contact->id, error);
    if (contact->numbers)
        contact->deputies =
            lines(store, "SELECT deputies FROM contact WHERE id = ?1", contact->id, error);
    return contact->deputies != NULL;
}

struct contact *store_contact(struct store *store, guint64 id, GError **error)
{
    g_autoptr(mado_contact) contact =
        statement_row(store, SELECT "WHERE id = ?1", VALUES(NUMBER(id)), &shape, "contact", error);

    if (!contact || !add_lists(store, contact, error))
        return NULL;
    return g_steal_pointer(&contact);
}

GPtrArray *store_contacts(
    struct store *store, const char *part, const char *after, guint most, GError **error)
{
    g_autofree char *small = g_ascii_strdown(part ?: "", -1);
    g_autoptr(GPtrArray) contacts = statement_rows(store,
        SELECT "WHERE name > ?2 AND (?1 = '' OR instr(lower(name), ?1) > 0"
               " OR instr(lower(organisation), ?1) > 0 OR kind = ?1 OR EXISTS (SELECT 1"
               " FROM contact_address WHERE contact = contact.id AND instr(address, ?1) > 0))"
               " ORDER BY name LIMIT ?3",
        VALUES(TEXT(small), TEXT(after ?: ""), NUMBER(most)), &shape, error);

    for (guint i = 0; contacts && i < contacts->len; i++)
        if (!add_lists(store, contacts->pdata[i], error))
            return NULL;
    return g_steal_pointer(&contacts);
}

gboolean store_find_contact(struct store *store, const char *name, guint64 *id, GError **error)
{
    gint64 found;
    gboolean done = statement_number(
        store, "SELECT id FROM contact WHERE name = ?1", VALUES(TEXT(name)), &found, error);

    *id = (guint64)found;
    return done;
}

gboolean store_find_address(struct store *store, const char *address, guint64 *id, GError **error)
{
    g_autofree char *key = g_ascii_strdown(address, -1);
    gint64 found;
    gboolean done = statement_number(store,
        "SELECT contact FROM contact_address WHERE address = ?1", VALUES(TEXT(key)), &found, error);

    *id = (guint64)found;
    return done;
}

/* -- writing -- */

static gboolean put_addresses(struct store *store, const struct contact *contact, GError **error)
{
    if (!statement_run(store, "DELETE FROM contact_address WHERE contact = ?1",
            VALUES(NUMBER(contact->id)), error))
        return FALSE;
    for (guint i = 0; contact->addresses[i]; i++)
        if (!statement_run(store,
                "INSERT INTO contact_address (address, contact, place) VALUES (?1, ?2, ?3)",
                VALUES(TEXT(contact->addresses[i]), NUMBER(contact->id), NUMBER(i)), error))
            return FALSE;
    return TRUE;
}

static gboolean put_members(struct store *store, const struct contact *contact, GError **error)
{
    if (!statement_run(
            store, "DELETE FROM membership WHERE contact = ?1", VALUES(NUMBER(contact->id)), error))
        return FALSE;
    for (char **member = contact->members; *member; member++)
        if (!statement_change(store,
                "INSERT INTO membership (contact, member) SELECT ?1, id FROM contact"
                " WHERE name = ?2 AND id <> ?1 ON CONFLICT (contact, member) DO NOTHING",
                VALUES(NUMBER(contact->id), TEXT(*member)), "member", error))
            return FALSE;
    return TRUE;
}

/* Their own row; all else belongs to it. */
static gboolean put_row(
    struct store *store, const struct contact *contact, gint64 at, GError **error)
{
    g_autofree char *numbers = g_strjoinv("\n", contact->numbers);
    g_autofree char *deputies = g_strjoinv("\n", contact->deputies);

    return statement_change(store,
        "UPDATE contact SET kind = ?1, name = ?2, organisation = ?3, language = ?4, seal = ?5,"
        " note = ?6, verified_at = ?7, verified_by = ?8, verified_how = ?9, changed_at = ?10,"
        " relation = ?11, clearance = ?12, charset = ?13, capability = ?14, day = ?15, night = ?16,"
        " numbers = ?17, deputies = ?18 WHERE id = ?19",
        VALUES(TEXT(contact->kind), TEXT(contact->name), TEXT(contact->organisation),
            TEXT(contact->language), TEXT(contact->seal), TEXT(contact->note),
            ID(contact->verified_at), TEXT(contact->verified_by), TEXT(contact->verified_how),
            NUMBER(at), TEXT(contact->relation), TEXT(contact->clearance), TEXT(contact->charset),
            TEXT(contact->capability), TEXT(contact->day), TEXT(contact->night), TEXT(numbers),
            TEXT(deputies), NUMBER(contact->id)),
        "contact", error);
}

/* Who has another name now goes on being a deputy. */
static gboolean follow_name(struct store *store, const struct contact *contact, GError **error)
{
    return statement_run(store,
        "UPDATE contact SET deputies = trim(replace(char(10) || deputies || char(10),"
        " char(10) || old.name || char(10), char(10) || ?2 || char(10)), char(10))"
        " FROM (SELECT name FROM contact WHERE id = ?1) AS old"
        " WHERE old.name <> ?2 AND instr(char(10) || deputies || char(10),"
        " char(10) || old.name || char(10)) > 0",
        VALUES(NUMBER(contact->id), TEXT(contact->name)), error);
}

gboolean store_add_contact(struct store *store, struct contact *contact, gint64 at, GError **error)
{
    gint64 id;

    if (!statement_number(store,
            "INSERT INTO contact (kind, name, organisation, language, seal, note, verified_by,"
            " verified_how, created_at, changed_at)"
            " VALUES (?1, ?2, '', '', 'auto', '', '', '', ?3, ?3) RETURNING id",
            VALUES(TEXT(contact->kind), TEXT(contact->name), NUMBER(at)), &id, error))
        return FALSE;
    contact->id = (guint64)id;
    return store_change_contact(store, contact, at, error);
}

gboolean store_change_contact(
    struct store *store, const struct contact *contact, gint64 at, GError **error)
{
    return follow_name(store, contact, error) && put_row(store, contact, at, error) &&
           put_addresses(store, contact, error) && put_members(store, contact, error) &&
           store_plan(store, STORE_REVIEWS, at, error);
}
