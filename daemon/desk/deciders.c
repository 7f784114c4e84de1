/* Who is meant by a name of the configuration: operators, and contacts of our own organisation. */
#include "state.h"
#include "desk.h"
#include "duty.h"
#include <string.h>

enum { DEEPEST_GROUP = 5 };

static void decider_free(gpointer data)
{
    struct decider *decider = data;

    g_free(decider->name);
    g_free(decider->address);
    g_free(decider->language);
    g_free(decider);
}

struct found {
    struct desk *desk;
    GPtrArray *all; /* struct decider */
    GHashTable *known;
};

static void add(struct found *found, const char *name, const char *address, const char *language)
{
    struct decider *one;

    if (!g_hash_table_add(found->known, g_ascii_strdown(address, -1)))
        return;
    one = g_new0(struct decider, 1);
    one->name = g_strdup(name);
    one->address = g_strdup(address);
    one->language = g_strdup(language);
    g_ptr_array_add(found->all, one);
}

static gboolean add_contact(struct found *found, const char *name, guint depth, GError **error)
{
    struct store *store = found->desk->store;
    guint64 id = 0;
    g_autoptr(mado_contact) contact = NULL;
    const char *address;

    if (!store_find_contact(store, name, &id, error) ||
        (id && !(contact = store_contact(store, id, error))))
        return FALSE;
    if (!id)
        return TRUE;
    for (char **member = contact->members; member && *member && depth < DEEPEST_GROUP; member++)
        if (!add_contact(found, *member, depth + 1, error))
            return FALSE;
    address = contact->addresses ? *contact->addresses : NULL;
    if (address &&
        (g_str_equal(contact->relation, "inside") || desk_is_ours(address, found->desk->settings)))
        add(found, contact->name, address, contact->language);
    return TRUE;
}

static gboolean add_named(struct found *found, const char *name, GError **error)
{
    const struct member *member = duty_member(found->desk->settings, name);

    if (!member)
        return add_contact(found, name, 0, error);
    if (member->addresses && *member->addresses)
        add(found, member->name, *member->addresses, "");
    return TRUE;
}

GPtrArray *deciders_find(struct desk *desk, const struct deciders_wanted *wanted, GError **error)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(decider_free);
    struct found found = {desk, all, known};

    for (char **who = wanted->rule->who; who && *who; who++)
        if (!add_named(&found, *who, error))
            return NULL;
    for (guint i = 0; i < wanted->reach; i++)
        if (!add_named(&found, wanted->rule->up[i], error))
            return NULL;
    return g_steal_pointer(&all);
}
