#include "reason.h"
#include "say.h"
#include <stdarg.h>
#include <string.h>

#define VALUE "%s"

enum { MOST_VALUES = 3, DEEPEST = 3 };

/* The first that fits is meant. `inner`: which of its values is a reason itself, from 1 on; or may
 * be one. */
static const struct {
    const char *text;
    guint inner;
    gboolean may;
} forms[REASONS] = {
    [REASON_RULE] = {N_("rule %s")},
    [REASON_REPORT_SAYS] = {N_("the report says that it is about %s")},
    [REASON_WORD_IN_TITLE] = {N_("a word of the category %s is in the subject")},
    [REASON_WORD_IN_TEXT] = {N_("a word of the category %s is in the text")},
    [REASON_SORTED_BECAUSE] = {N_("%s has sorted it: %s")},
    [REASON_SORTED] = {N_("%s has sorted it")},
    [REASON_SENT_OUTSIDE] = {N_("sent by %s outside mado")},
    [REASON_WROTE_TO_US] = {N_("%s, a colleague, wrote to us")},
    [REASON_LET_GO] = {N_("%s; a person lets it go (acknowledge.mode)"), 1},
    [REASON_SET] = {N_("%s=%s: %s"), 3},
    [REASON_RELATED] = {N_("%s by %s: %s"), 3},
    [REASON_SIGNATURE] = {N_("a signature (%s) %s"), 2},
    [REASON_SIGNED_BY_ELSE] = {N_("is of %s, whose address is not that of From")},
    [REASON_SIGNED_LONG_AGO] = {N_("was %s days old when it came")},
    [REASON_NOT_OPENED] = {N_("it could not be opened: %s"), 1, TRUE},
    [REASON_NOT_CHECKED] = {N_("its signature could not be checked: %s"), 1, TRUE},
    [REASON_NOT_READ] = {N_("what is inside could not be read: %s"), 1, TRUE},
    [REASON_MANY_KEYS] = {N_("too complex: keys to which it is encrypted > %s")},
    [REASON_MANY_LAYERS] = {N_("too complex: crypto layers > %s")},
    [REASON_TWICE] = {N_("more than one %s field: the first counts")},
};

/* A translation may have them in another order: "%2$s". */
static char *fill(const char *form, const char *const *values)
{
    GString *out = g_string_new(NULL);

    while (*form)
        if (g_str_has_prefix(form, VALUE)) {
            g_string_append(out, *values++);
            form += strlen(VALUE);
        } else if (*form == '%' && g_ascii_isdigit(form[1])) {
            g_string_append(out, values[form[1] - '1']);
            form += strlen("%1$s");
        } else {
            g_string_append_c(out, *form++);
        }
    return g_string_free(out, FALSE);
}

char *reason_make(enum reason reason, ...)
{
    const char *values[MOST_VALUES + 1] = {NULL}, *value;
    va_list given;

    va_start(given, reason);
    for (int i = 0; i < MOST_VALUES && (value = va_arg(given, const char *)); i++)
        values[i] = value;
    va_end(given);
    return fill(forms[reason].text, values);
}

/* Where the value at `at` ends: before the text that stands behind it in the form. */
static const char *end_of_value(const char *at, const char *behind, gboolean last)
{
    gsize rest = strlen(at), tail = strlen(behind);

    if (!last)
        return strstr(at, behind);
    return rest >= tail && g_str_equal(at + rest - tail, behind) ? at + rest - tail : NULL;
}

/* The values with which that form gives this text, or NULL. */
static char **take_apart(const char *form, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(form, VALUE, -1);
    g_autoptr(GStrvBuilder) values = g_strv_builder_new();
    const char *at = text + strlen(parts[0]), *end;

    if (!g_str_has_prefix(text, parts[0]))
        return NULL;
    for (char **behind = parts + 1; *behind; behind++) {
        g_autofree char *value = NULL;
        end = end_of_value(at, *behind, !behind[1]);
        if (!end || end == at)
            return NULL;
        value = g_strndup(at, (gsize)(end - at));
        g_strv_builder_add(values, value);
        at = end + strlen(*behind);
    }
    return g_strv_builder_end(values);
}

static char *say(const char *written, int depth);

/* FALSE: what should be a reason is none. */
static gboolean say_inner(char **values, int form, int depth)
{
    guint inner = forms[form].inner;
    char *said = inner ? say(values[inner - 1], depth + 1) : NULL;

    if (!said)
        return !inner || forms[form].may;
    g_free(values[inner - 1]);
    values[inner - 1] = said;
    return TRUE;
}

/* NULL where it is no reason of ours. One word is none: names and states are English everywhere. */
static char *say(const char *written, int depth)
{
    const char *said = strchr(written, ' ') ? _(written) : written;

    if (!g_str_equal(said, written))
        return g_strdup(said);
    for (int i = 0; depth < DEEPEST && i < REASONS; i++) {
        g_auto(GStrv) values = take_apart(forms[i].text, written);
        if (values && say_inner(values, i, depth))
            return fill(_(forms[i].text), (const char *const *)values);
    }
    return NULL;
}

char *reason_said(const char *written)
{
    char *said = g_str_equal(say_language(), "en") ? NULL : say(written, 0);

    return said ? said : g_strdup(written);
}
