/* What several commands take and tell: for the table of command.c. */
#pragma once

#define CONTACT_FIELDS                                                                             \
    "contact name kind organisation addresses language seal relation clearance charset numbers "   \
    "capability day night deputies members note verified known_since known_age "                   \
    "review created changed"
#define GOAL_FIELDS "goal measure severity category limit value period count all state by"
#define NAMED_FIELDS "ticket contact name by reason at"
#define TICKET_FIELDS                                                                              \
    "ticket severity state age_seconds category category_by handler team tlp subject reporter "    \
    "due target waits_for embargo_until merged_into kept purged received updated closed result"
#define KEY_FIELDS                                                                                 \
    "fingerprint short type place state contact user_ids addresses algorithm created expires "     \
    "days_left revoked can_sign can_encrypt origin came pinned"
#define LETTER_FIELDS                                                                              \
    "id kind state to subject ticket mail created age_seconds next_try attempts reply"
#define FINGERPRINT "0123456789ABCDEF0123456789ABCDEF01234567"

/* Of what writes a letter, and of what it tells: what would go, then the letter. */
#define WRITING                                                                                    \
    "[--to ADDRESS] [--text FILE|-] [--attach FILE]... [--language ja|en] [--in-clear] "           \
    "[--approve] [--yes] [--dry-run]"
#define DRAFT_FIELDS                                                                               \
    "draft purpose ticket to name contact verified verified_age language charset coordination "    \
    "reply_by subject text "
#define SHEET_FIELDS                                                                               \
    DRAFT_FIELDS                                                                                   \
    "label gate gate_rule gate_why sealed_to approvals confirm files checks worst masked "         \
    "weighed undo_seconds; " LETTER_FIELDS " undo_seconds changes coordination"
#define COORDINATION_FIELDS                                                                        \
    "coordination ticket name to state delivery their_number label language due reminded "         \
    "next_reminder opened_by opened age_seconds changed reporter_shown result"
#define SHIFT_FIELDS "day shift begins ends user user_name deputy deputy_name by_order"
#define ESCALATION_FIELDS                                                                          \
    "ticket target state since told rounds read next letters conditions holds condition "          \
    "holds_from"
#define HANDOVER_FIELDS "handover state outgoing incoming since written ended ended_by text items"
#define PARTY_WRITING                                                                              \
    "[--text FILE|-] [--attach FILE]... [--language ja|en] [--label LABEL] [--in-clear] "          \
    "[--approve] [--yes] "                                                                         \
    "[--dry-run]"

/* Figures as tables, and as they were drawn. */
#define FIGURE_FIELDS "report period team label as_of figures"
#define DRAWN_FIELDS "report period label format figures content"

/* The row of a mail, in short and with all that is in it. */
#define MAIL_FIELDS                                                                                \
    "mail ticket ledger arrived age_seconds source size sha256 claims from subject date language " \
    "machine problems"
#define WHOLE_FIELDS                                                                               \
    MAIL_FIELDS " attachments keys_offered text indicators labels report crypto closed"
#define SORTED_FIELDS MAIL_FIELDS " why sorted"
