/* What is said of an answer: what is the matter, and the next command. */
#include "matter.h"
#include "say.h"

static const char pin_one[] = N_(
    "madoctl key import FILE, compare the fingerprint with them, then madoctl key pin FINGERPRINT");
static const char anew[] = N_("give it up, and write anew: madoctl hold drop");

static const char *who(const struct matter *matter)
{
    const char *name = matter->question->contact.name;

    return name && *name ? name : matter->question->recipient;
}

static gboolean is_known(const struct matter *matter)
{
    return matter->question->contact.name && *matter->question->contact.name;
}

static const char *ticket(const struct matter *matter)
{
    return matter->question->ticket ? matter->question->ticket : "ID";
}

static const char *label(const struct matter *matter)
{
    return matter_label_name(matter->label);
}

/* A contact is written down before anything is written down about it. */
static char *contact_command(const struct matter *matter, const char *field)
{
    return is_known(matter) ? g_strdup_printf(_("madoctl contact edit '%s' %s"), who(matter), field)
                            : g_strdup_printf(_("madoctl contact add NAME --address %s"),
                                  matter->question->recipient);
}

static char *name_command(const struct matter *matter)
{
    return g_strdup_printf(_("madoctl named add %s '%s' --reason TEXT"), ticket(matter),
        is_known(matter) ? who(matter) : "NAME");
}

/* -- never, as things are -- */

char *say_no_recipient(const struct matter *matter)
{
    return g_strdup_printf(_("it names no recipient; nothing was sent; %s"), _(anew));
}

char *say_over_clearance(const struct matter *matter)
{
    g_autofree char *command = contact_command(matter, "clearance=LABEL");

    return g_strdup_printf(_("it is %s, and %s may get %s at most (contact: clearance); where that "
                             "has changed: %s"),
        label(matter), who(matter), matter->question->contact.clearance, command);
}

char *say_not_named(const struct matter *matter)
{
    const char *named = matter->question->named;
    g_autofree char *command = name_command(matter);

    return g_strdup_printf(_("it is TLP:RED, and %s is no named recipient of it; %s%s; with the "
                             "source's permission: %s"),
        who(matter), named && *named ? _("only these may receive it: ") : _("nobody is named yet"),
        named ? named : "", command);
}

char *say_not_inside(const struct matter *matter)
{
    g_autofree char *inside = contact_command(matter, "relation=inside");
    g_autofree char *name = name_command(matter);

    return g_strdup_printf(
        _("it is TLP:AMBER+STRICT, for our own organisation alone, and %s is not "
          "known to be a part of it; if so: %s; with the source's permission: %s"),
        who(matter), inside, name);
}

char *say_over_relation(const struct matter *matter)
{
    const char *relation = matter->question->contact.relation;
    g_autofree char *command = contact_command(matter, "clearance=LABEL");
    g_autofree char *name = name_command(matter);

    return g_strdup_printf(
        _("it is %s, and %s may get %s at most (contact: relation %s); if more was "
          "agreed with them: %s; with the source's permission: %s"),
        label(matter), who(matter), matter_label_name(matter_reach(matter)),
        relation && *relation ? relation : "not known", command, name);
}

char *say_bare_files(const struct matter *matter)
{
    guint bare = matter->question->attachments.bare;

    return g_strdup_printf(
        bare == 1 ? _("%u of its files came from strangers and would go as it is; take it out, and "
                      "tell the SHA-256 (madoctl artifact %s), or have it wrapped up (--attach "
                      "sha256:HEX); %s")
                  : _("%u of its files came from strangers and would go as they are; take them "
                      "out, and tell the SHA-256 (madoctl artifact %s), or have it wrapped up "
                      "(--attach sha256:HEX); %s"),
        bare, ticket(matter), _(anew));
}

/* -- waits for somebody, or something -- */

static char *verify_command(const struct matter *matter)
{
    return is_known(matter)
               ? g_strdup_printf(_("madoctl contact verify '%s' --how TEXT"), who(matter))
               : contact_command(matter, "");
}

char *say_wrapped_files(const struct matter *matter)
{
    g_autofree char *command = verify_command(matter);

    return g_strdup_printf(_("%u of its files came from strangers, and nobody has verified who %s "
                             "is; ask them by another way, then: %s"),
        matter->question->attachments.wrapped, who(matter), command);
}

char *say_unverified(const struct matter *matter)
{
    g_autofree char *command = verify_command(matter);

    return g_strdup_printf(
        _("it is %s, and nobody has verified who %s is: what is stricter than %s "
          "waits for that; ask them by another way, then: %s"),
        label(matter), who(matter), matter->policy->unverified, command);
}

char *say_no_own_key(const struct matter *matter)
{
    const char *kind = matter->usable_pgp->len ? _("OpenPGP") : "S/MIME";

    return g_strdup_printf(
        _("%s has a pinned %s key, and we have none of that kind to sign with: make or import "
          "one (madoctl key init, madoctl key import), then madoctl hold release"),
        matter->question->recipient, kind);
}

static char *date_of(gint64 at)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(at);

    return time ? g_date_time_format(time, "%Y-%m-%d") : g_strdup("?");
}

static char *what_is_wrong(const struct gate_key *key, gint64 now)
{
    g_autofree char *date = date_of(key->expires);

    if (key->revoked)
        return g_strdup(_("is revoked"));
    if (matter_key_is_expired(key, now))
        return g_strdup_printf(_("expired on %s"), date);
    return g_strdup(_("cannot encrypt"));
}

char *say_unusable(const struct matter *matter)
{
    enum { NAMED = 3 };
    g_autoptr(GString) keys = g_string_new(NULL);
    guint count = matter_count_keys(matter);

    for (guint i = 0; i < MIN(count, NAMED); i++) {
        const struct gate_key *key = matter_key_at(matter, i);
        g_autofree char *wrong = what_is_wrong(key, matter->question->now);
        g_string_append_printf(keys, "%s%s %s", i ? ", " : "", key->fingerprint, wrong);
    }
    if (count > NAMED)
        g_string_append_printf(keys, _(", and %u more"), count - NAMED);
    return g_strdup_printf(_("no pinned key of %s can be used: %s; ask for the new one: %s"),
        matter->question->recipient, keys->str, _(pin_one));
}

char *say_always_sealed(const struct matter *matter)
{
    return g_strdup_printf(_("all that goes to %s is sealed (contact: seal always), and no key of "
                             "theirs that encrypts is pinned: %s"),
        matter->question->recipient, _(pin_one));
}

char *say_answers_sealed(const struct matter *matter)
{
    return g_strdup_printf(
        _("it answers a mail that came sealed, and no key of %s that encrypts is pinned: %s"),
        matter->question->recipient, _(pin_one));
}

char *say_tainted(const struct matter *matter)
{
    return g_strdup_printf(
        matter->runs->len == 1
            ? _("%u passage of it came sealed, and no key of %s that encrypts is pinned: %s; or "
                "take them out (madoctl taint check shows them); or let single facts go: madoctl "
                "taint release")
            : _("%u passages of it came sealed, and no key of %s that encrypts is pinned: %s; or "
                "take them out (madoctl taint check shows them); or let single facts go: madoctl "
                "taint release"),
        matter->runs->len, matter->question->recipient, _(pin_one));
}

char *say_tainted_files(const struct matter *matter)
{
    return g_strdup_printf(
        _("%u of its files came sealed, and no key of %s that encrypts is pinned: %s; or take them "
          "out: %s"),
        matter->question->attachments.tainted, matter->question->recipient, _(pin_one), _(anew));
}

char *say_label_sealed(const struct matter *matter)
{
    return g_strdup_printf(
        _("what is %s goes sealed, and no key of %s that encrypts is pinned: %s"), label(matter),
        matter->question->recipient, _(pin_one));
}

char *say_confirm(const struct matter *matter)
{
    return g_strdup_printf(_("it is %s and would go in clear, as no key of %s that encrypts is "
                             "pinned: say that this is wanted when you send it, or %s"),
        label(matter), matter->question->recipient, _(pin_one));
}

char *say_approval(const struct matter *matter)
{
    return g_strdup_printf(_("%s: %u more of you must approve it, and who has written it does not "
                             "count: madoctl hold release"),
        matter->label == MATTER_RED ? _("it is TLP:RED")
                                    : _("letters of this kind are approved first"),
        matter->approvals);
}

/* -- goes -- */

char *say_own(const struct matter *matter)
{
    return g_strdup(_("to our own people: number, state, severity and label only"));
}

char *say_sealed(const struct matter *matter)
{
    return g_strdup_printf(_("a person has pinned a key of %s"), matter->question->recipient);
}

char *say_first_contact(const struct matter *matter)
{
    return g_strdup_printf(
        _("no key of %s that encrypts is pinned yet; it says no more than the number"),
        matter->question->recipient);
}

char *say_source(const struct matter *matter)
{
    const char *recipient = matter->question->recipient;

    return matter->question->others_too
               ? g_strdup_printf(
                     _("%s told us, in clear, what it is about. So did others: see that "
                       "nothing of theirs stands in it"),
                     recipient)
               : g_strdup_printf(_("%s told us, in clear, what it is about"), recipient);
}

char *say_clear(const struct matter *matter)
{
    return g_strdup(_("nothing asks for a seal"));
}
