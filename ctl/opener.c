#include "opener.h"
#include "error.h"
#include "fd.h"
#include "keysmith.h"
#include "now.h"
#include "open.h"
#include "program.h"
#include "reader.h"
#include "screen.h"
#include <build-facts.h>
#include <mado/limits.h>
#include <string.h>
#include <unistd.h>

struct opener {
    struct reader *reader;
    struct keysmith *keysmith;
    GPtrArray *known; /* struct known_key */
};

struct opener *opener_new(const struct settings *settings)
{
    g_autofree char *reader = program_find("mado-reader", MADO_LIBEXECDIR);
    g_autofree char *keys = program_find("mado-keys", MADO_LIBEXECDIR);
    struct opener *opener = g_new0(struct opener, 1);

    opener->reader = reader_new(reader, settings);
    opener->keysmith = keysmith_new(keys);
    opener->known = g_ptr_array_new_with_free_func(known_key_free);
    return opener;
}

void opener_free(struct opener *opener)
{
    if (!opener)
        return;
    reader_free(opener->reader);
    keysmith_free(opener->keysmith);
    g_ptr_array_unref(opener->known);
    g_free(opener);
}

/* -- keys -- */

/* "Aoki <aoki@yamabuki.example>" -> "Aoki"; of a certificate the common name. */
static char *owner_of(const struct key_info *info, const char *address)
{
    const char *id = info->user_ids[0] ? info->user_ids[0] : "";
    const char *common = info->cms ? strstr(id, "CN=") : NULL;
    g_autofree char *name =
        common ? g_strndup(common + 3, strcspn(common + 3, ",")) : g_strndup(id, strcspn(id, "<"));

    g_strstrip(name);
    return *name ? g_steal_pointer(&name) : g_strdup(address);
}

/* Of its first user id, and no other; a certificate has its addresses beside its name. */
static const char *address_of(const struct key_info *info)
{
    const char *id = info->user_ids[0];

    for (char **one = info->addresses; id && *one; one++) {
        g_autofree char *in_brackets = g_strdup_printf("<%s>", *one);
        g_autofree char *folded = g_ascii_strdown(id, -1);
        if (info->cms || strstr(folded, in_brackets) || g_str_equal(folded, *one))
            return *one;
    }
    return "";
}

static void pin(struct opener *opener, const struct key_info *info)
{
    const char *address = address_of(info);
    const char *addresses[] = {*address ? address : NULL, NULL};
    g_autofree char *owner = owner_of(info, address);

    g_ptr_array_add(opener->known, known_key_new(info->fingerprint, owner, (char **)addresses));
}

/* Those with a private part, or those without. */
static gboolean import_some(
    struct opener *opener, GBytes *file, const GPtrArray *infos, gboolean secret, GError **error)
{
    g_autoptr(GVariant) imported = NULL;
    GVariantBuilder fingerprints;
    guint count = 0;

    g_variant_builder_init(&fingerprints, G_VARIANT_TYPE("as"));
    for (guint i = 0; i < infos->len; i++) {
        const struct key_info *info = g_ptr_array_index(infos, i);
        if (info->secret != secret)
            continue;
        g_variant_builder_add(&fingerprints, "s", info->fingerprint);
        pin(opener, info);
        count++;
    }
    if (!count) {
        g_variant_builder_clear(&fingerprints);
        return TRUE;
    }
    imported = keysmith_do(opener->keysmith, KEYS_IMPORT,
        g_variant_new("(@ayasb)", g_variant_new_from_bytes(G_VARIANT_TYPE("ay"), file, TRUE),
            &fingerprints, secret),
        error);
    return imported != NULL;
}

static gboolean import(struct opener *opener, GBytes *file, GError **error)
{
    g_autoptr(GVariant) found = keysmith_do(opener->keysmith, KEYS_LOOK,
        g_variant_new_from_bytes(G_VARIANT_TYPE("ay"), file, TRUE), error);
    g_autoptr(GPtrArray) infos = found ? key_infos_from_variant(found) : NULL;

    if (!found)
        return FALSE;
    if (!infos || !infos->len) {
        error_set(error, MADO_E_KEYS_REFUSED, "there is no key in it");
        return FALSE;
    }
    return import_some(opener, file, infos, TRUE, error) &&
           import_some(opener, file, infos, FALSE, error);
}

static gboolean import_file(struct opener *opener, const char *path, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autoptr(GBytes) file = NULL;
    char *data;
    gsize size;

    if (g_file_test(path, G_FILE_TEST_IS_DIR))
        return TRUE;
    if (!g_file_get_contents(path, &data, &size, &failed)) {
        error_set(error, MADO_E_NO_SUCH, "%s", failed->message);
        return FALSE;
    }
    file = g_bytes_new_take(data, size);
    if (size <= LIMIT_KEY_FILE_BYTES && import(opener, file, &failed))
        return TRUE;
    if (failed && !g_error_matches(failed, MADO_ERROR, MADO_E_KEYS_REFUSED)) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return FALSE;
    }
    if (!failed)
        error_set(&failed, MADO_E_KEYS_REFUSED, "it is larger than 1 MB");
    g_prefix_error(&failed, _("%s is left out: "), path);
    screen_complain(failed);
    return TRUE;
}

static gint by_name(gconstpointer one, gconstpointer other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

gboolean opener_take_keys(struct opener *opener, const char *folder, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autoptr(GDir) files = g_dir_open(folder, 0, &failed);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    if (!files) {
        error_set(error, MADO_E_NO_SUCH, "%s", failed->message);
        return FALSE;
    }
    while ((name = g_dir_read_name(files)))
        g_ptr_array_add(names, g_build_filename(folder, name, NULL));
    g_ptr_array_sort(names, by_name);
    for (guint i = 0; i < names->len; i++)
        if (!import_file(opener, names->pdata[i], error))
            return FALSE;
    return TRUE;
}

/* -- one mail -- */

struct step {
    struct opener *opener;
    struct opening *opening;
    GError **error;
};

static gboolean ask_keys(struct step *step, enum opening_step *next)
{
    g_autoptr(GError) failed = NULL;
    g_autoptr(GVariant) result = keysmith_do(
        step->opener->keysmith, KEYS_OPEN, layer_to_variant(opening_layer(step->opening)), &failed);
    struct opened *opened = result ? opened_from_variant(result) : NULL;

    if (!opened && failed && !g_error_matches(failed, MADO_ERROR, MADO_E_KEYS_REFUSED)) {
        g_propagate_error(step->error, g_steal_pointer(&failed));
        return FALSE;
    }
    if (!opened) {
        opened = opened_new();
        opened->state = OPENED_BROKEN;
        g_free(opened->why);
        opened->why =
            g_strdup(failed ? failed->message : _("the answer of the keys role makes no sense"));
    }
    *next = opening_take_opened(step->opening, opened);
    return TRUE;
}

/* A file of it that nobody can change any more, or -1. */
static int file_of(GBytes *document, GError **error)
{
    int fd = fd_new_memory("document", error);
    guint64 size;

    if (fd >= 0 &&
        fd_write_all(fd, g_bytes_get_data(document, NULL), g_bytes_get_size(document), error) &&
        fd_seal(fd, G_MAXINT64, &size, error))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static gboolean ask_reader(struct step *step, enum opening_step *next)
{
    g_autofree char *death = NULL;
    int fd = file_of(opening_document(step->opening), step->error);
    struct facts *facts =
        fd >= 0 ? reader_read(step->opener->reader, fd, TRUE, &death, step->error) : NULL;

    if (fd >= 0)
        close(fd);
    if (facts)
        *next = opening_take_facts(step->opening, facts);
    else if (death)
        *next = opening_take_death(step->opening, death);
    return facts || death;
}

static gboolean go_through(struct step *step, struct facts *facts)
{
    static gboolean (*const steps[])(struct step *, enum opening_step *) = {
        [OPENING_KEYS] = ask_keys, [OPENING_READ] = ask_reader};
    enum opening_step next = opening_take_facts(step->opening, facts);

    while (next != OPENING_DONE)
        if (!steps[next](step, &next))
            return FALSE;
    return TRUE;
}

struct message *opener_open(
    struct opener *opener, int mail, struct crypto **crypto, char **death, GError **error)
{
    struct facts *facts = reader_read(opener->reader, mail, FALSE, death, error);
    g_autoptr(mado_opening) opening = opening_new(now_seconds());
    struct step step = {opener, opening, error};
    struct message *message = NULL;

    *crypto = NULL;
    if (!facts)
        return NULL;
    if (opening_is_plain(facts)) {
        message = g_steal_pointer(&facts->message);
        facts->message = message_new();
        facts_free(facts);
        return message;
    }
    return go_through(&step, facts) ? opening_finish(opening, opener->known, crypto) : NULL;
}
