#include "conf-table.h"
#include "say.h"
#include <build-facts.h>
#include <mado/limits.h>
#include <stddef.h>
#include <string.h>

#define AT(field) offsetof(struct settings, field)
#define LABELS "TLP:RED TLP:AMBER+STRICT TLP:AMBER TLP:GREEN TLP:CLEAR"
#define PURPOSES "reply ask close reject coord remind notify escalate share report"
#define DAY (24 * 60 * 60)

enum { TAG_DERIVED_CHARACTERS = 12 };

static char *derive_name_ja(gconstpointer base)
{
    return g_strdup(((const struct settings *)base)->team.name);
}

/* "SAKURA" of "SAKURA-CSIRT": numbers must be readable in every mail program and over a telephone.
 */
static char *derive_tag(gconstpointer base)
{
    const char *name = ((const struct settings *)base)->team.name;
    gsize length = 0;

    while (name && length < TAG_DERIVED_CHARACTERS && g_ascii_isalnum(name[length]))
        length++;
    return length ? g_ascii_strup(name, (gssize)length) : g_strdup("CSIRT");
}

static char *derive_outgoing_path(gconstpointer base)
{
    return g_build_filename(((const struct settings *)base)->daemon.state, "outgoing", NULL);
}

/* Beside what the desk may read, not in it. */
static char *derive_keys_home(gconstpointer base)
{
    return g_strconcat(((const struct settings *)base)->daemon.state, "-keys", NULL);
}

/* The registered ports (RFC 8314 for TLS from the first byte). */
static char *derive_port(const char *type, const struct server *server)
{
    static const struct {
        const char *type, *with_tls, *without;
    } ports[] = {{"imap", "993", "143"}, {"pop3", "995", "110"}, {"smtp", "465", "587"}};

    for (gsize i = 0; i < G_N_ELEMENTS(ports); i++)
        if (g_str_equal(type, ports[i].type))
            return g_strdup(g_str_equal(server->tls, "tls") ? ports[i].with_tls : ports[i].without);
    return g_strdup("0");
}

static char *derive_source_port(gconstpointer base)
{
    const struct source *source = base;
    return derive_port(source->type, &source->server);
}

static char *derive_outgoing_port(gconstpointer base)
{
    const struct settings *settings = base;
    return derive_port(settings->outgoing.transport, &settings->outgoing.server);
}

/* The rows of a struct server inside another struct. */
#define SERVER_ROWS(prefix, at, flag, sample_host, sample_port, port_derive, port_derived)         \
    {prefix "host", &conf_host, (at) + offsetof(struct server, host), "", .flags = (flag),         \
        .sample = (sample_host),                                                                   \
        .help = "The name of the mail server, as its certificate has it."},                        \
        {prefix "tls", &conf_choice, (at) + offsetof(struct server, tls), "tls",                   \
            .words = "tls starttls none", .flags = (flag),                                         \
            .help = "TLS from the first byte, by STARTTLS, or none, which only this host may be "  \
                    "spoken to."},                                                                 \
        {prefix "port", &conf_integer, (at) + offsetof(struct server, port), .min = 0,             \
            .max = 65535, .flags = (flag), .derived = (port_derived), .derive = (port_derive),     \
            .sample = (sample_port), .help = "The TCP port."},                                     \
        {prefix "ca_file", &conf_file, (at) + offsetof(struct server, ca_file),                    \
            "/etc/ssl/certs/ca-certificates.crt", .flags = (flag),                                 \
            .help = "The certificate authorities that are believed, in one PEM file."},            \
        {prefix "fingerprint", &conf_certificate, (at) + offsetof(struct server, fingerprint), "", \
            .flags = (flag),                                                                       \
            .help = "The SHA-256 fingerprint of the server's certificate, for one that no "        \
                    "authority signed: no other is believed then."},                               \
        {prefix "user", &conf_text, (at) + offsetof(struct server, user), "", .sample = "csirt",   \
            .flags = (flag), .help = "The name with which mado logs in."},                         \
        {prefix "auth", &conf_choice, (at) + offsetof(struct server, auth), "plain",               \
            .words = "plain login xoauth2 oauthbearer", .flags = (flag),                           \
            .help = "How it logs in: with a password, or with an OAuth2 token."},                  \
        {prefix "password_file", &conf_file, (at) + offsetof(struct server, password_file), "",    \
            .sample = "/etc/mado/credentials/password", .flags = (flag),                           \
            .help = "The file whose first line is the password; only mado may read it."},          \
        {prefix "password_credential", &conf_account,                                              \
            (at) + offsetof(struct server, password_credential), "", .sample = "imap-csirt",       \
            .flags = (flag), .help = "The name of the systemd credential that is the password."},  \
        {prefix "timeout", &conf_span, (at) + offsetof(struct server, timeout), "1m", .min = 1,    \
            .max = 600, .flags = (flag),                                                           \
            .help = "How long one answer of the server may take; for SMTP the phases of RFC 5321 " \
                    "are multiples of it (five minutes are five times this)."},                    \
    {                                                                                              \
        prefix "token_command", &conf_text, (at) + offsetof(struct server, token_command), "",     \
            .flags = CONF_LIST | (flag),                                                           \
            .sample = "/usr/local/bin/oauth-token csirt@sakura.example",                           \
            .help = "The program, with its arguments, that prints an OAuth2 token."                \
    }

const struct conf_row conf_source_rows[] = {
    {"name", &conf_account, offsetof(struct source, name), .sample = "maildir",
        .derived = "the type, then \"maildir-2\" and so on",
        .help = "How status and the log call this mailbox; each has its own."},
    {"type", &conf_choice, offsetof(struct source, type), "maildir",
        .words = "maildir imap pop3 lmtp", .help = "What kind of mailbox it is."},
    {"path", &conf_path, offsetof(struct source, path), "", .sample = "/var/lib/mado/Maildir",
        .help = "The Maildir into which your mail server delivers (it has the folders new, cur and "
                "tmp); or the socket at which mado waits for LMTP."},
    {"listen", &conf_listen, offsetof(struct source, listen), "", .sample = "127.0.0.1:2424",
        .help = "For LMTP without a socket: the address and port of this host at which mado waits; "
                "whoever may connect there may hand over mail."},
    SERVER_ROWS("", offsetof(struct source, server), 0, "imap.sakura.example", "993",
        derive_source_port, N_("993 or 143 (IMAP), 995 or 110 (POP3)")),
    {"folders", &conf_text, offsetof(struct source, folders), "INBOX", .flags = CONF_LIST, .min = 1,
        .help = "The IMAP folders that are read; at the first mado waits for news."},
    {"after", &conf_choice, offsetof(struct source, after), "leave",
        .words = "leave keyword move delete",
        .help = "What is done on the server with a mail that was taken: nothing, the keyword "
                "$MadoTaken (IMAP), move it to another folder (IMAP), or delete it (POP3)."},
    {"move_to", &conf_text, offsetof(struct source, move_to), "mado/Done",
        .help = "The IMAP folder for mail that was taken; it is made if it is missing."},
    {"idle", &conf_span, offsetof(struct source, idle), "28m", .min = 1, .max = 29 * 60,
        .help =
            "How long mado waits for news of an IMAP server (IDLE) before it asks anew; shorter "
            "where a firewall on the way forgets connections that are silent."},
    {0},
};
static const struct conf_element source_element = {conf_source_rows, sizeof(struct source)};

/* A default that depends on other fields (`derive`) stands below those. */
const struct conf_row conf_rows[] = {
    {"team.name", &conf_text, AT(team.name), .max = 100, .flags = CONF_REQUIRED,
        .sample = "SAKURA-CSIRT",
        .help = "The name of the team, as every acknowledgement says it."},
    {"team.name_ja", &conf_text, AT(team.name_ja), .max = 100, .sample = "さくら工業 CSIRT",
        .derived = "team.name", .derive = derive_name_ja,
        .help = "The name of the team in Japanese mail."},
    {"team.address", &conf_address, AT(team.address), .flags = CONF_REQUIRED,
        .sample = "csirt@sakura.example",
        .help = "The published mail address; acknowledgements come from it."},
    {"team.aliases", &conf_address, AT(team.aliases), "", .flags = CONF_LIST,
        .sample = "soc@sakura.example abuse@sakura.example",
        .help = "Other addresses of yours that end in the same mailbox; none of them is ever "
                "answered."},
    {"team.phone", &conf_text, AT(team.phone), "", .max = 50, .sample = "+81-3-0000-0100",
        .help = "The telephone in office hours; acknowledgements tell it below their text."},
    {"team.emergency", &conf_text, AT(team.emergency), "", .max = 50, .sample = "+81-3-0000-0110",
        .help = "The telephone at night and on holidays; acknowledgements tell it."},
    {"team.timezone", &conf_zone, AT(team.timezone), "UTC", .sample = "Asia/Tokyo",
        .help = "The time zone in which times are told."},
    {"team.languages", &conf_choice, AT(team.languages), "ja en", .min = 1, .words = "ja en",
        .flags = CONF_LIST,
        .help = "The languages in which you answer; the first is used where a mail's own is not "
                "known."},
    {"team.key_fingerprint", &conf_fingerprint, AT(team.key_fingerprint), "",
        .help = "The fingerprint of the team's OpenPGP key, all of it; acknowledgements tell it. "
                "Empty: "
                "that of the key with which letters are signed (madoctl key list own)."},
    {"team.key_url", &conf_link, AT(team.key_url), "",
        .sample = "https://csirt.sakura.example/key.asc", .help = "Where that key is published."},

    {"intake.sources", .at = AT(intake.sources), .flags = CONF_REQUIRED | CONF_FIXED, .min = 1,
        .element = &source_element, .help = "The mailboxes that are read."},
    {"intake.max_message", &conf_size, AT(intake.max_message), "50MiB", .min = 64 * 1024,
        .max = 1024 * 1024 * 1024, .flags = CONF_FIXED,
        .help = "The largest mail that is taken; a larger one stays in its mailbox, and status "
                "says so."},
    {"intake.rescan", &conf_span, AT(intake.rescan), "1m", .min = 1, .max = DAY,
        .flags = CONF_FIXED,
        .help =
            "How often a mailbox is read again, in case the system said nothing about a new mail."},
    {"intake.authserv_id", &conf_domain, AT(intake.authserv_id), "", .sample = "mx.sakura.example",
        .help = "The name under which your own mail server writes Authentication-Results; others "
                "are not believed. The server must take out what strangers have written under its "
                "name (RFC 8601 section 5)."},

    {"tickets.tag", &conf_tag, AT(tickets.tag), .sample = "SAKURA",
        .derived = "the letters and digits at the beginning of team.name", .derive = derive_tag,
        .help = "What stands before a number: SAKURA#2026-0042-K7."},
    {"tickets.foreign", .at = AT(tickets.foreign), .flags = CONF_FIXED,
        .element = &conf_foreign_element,
        .help = "How other teams write their numbers, beside those that mado knows; they are "
                "looked for in mail, and stand in the subject of what is sent to that team."},
    {"tickets.reopen_for", &conf_span, AT(tickets.reopen_for), "90d", .max = 3650 * DAY,
        .help = "How long after it was closed an incident is opened again by mail of its "
                "correspondents; later mail opens a new one, related to it."},

    {"report.forms", .at = AT(report.forms), .flags = CONF_FIXED, .element = &conf_form_element,
        .help = "Forms that people fill in and send to you, beside those that mado knows; what "
                "stands in one is shown with the mail."},

    {"handling.default_in", &conf_label, AT(handling.default_in), "TLP:AMBER", .words = LABELS,
        .help = "The label of a report that names none."},

    {"gate.unverified", &conf_label, AT(gate.unverified), "TLP:GREEN", .words = LABELS,
        .help = "The strictest label that people may write to a contact whom nobody has verified."},
    {"gate.clear", &conf_label, AT(gate.clear), "TLP:AMBER",
        .words = "TLP:AMBER+STRICT TLP:AMBER TLP:GREEN",
        .help =
            "The strictest label that may go unsealed to somebody without a key; whoever writes "
            "it confirms that, if it is stricter than TLP:GREEN. TLP:RED never does."},
    {"gate.red", &conf_integer, AT(gate.red), "1", .min = 1, .max = 2, .unit = "persons",
        .help = "How many others approve a letter that is TLP:RED, beside who has written it."},
    {"gate.approve", &conf_choice, AT(gate.approve), "", .words = PURPOSES, .flags = CONF_LIST,
        .sample = "coord notify", .help = "The purposes of letters that another person approves."},
    {"gate.approve_twice", &conf_choice, AT(gate.approve_twice), "", .words = PURPOSES,
        .flags = CONF_LIST, .sample = "share",
        .help = "The purposes of letters that two others approve."},

    {"coordination.reply_within", &conf_worktime, AT(coordination.reply_within), "3d",
        .help = "By when whoever is asked for something is asked to answer, in business time, "
                "unless --reply-by says otherwise."},
    {"coordination.reminders", &conf_worktime, AT(coordination.reminders), "1h 3d 5d",
        .flags = CONF_LIST,
        .help = "When they are reminded, in business time: the first so long after the day by "
                "which they were asked to answer, each further one so long after the one before. "
                "When as long as the last of these is over once more, they have not answered, and "
                "operators are told."},
    {"figures.first_month", &conf_integer, AT(figures.first_month), "4", .min = 1, .max = 12,
        .help = "The month in which a fiscal year begins, for quarters, halves and years of "
                "reports."},
    {"reports", .at = AT(reports), .element = &conf_report_element,
        .help = "The reports that go out by themselves."},
    {"contacts.review", &conf_span, AT(contacts.review), "365d", .max = 3650 * DAY,
        .help = "How long after somebody made sure of it a contact is asked by mail whether what "
                "you hold of it is right; \"0s\": never by its age. Only contacts with a relation "
                "are asked, in business time, and 30 days before their key ends."},
    {"contacts.review_on", &conf_year_day, AT(contacts.review_on), "", .flags = CONF_LIST,
        .sample = "04-01 10-01",
        .help = "Days of each year on which all of them are asked, such as those on which people "
                "take up other work."},
    {"contacts.reply_within", &conf_worktime, AT(contacts.reply_within), "10d",
        .help = "By when they are asked to answer, in business time; then operators are told that "
                "they have not."},
    {"contacts.daily", &conf_integer, AT(contacts.daily), "20", .min = 1, .max = 10000,
        .unit = "a day", .help = "How many are asked in one day; the others on the next."},
    {"escalation", .at = AT(escalation), .element = &conf_escalation_element,
        .help = "Who is told by madoctl escalate, each kind once."},

    {"targets.rules", .at = AT(targets.rules), .element = &conf_target_element,
        .derived = "those of mado.conf.full",
        .help = "By when something is to have happened to an incident: the first rule counts that "
                "names its kind, and fits its severity and category. What none of yours names is "
                "as usual; \"none\" has no target. A rule counts for what begins from then on."},
    {"targets.soon", &conf_worktime, AT(targets.soon), "1h",
        .help = "How long before it is due operators are told that a target is not met yet, but "
                "behind three quarters of its time at the earliest; \"none\": they are told when "
                "it is late."},
    {"targets.late", &conf_worktime, AT(targets.late), "1d 2d", .flags = CONF_LIST,
        .help = "When they are told again that it is late, in business time: each so long after "
                "the word before."},
    {"targets.remind", &conf_worktime, AT(targets.remind), "5d 10d", .flags = CONF_LIST,
        .help = "When reporters for whose answer an incident waits are reminded, in business time: "
                "the first so long after we have asked, each further one so long after the one "
                "before. When as long as the last of these is over once more, they have not "
                "answered, and operators are told. Empty: they are never reminded."},
    {"legal", .at = AT(legal), .element = &conf_legal_element,
        .help = "Dates that authorities set, as reminders: whether one applies is for Legal to "
                "decide."},

    {"categories", .at = AT(categories), .element = &conf_category_element,
        .derived = "those of mado.conf.full",
        .help =
            "The kinds of incidents; whoever writes them writes all of them, \"other\" too. The "
            "more telling stand first: a mail goes to the first of which a word is in its "
            "subject, else in its text, unless a rule or the report itself says what it is."},
    {"rules", .at = AT(rules), .element = &conf_rule_element,
        .help = "What is made of mail by its sender, words and so on: see RULES."},

    {"duplicates.within", &conf_span, AT(duplicates.within), "1d", .min = 0, .max = 30 * DAY,
        .help = "How long after a report the same one of somebody else (equal text, links, hashes "
                "and files) becomes a part of its incident, as long as nobody has finished that; "
                "\"0s\": never. Each reporter is acknowledged."},

    {"indicators.own", &conf_indicator, AT(indicators.own), "", .flags = CONF_LIST,
        .sample = "203.0.113.0/24 sakura.example",
        .help = "What is yours and therefore no indicator: addresses, networks, names (with all "
                "below them) and mail addresses. What a report says of them stands in its text."},
    {"indicators.documentation", &conf_choice, AT(indicators.documentation), "no",
        .words = "no yes",
        .help = "Whether addresses and names that are kept for examples (RFC 5737, 3849, 5398 and "
                "2606) are taken for indicators."},
    {"indicators.reporter", &conf_choice, AT(indicators.reporter), "no", .words = "no yes",
        .help = "Whether the addresses of who writes, and the domain of their From, are taken for "
                "indicators: every mail has those."},

    {"acknowledge.mode", &conf_choice, AT(acknowledge.mode), "auto", .words = "auto hold off",
        .help = "Whether reports are acknowledged: at once, when a person has let each letter go "
                "(madoctl hold), or not at all."},
    {"acknowledge.never_to", &conf_pattern, AT(acknowledge.never_to),
        "mailer-daemon@ postmaster@ noreply@ no-reply@", .flags = CONF_LIST,
        .help = "Who is never answered: addresses, \"localpart@\" or \"@domain\"."},
    {"acknowledge.per_address_daily", &conf_integer, AT(acknowledge.per_address_daily), "10",
        .max = 10000, .unit = "a day",
        .help = "How many new incidents of one address are acknowledged."},
    {"acknowledge.per_ticket_daily", &conf_integer, AT(acknowledge.per_ticket_daily), "1",
        .max = 100, .unit = "a day",
        .help = "How many further mails on one incident are acknowledged."},
    {"acknowledge.per_domain_hourly", &conf_integer, AT(acknowledge.per_domain_hourly), "20",
        .max = 10000, .unit = "an hour", .help = "How many acknowledgements go to one domain."},
    {"acknowledge.hourly", &conf_integer, AT(acknowledge.hourly), "200", .max = 100000,
        .unit = "an hour",
        .help = "How many acknowledgements go out in all; beyond it none does, and operators are "
                "told."},

    {"hours.days", &conf_days, AT(hours.days), "mon-fri",
        .help = "The days on which the team is at work."},
    {"hours.from", &conf_time, AT(hours.from), "09:00",
        .help = "When a day of business begins, in the time zone of the team."},
    {"hours.to", &conf_time, AT(hours.to), "17:00",
        .help = "When it ends. For a team that is always there: \"mon-sun\", \"00:00\" and "
                "\"24:00\", without holidays."},
    {"hours.holidays", &conf_file, AT(hours.holidays), "",
        .sample = "/usr/share/mado/holidays-jp.csv",
        .help = "The list of public holidays, in UTF-8 or Shift_JIS: lines with a date, such as "
                "2026/1/1 or 2026-01-01, and a name, as the Cabinet Office of Japan publishes "
                "them. It is read at the start and on a reload; doctor says when it ends."},
    {"hours.closed", &conf_closing, AT(hours.closed), "", .flags = CONF_LIST,
        .sample = "12-29..01-03 2026-08-13",
        .help = "Other days on which the team is not there: of each year, or of one."},
    {"hours.first_reply", &conf_worktime, AT(hours.first_reply), "1d",
        .help =
            "Within what business time a person answers; acknowledgements tell by when that "
            "is. One day is as long as one of business. A category may have a time of its own."},

    {"notices.to", &conf_address, AT(notices.to), "", .sample = "duty@sakura.example",
        .help = "Where operators are told of new incidents and of alarms; never an address that "
                "mado itself reads."},
    {"notices.bundle", &conf_span, AT(notices.bundle), "1m", .max = DAY,
        .help = "How long further notices wait to go in one mail."},
    {"notices.take_within", &conf_span, AT(notices.take_within), "30m", .min = 0, .max = 7 * DAY,
        .help = "How long what is new may wait to be taken before the deputy of who is on duty is "
                "told, too (see DUTY); 0: for ever."},
    {"notices.trouble_after", &conf_span, AT(notices.trouble_after), "15m", .min = 1, .max = DAY,
        .help = "How long a mailbox or the relay may be out of reach before operators are told."},

    {"duty.day", &conf_account, AT(duty.day), "", .flags = CONF_LIST, .sample = "tanaka",
        .help = "Who is on duty in office hours: users of operators, each for a week. Notices go "
                "to who is on duty: see DUTY."},
    {"duty.night", &conf_account, AT(duty.night), "", .flags = CONF_LIST, .sample = "tanaka",
        .help = "Likewise behind office hours."},
    {"duty.holiday", &conf_account, AT(duty.holiday), "", .flags = CONF_LIST, .sample = "tanaka",
        .help = "Likewise on days without office hours; empty: as at night."},
    {"duty.deputy", &conf_account, AT(duty.deputy), "", .sample = "tanaka",
        .help =
            "Who stands in for a person who has a kind of shift alone; else the next one does."},
    {"duty.handover", &conf_choice, AT(duty.handover), "yes", .words = "yes no",
        .help = "Whether who is on duty stays so until the next one accepts (madoctl duty accept), "
                "or the clock alone says who it is."},

    {"hooks.folder", &conf_folder, AT(hooks.folder), "", .sample = "/etc/mado/hooks.d",
        .flags = CONF_FIXED,
        .help = "The programs in this folder are run when an incident is new or has another state, "
                "and when an alarm begins or is over; see madod(8)."},
    {"hooks.time", &conf_span, AT(hooks.time), "10s", .min = 1, .max = 60, .flags = CONF_FIXED,
        .help = "How long each of them may take; then it is ended."},
    {"hooks.tell", &conf_choice, AT(hooks.tell), "", .words = "category handler team subject",
        .flags = CONF_LIST, .sample = "category subject",
        .help =
            "What they are told beside number, state, severity and label, as far as the label "
            "lets it go: of TLP:AMBER no subject, of TLP:AMBER+STRICT none of these, of TLP:RED "
            "and of what is restricted the number alone."},

    {"daemon.state", &conf_new_folder, AT(daemon.state), "/var/lib/mado", .flags = CONF_FIXED,
        .help = "The folder of the store."},
    {"daemon.run", &conf_new_folder, AT(daemon.run), "/run/mado", .flags = CONF_FIXED, .max = 80,
        .help = "The folder of the sockets; a socket's name must be short."},
    {"daemon.templates", &conf_folder, AT(daemon.templates), MADO_CONFDIR "/templates",
        .sample = "/etc/mado/templates",
        .derived = "the folder templates beside the installed mado.conf",
        .help = "The folder of the texts that are sent."},
    {"daemon.operator_group", &conf_account, AT(daemon.operator_group), "mado-operators",
        .flags = CONF_FIXED, .help = "The group whose members may talk to the daemon."},
    {"daemon.deliver_group", &conf_account, AT(daemon.deliver_group), "mado-deliver",
        .flags = CONF_FIXED,
        .help = "The group whose members (the mail server) may hand over mail."},
    {"daemon.readers", &conf_integer, AT(daemon.readers), "2", .min = 1, .max = 32,
        .unit = "processes", .flags = CONF_FIXED,
        .help = "How many mails are read side by side; one for each processor is enough."},
    {"daemon.reader_memory", &conf_size, AT(daemon.reader_memory), "512MiB", .min = 64 << 20,
        .max = G_GINT64_CONSTANT(16) << 30, .flags = CONF_FIXED,
        .help = "The memory that reading one mail may take; a mail that needs more is set aside."},
    {"daemon.reader_time", &conf_span, AT(daemon.reader_time), "20s", .min = 1, .max = 600,
        .flags = CONF_FIXED, .help = "The processor time that reading one mail may take."},
    {"daemon.patience", &conf_span, AT(daemon.patience), "90s", .min = 1, .max = 3600,
        .flags = CONF_FIXED,
        .help = "How long a part of the daemon may be silent before it is started again."},

    {"outgoing.transport", &conf_choice, AT(outgoing.transport), "maildir", .words = "maildir smtp",
        .flags = CONF_FIXED,
        .help = "How mail leaves: by the relay named below, or into a Maildir (for trying out)."},
    {"outgoing.path", &conf_new_folder, AT(outgoing.path), .flags = CONF_FIXED,
        .sample = "/var/lib/mado/outgoing", .derived = "the folder outgoing in daemon.state",
        .derive = derive_outgoing_path,
        .help = "The Maildir into which outgoing mail is written, for the transport \"maildir\"."},
    SERVER_ROWS("outgoing.", AT(outgoing.server), CONF_FIXED, "relay.sakura.example", "465",
        derive_outgoing_port, N_("465 (tls) or 587")),
    {"outgoing.bounces", &conf_address, AT(outgoing.bounces), "",
        .sample = "csirt-bounce@sakura.example",
        .help = "An address of yours, beside those of team, to which bounces come: a source of the "
                "type \"lmtp\" takes mail for it. What mado itself writes has an empty envelope "
                "sender."},
    {"outgoing.give_up", &conf_span, AT(outgoing.give_up), "5d", .min = 60, .max = 30 * DAY,
        .help = "How long a letter that the relay puts off is tried; while nobody can try, because "
                "mado or the relay is away, that time does not run."},
    {"outgoing.undo", &conf_span, AT(outgoing.undo), "60s", .min = 0, .max = 60 * 60,
        .help = "How long a letter that a person has sent waits, so that it can be taken back: "
                "madoctl hold undo."},

    {"keys.home", &conf_new_folder, AT(keys.home), .flags = CONF_FIXED, .max = 80,
        .sample = "/var/lib/mado-keys", .derived = "daemon.state with -keys behind it",
        .derive = derive_keys_home,
        .help = "The folder of the keys, for gpg alone; sockets are made there, so its name must "
                "be short."},
    {"keys.passphrase_file", &conf_file, AT(keys.passphrase_file), "", .flags = CONF_FIXED,
        .sample = "/etc/mado/key-passphrase",
        .help = "A file of one line: the passphrase of our private keys. Without one they have "
                "none."},
    {"keys.passphrase_credential", &conf_account, AT(keys.passphrase_credential), "",
        .flags = CONF_FIXED, .sample = "key-passphrase",
        .help = "The same as a systemd credential: its name."},
    {"keys.workers", &conf_integer, AT(keys.workers), "2", .min = 1, .max = 16, .unit = "processes",
        .flags = CONF_FIXED,
        .help = "How many operations of gpg run side by side; one for each processor is enough."},
    {"keys.patience", &conf_span, AT(keys.patience), "30s", .min = 2, .max = 60,
        .flags = CONF_FIXED,
        .help = "How long one operation of gpg may take; then gpg is ended, and it is tried "
                "again."},
    {"keys.hourly", &conf_integer, AT(keys.hourly), "20000", .min = 1, .max = 100000000,
        .unit = "an hour", .flags = CONF_FIXED,
        .help = "How many operations may use a private key; what is beyond waits for the next "
                "hour."},

    {"backup.folder", &conf_new_folder, AT(backup.folder), "", .sample = "/var/backups/mado",
        .flags = CONF_FIXED,
        .help = "The folder into which a sealed copy of the store is written each day, best on "
                "another disk. Empty: none is made by itself."},
    {"backup.at", &conf_time, AT(backup.at), "03:00",
        .help = "When, in the time zone of the team."},
    {"backup.keep", &conf_integer, AT(backup.keep), "14", .min = 1, .max = 10000, .unit = "copies",
        .help = "How many of them are kept there; older ones are removed."},
    {"audit.folder", &conf_new_folder, AT(audit.folder), "", .sample = "/var/backups/mado-audit",
        .flags = CONF_FIXED,
        .help = "The folder into which the journal is written each day, sealed and signed; best "
                "where the user of mado cannot remove it. Empty: it is not."},

    {"retention.auto", &conf_choice, AT(retention.automatic), "no", .words = "yes no",
        .help = "Is that purged each day by itself? Else only by madoctl purge."},
    {"retention.closed", &conf_span, AT(retention.closed), "1825d",
        .max = G_GINT64_CONSTANT(36500) * DAY,
        .help = "How long after it was closed or rejected all that an incident says is kept. Zero, "
                "here and below: for ever."},
    {"retention.spam", &conf_span, AT(retention.spam), "30d", .max = G_GINT64_CONSTANT(36500) * DAY,
        .help = "How long mail is kept that a person called spam."},
    {"retention.unreadable", &conf_span, AT(retention.unreadable), "14d",
        .max = G_GINT64_CONSTANT(36500) * DAY,
        .help = "How long mail is kept that could not be opened or read, once its incident is "
                "closed."},
    {"retention.feed", &conf_span, AT(retention.feed), "365d",
        .max = G_GINT64_CONSTANT(36500) * DAY, .help = "How long mail of a feed is kept."},
    {"retention.bounce", &conf_span, AT(retention.bounce), "365d",
        .max = G_GINT64_CONSTANT(36500) * DAY, .help = "How long bounces are kept."},
    {"retention.machine", &conf_span, AT(retention.machine), "90d",
        .max = G_GINT64_CONSTANT(36500) * DAY, .help = "How long other mail of machines is kept."},

    {"operators", .at = AT(operators), .element = &conf_member_element,
        .help = "The people who work with mado, each with a role."},
    {0},
};
