/* Every limit of design, in one place. What lies beyond one is kept, said and passed over; nothing
 * is lost. Each has a test. */
#pragma once

#define LIMIT_MAIL_BYTES (50 * 1024 * 1024) /* default of intake.max_message */
#define LIMIT_PARTS 1000
#define LIMIT_NESTING 50
#define LIMIT_HEADER_FIELDS 1000
#define LIMIT_HEADER_BYTES (1024 * 1024) /* of one header block in all */
#define LIMIT_HEADER_FIELD_BYTES (64 * 1024)
#define LIMIT_RECIPIENTS 500
#define LIMIT_PARAMETERS 100
#define LIMIT_TEXT_BYTES (4 * 1024 * 1024) /* of the text handed over; the raw mail has all */
#define LIMIT_RULE_TEXT (1024 * 1024)      /* in which a rule looks for words */
#define LIMIT_TEXT_INDEXED (1024 * 1024)
#define LIMIT_LOG_LINES_PER_MAIL 5
#define LIMIT_PROBLEMS 50
#define LIMIT_REFERENCES 100
#define LIMIT_BOUNCES 100 /* recipients of one bounce */
#define LIMIT_RETURNED_IDS 20
#define LIMIT_SOURCES 31
#define LIMIT_CLOCK_DAYS (20 * 366) /* how far ahead business time is looked for */

#define LIMIT_READER_MEMORY (512 * 1024 * 1024)
#define LIMIT_READER_CPU_SECONDS 20
#define LIMIT_READER_WALL_SECONDS 60
#define LIMIT_READER_DEATHS 3
#define LIMIT_READ_ATTEMPTS 20 /* a mail that takes the whole daemon down is not tried for ever */
#define LIMIT_FACTS_BYTES (160 * 1024 * 1024) /* a ciphertext is handed over with them */

#define LIMIT_LAYERS 2         /* of encryption and signatures, one in the other */
#define LIMIT_SESSION_KEYS 500 /* to which one mail is encrypted: gpg looks at each */
#define LIMIT_SESSION_KEY_BYTES (1024 * 1024) /* all of them */
#define LIMIT_PLAINTEXT_BYTES (100 * 1024 * 1024)
#define LIMIT_SIGNATURES 20                 /* of one layer */
#define LIMIT_SIGNATURE_BYTES (1024 * 1024) /* detached, of one layer */
#define LIMIT_OFFERS 4                      /* keys that come with one mail */
#define LIMIT_OFFER_BYTES (64 * 1024)
#define LIMIT_OFFERS_OF_ONE 10 /* sender's mails a day, to be looked at */
#define LIMIT_OFFERS_OF_ALL 200
#define LIMIT_OFFERED_KEYS 2000 /* kept of what came with mail; the oldest go first */
#define LIMIT_OFFERED_DAYS 180
#define LIMIT_KEY_FILE_BYTES (1024 * 1024)  /* that an operator imports */
#define LIMIT_KEY_CPU_SECONDS 10            /* to look at it */
#define LIMIT_JOB_TRIES 6                   /* of the keys role, each in a new worker */
#define LIMIT_KEYS 20000                    /* in our home */
#define LIMIT_TAINT_RUN 20                  /* characters that are no coincidence any more */
#define LIMIT_JOB_BYTES (110 * 1024 * 1024) /* argument and result of a job of the keys role */
/* Of the path of our home; a socket's may be 108, and below stands "/t-XXXXXX/S.gpg-agent.browser".
 */
#define LIMIT_KEYS_HOME_PATH 77

#define LIMIT_IPC_INLINE (64 * 1024) /* a longer payload travels as a sealed memory file */
#define LIMIT_IPC_FDS 1
#define LIMIT_CONTROL_REQUEST (64 * 1024)
#define LIMIT_CONTROL_MUCH                                                                         \
    (2 * 1024 * 1024) /* of one that brings a file, from a handler or above */

/* Of files that go out with a letter. */
#define LIMIT_ENCLOSURES 20
#define LIMIT_ENCLOSURE_BYTES (10 * 1024 * 1024)
#define LIMIT_ENCLOSURES_BYTES (20 * 1024 * 1024) /* of one letter */
#define LIMIT_UPLOADS_BYTES (128 * 1024 * 1024)   /* that wait for their letters */

#define LIMIT_LINE_BYTES (64 * 1024) /* of a mail server's answer */
#define LIMIT_SECRET_BYTES (16 * 1024)
#define LIMIT_DIAL_SECONDS 40
#define LIMIT_DIAL_ADDRESS_SECONDS 15
#define LIMIT_HOOK_SECONDS 30
#define LIMIT_HOOK_PROGRAMS 16          /* in hooks.folder */
#define LIMIT_HOOK_OUTPUT (1024 * 1024) /* of one of them; then it is ended */
#define LIMIT_HOOK_MEMORY (1024 * 1024 * 1024)
#define LIMIT_HOOK_EVENT 16384  /* bytes of what they are told */
#define LIMIT_HOOK_WAITING 1000 /* events; then the oldest are forgotten */
#define LIMIT_HOOK_TRIES 3      /* of an event that ends the hook */
#define LIMIT_UIDS 1000000      /* mails in one mailbox */

#define LIMIT_LMTP_CLIENTS 64
#define LIMIT_LMTP_COMMAND_BYTES 2048
#define LIMIT_LMTP_ERRORS 20                  /* of one client */
#define LIMIT_LMTP_MEMORY (256 * 1024 * 1024) /* bytes of mail in hand */
/* Of the disk of the store: with less than so much free, or than so much of a hundred, no mail is
 * taken; with less than the reserve nothing is written. */
#define LIMIT_ROOM_BYTES (64 * 1024 * 1024)
#define LIMIT_ROOM_PERCENT 5
#define LIMIT_ROOM_RESERVE (8 * 1024 * 1024)

/* Of what is found in one mail. */
#define LIMIT_INDICATORS 10000
#define LIMIT_SIGHTINGS 10000
#define LIMIT_REPORT_FIELDS 500
#define LIMIT_MARKINGS 100
#define LIMIT_TICKET_REFS 50
#define LIMIT_REPORT_FORMATS 20
#define LIMIT_FOUND_BYTES 2048     /* of one string of it */
#define LIMIT_REPORT_VALUES 200000 /* of a JSON or XML document */
#define LIMIT_REPORT_DEPTH 50
#define LIMIT_REPORT_LINES 1000              /* of a report that is names and values */
#define LIMIT_SAVED_BYTES (64 * 1024 * 1024) /* of a file that an operator saves */
#define LIMIT_PART_BYTES (10 * 1024 * 1024)  /* of a file that is looked at for it */
#define LIMIT_PARTS_BYTES (32 * 1024 * 1024) /* of all of them */
/* Of a spreadsheet that an operator imports. */
#define LIMIT_SHEET_BYTES (32 * 1024 * 1024)
#define LIMIT_SHEET_LINES 20000
#define LIMIT_SHEET_COLUMNS 200
#define LIMIT_SHEET_CELL (64 * 1024)
#define LIMIT_SHEET_ROWS 10000 /* incidents of one import: they are one change of the store */
#define LIMIT_CONTROL_IMPORT (32 * 1024 * 1024) /* the request that brings them, from an admin */
