/* The configuration, checked: what lib/conf fills from one table and everybody else only reads. */
#pragma once
#include <glib.h>

struct source {
    char *name; /* unique; how `status` and the log call it */
    char *type; /* "maildir" */
    char *path;
};

struct member {
    char *user; /* of this host */
    char *name;
    char *role; /* "viewer", "handler", "commander", "admin" */
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
        char *tag; /* "SAKURA" in SAKURA#2026-0042-K7 */
    } tickets;
    struct {
        char *default_in; /* the label of a report that names none */
    } handling;
    struct {
        char *mode;      /* "auto" or "off" */
        char **never_to; /* addresses, or "@domain", or "localpart@" */
        gint64 per_address_daily;
        gint64 per_ticket_daily;
        gint64 per_domain_hourly;
        gint64 hourly;
    } acknowledge;
    struct {
        char *to;      /* where operators are told; "" for nowhere */
        gint64 bundle; /* seconds in which further notices wait for one mail */
    } notices;
    struct {
        char *transport; /* "maildir" */
        char *path;
    } outgoing;
    GPtrArray *operators; /* struct member */
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
