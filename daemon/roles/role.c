/* What the roles that serve the desk have in common. */
#include "roles.h"
#include "error.h"
#include "log.h"
#include "text.h"
#include <unistd.h>

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
    return confine_role(confinement, error);
}

void role_log_end(const char *event, const GError *error)
{
    if (g_error_matches(error, MADO_ERROR, MADO_E_CONFINE))
        log_event(LOG_LEVEL_ALARM, 0, "not-confined", "%s", error->message);
    else
        log_event(LOG_LEVEL_WARN, 0, event, "%s", error->message);
}

int role_give_up(const char *event, const GError *error)
{
    role_log_end(event, error);
    role_tell_trouble(error->message);
    return error_exit_status(error);
}

/* -- what every role says of itself -- */

void role_tell_ready(void)
{
    ipc_send(CHANNEL, IPC_READY, g_variant_new("()"), -1, NULL);
}

static void tell(enum ipc_kind kind, const char *sentence)
{
    g_autofree char *harmless = text_harmless(sentence, NULL);

    ipc_send(CHANNEL, kind, g_variant_new("(s)", harmless), -1, NULL);
}

void role_tell_trouble(const char *sentence)
{
    tell(IPC_TROUBLE, sentence);
}

void role_tell_left(const char *sentence)
{
    tell(IPC_LEFT, sentence);
}

void role_tell_state(const char *sentence)
{
    tell(IPC_STATE, sentence);
}

/* -- what the desk fetches for a role: one thing at a time -- */

static struct {
    gboolean (*hear)(gpointer role);
    GVariant *answer; /* NULL: none yet */
    int fd;
} errand = {.fd = -1};

static void forget_errand(void)
{
    g_clear_pointer(&errand.answer, g_variant_unref);
    if (errand.fd >= 0)
        close(errand.fd);
    errand.fd = -1;
}

void role_hears_have(struct ipc_message *message)
{
    forget_errand();
    errand.answer = g_variant_ref(message->body);
    errand.fd = message->fd;
    message->fd = -1;
}

/* Of the answers, that to this need: one to an earlier need may still be on its way. */
static gboolean is_answered(enum ipc_need what)
{
    guint32 of;

    if (!errand.answer)
        return FALSE;
    g_variant_get(errand.answer, "(u&s)", &of, NULL);
    return of == what;
}

static int need(gpointer role, enum ipc_need what, GError **error)
{
    const char *why = "the desk is gone";
    int fd;

    forget_errand();
    if (!ipc_send(CHANNEL, IPC_NEED, g_variant_new("(u)", (guint32)what), -1, error))
        return -1;
    while (!is_answered(what) && errand.hear(role))
        ;
    if (errand.answer)
        g_variant_get(errand.answer, "(u&s)", NULL, &why);
    fd = errand.fd;
    errand.fd = -1;
    if (fd < 0)
        g_set_error(error, MADO_ERROR, MADO_E_LINK, "%s. Nothing was sent; it is tried again", why);
    forget_errand();
    return fd;
}

static void tell_state(gpointer role, const char *sentence)
{
    role_tell_state(sentence);
}

struct means role_means(gpointer role, gboolean (*hear)(gpointer role))
{
    errand.hear = hear;
    return (struct means){
        .role = role, .channel = CHANNEL, .need = need, .hear = hear, .state = tell_state};
}
