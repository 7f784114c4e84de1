/* What the desk says to an intake, and what it is told beside mail. */
#include "intake-parts.h"
#include "roles.h"
#include "fault.h"
#include "log.h"

/* -- what the desk says -- */

static void hear_taken(struct intake *intake, struct ipc_message *message)
{
    guint64 seq;
    g_autofree guint64 *key = NULL;
    char *uid = NULL;

    g_variant_get(message->body, "(t)", &seq);
    if (!g_hash_table_steal_extended(intake->handed, &seq, (gpointer *)&key, (gpointer *)&uid))
        return;
    fault_pass("intake_taken");
    g_ptr_array_add(intake->to_tell, uid);
}

static void hear_refused(struct intake *intake, struct ipc_message *message)
{
    guint64 seq;

    g_variant_get(message->body, "(ts)", &seq, NULL);
    g_hash_table_remove(intake->handed, &seq);
    intake->refused = TRUE;
}

static void hear_known(struct intake *intake, struct ipc_message *message)
{
    g_clear_pointer(&intake->answer, g_variant_unref);
    intake->answer = g_variant_ref(message->body);
}

static void hear_have(struct intake *intake, struct ipc_message *message)
{
    role_hears_have(message);
}

static void hear_pause(struct intake *intake, struct ipc_message *message)
{
    g_clear_pointer(&intake->paused, g_free);
    g_variant_get(message->body, "(s)", &intake->paused);
    if (!*intake->paused)
        g_clear_pointer(&intake->paused, g_free);
}

static void hear_prove(struct intake *intake, struct ipc_message *message)
{
    intake->proving = TRUE;
}

static void hear_ping(struct intake *intake, struct ipc_message *message)
{
    role_answers_ping(message->kind);
}

static void (*const handlers[IPC_KINDS])(struct intake *, struct ipc_message *) = {
    [IPC_TAKEN] = hear_taken,
    [IPC_REFUSED] = hear_refused,
    [IPC_KNOWN] = hear_known,
    [IPC_HAVE] = hear_have,
    [IPC_PAUSE] = hear_pause,
    [IPC_PROVE] = hear_prove,
    [IPC_PING] = hear_ping,
};

gboolean intake_hear(gpointer role)
{
    struct intake *intake = role;
    struct ipc_message message;

    if (intake->desk_gone || !ipc_receive(CHANNEL, &message, NULL)) {
        intake->desk_gone = TRUE;
        return FALSE;
    }
    if (handlers[message.kind])
        handlers[message.kind](intake, &message);
    ipc_message_clear(&message);
    return TRUE;
}

/* -- what we say -- */

void intake_tell_trouble(const char *text)
{
    log_event(LOG_LEVEL_WARN, 0, "source-trouble", "%s", text);
    role_tell_trouble(text);
}

void intake_tell_left(struct intake *intake, const char *uid, const char *why)
{
    g_autofree char *text = g_strdup_printf("mail %s stays in the mailbox: %s", uid, why);

    if (g_hash_table_add(intake->said, g_strdup(uid)))
        log_event(LOG_LEVEL_WARN, 0, "mail-left", "%s", text);
    role_tell_left(text);
}
