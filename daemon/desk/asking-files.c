/* What goes with a letter, as the gate sees it: did it come from strangers, did it come sealed? */
#include "state.h"
#include "coordination.h"
#include "desk.h"
#include "readable.h"
#include "say.h"
#include <string.h>

enum { LONGEST_LOOKED_AT = 1024 * 1024 };

char *asking_words(const struct asking *asking)
{
    g_autoptr(GString) words = g_string_new(asking->text);

    for (guint i = 0; asking->enclosures && i < asking->enclosures->len; i++)
        g_string_append_printf(
            words, "\n%s", ((const struct enclosure *)asking->enclosures->pdata[i])->name);
    return asking->text || words->len ? g_string_free(g_steal_pointer(&words), FALSE) : NULL;
}

/* What is too long to be looked at may say anything. */
static gboolean says_what_came_sealed(
    const struct enclosure *file, const struct asking_taint *taint)
{
    g_autoptr(GPtrArray) texts = NULL;
    gboolean is_text, says = FALSE;

    if (!taint->tainted || !taint->tainted->len)
        return FALSE;
    if (file->size > LONGEST_LOOKED_AT)
        return enclosure_is_text(file);
    texts = readable_texts(file->bytes, &is_text);
    for (guint i = 0; i < texts->len && !says; i++) {
        g_autoptr(GPtrArray) runs = taint_find(texts->pdata[i], taint->tainted, taint->released);
        says = runs->len > 0;
    }
    return says;
}

/* What is wrapped up counts as what is in it. */
static gboolean look_at(struct desk *desk, const struct enclosure *file,
    const struct asking_taint *taint, struct gate_attachments *attachments, GError **error)
{
    struct file_origin itself, inside = {0};

    if (!store_file_origin(desk->store, file->sha256, &itself, error) ||
        (*file->wraps && !store_file_origin(desk->store, file->wraps, &inside, error)))
        return FALSE;
    attachments->count++;
    attachments->bare += itself.came;
    attachments->wrapped += *file->wraps != 0;
    attachments->tainted +=
        file->sealed || itself.sealed || inside.sealed || says_what_came_sealed(file, taint);
    return TRUE;
}

gboolean asking_files(struct desk *desk, const struct asking *asking,
    const struct asking_taint *taint, struct gate_attachments *attachments, GError **error)
{
    *attachments = (struct gate_attachments){0};
    for (guint i = 0; asking->enclosures && i < asking->enclosures->len; i++)
        if (!look_at(desk, asking->enclosures->pdata[i], taint, attachments, error))
            return FALSE;
    return TRUE;
}

/* -- who reported it -- */

static char *find_in(const GPtrArray *texts, const struct identity *hidden)
{
    char *found = NULL;

    for (guint i = 0; i < texts->len && !found; i++)
        found = identity_find(hidden, texts->pdata[i]);
    return found;
}

/* Of what is no text nobody says that it tells nothing, and it may be long. */
static void keep_a_piece(GPtrArray *texts)
{
    char *whole = texts->pdata[0];

    if (strlen(whole) > LONGEST_LOOKED_AT)
        *g_utf8_find_prev_char(whole, whole + LONGEST_LOOKED_AT) = '\0';
    g_ptr_array_set_size(texts, 1);
}

/* With ".csv" behind a host it would be another one. */
static void add_name(GPtrArray *texts, const char *name)
{
    g_autofree char *left = g_strdup(name);
    char *dot;

    g_ptr_array_add(texts, g_strdup(name));
    while ((dot = strrchr(left, '.'))) {
        *dot = '\0';
        g_ptr_array_add(texts, g_strdup(left));
    }
}

/* In its name, and in what can be read of it. */
void asking_check_file(
    const struct enclosure *file, const struct identity *hidden, GPtrArray *checks)
{
    gboolean is_text;
    g_autoptr(GPtrArray) texts = readable_texts(file->bytes, &is_text);
    g_autofree char *found = NULL;

    if (!is_text)
        keep_a_piece(texts);
    add_name(texts, file->name);
    found = find_in(texts, hidden);
    if (found)
        checks_add(checks, "reporter", CHECK_FAIL,
            g_strdup_printf(_("the file %s tells who reported it (\"%s\"): take that out, or say "
                              "why they may know: --show-reporter REASON"),
                file->name, found));
    else if (!is_text)
        checks_add(checks, "reporter", CHECK_WARNING,
            g_strdup_printf(_("the file %s is no text, and nobody but you can say whether it tells "
                              "who reported it: open it"),
                file->name));
}
