#include "tree.h"

static gboolean walk(GMimeObject *part, gboolean embedded, tree_visit visit, gpointer data)
{
    GMimeMessage *message = GMIME_IS_MESSAGE_PART(part)
                                ? g_mime_message_part_get_message((GMimeMessagePart *)part)
                                : NULL;
    GMimeObject *inner = message ? g_mime_message_get_mime_part(message) : NULL;
    int parts = GMIME_IS_MULTIPART(part) ? g_mime_multipart_get_count((GMimeMultipart *)part) : 0;

    if (!visit(data, part, embedded) || (inner && !walk(inner, TRUE, visit, data)))
        return FALSE;
    for (int i = 0; i < parts; i++)
        if (!walk(g_mime_multipart_get_part((GMimeMultipart *)part, i), embedded, visit, data))
            return FALSE;
    return TRUE;
}

gboolean tree_walk(GMimeObject *root, tree_visit visit, gpointer data)
{
    return walk(root, FALSE, visit, data);
}
