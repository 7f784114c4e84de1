/* Any bytes are a mail: it is read, what comes out is valid, and it survives the way to the desk.
 */
#include "read.h"
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    read_warm();
    return 0;
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    g_autoptr(mado_message) message = read_message(bytes, size);
    g_autoptr(GVariant) facts = g_variant_ref_sink(message_to_variant(message));
    g_autoptr(mado_message) again = message_from_variant(facts);

    if (!again || !g_utf8_validate(message->subject, -1, NULL) ||
        !g_utf8_validate(message->text, -1, NULL))
        abort();
    return 0;
}
