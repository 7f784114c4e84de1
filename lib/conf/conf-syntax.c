#include "conf-scan.h"
#include "say.h"
#include <string.h>

/* These rules follow the tokens until the first that cannot stand where it stands, and say why.
 * They are the grammar of libconfig, but that 1b=2 is no two things. */
struct frame {
    char kind;         /* '{', '[', '(' */
    guint opened;      /* the token */
    GHashTable *names; /* seen in a group */
    char values;       /* of an array: what its first value is, 0 before it */
};

struct reading {
    const struct conf_scan *scan;
    GArray *frames; /* struct frame; the first is the file itself */
    guint at, blamed;
};

typedef char *rule_function(struct reading *reading, const struct conf_token *token);

static const struct conf_token *token_at(const struct reading *reading, guint index)
{
    return &g_array_index(reading->scan->tokens, struct conf_token, index);
}

static char kind_at(const struct reading *reading, int offset)
{
    gint64 index = (gint64)reading->at + offset;
    if (index < 0 || index >= reading->scan->tokens->len)
        return 0;
    return token_at(reading, (guint)index)->kind;
}

static struct frame *top(const struct reading *reading)
{
    return &g_array_index(reading->frames, struct frame, reading->frames->len - 1);
}

static gboolean is_number(const char *word)
{
    return g_regex_match_simple(
        "\\A([-+]?[0-9]+L{0,2}|0[xX][0-9A-Fa-f]+L{0,2}"
        "|[-+]?[0-9]*\\.[0-9]*([eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+)\\z",
        word, 0, 0);
}

static gboolean is_boolean(const char *word)
{
    return g_ascii_strcasecmp(word, "true") == 0 || g_ascii_strcasecmp(word, "false") == 0;
}

static gboolean begins_value(char kind)
{
    return kind && strchr("a\"{[(", kind);
}

static gboolean in_group(const struct reading *reading)
{
    return top(reading)->kind == '{';
}

static char *rule_open_end(struct reading *reading, const struct conf_token *token)
{
    const struct conf_scan *scan = reading->scan;

    if (scan->in_string && reading->at == scan->opened)
        return g_strdup(_("this quote is never closed"));
    if (scan->in_comment && reading->at == scan->opened)
        return g_strdup(_("this comment is never closed"));
    return NULL;
}

static char *rule_garbage(struct reading *reading, const struct conf_token *token)
{
    if (token->kind == CONF_TOKEN_GARBAGE)
        return g_strdup(_("this character cannot stand here"));
    return NULL;
}

static char *rule_comma_before_end(struct reading *reading, const struct conf_token *token)
{
    char next = kind_at(reading, 1);

    if (token->kind == ',' && (next == ']' || next == ')'))
        return g_strdup_printf(_("no comma before \"%c\""), next);
    return NULL;
}

static char *rule_separator(struct reading *reading, const struct conf_token *token)
{
    char before = kind_at(reading, -1);

    if (token->kind == ';' && !in_group(reading))
        return g_strdup(_("a comma stands between values"));
    if ((token->kind == ';' || token->kind == ',') && (!before || strchr(",;{[(=", before)))
        return g_strdup_printf(_("one \"%c\" too many"), token->kind);
    return NULL;
}

static char *rule_value_missing(struct reading *reading, const struct conf_token *token)
{
    if (token->kind == '=' && (!in_group(reading) || kind_at(reading, -1) != CONF_TOKEN_WORD ||
                                  kind_at(reading, -2) == '='))
        return g_strdup(_("a name stands before \"=\""));
    if (token->kind == '=' && !begins_value(kind_at(reading, 1)))
        return g_strdup(_("a value is missing after it"));
    return NULL;
}

/* A value of it does not belong into a complaint, which goes into logs. */
static gboolean is_named_secret(const struct reading *reading)
{
    return kind_at(reading, -1) == '=' && kind_at(reading, -2) == CONF_TOKEN_WORD &&
           conf_names_secret(token_at(reading, reading->at - 2)->text);
}

static char *rule_value_quotes(struct reading *reading, const struct conf_token *token)
{
    gboolean is_value = !in_group(reading) || kind_at(reading, -1) == '=';

    if (token->kind == CONF_TOKEN_WORD && is_value && !is_number(token->text) &&
        !is_boolean(token->text))
        return g_strdup_printf(
            _("put quotes around it: \"%s\""), is_named_secret(reading) ? "..." : token->text);
    return NULL;
}

static char *rule_name(struct reading *reading, const struct conf_token *token)
{
    if (token->kind != CONF_TOKEN_WORD || !in_group(reading) || kind_at(reading, -1) == '=')
        return NULL;
    if (is_boolean(token->text) ||
        !g_regex_match_simple("\\A[A-Za-z*][-A-Za-z0-9_*]*\\z", token->text, 0, 0))
        return g_strdup(_("a name begins with a letter, and has letters, digits, \"-\" and \"_\""));
    if (kind_at(reading, 1) != '=')
        return g_strdup(_("\"=\" is missing after it"));
    if (!g_hash_table_add(top(reading)->names, (gpointer)token->text))
        return g_strdup_printf(_("`%s` stands here a second time"), token->text);
    return NULL;
}

static char *rule_name_missing(struct reading *reading, const struct conf_token *token)
{
    char before = kind_at(reading, -1);

    if (!in_group(reading) || !begins_value(token->kind) || token->kind == CONF_TOKEN_WORD ||
        before == '=' || (token->kind == CONF_TOKEN_STRING && before == CONF_TOKEN_STRING))
        return NULL;
    return g_strdup(_("a name and \"=\" are missing before it"));
}

static char *rule_comma_missing(struct reading *reading, const struct conf_token *token)
{
    char before = kind_at(reading, -1);

    if (in_group(reading) || !begins_value(token->kind) || (before && strchr("[(,", before)) ||
        (token->kind == CONF_TOKEN_STRING && before == CONF_TOKEN_STRING))
        return NULL;
    return g_strdup(_("a comma is missing before it"));
}

static char value_class(const struct conf_token *token)
{
    if (token->kind != CONF_TOKEN_WORD)
        return token->kind;
    return is_boolean(token->text) ? 'b' : strchr(token->text, '.') ? 'f' : 'i';
}

static char *rule_array(struct reading *reading, const struct conf_token *token)
{
    struct frame *frame = top(reading);

    if (frame->kind != '[' || !begins_value(token->kind))
        return NULL;
    if (strchr("{[(", token->kind))
        return g_strdup(_("only plain values stand in [ ]; use ( ) for others"));
    if (!frame->values)
        frame->values = value_class(token);
    if (frame->values != value_class(token))
        return g_strdup(_("all values in [ ] must be of one kind"));
    return NULL;
}

static void push(struct reading *reading, char kind)
{
    struct frame frame = {kind, reading->at, NULL, 0};

    if (kind == '{')
        frame.names = g_hash_table_new(g_str_hash, g_str_equal);
    g_array_append_val(reading->frames, frame);
}

static void clear_frame(gpointer data)
{
    g_clear_pointer(&((struct frame *)data)->names, g_hash_table_unref);
}

/* Stands last: it changes what `top` is for the next token. */
static char *rule_brackets(struct reading *reading, const struct conf_token *token)
{
    static const char closer[] = {['{'] = '}', ['['] = ']', ['('] = ')'};
    gboolean is_file = reading->frames->len == 1;

    if (token->kind && strchr("{[(", token->kind)) {
        push(reading, token->kind);
    } else if (token->kind && strchr("}])", token->kind)) {
        if (is_file)
            return g_strdup(_("nothing is open that it could close"));
        if (token->kind != closer[(guint8)top(reading)->kind])
            return g_strdup_printf(
                _("\"%c\" is expected before it"), closer[(guint8)top(reading)->kind]);
        g_array_set_size(reading->frames, reading->frames->len - 1);
    } else if (!token->kind && !is_file) {
        reading->blamed = top(reading)->opened;
        return g_strdup(_("it is never closed"));
    }
    return NULL;
}

static rule_function *const rules[] = {rule_open_end, rule_garbage, rule_comma_before_end,
    rule_separator, rule_value_missing, rule_value_quotes, rule_name, rule_name_missing,
    rule_comma_missing, rule_array, rule_brackets};

const struct conf_token *conf_syntax_explain(const struct conf_scan *scan, char **why)
{
    g_autoptr(GArray) frames = g_array_new(FALSE, FALSE, sizeof(struct frame));
    struct reading reading = {scan, frames, 0, 0};

    *why = NULL;
    g_array_set_clear_func(frames, clear_frame);
    push(&reading, '{');
    for (; reading.at < scan->tokens->len && !*why; reading.at++) {
        reading.blamed = reading.at;
        for (gsize i = 0; i < G_N_ELEMENTS(rules) && !*why; i++)
            *why = rules[i](&reading, token_at(&reading, reading.at));
    }
    return *why ? token_at(&reading, reading.blamed) : NULL;
}
