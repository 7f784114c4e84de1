/* Address lists (RFC 5322, 3.4 and 4.4), as senders really write them: one pass, no recursion. What
 * decodes to an address within a name is a name, never an address. */
#include "header.h"
#include "header-parts.h"
#include <mado/limits.h>
#include <string.h>

struct list {
    const char *at;
    GString *written; /* outside of < >, as written */
    GString *phrase;  /* the same without quotes */
    GString *comment;
    GString *angle; /* within < > */
    gboolean has_angle;
    gboolean in_literal;   /* within [ ], where a colon opens no group */
    gboolean open_quote;   /* the last quote was never closed: those that follow mean nothing */
    gboolean open_comment; /* likewise */
    GPtrArray *found;
};

static void add(struct list *list, const char *name, const char *addr)
{
    g_autofree char *decoded = header_decode_words(name);
    g_autofree char *shown = header_harmless(decoded);

    if (list->found->len < LIMIT_RECIPIENTS && (*shown || *addr))
        g_ptr_array_add(list->found, mailbox_new(shown, addr));
}

/* RFC 5322, 4.4: blanks may stand around "@" and "." only. */
static gboolean is_obsolete_blank(const char *before, const char *blanks)
{
    return before == blanks || strchr("@.", blanks[-1]) ||
           strchr("@.", blanks[strspn(blanks, " ")]);
}

/* `text` without the blanks that mean nothing; NULL if it has others. The caller frees it. */
static char *without_blanks(const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);
    gboolean quoted = FALSE;

    for (const char *at = text; *at; at++) {
        if (*at == ' ' && !quoted) {
            if (!is_obsolete_blank(text, at))
                return NULL;
            at += strspn(at, " ") - 1;
            continue;
        }
        if (*at == '"')
            quoted = !quoted;
        if (*at == '\\' && quoted && at[1])
            g_string_append_c(out, *at++);
        g_string_append_c(out, *at);
    }
    return quoted ? NULL : g_strdup(out->str);
}

/* `text` as local@domain, or NULL; the caller frees it. With what cannot be seen it is no address,
 * for it would look like another. */
static char *as_address(const char *text)
{
    g_autofree char *addr = without_blanks(text);
    const char *at = addr ? strrchr(addr, '@') : NULL;
    gsize local = at ? (gsize)(at - addr) : 0;

    if (local == 0 || !header_is_harmless(addr) || !at[1] || at[1 + strcspn(at + 1, "\"<>(),;\\")])
        return NULL;
    if (*addr == '"' ? local < 2 || at[-1] != '"' : strcspn(addr, "\"<>(),;:\\[]@") != local)
        return NULL;
    return g_steal_pointer(&addr);
}

/* The word at `at`, in which quotes may protect blanks. */
static gsize word_length(const char *at)
{
    gboolean quoted = FALSE;
    gsize i;

    for (i = 0; at[i] && (quoted || at[i] != ' '); i++)
        if (at[i] == '"')
            quoted = !quoted;
    return i;
}

static void finish_whole(struct list *list)
{
    g_autofree char *addr = as_address(list->written->str);

    if (addr)
        add(list, list->comment->str, addr);
    else
        add(list, list->phrase->len ? list->phrase->str : list->comment->str, "");
}

/* "Name name@domain", "one@domain two@domain": words that are addresses, and the rest. */
static void finish_words(struct list *list)
{
    g_autoptr(GString) rest = g_string_new(NULL);
    g_autoptr(GPtrArray) addrs = g_ptr_array_new_with_free_func(g_free);

    for (const char *at = list->written->str; *at;) {
        gsize length = word_length(at);
        g_autofree char *word = g_strndup(at, length);
        char *addr = as_address(word);

        if (addr)
            g_ptr_array_add(addrs, addr);
        else
            g_string_append_printf(rest, "%s%s", rest->len ? " " : "", word);
        at += length;
        at += strspn(at, " ");
    }
    for (guint i = 0; i < addrs->len; i++)
        add(list,
            addrs->len > 1 ? ""
            : rest->len    ? rest->str
                           : list->comment->str,
            addrs->pdata[i]);
    if (addrs->len == 0)
        finish_whole(list);
}

static void finish_angle(struct list *list)
{
    const char *name = list->phrase->len ? list->phrase->str : list->comment->str;
    g_autofree char *addr = as_address(list->angle->str);

    add(list, addr || *name ? name : list->angle->str, addr ? addr : "");
}

static void reset(struct list *list)
{
    g_string_truncate(list->written, 0);
    g_string_truncate(list->phrase, 0);
    g_string_truncate(list->comment, 0);
    g_string_truncate(list->angle, 0);
    list->has_angle = list->in_literal = FALSE;
}

static void strip(GString *text)
{
    g_strstrip(text->str);
    text->len = strlen(text->str);
}

static void finish(struct list *list)
{
    strip(list->phrase);
    strip(list->written);
    if (list->has_angle)
        finish_angle(list);
    else
        finish_words(list);
    reset(list);
}

static void put(struct list *list, gsize length)
{
    g_string_append_len(list->written, list->at, (gssize)length);
    g_string_append_len(list->phrase, list->at, (gssize)length);
    list->at += length;
}

/* Where a quoted string or comment that starts at `at` ends; NULL if it does not. */
static const char *find_close(const char *at, char open, char close)
{
    guint depth = 1;

    for (at++; *at; at++) {
        if (*at == '\\' && at[1])
            at++;
        else if (*at == close && --depth == 0)
            return at;
        else if (*at == open)
            depth++;
    }
    return NULL;
}

static void append_unescaped(GString *out, const char *from, const char *to)
{
    for (; from < to; from++) {
        if (*from == '\\' && from + 1 < to)
            from++;
        g_string_append_c(out, *from);
    }
}

static void take_quoted(struct list *list)
{
    const char *close = list->open_quote ? NULL : find_close(list->at, '\0', '"');

    if (!close) {
        list->open_quote = TRUE;
        list->at++;
        return;
    }
    append_unescaped(list->phrase, list->at + 1, close);
    g_string_append_len(list->written, list->at, close + 1 - list->at);
    list->at = close + 1;
}

static void take_comment(struct list *list)
{
    const char *close = list->open_comment ? NULL : find_close(list->at, '(', ')');

    if (!close) {
        list->open_comment = TRUE;
        put(list, 1);
        return;
    }
    if (list->comment->len)
        g_string_append_c(list->comment, ' ');
    append_unescaped(list->comment, list->at + 1, close);
    list->at = close + 1;
}

/* RFC 5322, 4.4: "@one,@two:" before the address is a route, and means nothing any more. */
static const char *skip_route(const char *at)
{
    const char *colon = at;

    if (*at != '@')
        return at;
    while (*colon && !strchr(":>;<\"", *colon))
        colon++;
    return *colon == ':' ? colon + 1 : at;
}

/* From "<" to ">", or to where another address begins. Two of them are two addresses. */
static void take_angle(struct list *list)
{
    gboolean quoted = FALSE;

    if (list->has_angle)
        finish(list);
    list->has_angle = TRUE;
    list->at = skip_route(list->at + 1);
    for (; *list->at && (quoted || !strchr(">,;<", *list->at)); list->at++) {
        if (*list->at == '"')
            quoted = !quoted;
        g_string_append_c(list->angle, *list->at);
    }
    if (*list->at == '>')
        list->at++;
}

static void take_end(struct list *list)
{
    list->at++;
    finish(list);
}

static void take_colon(struct list *list)
{
    if (list->in_literal || list->has_angle) {
        put(list, 1);
        return;
    }
    list->at++;
    reset(list);
}

static void take_literal(struct list *list)
{
    list->in_literal = *list->at == '[';
    put(list, 1);
}

static void take_encoded_word(struct list *list)
{
    put(list, MAX(header_word_length(list->at), 1));
}

static const struct {
    char first;
    void (*take)(struct list *list);
} takers[] = {
    {'"', take_quoted},
    {'(', take_comment},
    {'<', take_angle},
    {',', take_end},
    {';', take_end},
    {':', take_colon},
    {'[', take_literal},
    {']', take_literal},
    {'=', take_encoded_word},
};

static void take(struct list *list)
{
    for (gsize i = 0; i < G_N_ELEMENTS(takers); i++)
        if (*list->at == takers[i].first) {
            takers[i].take(list);
            return;
        }
    put(list, 1);
}

static void clear_list(struct list *list)
{
    g_string_free(list->written, TRUE);
    g_string_free(list->phrase, TRUE);
    g_string_free(list->comment, TRUE);
    g_string_free(list->angle, TRUE);
}

GPtrArray *header_decode_addresses(const char *raw)
{
    g_autofree char *text = header_to_utf8(raw);
    struct list list = {text, g_string_new(NULL), g_string_new(NULL), g_string_new(NULL),
        g_string_new(NULL), .found = g_ptr_array_new_with_free_func(mailbox_free)};

    g_strdelimit(text, "\t\r\n", ' ');
    while (*list.at && list.found->len < LIMIT_RECIPIENTS)
        take(&list);
    finish(&list);
    clear_list(&list);
    return list.found;
}
