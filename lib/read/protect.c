#include "protect.h"
#include "layer.h"
#include <string.h>

/* On the root of the payload only: further in, they are another's (RFC 9788 4.1). */
gboolean protect_is_meant(const struct entity *root)
{
    const struct content *content = &root->content;

    if (content->doubtful || layer_is_type(content->type))
        return FALSE;
    return content_says(content, "hp", "clear") || content_says(content, "hp", "cipher") ||
           content_says(content, "protected-headers", "v1");
}

gboolean protect_is_wrapped(const struct entity *root)
{
    const struct content *content = &root->content;

    return !content->doubtful && content_says(content, "forwarded", "no") &&
           (!strcmp(content->type, "message/rfc822") || !strcmp(content->type, "message/global"));
}

/* Behind the line at `at`. */
static const char *next_line(const char *at)
{
    const char *end = strchr(at, '\n');

    return end ? end + 1 : at + strlen(at);
}

static gboolean is_blank_line(const char *at)
{
    return at[strspn(at, " \t\r")] == '\n' || !at[strspn(at, " \t\r")];
}

/* "Subject: ..." or the rest of a folded one. */
static gboolean is_field(const char *at, gboolean first)
{
    gsize name = 0;

    if (!first && (*at == ' ' || *at == '\t'))
        return TRUE;
    while (g_ascii_isalnum(at[name]) || at[name] == '-')
        name++;
    return name > 0 && at[name] == ':';
}

/* Behind the fields that a text begins with. */
static const char *skip_fields(const char *text)
{
    const char *at = text;

    while (!is_blank_line(at) && is_field(at, at == text))
        at = next_line(at);
    return at;
}

/* RFC 9788 4.10.2: fields, then a blank line. */
const char *protect_skip_display(const char *text)
{
    const char *behind = skip_fields(text);

    return behind != text && is_blank_line(behind) ? next_line(behind) : text;
}

gboolean protect_is_display(const char *text)
{
    const char *behind = skip_fields(text + strspn(text, "\r\n"));

    return !behind[strspn(behind, " \t\r\n")];
}

/* RFC 9788 4.10.3: a <div> of that class. */
void protect_cut_display(char *html)
{
    char *name = strstr(html, "header-protection-legacy-display"), *begin = name, *end;

    while (begin && begin > html && *begin != '<' && *begin != '>')
        begin--;
    if (!begin || g_ascii_strncasecmp(begin, "<div", 4) != 0)
        return;
    for (end = name; *end && g_ascii_strncasecmp(end, "</div>", 6) != 0; end++)
        ;
    if (*end)
        memmove(begin, end + 6, strlen(end + 6) + 1);
}
