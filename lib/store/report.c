/* What was found in mails. */
#include "statement.h"
#include <mado/report.h>

/* One kind of finding: the rows of a list in the report. */
struct finding {
    gsize list; /* where the report has it */
    const char *clear, *add, *show;
    gboolean (*keep)(struct store *, const char *sql, guint64 mail, guint place, gconstpointer row,
        GError **error);
    void (*take)(struct report *report, sqlite3_stmt *statement);
};

static gboolean keep_indicator(struct store *store, const char *sql, guint64 mail, guint place,
    gconstpointer row, GError **error)
{
    const struct indicator *one = row;

    return statement_run(store, sql,
        VALUES(NUMBER(mail), NUMBER(place), TEXT(indicator_name(one->kind)), TEXT(one->value),
            TEXT(one->as_written), TEXT(one->from)),
        error);
}

static void take_indicator(struct report *report, sqlite3_stmt *statement)
{
    g_autofree char *kind = statement_text(statement, 0);
    g_autofree char *value = statement_text(statement, 1);
    g_autofree char *as_written = statement_text(statement, 2);
    g_autofree char *from = statement_text(statement, 3);

    if (indicator_from_name(kind) < INDICATOR_KINDS)
        report_add_indicator(report, indicator_from_name(kind), value, as_written, from);
}

static gboolean keep_sighting(struct store *store, const char *sql, guint64 mail, guint place,
    gconstpointer row, GError **error)
{
    const struct sighting *one = row;

    return statement_run(store, sql,
        VALUES(NUMBER(mail), NUMBER(place), TEXT(one->kind), TEXT(one->time), NUMBER(one->at),
            TEXT(one->source), TEXT(one->source_port), TEXT(one->target), TEXT(one->target_port),
            TEXT(one->protocol), TEXT(one->evidence), TEXT(one->from)),
        error);
}

static void take_sighting(struct report *report, sqlite3_stmt *statement)
{
    struct sighting *one = report_add_sighting(report, "");
    char **const texts[] = {&one->kind, &one->time, NULL, &one->source, &one->source_port,
        &one->target, &one->target_port, &one->protocol, &one->evidence, &one->from};

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        if (texts[i]) {
            g_free(*texts[i]);
            *texts[i] = statement_text(statement, (int)i);
        }
    one->at = sqlite3_column_int64(statement, 2);
}

static gboolean keep_field(struct store *store, const char *sql, guint64 mail, guint place,
    gconstpointer row, GError **error)
{
    const struct field *one = row;

    return statement_run(store, sql,
        VALUES(NUMBER(mail), NUMBER(place), TEXT(one->name), TEXT(one->value), TEXT(one->from)),
        error);
}

static void take_field(struct report *report, sqlite3_stmt *statement)
{
    g_autofree char *name = statement_text(statement, 0);
    g_autofree char *value = statement_text(statement, 1);
    g_autofree char *from = statement_text(statement, 2);

    report_add_field(report, name, value, from);
}

static gboolean keep_marking(struct store *store, const char *sql, guint64 mail, guint place,
    gconstpointer row, GError **error)
{
    const struct marking *one = row;

    return statement_run(store, sql,
        VALUES(NUMBER(mail), NUMBER(place), TEXT(one->scheme), TEXT(one->label),
            TEXT(one->as_written), TEXT(one->from), NUMBER(one->weak != FALSE)),
        error);
}

static void take_marking(struct report *report, sqlite3_stmt *statement)
{
    g_autofree char *scheme = statement_text(statement, 0);
    g_autofree char *label = statement_text(statement, 1);
    g_autofree char *as_written = statement_text(statement, 2);
    g_autofree char *from = statement_text(statement, 3);

    report_add_marking(report,
        &(struct marking){scheme, label, as_written, from, sqlite3_column_int(statement, 4) != 0});
}

#define SHOW(columns, table) "SELECT " columns " FROM " table " WHERE mail = ?1 ORDER BY place"
static const struct finding findings[] = {
    {G_STRUCT_OFFSET(struct report, indicators), "DELETE FROM indicator WHERE mail = ?1",
        "INSERT INTO indicator (mail, place, kind, value, as_written, origin)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        SHOW("kind, value, as_written, origin", "indicator"), keep_indicator, take_indicator},
    {G_STRUCT_OFFSET(struct report, sightings), "DELETE FROM sighting WHERE mail = ?1",
        "INSERT INTO sighting (mail, place, kind, time, at, source, source_port, target,"
        " target_port, protocol, evidence, origin)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        SHOW("kind, time, at, source, source_port, target, target_port, protocol, evidence, origin",
            "sighting"),
        keep_sighting, take_sighting},
    {G_STRUCT_OFFSET(struct report, fields), "DELETE FROM field WHERE mail = ?1",
        "INSERT INTO field (mail, place, name, value, origin) VALUES (?1, ?2, ?3, ?4, ?5)",
        SHOW("name, value, origin", "field"), keep_field, take_field},
    {G_STRUCT_OFFSET(struct report, markings), "DELETE FROM marking WHERE mail = ?1",
        "INSERT INTO marking (mail, place, scheme, label, as_written, origin, weak)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        SHOW("scheme, label, as_written, origin, weak", "marking"), keep_marking, take_marking},
};

static const GPtrArray *list_of(const struct report *report, const struct finding *finding)
{
    return *(GPtrArray *const *)((const char *)report + finding->list);
}

static gboolean keep_list(struct store *store, guint64 mail, const struct finding *finding,
    const GPtrArray *list, GError **error)
{
    for (guint i = 0; i < list->len; i++)
        if (!finding->keep(store, finding->add, mail, i, list->pdata[i], error))
            return FALSE;
    return TRUE;
}

static gboolean drop_report(struct store *store, guint64 mail, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(findings); i++)
        if (!statement_run(store, findings[i].clear, VALUES(NUMBER(mail)), error))
            return FALSE;
    return statement_run(store, "DELETE FROM report WHERE mail = ?1", VALUES(NUMBER(mail)), error);
}

static gboolean is_empty(const struct report *report)
{
    gsize found = g_strv_length(report->formats) + g_strv_length(report->damaged) + report->more;

    for (gsize i = 0; i < G_N_ELEMENTS(findings); i++)
        found += list_of(report, &findings[i])->len;
    return found == 0;
}

/* Was there one before? Most mails are read once. */
static gboolean drop_earlier(struct store *store, guint64 mail, GError **error)
{
    gint64 count;

    return statement_number(store, "SELECT count(*) FROM report WHERE mail = ?1",
               VALUES(NUMBER(mail)), &count, error) &&
           (count == 0 || drop_report(store, mail, error));
}

gboolean store_keep_report(
    struct store *store, guint64 mail, const struct report *report, GError **error)
{
    g_autofree char *formats = g_strjoinv("\n", report->formats);
    g_autofree char *damaged = g_strjoinv("\n", report->damaged);

    if (!drop_earlier(store, mail, error))
        return FALSE;
    if (is_empty(report))
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(findings); i++)
        if (!keep_list(store, mail, &findings[i], list_of(report, &findings[i]), error))
            return FALSE;
    return statement_run(store,
        "INSERT INTO report (mail, formats, category, damaged, more) VALUES (?1, ?2, ?3, ?4, ?5)",
        VALUES(NUMBER(mail), TEXT(formats), TEXT(report->category), TEXT(damaged),
            NUMBER(report->more != FALSE)),
        error);
}

/* -- showing it -- */

static gboolean show_list(struct store *store, guint64 mail, const struct finding *finding,
    struct report *report, GError **error)
{
    sqlite3_stmt *statement = statement_ask(store, finding->show, VALUES(NUMBER(mail)), error);
    int got = statement ? 1 : -1;

    while (got > 0 && (got = statement_next(store, statement, error)) > 0)
        finding->take(report, statement);
    return got == 0;
}

struct report *store_report_show(struct store *store, guint64 mail, GError **error)
{
    g_autoptr(mado_report) report = report_new();
    sqlite3_stmt *statement =
        statement_ask(store, "SELECT formats, category, damaged, more FROM report WHERE mail = ?1",
            VALUES(NUMBER(mail)), error);
    int got = statement ? statement_next(store, statement, error) : -1;

    if (got < 0)
        return NULL;
    if (got == 0)
        return g_steal_pointer(&report);
    statement_lines(statement, 0, &report->formats);
    g_free(report->category);
    report->category = statement_text(statement, 1);
    statement_lines(statement, 2, &report->damaged);
    report->more = sqlite3_column_int(statement, 3) != 0;
    statement_stop(statement);
    for (gsize i = 0; i < G_N_ELEMENTS(findings); i++)
        if (!show_list(store, mail, &findings[i], report, error))
            return NULL;
    return g_steal_pointer(&report);
}
