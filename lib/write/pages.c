#include "write.h"
#include <string.h>

#define SIGNATURE "\n-- \n" /* RFC 3676 section 4.3: what is below it is no text any more */

static const char rule[] =
    "\n----------------------------------------------------------------------\n\n";

/* Behind the number, which stands in all of them. */
static const char *behind_tag(const char *subject, const char *first)
{
    const char *end = *subject == '[' ? strstr(subject, "] ") : NULL;
    gsize length = end ? (gsize)(end + 2 - subject) : 0;

    return length && strncmp(subject, first, length) == 0 ? subject + length : subject;
}

static void add(GString *all, const char *page, gboolean last)
{
    const char *signature = last ? NULL : g_strrstr(page, SIGNATURE);

    g_string_append_len(all, page, signature ? signature - page : (gssize)strlen(page));
    if (!last)
        g_string_append(all, rule);
}

void pages_render(const struct templates *templates, const char *name, const char *const *languages,
    struct values *const *values, char **subject, char **text)
{
    g_autoptr(GString) subjects = g_string_new(NULL), texts = g_string_new(NULL);

    for (gsize i = 0; languages[i]; i++) {
        g_autofree char *one = NULL, *page = NULL;
        template_render(templates_get(templates, name, languages[i]), values[i], &one, &page);
        g_string_append(subjects, i ? " / " : "");
        g_string_append(subjects, i ? behind_tag(one, subjects->str) : one);
        add(texts, page, !languages[i + 1]);
    }
    *subject = g_string_free(g_steal_pointer(&subjects), FALSE);
    *text = g_string_free(g_steal_pointer(&texts), FALSE);
}
