/* What was found in a mail, bounded as it is added, and its form on the wire. */
#include <mado/report.h>
#include "pack.h"
#include "text.h"
#include <mado/limits.h>
#include <string.h>

static const char *const kind_names[INDICATOR_KINDS] = {
    [INDICATOR_IPV4] = "ipv4",
    [INDICATOR_IPV6] = "ipv6",
    [INDICATOR_CIDR] = "cidr",
    [INDICATOR_DOMAIN] = "domain",
    [INDICATOR_URL] = "url",
    [INDICATOR_MAIL] = "mail",
    [INDICATOR_MD5] = "md5",
    [INDICATOR_SHA1] = "sha1",
    [INDICATOR_SHA256] = "sha256",
    [INDICATOR_SHA512] = "sha512",
    [INDICATOR_CVE] = "cve",
    [INDICATOR_ASN] = "asn",
    [INDICATOR_JVN] = "jvn",
};

const char *indicator_name(enum indicator_kind kind)
{
    return kind_names[kind];
}

enum indicator_kind indicator_from_name(const char *name)
{
    enum indicator_kind kind = 0;

    while (kind < INDICATOR_KINDS && g_strcmp0(kind_names[kind], name) != 0)
        kind++;
    return kind;
}

/* -- its lists: what one row is made of -- */

static GVariant *put_kind(const void *field)
{
    return g_variant_new_uint32(*(const enum indicator_kind *)field);
}

static gboolean take_kind(void *field, GVariant *value)
{
    *(enum indicator_kind *)field = g_variant_get_uint32(value);
    return g_variant_get_uint32(value) < INDICATOR_KINDS;
}

static const struct pack_codec pack_kind = {put_kind, take_kind};

/* In the order of REPORT_TYPE, as all of them. */
static const struct pack_field indicator_fields[] = {
    {&pack_kind, G_STRUCT_OFFSET(struct indicator, kind)},
    {&pack_string, G_STRUCT_OFFSET(struct indicator, value)},
    {&pack_string, G_STRUCT_OFFSET(struct indicator, as_written)},
    {&pack_string, G_STRUCT_OFFSET(struct indicator, from)},
};
static const struct pack_field sighting_fields[] = {
    {&pack_string, G_STRUCT_OFFSET(struct sighting, kind)},
    {&pack_string, G_STRUCT_OFFSET(struct sighting, time)},
    {&pack_time, G_STRUCT_OFFSET(struct sighting, at)},
    {&pack_string, G_STRUCT_OFFSET(struct sighting, source)},
    {&pack_string, G_STRUCT_OFFSET(struct sighting, source_port)},
    {&pack_string, G_STRUCT_OFFSET(struct sighting, target)},
    {&pack_string, G_STRUCT_OFFSET(struct sighting, target_port)},
    {&pack_string, G_STRUCT_OFFSET(struct sighting, protocol)},
    {&pack_string, G_STRUCT_OFFSET(struct sighting, evidence)},
    {&pack_string, G_STRUCT_OFFSET(struct sighting, from)},
};
static const struct pack_field field_fields[] = {
    {&pack_string, G_STRUCT_OFFSET(struct field, name)},
    {&pack_string, G_STRUCT_OFFSET(struct field, value)},
    {&pack_string, G_STRUCT_OFFSET(struct field, from)},
};
static const struct pack_field marking_fields[] = {
    {&pack_string, G_STRUCT_OFFSET(struct marking, scheme)},
    {&pack_string, G_STRUCT_OFFSET(struct marking, label)},
    {&pack_string, G_STRUCT_OFFSET(struct marking, as_written)},
    {&pack_string, G_STRUCT_OFFSET(struct marking, from)},
    {&pack_flag, G_STRUCT_OFFSET(struct marking, weak)},
};
static const struct pack_field ticket_fields[] = {
    {&pack_string, G_STRUCT_OFFSET(struct ticket_ref, authority)},
    {&pack_string, G_STRUCT_OFFSET(struct ticket_ref, id)},
    {&pack_string, G_STRUCT_OFFSET(struct ticket_ref, from)},
};

/* A row of any of them: its strings are "" at the start. */
struct row_kind {
    const struct pack_field *fields;
    gsize count, size;
    guint most;
    const char *type; /* of the list */
};

#define ROWS(fields_, structure, most_, type_)                                                     \
    {                                                                                              \
        fields_, G_N_ELEMENTS(fields_), sizeof(structure), most_, type_                            \
    }
static const struct row_kind indicator_rows =
    ROWS(indicator_fields, struct indicator, LIMIT_INDICATORS, "a(usss)");
static const struct row_kind sighting_rows =
    ROWS(sighting_fields, struct sighting, LIMIT_SIGHTINGS, "a(ssxsssssss)");
static const struct row_kind field_rows =
    ROWS(field_fields, struct field, LIMIT_REPORT_FIELDS, "a(sss)");
static const struct row_kind marking_rows =
    ROWS(marking_fields, struct marking, LIMIT_MARKINGS, "a(ssssb)");
static const struct row_kind ticket_rows =
    ROWS(ticket_fields, struct ticket_ref, LIMIT_TICKET_REFS, "a(sss)");

static gpointer row_new(const struct row_kind *kind)
{
    char *row = g_malloc0(kind->size);

    for (gsize i = 0; i < kind->count; i++)
        if (kind->fields[i].codec == &pack_string)
            *(char **)(row + kind->fields[i].offset) = g_strdup("");
    return row;
}

static void row_free(const struct row_kind *kind, gpointer row)
{
    for (gsize i = 0; i < kind->count; i++)
        if (kind->fields[i].codec == &pack_string)
            g_free(*(char **)((char *)row + kind->fields[i].offset));
    g_free(row);
}

static void indicator_free(gpointer row)
{
    row_free(&indicator_rows, row);
}

static void sighting_free(gpointer row)
{
    row_free(&sighting_rows, row);
}

static void field_free(gpointer row)
{
    row_free(&field_rows, row);
}

static void marking_free(gpointer row)
{
    row_free(&marking_rows, row);
}

static void ticket_free(gpointer row)
{
    row_free(&ticket_rows, row);
}

static GVariant *put_rows(const struct row_kind *kind, const void *field)
{
    const GPtrArray *list = *(GPtrArray *const *)field;
    GVariantBuilder builder;

    g_variant_builder_init(&builder, G_VARIANT_TYPE(kind->type));
    for (guint i = 0; i < list->len; i++)
        g_variant_builder_add_value(&builder, pack(kind->fields, kind->count, list->pdata[i]));
    return g_variant_builder_end(&builder);
}

static gboolean take_rows(const struct row_kind *kind, void *field, GVariant *value)
{
    GPtrArray *list = *(GPtrArray **)field;
    gsize count = g_variant_n_children(value);

    if (count > kind->most)
        return FALSE;
    for (gsize i = 0; i < count; i++) {
        g_autoptr(GVariant) one = g_variant_get_child_value(value, i);
        gpointer row = row_new(kind);
        g_ptr_array_add(list, row);
        if (!unpack(kind->fields, kind->count, row, one))
            return FALSE;
    }
    return TRUE;
}

#define ROWS_CODEC(name)                                                                           \
    static GVariant *put_##name(const void *field)                                                 \
    {                                                                                              \
        return put_rows(&(name), field);                                                           \
    }                                                                                              \
    static gboolean take_##name(void *field, GVariant *value)                                      \
    {                                                                                              \
        return take_rows(&(name), field, value);                                                   \
    }                                                                                              \
    static const struct pack_codec pack_##name = {put_##name, take_##name}
ROWS_CODEC(indicator_rows);
ROWS_CODEC(sighting_rows);
ROWS_CODEC(field_rows);
ROWS_CODEC(marking_rows);
ROWS_CODEC(ticket_rows);

/* -- the report -- */

/* In the order of REPORT_TYPE. */
static const struct pack_field report_fields[] = {
    {&pack_strings, G_STRUCT_OFFSET(struct report, formats)},
    {&pack_string, G_STRUCT_OFFSET(struct report, category)},
    {&pack_strings, G_STRUCT_OFFSET(struct report, damaged)},
    {&pack_indicator_rows, G_STRUCT_OFFSET(struct report, indicators)},
    {&pack_sighting_rows, G_STRUCT_OFFSET(struct report, sightings)},
    {&pack_field_rows, G_STRUCT_OFFSET(struct report, fields)},
    {&pack_marking_rows, G_STRUCT_OFFSET(struct report, markings)},
    {&pack_ticket_rows, G_STRUCT_OFFSET(struct report, tickets)},
    {&pack_flag, G_STRUCT_OFFSET(struct report, more)},
};

struct report *report_new(void)
{
    struct report *report = g_new0(struct report, 1);

    report->formats = g_new0(char *, 1);
    report->damaged = g_new0(char *, 1);
    report->category = g_strdup("");
    report->indicators = g_ptr_array_new_with_free_func(indicator_free);
    report->sightings = g_ptr_array_new_with_free_func(sighting_free);
    report->fields = g_ptr_array_new_with_free_func(field_free);
    report->markings = g_ptr_array_new_with_free_func(marking_free);
    report->tickets = g_ptr_array_new_with_free_func(ticket_free);
    return report;
}

void report_free(struct report *report)
{
    if (!report)
        return;
    g_strfreev(report->formats);
    g_strfreev(report->damaged);
    g_free(report->category);
    g_ptr_array_unref(report->indicators);
    g_ptr_array_unref(report->sightings);
    g_ptr_array_unref(report->fields);
    g_ptr_array_unref(report->markings);
    g_ptr_array_unref(report->tickets);
    g_clear_pointer(&report->seen, g_hash_table_unref);
    g_free(report);
}

GVariant *report_to_variant(const struct report *report)
{
    return pack(report_fields, G_N_ELEMENTS(report_fields), report);
}

struct report *report_from_variant(GVariant *variant)
{
    g_autoptr(mado_report) report = report_new();

    if (!g_variant_is_of_type(variant, G_VARIANT_TYPE(REPORT_TYPE)) ||
        !unpack(report_fields, G_N_ELEMENTS(report_fields), report, variant))
        return NULL;
    return g_steal_pointer(&report);
}

/* -- filling it -- */

void report_set(char **string, const char *value)
{
    gsize length = strnlen(value, LIMIT_FOUND_BYTES);
    g_autofree char *cut = g_strndup(value, length);

    g_free(*string);
    *string = text_harmless(cut, NULL);
}

/* FALSE: the list is full, and the report says so. */
static gboolean has_room(struct report *report, const GPtrArray *list, guint most)
{
    report->more |= list->len >= most;
    return list->len < most;
}

/* FALSE: it was there already. Whatever is found often costs no more than being found once. */
static gboolean see(struct report *report, const char *list, const char *kind, const char *value)
{
    if (!report->seen)
        report->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return g_hash_table_add(report->seen, g_strjoin("\n", list, kind, value, NULL));
}

gboolean report_add_indicator(struct report *report, enum indicator_kind kind, const char *value,
    const char *as_written, const char *from)
{
    struct indicator *one;

    if (!has_room(report, report->indicators, LIMIT_INDICATORS) ||
        !see(report, "indicator", indicator_name(kind), value))
        return FALSE;
    one = row_new(&indicator_rows);
    one->kind = kind;
    report_set(&one->value, value);
    report_set(&one->as_written, as_written);
    report_set(&one->from, from);
    g_ptr_array_add(report->indicators, one);
    return TRUE;
}

void report_drop_indicators(struct report *report,
    gboolean (*is_none)(const struct indicator *one, gpointer data), gpointer data)
{
    GPtrArray *kept = g_ptr_array_new_with_free_func(indicator_free);

    for (guint i = 0; i < report->indicators->len; i++) {
        struct indicator *one = report->indicators->pdata[i];
        if (is_none(one, data))
            indicator_free(one);
        else
            g_ptr_array_add(kept, one);
    }
    g_ptr_array_set_free_func(report->indicators, NULL);
    g_ptr_array_unref(report->indicators);
    report->indicators = kept;
}

gboolean report_add_field(
    struct report *report, const char *name, const char *value, const char *from)
{
    struct field *one;

    if (!*value || !has_room(report, report->fields, LIMIT_REPORT_FIELDS) ||
        !see(report, "field", name, value))
        return FALSE;
    one = row_new(&field_rows);
    report_set(&one->name, name);
    report_set(&one->value, value);
    report_set(&one->from, from);
    g_ptr_array_add(report->fields, one);
    return TRUE;
}

gboolean report_add_marking(struct report *report, const struct marking *marking)
{
    struct marking *one;

    if (!has_room(report, report->markings, LIMIT_MARKINGS))
        return FALSE;
    one = row_new(&marking_rows);
    report_set(&one->scheme, marking->scheme);
    report_set(&one->label, marking->label);
    report_set(&one->as_written, marking->as_written);
    report_set(&one->from, marking->from);
    one->weak = marking->weak;
    g_ptr_array_add(report->markings, one);
    return TRUE;
}

gboolean report_add_ticket(
    struct report *report, const char *authority, const char *id, const char *from)
{
    struct ticket_ref *one;

    if (!has_room(report, report->tickets, LIMIT_TICKET_REFS) ||
        !see(report, "ticket", authority, id))
        return FALSE;
    one = row_new(&ticket_rows);
    report_set(&one->authority, authority);
    report_set(&one->id, id);
    report_set(&one->from, from);
    g_ptr_array_add(report->tickets, one);
    return TRUE;
}

struct sighting *report_add_sighting(struct report *report, const char *from)
{
    struct sighting *one;

    if (!has_room(report, report->sightings, LIMIT_SIGHTINGS))
        return NULL;
    one = row_new(&sighting_rows);
    report_set(&one->from, from);
    g_ptr_array_add(report->sightings, one);
    return one;
}

static void add_string(char ***list, const char *value)
{
    guint length = g_strv_length(*list);

    if (length >= LIMIT_REPORT_FORMATS || g_strv_contains((const char *const *)*list, value))
        return;
    *list = g_renew(char *, *list, length + 2);
    (*list)[length] = NULL;
    report_set(&(*list)[length], value);
    (*list)[length + 1] = NULL;
}

void report_add_format(struct report *report, const char *format)
{
    add_string(&report->formats, format);
}

void report_add_damaged(struct report *report, const char *what)
{
    add_string(&report->damaged, what);
}

const char *report_field(const struct report *report, const char *name)
{
    for (guint i = 0; i < report->fields->len; i++) {
        const struct field *field = g_ptr_array_index(report->fields, i);
        if (g_str_equal(field->name, name))
            return field->value;
    }
    return NULL;
}

void report_take_subject(struct report *report, const struct report *outer)
{
    for (guint i = 0; i < outer->markings->len; i++) {
        const struct marking *one = g_ptr_array_index(outer->markings, i);
        if (g_str_equal(one->from, "subject"))
            report_add_marking(report, one);
    }
    for (guint i = 0; i < outer->tickets->len; i++) {
        const struct ticket_ref *one = g_ptr_array_index(outer->tickets, i);
        if (g_str_equal(one->from, "subject"))
            report_add_ticket(report, one->authority, one->id, one->from);
    }
}
