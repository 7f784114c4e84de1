/* What the roles that serve the desk have in common. */
#include "roles.h"
#include "ipc.h"

GVariantDict *role_settings(void)
{
    struct ipc_message message;
    GVariantDict *settings;

    if (!ipc_receive(CHANNEL, &message, NULL))
        return NULL;
    settings = message.kind == IPC_SETTINGS ? g_variant_dict_new(message.body) : NULL;
    ipc_message_clear(&message);
    return settings;
}

gboolean role_answers_ping(int kind)
{
    return kind == IPC_PING && ipc_send(CHANNEL, IPC_PONG, g_variant_new("()"), -1, NULL);
}
