/* The store's people and keys; comes with store.h. */
#pragma once
#include <mado/contact.h>
#include <mado/keys.h>

struct store;

/* Why somebody may be told of an incident. */
struct naming {
    guint64 contact;
    char *name; /* theirs */
    char *user, *reason;
    gint64 at;
};
void naming_free(struct naming *naming);

struct teller {
    const char *address;
    guint64 contact; /* 0: nobody that we know */
};
struct telling {
    gint64 theirs, others; /* mails in it */
    gint64 labelled;       /* of theirs: mails that name a label */
    gint64 strictest;      /* of these: 0 for TLP:RED up to 4 for TLP:CLEAR; 5 for none */
    gint64 sealed;         /* of theirs: mails that came sealed */
    gint64 reported;       /* 1: they are written down as a reporter */
};

/* -- contact.c: whom we know -- */
/* With addresses and members; NULL with MADO_E_NO_SUCH. The caller frees it. */
struct contact *store_contact(struct store *store, guint64 id, GError **error);
/* By name, those behind `after` (NULL: from the first); `part` of a name, an organisation or an
 * address, or a kind (NULL: all). */
GPtrArray *store_contacts(struct store *store, const char *part, const char *after, guint most,
    GError **error); /* struct contact */
/* 0: nobody has that name, or that address. */
gboolean store_find_contact(struct store *store, const char *name, guint64 *id, GError **error);
gboolean store_find_address(struct store *store, const char *address, guint64 *id, GError **error);
/* A name or an address that is somebody's already is an error; so is a member that nobody is. */
gboolean store_add_contact(struct store *store, struct contact *contact, gint64 at, GError **error);
gboolean store_change_contact(
    struct store *store, const struct contact *contact, gint64 at, GError **error);

/* -- named.c: who may be told of an incident -- */
gboolean store_name_contact(struct store *store, guint64 incident, guint64 contact,
    const struct naming *naming, GError **error);
/* MADO_E_NO_SUCH: they are not named. */
gboolean store_unname_contact(
    struct store *store, guint64 incident, guint64 contact, GError **error);
/* By name; struct naming. */
GPtrArray *store_named(struct store *store, guint64 incident, GError **error);
/* What an address, or that contact by any of theirs, has told us of an incident. */
gboolean store_telling(struct store *store, guint64 incident, const struct teller *teller,
    struct telling *telling, GError **error);

/* -- key.c: every key that we have seen -- */
/* NULL with MADO_E_NO_SUCH. The caller frees it. */
struct key *store_key(struct store *store, const char *fingerprint, GError **error);
gboolean store_knows_key(
    struct store *store, const char *fingerprint, gboolean *known, GError **error);
/* Ours first, then pinned ones, then the others. `part` of a fingerprint, a user id, the owner's
 * name, or a place (NULL: all); `after` is the last one of the page before, or NULL. */
GPtrArray *store_keys(struct store *store, const char *part, const struct key *after, guint most,
    GError **error); /* struct key */
GPtrArray *store_keys_in(struct store *store, const char *place, GError **error);
GPtrArray *store_keys_of_contact(struct store *store, guint64 contact, GError **error);
/* Whose fingerprint ends so. To look at; never to choose one. */
GPtrArray *store_keys_like(struct store *store, const char *end, guint most, GError **error);
GPtrArray *store_keys_from(struct store *store, const char *origin, GError **error);
/* Own and pinned ones that are revoked, or end before that moment. */
GPtrArray *store_keys_to_watch(struct store *store, gint64 before, GError **error);
/* Ours with which we sign now: `*key` is NULL if there is none; the caller frees it. */
gboolean store_signing_key(
    struct store *store, gboolean cms, gint64 now, struct key **key, GError **error);
/* The caller unrefs it. */
GBytes *store_key_bytes(struct store *store, const char *fingerprint, GError **error);
/* A new one: nobody's, pinned by nobody. */
gboolean store_add_key(struct store *store, const struct key_info *info, const char *place,
    const char *origin, gint64 at, GError **error);
/* What a newer copy of a key that is there says of itself; its place and owner stay. */
gboolean store_refresh_key(struct store *store, const struct key_info *info, GError **error);
gboolean store_place_key(
    struct store *store, const char *fingerprint, const char *place, GError **error);
struct key_pin {
    guint64 contact;
    const char *by, *how;
    gint64 at;
};
gboolean store_pin_key(
    struct store *store, const char *fingerprint, const struct key_pin *pin, GError **error);
/* `*fresh` is FALSE for bytes that were looked at before. */
gboolean store_note_offer(struct store *store, const char *sha256, guint64 mail, gint64 at,
    gboolean *fresh, GError **error);
gboolean store_forget_offer(struct store *store, const char *sha256, GError **error);
/* Since a moment: those that the sender of this mail has made, and all. */
gboolean store_count_offers(struct store *store, guint64 mail, gint64 since, gint64 *of_sender,
    gint64 *all, GError **error);
/* Keys that came with mail before `before`, and all but the newest `most`, are taken out if nobody
 * has pinned them; what came before `day` may then be looked at again. */
struct old_offers {
    gint64 before, day, most;
};
gboolean store_forget_old_offers(
    struct store *store, const struct old_offers *old, guint *count, GError **error);
