#include "conf-table.h"
#include "say.h"
#include <string.h>

static void emit_indent(GString *out, int indent)
{
    g_string_append_printf(out, "%*s", indent, "");
}

static void emit_words(GString *out, const struct conf_row *row, char **words)
{
    gboolean list = (row->flags & CONF_LIST) != 0;

    g_string_append(out, list ? "[ " : "");
    for (int i = 0; words[i]; i++) {
        g_autofree char *quoted = conf_setting_quote(words[i]);
        g_string_append(out, i ? ", " : "");
        g_string_append(out, row->type->takes_quoted ? quoted : words[i]);
    }
    g_string_append(out, list ? (words[0] ? " ]" : "]") : "");
}

static char **sample_words(const struct conf_row *row)
{
    const char *sample = row->sample ? row->sample : row->fallback;
    char **words = g_strsplit(sample, (row->flags & CONF_LIST) ? " " : "\n", -1);

    if (!*words && !(row->flags & CONF_LIST)) {
        g_strfreev(words);
        words = g_new0(char *, 2);
        words[0] = g_strdup("");
    }
    return words;
}

static void emit_element(GString *out, const struct conf_emit *emit)
{
    emit_indent(out, emit->indent);
    g_string_append(out, "{\n");
    struct conf_emit inner = *emit;
    inner.indent += 2;
    conf_emit_rows(out, &inner);
    emit_indent(out, emit->indent);
    g_string_append(out, "}");
}

static void emit_members(
    GString *out, const struct conf_element *rows, GPtrArray *members, const struct conf_emit *emit)
{
    struct conf_emit element = *emit;

    for (guint i = 0; i < members->len; i++) {
        element.rows = rows->rows;
        element.base = members->pdata[i];
        g_string_append(out, i ? ",\n" : "");
        emit_element(out, &element);
        element.what = CONF_EMIT_ALL; /* what fields are for is said once */
    }
}

/* In the sample stands what the list has anyhow, or one element made of samples. */
static void emit_elements(GString *out, const struct conf_row *row, const struct conf_emit *emit)
{
    gboolean sample = emit->what == CONF_EMIT_SAMPLE;
    GPtrArray *members = sample ? conf_elements_usual(row->element)
                                : g_ptr_array_ref(*(GPtrArray **)conf_row_field(row, emit->base));
    struct conf_emit element = {
        row->element->rows, NULL, sample ? CONF_EMIT_SAMPLE : CONF_EMIT_ALL, emit->indent + 2};
    gboolean any = sample || members->len;

    g_string_append(out, any ? "(\n" : "( ");
    if (sample && !members->len)
        emit_element(out, &element);
    emit_members(out, row->element, members, &element);
    g_string_append(out, any ? "\n" : "");
    emit_indent(out, any ? emit->indent : 0);
    g_string_append(out, ")");
    if (sample)
        conf_elements_clear(row->element, members);
    else
        g_ptr_array_unref(members);
}

static void emit_row(GString *out, const struct conf_row *row, const struct conf_emit *emit)
{
    gboolean sample = emit->what == CONF_EMIT_SAMPLE;

    if (sample) {
        g_autofree char *facts = conf_row_describe(row);
        g_string_append_printf(
            out, "%*s# %s\n%*s# (%s)\n", emit->indent, "", row->help, emit->indent, "", facts);
    }
    emit_indent(out, emit->indent);
    g_string_append_printf(out, "%s = ", conf_row_leaf(row));
    if (row->element) {
        emit_elements(out, row, emit);
    } else {
        g_auto(GStrv) words = emit->base ? conf_row_words(row, emit->base) : sample_words(row);
        emit_words(out, row, words);
    }
    g_string_append(out, ";\n");
}

/* Closes the group that is open and opens another; "" is the file itself. */
static void change_group(GString *out, char **open, const char *group, const struct conf_emit *emit)
{
    gboolean airy = emit->indent == 0 || emit->what == CONF_EMIT_SAMPLE;

    if (**open)
        g_string_append_printf(out, "%*s};\n", emit->indent, "");
    if (airy && (**open || (out->len && *group)))
        g_string_append_c(out, '\n');
    if (*group)
        g_string_append_printf(out, "%*s%s :\n%*s{\n", emit->indent, "", group, emit->indent, "");
    g_free(*open);
    *open = g_strdup(group);
}

void conf_emit_rows(GString *out, const struct conf_emit *emit)
{
    g_autofree char *open = g_strdup("");
    gboolean first = TRUE;

    for (const struct conf_row *row = emit->rows; row->name; row++) {
        g_autofree char *group = conf_row_group(row);
        struct conf_emit inner = *emit;
        if (emit->what == CONF_EMIT_CHANGED && conf_row_is_default(row, emit->base))
            continue;
        if (strcmp(open, group) != 0)
            change_group(out, &open, group, emit);
        else if (emit->what == CONF_EMIT_SAMPLE && !first)
            g_string_append_c(out, '\n');
        first = FALSE;
        inner.indent += *group ? 2 : 0;
        emit_row(out, row, &inner);
    }
    if (*open)
        g_string_append_printf(out, "%*s};\n", emit->indent, "");
}

static char *describe_type(const struct conf_row *row)
{
    const char *list = (row->flags & CONF_LIST) ? _("list of: ") : "";
    g_autofree char *range = conf_row_range(row);
    g_auto(GStrv) words = NULL;
    g_autofree char *choices = NULL;

    if (row->element)
        return g_strdup(_("list of groups"));
    if (!row->words)
        return g_strdup_printf("%s%s%s%s%s%s", list, _(row->type->name), *range ? ", " : "", range,
            row->unit ? " " : "", row->unit ? _(row->unit) : "");
    words = g_strsplit(row->words, " ", -1);
    choices = g_strjoinv(", ", words);
    return g_strdup_printf("%s%s", words[1] ? (*list ? list : _("one of: ")) : "", choices);
}

static char *describe_default(const struct conf_row *row)
{
    g_auto(GStrv) words = NULL;
    g_autofree char *all = NULL;

    if (row->flags & CONF_REQUIRED)
        return g_strdup(_("required"));
    if (row->derived)
        return g_strdup_printf(_("default: %s"), _(row->derived));
    if (!row->fallback || !*row->fallback)
        return g_strdup(_("default: none"));
    words = g_strsplit(row->fallback, (row->flags & CONF_LIST) ? " " : "\n", -1);
    all = g_strjoinv(", ", words);
    return g_strdup_printf(_("default: %s"), all);
}

char *conf_row_describe(const struct conf_row *row)
{
    g_autofree char *type = describe_type(row);
    g_autofree char *usual = describe_default(row);

    return g_strdup_printf(
        "%s; %s%s", type, usual, (row->flags & CONF_FIXED) ? _("; read at start only") : "");
}
