/* The templates of a folder, and the one table of their names and variables. */
#include "error.h"
#include "say.h"
#include "template.h"
#include <errno.h>
#include <string.h>

#define SUFFIX ".tmpl"

static const char *const languages[] = {"ja", "en"};

/* An acknowledgement goes to whoever claims to have written, so that nothing of the report may
 * stand in it: no subject, name, organisation, label, attachment or crypto result. */
static const struct template_variable ack_variables[] = {
    {"number", NULL, "the incident's number: SAKURA#2026-0042-K7"},
    {"received_at", NULL, "when the mail came, with the time zone"},
    {"team", NULL, "the team's name"},
    {"team_ja", NULL, "the team's name in Japanese"},
    {"address", NULL, "the team's published address"},
    {"duty_hours", NULL, "the team's service hours; may be empty"},
    {"off_hours", NULL, "when service begins again; empty within service hours"},
    {"first_reply_by", NULL, "by when a person answers; may be empty"},
    {"our_fpr", NULL, "the fingerprint of the team's key; may be empty"},
    {"our_key_url", NULL, "where that key is found; may be empty"},
    {"phone", NULL, "the telephone number in office hours; may be empty"},
    {"emergency_phone", NULL, "the telephone number for emergencies; may be empty"},
    {NULL},
};

/* Likewise, and the reason in one of three ways of saying it. */
static const struct template_variable undecryptable_variables[] = {
    {"number", NULL, "the incident's number: SAKURA#2026-0042-K7"},
    {"received_at", NULL, "when the mail came, with the time zone"},
    {"reason", NULL, "why it cannot be read: one of three coarse reasons"},
    {"team", NULL, "the team's name"},
    {"team_ja", NULL, "the team's name in Japanese"},
    {"address", NULL, "the team's published address"},
    {"our_fpr", NULL, "the fingerprint of the team's key; may be empty"},
    {"our_key_url", NULL, "where that key is found; may be empty"},
    {"phone", NULL, "the telephone number in office hours; may be empty"},
    {"emergency_phone", NULL, "the telephone number for emergencies; may be empty"},
    {NULL},
};

/* A notice may travel unencrypted and be read by many. */
static const struct template_variable notice_variables[] = {
    {"team", NULL, "the team's name"},
    {"number", NULL, "the incident's number; \"-\" where there is none"},
    {"state", NULL, "new, pending, quarantine"},
    {"severity", NULL, "critical, high, medium, low; may be empty"},
    {"label", NULL, "TLP:AMBER; may be empty"},
    {"time", NULL, "when it came"},
    {NULL},
};

static const struct template_variable notice_many_variables[] = {
    {"team", NULL, "the team's name"},
    {"count", NULL, "how many items wait"},
    {"items", NULL, "the list of them"},
    {"number", "items", "the incident's number; \"-\" where there is none"},
    {"state", "items", "new, pending, quarantine"},
    {"severity", "items", "critical, high, medium, low; may be empty"},
    {"label", "items", "TLP:AMBER; may be empty"},
    {"time", "items", "when it came"},
    {NULL},
};

/* Whose turn it is; of incidents what a notice says. */
static const struct template_variable duty_variables[] = {
    {"team", NULL, "the team's name"},
    {"shift", NULL, "day, night, holiday"},
    {"begins", NULL, "when that shift began"},
    {"outgoing", NULL, "the name of who is on duty until the other accepts"},
    {"incoming", NULL, "the name of whose shift it is"},
    {NULL},
};

static const struct template_variable handover_variables[] = {
    {"team", NULL, "the team's name"},
    {"handover", NULL, "the number of the hand-over: H-2026-0231"},
    {"outgoing", NULL, "the name of who goes"},
    {"incoming", NULL, "the name of who comes"},
    {"words", NULL, "yes, if who goes has written some: madoctl duty show tells them"},
    {"items", NULL, "the list of what is handed over, as far as who comes may see it"},
    {"number", "items", "the incident's number"},
    {"part", "items", "watch, new, waiting, promised, held, coming"},
    {"severity", "items", "critical, high, medium, low"},
    {"state", "items", "new, open, waiting, ..."},
    {"label", "items", "TLP:AMBER"},
    {"due", "items", "by when something is to be done; may be empty"},
    {NULL},
};

static const struct template_variable test_variables[] = {
    {"team", NULL, "the team's name"},
    {"time", NULL, "when it was asked for"},
    {NULL},
};

/* Of mado itself: which condition, and when; no words of servers, and of no report. */
static const struct template_variable alarm_variables[] = {
    {"team", NULL, "the team's name"},
    {"conditions", NULL, "all of them in one line: source inbox, disk"},
    {"items", NULL, "the list of them"},
    {"condition", "items", "source NAME, relay, reader, disk, acknowledgements, letters, held"},
    {"since", "items", "when it began"},
    {"over", "items", "when it ended; empty while it lasts"},
    {NULL},
};

/* What people write begins with these; they read it before it goes, and change it. The gate looks
 * at what they have made of it. */
#define LETTER_VARIABLES                                                                           \
    {"number", NULL, "the incident's number: SAKURA#2026-0042-K7"},                                \
        {"label", NULL, "who may know what it says: TLP:AMBER"},                                   \
        {"label_note", NULL, "the same in words"},                                                 \
        {"recipient_name", NULL, "to whom it goes, as their mail says; may be empty"},             \
        {"recipient_org", NULL, "the organisation of that contact; may be empty"},                 \
        {"writer_name", NULL, "who writes it: the name of that operator"},                         \
        {"team", NULL, "the team's name"}, {"team_ja", NULL, "the team's name in Japanese"},       \
        {"address", NULL, "the team's published address"},                                         \
        {"phone", NULL, "the telephone in office hours; may be empty"},                            \
        {"our_fpr", NULL, "the fingerprint of the team's key; may be empty"},                      \
        {"our_key_url", NULL, "where that key is found; may be empty"},                            \
        {"emergency_phone", NULL, "the telephone number for emergencies; may be empty"},           \
    {                                                                                              \
        "text", NULL, "what --text says; empty: a mark stands where it is written"                 \
    }

static const struct template_variable reply_variables[] = {
    LETTER_VARIABLES,
    {"quoted", NULL, "their mail, quoted, as far as the gate lets it go; may be empty"},
    {"quoted_date", NULL, "when they wrote that; may be empty"},
    {NULL},
};

static const struct template_variable ask_variables[] = {
    LETTER_VARIABLES,
    {"questions", NULL, "the list of what is asked; empty: a mark stands where it is written"},
    {"n", "questions", "1, 2, 3"},
    {"question", "questions", "what is asked"},
    {"reply_by", NULL, "by when an answer is asked for; may be empty"},
    {NULL},
};

static const struct template_variable close_variables[] = {
    LETTER_VARIABLES,
    {"category", NULL, "the kind of incident, in the language of the letter"},
    {"result", NULL, "what came of it: --result; empty: a mark stands where it is written"},
    {"received_at", NULL, "when it was reported"},
    {"closed_at", NULL, "when it is closed"},
    {NULL},
};

static const struct template_variable reject_variables[] = {
    LETTER_VARIABLES,
    {"reason", NULL, "why it is no matter for the team: --reason"},
    {"received_at", NULL, "when it was reported"},
    {NULL},
};

/* To a party who is asked for something, and is reminded of it. */
#define PARTY_VARIABLES                                                                            \
    LETTER_VARIABLES, {"category", NULL, "the kind of incident, in the language of the letter"},   \
        {"reply_by", NULL, "by when an answer is asked for; may be empty"},                        \
        {"their_number", NULL, "the number of it in their tracker; may be empty"},                 \
    {                                                                                              \
        "asked_at", NULL, "when they were asked; empty in the first letter"                        \
    }

static const struct template_variable coord_variables[] = {
    PARTY_VARIABLES,
    {"first_contact", NULL, "yes, if nothing was ever written to them"},
    {"target", NULL, "what it is about, masked: the first of what was found; may be empty"},
    {"facts", NULL, "the list of what was found, masked; may be empty"},
    {"kind", "facts", "ipv4, domain, url, sha256, ..."},
    {"fact", "facts", "what was found: hxxp://www[.]example/"},
    {"more_facts", NULL, "how many more there are than are listed; may be empty"},
    {"requests", NULL, "the list of what is asked: --request; may be empty"},
    {"n", "requests", "1, 2, 3"},
    {"request", "requests", "what is asked"},
    {"reporter_shown", NULL, "yes, if they may know who reported it"},
    {NULL},
};

static const struct template_variable remind_variables[] = {PARTY_VARIABLES, {NULL}};

static const struct template_variable remind_reporter_variables[] = {
    LETTER_VARIABLES,
    {"asked_at", NULL, "when they were asked"},
    {NULL},
};

/* A date that only lawyers can decide about: what the configuration says of it. */
static const struct template_variable legal_variables[] = {
    {"team", NULL, "the team's name"},
    {"number", NULL, "the incident's number"},
    {"severity", NULL, "critical, high, medium, low"},
    {"label", NULL, "TLP:AMBER"},
    {"name", NULL, "what the rule is called"},
    {"text", NULL, "what is due, as the rule says"},
    {"from", NULL, "since when it is counted"},
    {"due", NULL, "by when"},
    {NULL},
};

static const struct template_variable share_variables[] = {
    LETTER_VARIABLES,
    {"category", NULL, "the kind of incident, in the language of the letter"},
    {"file", NULL, "the name of the file that comes with it"},
    {NULL},
};

static const struct template_variable notify_variables[] = {
    LETTER_VARIABLES,
    {"category", NULL, "the kind of incident, in the language of the letter"},
    {"severity", NULL, "critical, high, medium, low, in that language; may be empty"},
    {"received_at", NULL, "when it was reported"},
    {"target", NULL, "what it is about, masked: the first of what was found; may be empty"},
    {"facts", NULL, "the list of what was found, masked; may be empty"},
    {"kind", "facts", "ipv4, domain, url, sha256, ..."},
    {"fact", "facts", "what was found: hxxp://www[.]example/"},
    {"more_facts", NULL, "how many more there are than are listed; may be empty"},
    {NULL},
};

static const struct template_variable escalate_variables[] = {
    LETTER_VARIABLES,
    {"category", NULL, "the kind of incident, in the language of the letter"},
    {"severity", NULL, "critical, high, medium, low, in that language; may be empty"},
    {"report_no", NULL, "how often it was escalated to them, this one counted"},
    {"to_roles", NULL, "to whom: management, public relations, ..."},
    {"sent_at", NULL, "when it is written"},
    {"opened_at", NULL, "when it was reported"},
    {"target", NULL, "what it is about, masked: the first of what was found; may be empty"},
    {"handler", NULL, "who works on it; may be empty"},
    {"parties", NULL, "who outside was asked for something, and how that stands; may be empty"},
    {"party", "parties", "the name of that contact"},
    {"state", "parties", "asked, acknowledged, answered, done, no-answer"},
    {NULL},
};

/* What mado writes by itself says of the incident what a notice does. */
static const struct template_variable escalate_rule_variables[] = {
    {"number", NULL, "the incident's number: SAKURA#2026-0042-K7"},
    {"label", NULL, "who may know of it: TLP:AMBER"},
    {"severity", NULL, "critical, high, medium, low"},
    {"state", NULL, "new, open, waiting, ..."},
    {"category", NULL, "the kind of incident; empty where its label is stricter than TLP:AMBER"},
    {"why", NULL, "the condition of the rule that holds; may be empty, likewise"},
    {"handler", NULL, "who works on it; may be empty"},
    {"opened_at", NULL, "when it was reported"},
    {"since", NULL, "when the rule began to hold; may be empty"},
    {"sent_at", NULL, "when it is written"},
    {"report_no", NULL, "how often they were told, this time counted"},
    {"again", NULL, "yes, if nobody has read the last one"},
    {"to_roles", NULL, "to whom: management, public relations, ..."},
    {"management", NULL, "yes, if it goes to them; likewise:"},
    {"pr", NULL, "public relations"},
    {"legal", NULL, "the legal department"},
    {"commander", NULL, "who commands"},
    {"team", NULL, "the team's name"},
    {"address", NULL, "the team's published address"},
    {"phone", NULL, "the telephone in office hours; may be empty"},
    {"emergency_phone", NULL, "the telephone number for emergencies; may be empty"},
    {NULL},
};

/* To a contact, about itself: nothing of any report. */
static const struct template_variable review_variables[] = {
    {"review", NULL, "its number"},
    {"team", NULL, "the team's name"},
    {"team_ja", NULL, "the team's name in Japanese"},
    {"address", NULL, "the team's published address"},
    {"reply_by", NULL, "by when an answer is asked for"},
    {"contact_name", NULL, "what they are called"},
    {"contact_org", NULL, "the organisation that a person belongs to; may be empty"},
    {"is_person", NULL, "yes, if they are a person"},
    {"contact_mail", NULL, "all their addresses"},
    {"contact_day", NULL, "how to reach them by day; may be empty"},
    {"contact_night", NULL, "how to reach them at night; may be empty"},
    {"contact_deputies", NULL, "who stands in for them; may be empty"},
    {"contact_topics", NULL, "what they can do; may be empty"},
    {"contact_fpr", NULL, "the fingerprint of their key; may be empty"},
    {"contact_key_ends", NULL, "when it ends; may be empty"},
    {"key_ends_soon", NULL, "yes, if that is within 60 days, or was before"},
    {"last_verified", NULL, "when somebody made sure of it; may be empty"},
    {"our_fpr", NULL, "the fingerprint of the team's key; may be empty"},
    {"our_key_url", NULL, "where that key is found; may be empty"},
    {"phone", NULL, "the telephone in office hours; may be empty"},
    {"emergency_phone", NULL, "the telephone number for emergencies; may be empty"},
    {NULL},
};

/* Figures under their label; the gate looks at it as at what a person writes. */
static const struct template_variable report_variables[] = {
    {"team", NULL, "the team's name"},
    {"label", NULL, "who may know what it says: TLP:AMBER"},
    {"title", NULL, "what it is: monthly report"},
    {"period", NULL, "of which period: 2026-10"},
    {"text", NULL, "the report itself"},
    {NULL},
};

static const struct template_kind table[] = {
    {"ack-new", "acknowledges a new report", ack_variables},
    {"ack-followup", "acknowledges a further mail on an incident", ack_variables},
    {"not-incident", "says that a mail is no incident, and what to do if it is", ack_variables},
    {"undecryptable", "asks for a mail again that cannot be read, and brings our key",
        undecryptable_variables},
    {"notice", "tells the operators of one item", notice_variables},
    {"notice-many", "tells the operators of several items", notice_many_variables},
    {"duty", "tells that a shift begins, and who is on duty until the next one accepts",
        duty_variables},
    {"handover", "tells the next one of a hand-over: madoctl duty handover", handover_variables},
    {"alarm", "tells the operators that something is wrong with mado itself", alarm_variables},
    {"alarm-over", "tells them that it is over", alarm_variables},
    {"contact-review", "asks a contact whether what we hold of it is right", review_variables},
    {"test", "goes to the team itself, by madoctl try", test_variables},
    {"reply", "answers a reporter: madoctl reply", reply_variables},
    {"ask-info", "asks a reporter for more: madoctl ask", ask_variables},
    {"close", "tells a reporter what came of it: madoctl close --notice", close_variables},
    {"reject", "tells a reporter why it is rejected: madoctl reject", reject_variables},
    {"coord", "asks a party outside for something: madoctl coord", coord_variables, "outside"},
    {"remind-1", "reminds them, the first time", remind_variables, "outside"},
    {"remind-2", "reminds them again", remind_variables, "outside"},
    {"remind-reporter", "reminds a reporter whom we have asked", remind_reporter_variables},
    {"legal", "tells those whom a rule of legal names", legal_variables},
    {"notify", "tells departments of our own: madoctl notify", notify_variables, "inside"},
    {"notify-out", "tells others, likewise", notify_variables, "outside"},
    {"share", "what a ticket's indicators come with: madoctl share --to", share_variables, NULL},
    {"report", "figures by the calendar, and what comes with them", report_variables},
    {"escalate-mgmt", "tells those who decide: madoctl escalate", escalate_variables, "inside"},
    {"escalate-rule", "tells them by rule, where no person has: escalation in mado.conf",
        escalate_rule_variables, "inside"},
    {NULL},
};

/* Acknowledgements of the team's own, and escalations, which rules name. */
static const struct {
    const char *prefix;
    const struct template_variable *variables;
} of_rules[] = {{"own-", ack_variables}, {"escalate-rule-", escalate_rule_variables}};

struct templates {
    GHashTable *by_name; /* "ja/ack-new" -> struct template */
    GHashTable *words;   /* set of all that they say */
    GPtrArray *in_order; /* const char *, of these */
};

const struct template_kind *templates_table(void)
{
    return table;
}

static char *key_of(const char *language, const char *name)
{
    return g_strdup_printf("%s/%s", language, name);
}

static void load_one(struct templates *templates, const char *folder, const char *language,
    const struct template_kind *kind, GPtrArray *problems)
{
    g_autofree char *file = g_strdup_printf("%s/%s/%s" SUFFIX, folder, language, kind->name);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    gsize length;

    if (!g_file_get_contents(file, &text, &length, &error))
        g_ptr_array_add(problems,
            g_strdup_printf(_("%s:1: the template cannot be read: %s"), file, error->message));
    else if (strlen(text) != length)
        g_ptr_array_add(problems, g_strdup_printf(_("%s:1: the file contains a zero byte"), file));
    else
        g_hash_table_replace(templates->by_name, key_of(language, kind->name),
            template_read(text, file, kind->variables, problems));
}

static gboolean is_in_table(const char *name)
{
    const struct template_kind *kind = table;

    while (kind->name && !g_str_equal(kind->name, name))
        kind++;
    return kind->name != NULL;
}

/* A misspelt file name would be a template that is never used. */
static void take_file(struct templates *templates, const char *folder, const char *language,
    const char *name, GPtrArray *problems)
{
    for (gsize i = 0; i < G_N_ELEMENTS(of_rules); i++)
        if (g_str_has_prefix(name, of_rules[i].prefix)) {
            load_one(templates, folder, language,
                &(struct template_kind){name, "", of_rules[i].variables}, problems);
            return;
        }
    if (!is_in_table(name))
        g_ptr_array_add(problems, g_strdup_printf(_("%s/%s/%s%s:1: there is no template of this "
                                                    "name"),
                                      folder, language, name, SUFFIX));
}

static void take_others(
    struct templates *templates, const char *folder, const char *language, GPtrArray *problems)
{
    g_autofree char *path = g_build_filename(folder, language, NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *file;

    while (dir && (file = g_dir_read_name(dir))) {
        g_autofree char *name = g_strndup(file, strlen(file) - MIN(strlen(file), strlen(SUFFIX)));
        if (g_str_has_suffix(file, SUFFIX))
            take_file(templates, folder, language, name, problems);
    }
}

static struct templates *load(const char *folder, GPtrArray *problems)
{
    struct templates *templates = g_new0(struct templates, 1);

    templates->by_name =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)template_free);
    templates->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    templates->in_order = g_ptr_array_new();
    for (gsize i = 0; i < G_N_ELEMENTS(languages); i++) {
        for (const struct template_kind *kind = table; kind->name; kind++)
            load_one(templates, folder, languages[i], kind, problems);
        take_others(templates, folder, languages[i], problems);
    }
    return templates;
}

static void gather_words(struct templates *templates)
{
    GHashTableIter iter;
    gpointer one;

    g_hash_table_iter_init(&iter, templates->by_name);
    while (g_hash_table_iter_next(&iter, NULL, &one))
        template_add_words(one, templates->words);
    g_hash_table_iter_init(&iter, templates->words);
    while (g_hash_table_iter_next(&iter, &one, NULL))
        g_ptr_array_add(templates->in_order, one);
}

const GPtrArray *templates_words(const struct templates *templates)
{
    return templates->in_order;
}

struct templates *templates_load(const char *folder, GError **error)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(mado_templates) templates = load(folder, problems);

    if (problems->len == 0) {
        gather_words(templates);
        return g_steal_pointer(&templates);
    }
    error_set(error, MADO_E_TEMPLATE, "%s", (const char *)g_ptr_array_index(problems, 0));
    return NULL;
}

char **templates_check(const char *folder)
{
    GPtrArray *problems = g_ptr_array_new_with_free_func(g_free);

    templates_free(load(folder, problems));
    g_ptr_array_add(problems, NULL);
    return (char **)g_ptr_array_free(problems, FALSE);
}

void templates_free(struct templates *templates)
{
    if (!templates)
        return;
    g_hash_table_unref(templates->by_name);
    g_hash_table_unref(templates->words);
    g_ptr_array_unref(templates->in_order);
    g_free(templates);
}

const struct template *templates_get(
    const struct templates *templates, const char *name, const char *language)
{
    g_autofree char *wanted = key_of(language, name);
    const struct template *found = g_hash_table_lookup(templates->by_name, wanted);

    for (gsize i = 0; !found && i < G_N_ELEMENTS(languages); i++) {
        g_autofree char *other = key_of(languages[i], name);
        found = g_hash_table_lookup(templates->by_name, other);
    }
    return found;
}
