/* What goes with a letter, as the gate sees it: did it come from strangers, did it come sealed? */
#include "state.h"
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
    g_autofree char *text = NULL;
    g_autoptr(GPtrArray) runs = NULL;

    if (!taint->tainted || !taint->tainted->len || !enclosure_is_text(file))
        return FALSE;
    if (file->size > LONGEST_LOOKED_AT)
        return TRUE;
    text = g_strndup(g_bytes_get_data(file->bytes, NULL), file->size);
    runs = taint_find(text, taint->tainted, taint->released);
    return runs->len > 0;
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
