/* What the roles that serve the desk have in common. */
#include "roles.h"
#include "ipc.h"
#include "log.h"

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

gboolean role_lock_in(const struct confinement *confinement, GError **error)
{
    const char *weakness = confine_weakness(confinement);

    if (weakness)
        log_event(LOG_LEVEL_WARN, 0, "weakly-confined", "%s", weakness);
    if (confine_role(confinement, error))
        return TRUE;
    log_event(LOG_LEVEL_ALARM, 0, "not-confined", "%s", (*error)->message);
    return FALSE;
}
