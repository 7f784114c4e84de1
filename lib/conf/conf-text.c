#include "conf-table.h"
#include "say.h"
#include <string.h>

char *conf_to_text(const struct settings *settings, gboolean only_changed)
{
    struct conf_emit emit = {
        conf_rows, settings, only_changed ? CONF_EMIT_CHANGED : CONF_EMIT_ALL, 0};
    GString *out = g_string_new(NULL);

    conf_emit_rows(out, &emit);
    return g_string_free(out, FALSE);
}

char *conf_table_to_sample(void)
{
    struct conf_emit emit = {conf_rows, NULL, CONF_EMIT_SAMPLE, 0};
    GString *out = g_string_new(
        "# Every setting of mado.conf. Only what is marked \"required\" must be there.\n"
        "# Written from the table in lib/conf/conf-table.c; see mado.conf(5).\n");

    conf_emit_rows(out, &emit);
    return g_string_free(out, FALSE);
}

/* A hyphen is made a minus sign, so that names can be copied; a line must not begin with a dot. */
static char *roff_escape(const char *text)
{
    GString *out = g_string_new(*text == '.' || *text == '\'' ? "\\&" : "");

    for (const char *at = text; *at; at++)
        if (*at == '\\')
            g_string_append(out, "\\e");
        else if (*at == '-')
            g_string_append(out, "\\-");
        else
            g_string_append_c(out, *at);
    return g_string_free(out, FALSE);
}

/* An element's own groups are told with its fields. */
static void manual_row(GString *out, const struct conf_row *row, const char *shown)
{
    g_autofree char *facts = conf_row_describe(row);
    g_autofree char *what = roff_escape(facts);
    g_autofree char *help = roff_escape(row->help);
    g_autofree char *name = roff_escape(shown);

    g_string_append_printf(out, ".TP\n.B %s\n%s\n.br\n(%s)\n", name, help, what);
    if (!row->element)
        return;
    g_string_append(out, ".RS\n");
    for (const struct conf_row *inner = row->element->rows; inner->name; inner++)
        manual_row(out, inner, inner->name);
    g_string_append(out, ".RE\n");
}

char *conf_table_to_manual(void)
{
    g_autofree char *open = NULL;
    GString *out = g_string_new(NULL);

    for (const struct conf_row *row = conf_rows; row->name; row++) {
        g_autofree char *group = conf_row_group(row);
        if (g_strcmp0(open, group) != 0)
            g_string_append_printf(out, ".SS %s\n", *group ? group : "Outside the groups");
        g_free(open);
        open = g_steal_pointer(&group);
        manual_row(out, row, conf_row_leaf(row));
    }
    return g_string_free(out, FALSE);
}

static char *help_of(const char *name, const struct conf_row *row)
{
    g_autofree char *facts = conf_row_describe(row);

    return g_strdup_printf("%s\n  %s\n  (%s)\n", name, _(row->help), facts);
}

/* "intake.sources.host" is a row of the elements of "intake.sources". */
static const struct conf_row *find_row(const char *name)
{
    for (const struct conf_row *row = conf_rows; row->name; row++) {
        if (g_str_equal(row->name, name))
            return row;
        for (const struct conf_row *inner = row->element ? row->element->rows : NULL;
             inner && inner->name; inner++) {
            g_autofree char *whole = g_strconcat(row->name, ".", inner->name, NULL);
            if (g_str_equal(whole, name))
                return inner;
        }
    }
    return NULL;
}

char *conf_table_to_help(const char *name)
{
    const struct conf_row *row = find_row(name);
    return row ? help_of(name, row) : NULL;
}

/* Quotes belong into the file; whoever is asked writes none. */
static char *without_quotes(const char *complaint)
{
    g_auto(GStrv) by_comma = g_strsplit(complaint, _(", in quotes"), -1);
    g_autofree char *joined = g_strjoinv("", by_comma);
    g_auto(GStrv) parts = g_strsplit(joined, _(" in quotes"), -1);

    return g_strjoinv("", parts);
}

char *conf_setting_refuse(const char *name, const char *value, const char *folder)
{
    const struct conf_row *row = find_row(name);
    g_autofree char *normal = conf_value_normal(row, value, folder);
    g_autofree char *why = NULL;
    int code;

    why = conf_value_refuse(row, normal, &code);
    return why ? without_quotes(why) : NULL;
}

char *conf_setting_quote(const char *value)
{
    GString *out = g_string_new("\"");

    for (const char *at = value; *at; at++) {
        if (*at == '"' || *at == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *at);
    }
    g_string_append_c(out, '"');
    return g_string_free(out, FALSE);
}

char *conf_table_to_names(void)
{
    GString *out = g_string_new(NULL);

    for (const struct conf_row *row = conf_rows; row->name; row++) {
        g_string_append_printf(out, "%s\n", row->name);
        for (const struct conf_row *inner = row->element ? row->element->rows : NULL;
             inner && inner->name; inner++)
            g_string_append_printf(out, "%s.%s\n", row->name, inner->name);
    }
    return g_string_free(out, FALSE);
}
