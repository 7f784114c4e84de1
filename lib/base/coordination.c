#include <mado/coordination.h>

void coordination_free(struct coordination *coordination)
{
    if (!coordination)
        return;
    char *const texts[] = {coordination->number, coordination->name, coordination->address,
        coordination->state, coordination->label, coordination->language,
        coordination->their_number, coordination->shown, coordination->opened_by,
        coordination->result, coordination->delivery};

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(coordination);
}

void told_party_free(struct told_party *party)
{
    if (!party)
        return;
    char *const texts[] = {party->purpose, party->name, party->address, party->writer, party->state,
        party->reply, party->target};

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(party);
}
