#include "reader.h"
#include "conf.h"
#include "error.h"
#include "say.h"
#include "ipc.h"
#include "own-role.h"
#include <mado/limits.h>

enum { GRACE_SECONDS = 30 };

struct reader {
    char *program;
    const struct settings *settings;
    struct own_role role;
    guint64 asked; /* the number of the mail that it has in hand */
};

struct reader *reader_new(const char *program, const struct settings *settings)
{
    struct reader *reader = g_new0(struct reader, 1);

    reader->program = g_strdup(program);
    reader->settings = settings;
    reader->role = OWN_ROLE_NONE;
    return reader;
}

void reader_free(struct reader *reader)
{
    if (!reader)
        return;
    own_role_end(&reader->role);
    g_free(reader->program);
    g_free(reader);
}

/* It limits its own child; whoever is silent for longer hangs. */
static gboolean start(struct reader *reader, GError **error)
{
    g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);

    conf_tell_reader(&dict, reader->settings);
    return own_role_start(&reader->role, reader->program, "reader", g_variant_dict_end(&dict),
        LIMIT_READER_WALL_SECONDS + GRACE_SECONDS, error);
}

/* NULL with `*why`: this try has failed. `*well`: the reader itself can go on. */
static struct facts *take_facts(
    struct reader *reader, const struct ipc_message *answer, char **why, gboolean *well)
{
    g_autoptr(GVariant) variant = NULL;
    struct facts *facts;
    guint64 mail;
    guint32 outcome;
    const char *how;

    *well = FALSE;
    if (answer->kind != IPC_FACTS)
        return NULL;
    g_variant_get(answer->body, "(tu&s)", &mail, &outcome, &how);
    if (mail != reader->asked || outcome >= READ_OUTCOMES)
        return NULL;
    *well = outcome == READ_DIED;
    if (outcome == READ_DIED)
        *why = g_strdup(how);
    if (outcome == READ_DIED || answer->fd < 0)
        return NULL;
    variant = ipc_read_variant(answer->fd, FACTS_TYPE, LIMIT_FACTS_BYTES, NULL);
    facts = variant ? facts_from_variant(variant) : NULL;
    *well = facts != NULL;
    return facts;
}

static struct facts *try(struct reader *reader, int mail, gboolean inner, char **why)
{
    struct ipc_message answer;
    struct facts *facts = NULL;
    gboolean well = FALSE;

    reader->asked++;
    if (ipc_send(reader->role.channel, IPC_READ, g_variant_new("(tb)", reader->asked, inner), mail,
            NULL) &&
        ipc_receive(reader->role.channel, &answer, NULL)) {
        facts = take_facts(reader, &answer, why, &well);
        ipc_message_clear(&answer);
    }
    if (!well)
        own_role_end(&reader->role);
    return facts;
}

struct facts *reader_read(
    struct reader *reader, int mail, gboolean inner, char **why, GError **error)
{
    struct facts *facts = NULL;

    *why = NULL;
    for (int i = 0; i < LIMIT_READER_DEATHS && !facts; i++) {
        g_clear_pointer(why, g_free);
        g_clear_error(error);
        facts = start(reader, error) ? try(reader, mail, inner, why) : NULL;
    }
    if (!facts && !*why && !(error && *error))
        *why = g_strdup(_("its reader ended or spoke out of turn"));
    return facts;
}
