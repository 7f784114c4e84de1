/* Forms that people fill in: a line that says which it is, then labels and answers. One pass over
 * the lines; an answer stands behind the label, below it, or nowhere. */
#include "form-parts.h"
#include <string.h>

enum {
    MOST_LINES = 200000,
    MOST_OF_A_LINE = LIMIT_FOUND_BYTES,
    MOST_OF_AN_ANSWER = 2 * LIMIT_FOUND_BYTES,
    MOST_COLONS = 12, /* of a line that are looked at */
    MOST_WORDS = 6,   /* of a label */
    MOST_SOURCES = 100,
};

struct filled {
    struct report *report;
    const struct place *place;
    const GPtrArray *forms;  /* that may begin */
    const struct form *form; /* that has begun, or NULL */
    char *heading;           /* a key */
    const char *name;        /* of the field that is being read, or NULL */
    GString *answer;
    gboolean beside;  /* the answer stands behind its label */
    gboolean bare;    /* the label is a line without a colon */
    GHashTable *said; /* name to answer, the first of each */
};

/* -- one field -- */

static const char *said(const struct filled *filled, const char *name)
{
    const char *answer = g_hash_table_lookup(filled->said, name);

    return answer ? answer : "";
}

/* The first answer counts. */
static void remember(struct filled *filled, const char *answer)
{
    if (!*said(filled, filled->name))
        g_hash_table_insert(filled->said, g_strdup(filled->name), g_strdup(answer));
}

/* A purpose that was asked for is remembered, even where there is no answer. */
static void end_field(struct filled *filled)
{
    g_autofree char *answer =
        filled->name ? form_answer(filled->form, filled->name, filled->answer->str) : NULL;

    if (answer)
        report_add_field(filled->report, filled->name, answer, filled->place->from);
    if (answer || (filled->name && g_str_equal(filled->name, "purpose")))
        remember(filled, answer ? answer : "");
    filled->name = NULL;
    g_string_truncate(filled->answer, 0);
}

static void append(struct filled *filled, const char *text, gsize length)
{
    if (filled->answer->len + length > MOST_OF_AN_ANSWER)
        return;
    if (filled->answer->len)
        g_string_append_c(filled->answer, '\n');
    g_string_append_len(filled->answer, text, (gssize)length);
}

/* Up to `end`, without blanks around it. */
static void begin_field(struct filled *filled, const char *name, const char *value, const char *end)
{
    g_autofree char *text = NULL;

    end_field(filled);
    filled->name = name;
    text = g_strndup(value, (gsize)(end - value));
    g_strchomp(text);
    value = form_skip_blanks(text);
    if (*value)
        append(filled, value, strlen(value));
    filled->beside = *value != '\0';
    filled->bare = FALSE;
}

/* -- one form -- */

static const char *kind_said(const struct filled *filled)
{
    const char *kind = said(filled, "kind");

    return *kind || !filled->form->kind ? kind : filled->form->kind;
}

static void add_sighting(struct filled *filled, const char *source)
{
    const char *target = said(filled, "system-address");
    const char *seen = said(filled, "first-seen");
    g_autofree char *moment = form_moment(*seen ? seen : said(filled, "noticed-at"));
    g_autofree char *zone = form_zone(said(filled, "time-zone"));

    event_add(filled->report,
        (const char *[ROLES]){
            [ROLE_SOURCE] = source,
            [ROLE_TIME] = moment,
            [ROLE_ZONE] = zone,
            [ROLE_KIND] = kind_said(filled),
            [ROLE_TARGET] = *target ? target : said(filled, "system-host"),
            [ROLE_EVIDENCE] = said(filled, "log"),
        },
        filled->place->from);
}

/* Each address, or the host where there is none. */
static void add_sightings(struct filled *filled)
{
    g_auto(GStrv) words = g_strsplit_set(said(filled, "source-address"), " ,;/()", -1);
    g_autofree char *host = value_canonical(said(filled, "source-host"));
    int count = 0;

    for (char **word = words; *word && count < MOST_SOURCES; word++) {
        if (!value_is_address(*word))
            continue;
        add_sighting(filled, *word);
        count++;
    }
    if (!count && host)
        add_sighting(filled, host);
}

static void end_form(struct filled *filled)
{
    g_autofree char *format = NULL;

    if (!filled->form)
        return;
    end_field(filled);
    format = g_strconcat("form:", filled->form->name, NULL);
    /* JPCERT/CC: whoever says no purpose informs. */
    if (g_hash_table_contains(filled->said, "purpose") && !*said(filled, "purpose")) {
        g_hash_table_remove(filled->said, "purpose");
        if (g_hash_table_size(filled->said))
            report_add_field(filled->report, "purpose", "information", filled->place->from);
    }
    if (g_hash_table_size(filled->said)) {
        report_add_format(filled->report, format);
        category_set(filled->report, form_category(kind_said(filled)));
        add_sightings(filled);
    } else {
        format_damaged(filled->report, format, filled->place, "has no field that can be read");
    }
    filled->form = NULL;
    g_hash_table_remove_all(filled->said);
}

static void set_heading(struct filled *filled, const char *key)
{
    end_field(filled);
    g_free(filled->heading);
    filled->heading = g_strdup(key);
}

/* Behind the sign only what has no words may stand: "ver. 1.1 (2006/03/07)". */
static gboolean begins_form(struct filled *filled, const char *line)
{
    g_autofree char *key = form_key(line, strlen(line));

    for (guint i = 0; *key && i < filled->forms->len; i++) {
        const struct form *form = filled->forms->pdata[i];
        if (!g_str_has_prefix(key, form->sign) || !g_str_is_ascii(key + strlen(form->sign)))
            continue;
        end_form(filled);
        filled->form = form;
        set_heading(filled, NULL);
        return TRUE;
    }
    return FALSE;
}

/* -- lines -- */

/* Where the label begins that ends at `colon`: the most words that are one. NULL: nowhere. */
static const char *label_before(
    const struct filled *filled, const char *from, const char *colon, const char **name)
{
    const char *starts[MOST_WORDS] = {NULL};
    int count = 0;
    gboolean blank = FALSE;

    for (const char *at = from; at < colon; at = g_utf8_next_char(at)) {
        gboolean was_blank = blank;
        blank = g_unichar_isspace(g_utf8_get_char(at));
        if (!blank && (was_blank || at == from))
            starts[count++ % MOST_WORDS] = at;
    }
    for (int i = MAX(0, count - MOST_WORDS); i < count; i++) {
        const char *start = starts[i % MOST_WORDS];
        g_autofree char *key = form_key(start, (gsize)(colon - start));
        *name = *key ? form_field(filled->form, filled->heading, key) : NULL;
        if (*name)
            return start;
    }
    return NULL;
}

/* Several may stand in a line: "名前: 山田 組織名称:". */
static void take_fields(struct filled *filled, const char *name, const char *value)
{
    const char *begin = value, *behind = NULL, *next = NULL;
    const char *colon = form_colon(value, &behind);

    for (int i = 0; colon && i < MOST_COLONS; i++) {
        const char *start = label_before(filled, begin, colon, &next);
        if (start) {
            begin_field(filled, name, value, start);
            name = next;
            value = behind;
        }
        begin = behind;
        colon = form_colon(behind, &behind);
    }
    begin_field(filled, name, value, value + strlen(value));
}

static gboolean take_number(struct filled *filled, const char *line)
{
    const char *end = NULL, *name;
    g_autofree char *number = form_number(line, &end);

    name = number ? form_field(filled->form, NULL, number) : NULL;
    if (!name)
        return FALSE;
    begin_field(filled, name, end, end + strlen(end));
    filled->bare = TRUE;
    return TRUE;
}

static gboolean take_label(struct filled *filled, const char *line)
{
    const char *behind = line + strlen(line);
    const char *colon = form_colon(line, &behind);
    g_autofree char *key = form_key(line, colon ? (gsize)(colon - line) : strlen(line));
    const char *name = *key ? form_field(filled->form, filled->heading, key) : NULL;

    if (name) {
        take_fields(filled, name, behind);
        filled->bare = !colon;
        return TRUE;
    }
    if (!*key || !g_hash_table_contains(filled->form->headings, key))
        return FALSE;
    set_heading(filled, key);
    return TRUE;
}

static void take_blank(struct filled *filled)
{
    gboolean empty = filled->answer->len == 0;

    if (empty ? !filled->bare && !form_is_long(filled->name)
              : !form_is_long(filled->name) && !form_is_choice(filled->name))
        end_field(filled);
}

/* A line that is no label: it goes on, or says that the answer has ended. */
static void go_on(struct filled *filled, const char *line)
{
    gboolean choice = form_is_choice(filled->name), long_one = form_is_long(filled->name);
    const char *text = form_skip_blanks(line);

    if (!*text)
        take_blank(filled);
    else if (!choice && form_is_numbered(line))
        set_heading(filled, NULL);
    else if (!choice && !long_one && (form_is_labelled(line) || (filled->beside && text == line)))
        end_field(filled);
    else
        append(filled, text, strlen(text));
}

static void take_line(struct filled *filled, const char *line)
{
    if (begins_form(filled, line) || !filled->form)
        return;
    if (g_str_equal(line, "--")) {
        end_form(filled); /* the sender's signature */
    } else if (form_is_rule(line)) {
        if (filled->answer->len || !filled->bare)
            end_field(filled);
    } else if (!take_label(filled, line) && !take_number(filled, line) && filled->name) {
        go_on(filled, line);
    }
}

/* -- the text -- */

/* No part of a character at the end of a line that is cut. */
static char *line_at(const char *at, gsize length)
{
    gsize taken = MIN(length, (gsize)MOST_OF_A_LINE);

    while (taken && taken < length && ((guint8)at[taken] & 0xc0) == 0x80)
        taken--;
    return g_strchomp(g_strndup(at, taken));
}

static void take_lines(struct filled *filled, const char *at)
{
    int lines;

    for (lines = 0; *at && lines < MOST_LINES; lines++) {
        gsize length = strcspn(at, "\n");
        g_autofree char *line = line_at(at, length);
        if (*line != '>' || !filled->place->quotes)
            take_line(filled, line);
        at += length + (at[length] == '\n');
    }
    filled->report->more |= *at != '\0';
}

void form_find(struct report *report, const struct place *place)
{
    g_autoptr(GPtrArray) forms = NULL;
    struct filled filled = {.report = report, .place = place};

    if (g_str_equal(place->from, "subject") || !g_str_has_prefix(place->type, "text/plain"))
        return;
    forms = form_list(place->text);
    if (forms->len == 0)
        return;
    filled.forms = forms;
    filled.answer = g_string_new(NULL);
    filled.said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    take_lines(&filled, place->text);
    end_form(&filled);
    g_free(filled.heading);
    g_string_free(filled.answer, TRUE);
    g_hash_table_unref(filled.said);
}
