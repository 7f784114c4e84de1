/*
 * Are our contacts still right? They are asked, with time between, and in business time
 *
 * Whom we have asked stands in the store in the change that writes the letter, and who is to be
 * asked is reckoned from that: so whatever happens to us in between, nobody is asked twice. When
 * the next of them is due is planned, and looked at anew whenever a contact or its key has changed.
 */
#include "state.h"
#include "error.h"
#include "now.h"
#include "review.h"
#include <inttypes.h>

enum { AT_ONCE = 20 };

/* -- one letter -- */

static gboolean ask(
    struct desk *desk, const struct contact *contact, const char *user, GError **error)
{
    gint64 now = now_seconds();
    struct review review = {.contact = contact->id,
        .address = contact->addresses[0],
        .asked_by = (char *)user,
        .asked_at = now,
        .due = reminding_behind(desk, now, desk->settings->contacts.reply_within)};
    g_autofree char *text = NULL;

    if (!store_ask_review(desk->store, &review, error))
        return FALSE;
    text = g_strdup_printf("%s was asked whether what we hold of it is right (review %" PRIu64
                           ", to %s)",
        contact->name, review.id, review.address);
    return reviewing_write(desk, contact, &review, error) &&
           store_journal(desk->store, now, user, "contact-review", 0, 0, text, error);
}

gboolean reviewing_ask(gpointer data, guint64 id, const char *user, GError **error)
{
    struct desk *desk = data;
    g_autoptr(mado_contact) contact = store_contact(desk->store, id, error);

    if (!contact)
        return FALSE;
    if (!*contact->addresses)
        return error_set(error, MADO_E_BAD_DATA,
            "%s has no mail address. Nothing was changed. Add one: madoctl contact edit '%s' "
            "address+=ADDRESS",
            contact->name, contact->name);
    return ask(desk, contact, user, error) &&
           store_plan(desk->store, STORE_REVIEWS, now_seconds(), error);
}

/* -- nothing came -- */

static gboolean give_up(struct desk *desk, guint64 id, GError **error)
{
    gint64 now = now_seconds();
    g_autoptr(mado_review) review = store_review(desk->store, id, error);
    g_autofree char *text =
        review ? g_strdup_printf("%s has not answered review %" PRIu64 " in time", review->name, id)
               : NULL;

    return review && store_review_silent(desk->store, id, error) &&
           store_add_notice(desk->store, 0, "", "contact-silent", "", "", now, error) &&
           store_journal(desk->store, now, "mado", "contact-review", 0, 0, text, error);
}

static gboolean give_up_due(struct desk *desk, GError **error)
{
    g_autoptr(GArray) due = store_due_reviews(desk->store, now_seconds(), AT_ONCE, error);

    for (guint i = 0; due && i < due->len; i++)
        if (!give_up(desk, g_array_index(due, guint64, i), error))
            return FALSE;
    return due != NULL;
}

/* -- who is to be asked now -- */

static gint64 midnight(const struct desk *desk, gint64 at, int days)
{
    g_autoptr(GDateTime) local = desk_local_time(desk, at);
    g_autoptr(GDateTime) day = g_date_time_add_days(local, days);
    g_autoptr(GDateTime) begins = g_date_time_new(desk->zone, g_date_time_get_year(day),
        g_date_time_get_month(day), g_date_time_get_day_of_month(day), 0, 0, 0);

    return g_date_time_to_unix(begins);
}

struct look {
    struct desk *desk;
    struct review_cycle cycle;
    gint64 now;
    gint64 room; /* how many may be asked yet today */
    guint asked;
    gint64 next; /* the first of those that were not */
};

static gboolean take(struct look *look, const struct review_subject *subject, GError **error)
{
    struct desk *desk = look->desk;
    struct review_facts facts = {subject->created_at, subject->verified_at, subject->reviewed_at,
        subject->asked_at, subject->key_ends};
    gint64 due = review_due(&facts, &look->cycle);

    if (due <= look->now && look->room > 0 && look->asked < AT_ONCE) {
        g_autoptr(mado_contact) contact = store_contact(desk->store, subject->contact, error);
        if (!contact || !ask(desk, contact, "mado", error))
            return FALSE;
        look->asked++;
        look->room--;
        facts.asked_at = look->now;
        due = review_due(&facts, &look->cycle);
    }
    look->next = MIN(look->next, due);
    return TRUE;
}

/* In business time, and not more than that many a day. */
static gint64 next_of(const struct look *look)
{
    const struct desk *desk = look->desk;
    gint64 at = look->next, opens;

    if (at == G_MAXINT64)
        return at;
    if (at <= look->now)
        at = look->room > 0 ? look->now : midnight(desk, look->now, 1);
    return clock_next_open(desk->clock, at, &opens) ? opens : G_MAXINT64;
}

static gboolean look_at_all(struct look *look, GError **error)
{
    g_autoptr(GPtrArray) all = store_review_subjects(look->desk->store, error);

    for (guint i = 0; all && i < all->len; i++)
        if (!take(look, all->pdata[i], error))
            return FALSE;
    return all != NULL;
}

static gboolean look_for_subjects(struct desk *desk, GError **error)
{
    const struct settings *settings = desk->settings;
    struct look look = {.desk = desk,
        .cycle = {settings->contacts.review, settings->contacts.review_on, desk->zone},
        .now = now_seconds(),
        .next = G_MAXINT64};
    gint64 today;

    if (!settings->contacts.review && !*settings->contacts.review_on)
        return store_plan(desk->store, STORE_REVIEWS, G_MAXINT64, error);
    if (!store_count_reviews(desk->store, midnight(desk, look.now, 0), &today, error))
        return FALSE;
    if (clock_is_open(desk->clock, look.now))
        look.room = MAX(settings->contacts.daily - today, 0);
    if (!look_at_all(&look, error))
        return FALSE;
    if (!clock_is_open(desk->clock, look.now))
        look.room = 1; /* it is not the number that keeps them waiting */
    return store_plan(desk->store, STORE_REVIEWS, next_of(&look), error);
}

void reviewing_look_again(struct desk *desk)
{
    g_autoptr(GError) error = NULL;

    if (!desk->at_work || desk->room == ROOM_NONE)
        return;
    desk_change(desk);
    if (!store_plan(desk->store, STORE_REVIEWS, now_seconds(), &error))
        desk_give_up(error);
    desk_keep(desk);
}

gboolean reviewing_feed(struct desk *desk, GError **error)
{
    gint64 next;

    return give_up_due(desk, error) && store_planned(desk->store, STORE_REVIEWS, &next, error) &&
           (!next || next > now_seconds() || look_for_subjects(desk, error));
}
