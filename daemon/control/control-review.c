/* How old is what we hold of a contact, and what has it answered when it was asked? */
#include "control-answers.h"
#include "error.h"
#include "now.h"
#include "review.h"

enum { PAGE = 100 };

/* -- of one contact -- */

static struct review_facts facts_of(const struct review_subject *subject)
{
    return (struct review_facts){subject->created_at, subject->verified_at, subject->reviewed_at,
        subject->asked_at, subject->key_ends};
}

/* 0: nobody ever made sure. */
static gint64 known_since(const struct answer *answer, guint64 contact)
{
    g_autofree struct review_subject *subject =
        contact ? store_review_subject(answer->context->store, contact, NULL) : NULL;
    struct review_facts facts = {0};

    if (!subject)
        return 0;
    facts = facts_of(subject);
    return review_since(&facts);
}

static json_t *review_row(const struct answer *answer, guint64 contact)
{
    g_autoptr(mado_review) review = NULL;
    json_t *row;

    if (!store_last_review(answer->context->store, contact, &review, NULL) || !review)
        return json_null();
    row = json_object();
    answer_set(row, "state", ctl_string(review->state));
    answer_set(row, "asked", answer_moment(answer, review->asked_at));
    answer_set(row, "by", ctl_string(review->asked_by));
    answer_set(row, "to", ctl_string(review->address));
    answer_set(row, "due", answer_moment(answer, review->due));
    answer_set(row, "answered", answer_moment(answer, review->answered_at));
    answer_set(row, "mail", review->mail ? answer_integer(review->mail) : json_null());
    return row;
}

void answer_reviewed(const struct answer *answer, guint64 contact, json_t *row)
{
    gint64 since = known_since(answer, contact);

    answer_set(row, "known_since", answer_moment(answer, since));
    answer_set(row, "known_age", answer_age(since));
    answer_set(row, "review", review_row(answer, contact));
}

void answer_set_verified(const struct answer *answer, guint64 contact, json_t *row)
{
    gint64 since = known_since(answer, contact);

    answer_set(row, "verified", answer_moment(answer, since));
    answer_set(row, "verified_age", answer_age(since));
}

/* -- of all -- */

gboolean answer_count_old_contacts(const struct answer *answer, guint *old, guint *all)
{
    gint64 every = answer->context->settings->contacts.review;
    g_autoptr(GPtrArray) subjects =
        every ? store_review_subjects(answer->context->store, NULL) : NULL;

    for (guint i = 0; subjects && i < subjects->len; i++) {
        const struct review_facts facts = facts_of(subjects->pdata[i]);
        gint64 since = review_since(&facts);
        *old += since && since < now_seconds() - every;
        *all += since != 0;
    }
    return subjects != NULL;
}

static gint64 next_of(const struct answer *answer, guint64 contact)
{
    const struct settings *settings = answer->context->settings;
    const struct review_cycle cycle = {
        settings->contacts.review, settings->contacts.review_on, answer->context->zone};
    g_autofree struct review_subject *subject =
        store_review_subject(answer->context->store, contact, NULL);
    struct review_facts facts;
    gint64 due;

    if (!subject || !cycle.zone || (!cycle.every && !*cycle.dates))
        return 0;
    facts = facts_of(subject);
    due = review_due(&facts, &cycle);
    return due == G_MAXINT64 ? 0 : MAX(due, now_seconds());
}

/* Whom nobody would ask has no next time. */
static gboolean is_asked(const struct contact *contact)
{
    return !g_str_equal(contact->kind, "group") && *contact->relation && *contact->addresses;
}

static void add_contact(struct answer *answer, const struct contact *contact)
{
    json_t *row = ctl_row();

    answer_set(row, "contact", answer_integer(contact->id));
    answer_set(row, "name", ctl_string(contact->name));
    answer_set(row, "relation", ctl_known(contact->relation));
    answer_reviewed(answer, contact->id, row);
    answer_set(
        row, "next", answer_moment(answer, is_asked(contact) ? next_of(answer, contact->id) : 0));
    answer_add(answer, row);
}

gboolean answer_contact_review(struct answer *answer, GError **error)
{
    json_t *page = json_object_get(answer->args, "page");
    const char *after = json_string_value(json_object_get(page, "after"));
    g_autoptr(GPtrArray) contacts =
        store_contacts(answer->context->store, answer_string(answer, "query"), after, PAGE, error);

    for (guint i = 0; contacts && i < contacts->len; i++) {
        const struct contact *contact = contacts->pdata[i];
        if (!g_str_equal(contact->kind, "group"))
            add_contact(answer, contact);
    }
    if (contacts && contacts->len == PAGE)
        answer->next = json_pack(
            "{s:o}", "after", ctl_string(((struct contact *)contacts->pdata[PAGE - 1])->name));
    return contacts != NULL;
}

gboolean answer_contact_ask(struct answer *answer, GError **error)
{
    const struct control_context *context = answer->context;
    g_autoptr(mado_contact) contact =
        answer_find_contact(answer, answer_string(answer, "contact"), error);

    if (!contact)
        return FALSE;
    if (!context->ask_contact)
        return answer_refuse(error, MADO_E_INTERNAL, "Nobody can be asked here.");
    if (!context->ask_contact(context->desk, contact->id, answer->user, error))
        return FALSE;
    add_contact(answer, contact);
    return TRUE;
}
