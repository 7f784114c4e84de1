/* The configuration, checked: what lib/conf fills from one table and everybody else only reads. */
#pragma once
#include <glib.h>

/* A mail server that we connect to, and how we know it and it knows us. */
struct server {
    char *host; /* "": none */
    gint64 port;
    char *tls;                 /* "tls" from the first byte, "starttls", "none" (loopback only) */
    char *ca_file;             /* whose certificates are believed */
    char *fingerprint;         /* SHA-256 of the one certificate that is believed; "": by ca_file */
    char *user;                /* "": no login */
    char *auth;                /* "plain", "login", "xoauth2", "oauthbearer" */
    char *password_file;       /* "" if it is not in a file */
    char *password_credential; /* name of a systemd credential, or "" */
    char **token_command;      /* prints an OAuth2 token; empty if there is none */
    gint64 timeout;            /* seconds for one answer; SMTP's phases are multiples of it */
};

struct source {
    char *name;   /* unique; how `status` and the log call it */
    char *type;   /* "maildir", "imap", "pop3", "lmtp" */
    char *path;   /* of the Maildir, or of the LMTP socket; "" if there is none */
    char *listen; /* "127.0.0.1:2424" of LMTP, or "" */
    struct server server;
    char **folders; /* of IMAP */
    char *after; /* what is done with a mail that was taken: "keyword", "move", "delete", "leave" */
    char *move_to; /* folder of IMAP */
    gint64 idle;   /* seconds that one IDLE of IMAP lasts */
};

struct member {
    char *user; /* of this host */
    char *name;
    char *role;       /* "viewer", "night", "handler", "commander", "admin" */
    char **addresses; /* of their own mail; empty if none is known */
};

struct category {
    char *id; /* "phishing" */
    char *ja, *en;
    char *rsit;        /* what it is called in RSIT: "fraud/phishing" */
    char **takes;      /* classes of RSIT, or whole predicates, that reports of programs name */
    char *severity;    /* "critical", "high", "medium", "low" */
    char *first_reply; /* as hours.first_reply, which "" means */
    char *incident;    /* "yes": figures count it as one */
    char **words;      /* that propose it, in lower case and NFKC */
};

/* What a mail must be for a rule: any word of a list, and all lists that are not empty. */
struct rule_tests {
    char **from, **to, **subject, **text, **header, **format, **signed_by, **language, **label,
        **indicator, **machine;
};

/* What it is made then; "" leaves it open. */
struct rule_sets {
    char *category, *severity, *handler, *team, *label, *template, *ledger, *escalation, *note;
};

struct rule {
    char *name;
    struct rule_tests tests;
    struct rule_sets sets;
    char *last; /* "yes": no rule behind it is looked at */
};

/* How another team writes its numbers. */
struct foreign {
    char *authority;
    char *shape; /* "ACME-000000": see lib/report/ticket.c */
};

/* Whom "escalate --to" means, and when they are told by rule. */
struct escalation_rule {
    char *to;           /* "management", "pr", "legal", "commander" */
    char **who;         /* names of contacts, or users of operators */
    char **when;        /* any of them holds: see lib/base/when.h; empty: never by rule */
    gint64 within;      /* seconds in which a person may do it, before mado does */
    gint64 read_within; /* seconds in which one of them reads it; 0: nobody waits for that */
    char **up;          /* who is told as well while nobody does, one after the other */
    char *template;     /* "escalate-rule" */
};

/* By when something is to happen to incidents of some kinds. */
struct target_rule {
    char *kind;                  /* "triage": see <mado/target.h> */
    char **severity, **category; /* whose; empty: all */
    char *within;                /* "4h", "1d"; "none" */
    char *time;                  /* "business", "24x7" */
};

/* A date that only lawyers can decide about. */
struct legal_rule {
    char *name;
    char **severity, **category, **label; /* whose; empty: all */
    gint64 within;                        /* seconds behind when we knew */
    char *text;                           /* what it is about */
    char **tell;                          /* addresses of our own people */
};

/* Figures that go out by the calendar. */
struct scheduled_report {
    char *name; /* unique */
    char *kind; /* "monthly", "commander", ... */
    char *audience;
    char **to, **formats; /* "html", "csv", ...; what goes with the letter */
    char *language;       /* "": the first of the team's */
    char *label;          /* "": by the audience */
    char *at;             /* "09:00" */
    char *in_clear;       /* "yes": it may go so to who has no key */
};

/* A form that people fill in. */
struct form_described {
    char *name;
    char *sign;    /* the line above its fields */
    char **fields; /* "label = field": see lib/report/form-known.c */
};

struct settings {
    struct {
        char *name;
        char *name_ja;  /* the name again where none is given */
        char *address;  /* the published mailbox */
        char **aliases; /* other addresses of ours */
        char *phone;
        char *emergency; /* telephone at night; "" if there is none */
        char *timezone;
        char **languages;      /* the first is the default */
        char *key_fingerprint; /* told in acknowledgements; "" if there is none */
        char *key_url;
    } team;
    struct {
        GPtrArray *sources; /* struct source */
        gint64 max_message; /* bytes */
        gint64 rescan;      /* seconds */
        char *authserv_id;  /* whose Authentication-Results are ours; "" for nobody's */
    } intake;
    struct {
        char *tag;          /* "SAKURA" in SAKURA#2026-0042-K7 */
        GPtrArray *foreign; /* struct foreign */
        gint64 reopen_for;  /* seconds in which mail opens a closed incident again */
    } tickets;
    struct {
        GPtrArray *forms; /* struct form_described */
    } report;
    struct {
        char *default_in; /* the label of a report that names none */
    } handling;
    struct {
        char *unverified; /* the strictest label that goes to who is not verified */
        char *clear;      /* the strictest that goes in clear, when its writer confirms that */
        gint64 red;       /* how many others approve what is TLP:RED */
        char **approve, **approve_twice; /* purposes of letters */
    } gate;
    struct {
        char *reply_within; /* "3d" of business time; "none" */
        char **reminders;   /* likewise: each so long behind the one before */
    } coordination;
    struct {
        gint64 first_month; /* of a fiscal year */
    } figures;
    GPtrArray *reports; /* struct scheduled_report */
    struct {
        gint64 review;    /* seconds behind which a contact is asked again; 0: by the dates alone */
        char **review_on; /* "04-01" */
        char *reply_within; /* of business time */
        gint64 daily;       /* how many are asked in one day */
    } contacts;
    GPtrArray *escalation; /* struct escalation_rule */
    struct {
        GPtrArray *rules; /* struct target_rule; the first that fits counts */
        char *soon;       /* so long before, operators are told; "none" */
        char **late;      /* when they are told again: each so long behind the word before */
        char **remind;    /* likewise, reporters for whom an incident waits */
    } targets;
    GPtrArray *legal;      /* struct legal_rule */
    GPtrArray *categories; /* struct category; the more telling come first */
    GPtrArray *rules;      /* struct rule */
    struct {
        gint64 within; /* seconds in which the same report is one incident; 0: never */
    } duplicates;
    struct {
        char **own;          /* addresses, networks, names and mail addresses of ours */
        char *documentation; /* "yes": those kept for examples are indicators, too */
        char *reporter;      /* "yes": so are the reporter's own addresses and domain */
    } indicators;
    struct {
        char *mode;      /* "auto", "hold" or "off" */
        char **never_to; /* addresses, or "@domain", or "localpart@" */
        gint64 per_address_daily;
        gint64 per_ticket_daily;
        gint64 per_domain_hourly;
        gint64 hourly;
    } acknowledge;
    struct {
        char *days;        /* "mon-fri", "mon,wed,fri" */
        char *from, *to;   /* "09:00", "24:00" */
        char *holidays;    /* the file of them; "" for none */
        char **closed;     /* "12-29..01-03", "08-13", "2026-08-13" */
        char *first_reply; /* "1d", "4h", "30m" of business time; "none" */
    } hours;
    struct {
        char *to;             /* where operators are told; "" for nowhere */
        gint64 bundle;        /* seconds in which further notices wait for one mail */
        gint64 take_within;   /* seconds in which somebody takes what is new; 0: for ever */
        gint64 trouble_after; /* seconds after which a source or relay that is down is an alarm */
    } notices;
    struct {
        char **day, **night,
            **holiday;  /* users of operators, in the order in which they have a week */
        char *deputy;   /* likewise; "": nobody */
        char *handover; /* "yes": who has it keeps it until the other accepts */
    } duty;
    struct {
        char *folder; /* of the programs; "": there are none */
        gint64 time;  /* seconds that each of them may take */
        char **tell;  /* what they are told beside number, state, severity and label */
    } hooks;
    struct {
        char *transport; /* "maildir", "smtp" */
        char *path;
        struct server server;
        char *bounces;  /* envelope sender of what a person writes; "": the address with a token */
        gint64 give_up; /* seconds after which a letter that is put off has failed */
        gint64 undo;    /* seconds in which a person's letter may be taken back */
    } outgoing;
    GPtrArray *operators; /* struct member */
    struct {
        char *home;                  /* GNUPGHOME; of the keys role alone */
        char *passphrase_file;       /* of our private keys; "" if it is not in a file */
        char *passphrase_credential; /* name of a systemd credential, or "" */
        gint64 workers;              /* how many operations of gpg run side by side */
        gint64 patience;             /* seconds that one of them may take */
        gint64 hourly;               /* operations with a private key, at most */
    } keys;
    struct {
        char *folder; /* "": no copy is made by itself */
        char *at;     /* "03:00" */
        gint64 keep;  /* copies */
    } backup;
    struct {
        char *folder; /* of the exports of the journal; "": none is made by itself */
    } audit;
    struct {
        char *automatic; /* "yes": purged each day by itself */
        gint64 closed, spam, unreadable, feed, bounce, machine; /* seconds; 0: for ever */
    } retention;
    struct {
        char *state; /* folder of the store */
        char *run;   /* folder of the sockets */
        char *templates;
        char *operator_group;
        char *deliver_group;
        gint64 readers;       /* how many readers work side by side */
        gint64 patience;      /* seconds in which a role must answer */
        gint64 reader_memory; /* bytes that reading one mail may take */
        gint64 reader_time;   /* seconds of processor time, likewise */
    } daemon;
};
