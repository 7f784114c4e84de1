#include "command-words.h"
#include "ctl.h"
#include <string.h>

const struct ctl_command ctl_commands[] = {
    {"status", "[--commander|--meeting]", "the contact point on one screen", CTL_VIEWER, "everyday",
        "madoctl status\nmadoctl status --commander",
        "team now zone version states mail_to_sort unreadable could_not_read waiting_mail untold "
        "outbox last_out today up_seconds last_in sources reader keys_role courier relay keys "
        "backup alarms alarms_to counted due first_due; " FIGURE_FIELDS},
    {"list", "[QUERY...] [--all]", "the latest tickets; --all: all, closed too", CTL_VIEWER,
        "everyday", "madoctl list\nmadoctl list handler:me 'sev:>=high'", TICKET_FIELDS},
    {"show", "ID [--mail]", "one ticket; --mail: its mails; ID may be mail:17", CTL_VIEWER,
        "everyday", "madoctl show 42\nmadoctl show 2026-0042-K7 --mail",
        TICKET_FIELDS
        " tag zone tlp_by restricted members targets legal links merged coordinations severity_by "
        "vulnerability reporters facets damage told references events events_left_out acknowledged "
        "deliveries indicators indicators_left_out related mails mails_left_out; " WHOLE_FIELDS},
    {"take", "ID... [--over]", "I handle these; --over: though another does", CTL_NIGHT, "everyday",
        "madoctl take 42\nmadoctl take 42 43 --over", TICKET_FIELDS " changes hints next"},
    {"set", "ID FIELD=VALUE... [--reason TEXT]", "severity, category, handler, team, label, ...",
        CTL_NIGHT, "everyday",
        "madoctl set 42 severity=high category=phishing\n"
        "madoctl set 42 label=GREEN --reason 'the reporter agrees'",
        TICKET_FIELDS " changes hints next"},
    {"note", "ID [TEXT|-] [--advice] [--decision NAME]", "a note, for operators alone", CTL_NIGHT,
        "everyday",
        "madoctl note 42 'called the owner'\nmadoctl note 42 'we tell the press' --decision Sato",
        "ticket actor at advice decision text next"},
    {"reply", "ID " WRITING " [--quote] [--show-reporter REASON]",
        "answer who wrote; first you see what would go", CTL_HANDLER, "everyday",
        "madoctl reply 42\nmadoctl reply 42 --text answer.txt --dry-run", SHEET_FIELDS},
    {"ask", "ID [QUESTION...] " WRITING, "ask the reporter for more", CTL_HANDLER, "everyday",
        "madoctl ask 42\nmadoctl ask 42 'Since when?' 'Which host?' --yes", SHEET_FIELDS},
    {"close", "ID [--result TEXT] [--notice] " WRITING,
        "a ticket is done; --notice: its reporter is told", CTL_HANDLER, "everyday",
        "madoctl close 42 --result 'the site is down'\n"
        "madoctl close 42 --result 'the site is down' --notice",
        TICKET_FIELDS " changes hints next; " SHEET_FIELDS},
    {"search", "QUERY...", "past cases, whose mails have these words", CTL_VIEWER, "everyday",
        "madoctl search 改ざん\nmadoctl search fake login since:2026-04", TICKET_FIELDS},
    {"reject", "ID --reason TEXT " WRITING, "it is no matter for us; its reporter is told why",
        CTL_HANDLER, "letters, mail and more",
        "madoctl reject 42 --reason 'it is not our network'\n"
        "madoctl reject 42 --reason 'a test of your own' --dry-run",
        SHEET_FIELDS},
    {"coord",
        "ID --to CONTACT... [--reply-by SPAN|DATE] [--request TEXT]... [--show-reporter "
        "REASON] " PARTY_WRITING,
        "ask parties outside, each under a number", CTL_HANDLER, "letters, mail and more",
        "madoctl coord 42 --to Provider --reply-by 24h\n"
        "madoctl coord 42 --to Peer --request 'Stop it' --dry-run",
        SHEET_FIELDS},
    {"coord list", "[ID] [--all]", "whom we have asked, and how that stands", CTL_VIEWER,
        "letters, mail and more", "madoctl coord list\nmadoctl coord list 42", COORDINATION_FIELDS},
    {"coord show", "NUMBER", "one of them, with its letters", CTL_VIEWER, "letters, mail and more",
        "madoctl coord show C-2026-0057\nmadoctl coord show 57", COORDINATION_FIELDS " letters"},
    {"coord remind", "NUMBER " PARTY_WRITING, "remind a party now", CTL_HANDLER,
        "letters, mail and more",
        "madoctl coord remind C-2026-0057\nmadoctl coord remind 57 --dry-run", SHEET_FIELDS},
    {"coord done", "NUMBER [--result TEXT]", "nothing more is asked of a party", CTL_HANDLER,
        "letters, mail and more",
        "madoctl coord done 57\nmadoctl coord done 57 --result 'they took it down'",
        COORDINATION_FIELDS},
    {"notify", "ID --group GROUP|--to CONTACT... [--show-reporter REASON] " PARTY_WRITING,
        "tell departments, one mail each", CTL_HANDLER, "letters, mail and more",
        "madoctl notify 42 --group 'Web owners'\n"
        "madoctl notify 42 --group 'Web owners' --text notice.txt --yes",
        SHEET_FIELDS},
    {"notify list", "ID", "who was told, and how each mail fared", CTL_VIEWER,
        "letters, mail and more", "madoctl notify list 42\nmadoctl notify list 42 --json",
        "letter purpose target name to writer state at answered_by reply"},
    {"escalate", "ID --to management|pr|legal|commander " PARTY_WRITING,
        "tell those who decide, in writing", CTL_NIGHT, "letters, mail and more",
        "madoctl escalate 42 --to management\nmadoctl escalate 42 --to legal --text legal.txt",
        SHEET_FIELDS},
    {"escalate list", "[ID]", "who was told, who has read it, and what comes next", CTL_VIEWER,
        "letters, mail and more", "madoctl escalate list\nmadoctl escalate list 42",
        ESCALATION_FIELDS},
    {"ack-escalation", "ID [--to management|pr|legal|commander] [--how TEXT]",
        "I have read it; --how: they have, and how I know", CTL_VIEWER, "letters, mail and more",
        "madoctl ack-escalation 42\nmadoctl ack-escalation 42 --to legal --how 'by telephone'",
        ESCALATION_FIELDS},
    {"share",
        "ID [--format text|csv|json|stix|misp] [--only TYPE,...] [--to CONTACT...] " PARTY_WRITING,
        "indicators for others; --to: in a letter", CTL_HANDLER, "letters, mail and more",
        "madoctl share 42 --format csv > 42.csv\nmadoctl share 42 --format stix --to Peer",
        "ticket tlp format name size sha256 indicators events came_sealed content; " SHEET_FIELDS},
    {"reopen", "ID [--reason TEXT]", "it is not done after all", CTL_HANDLER,
        "letters, mail and more",
        "madoctl reopen 42\nmadoctl reopen 42 --reason 'the site is up again'",
        TICKET_FIELDS " changes hints next"},
    {"merge", "ID TICKET [--reason TEXT]", "the first becomes a part of the second", CTL_HANDLER,
        "letters, mail and more",
        "madoctl merge 43 42\nmadoctl merge 43 42 --reason 'the same site'",
        TICKET_FIELDS " changes hints next"},
    {"merge undo", "ID [--reason TEXT]", "within a day: both are as they were", CTL_HANDLER,
        "letters, mail and more",
        "madoctl merge undo 43\nmadoctl merge undo 43 --reason 'another site'",
        TICKET_FIELDS " changes hints next"},
    {"split", "MAIL [--reason TEXT]", "a mail becomes a ticket of its own", CTL_HANDLER,
        "letters, mail and more",
        "madoctl split mail:17\nmadoctl split mail:17 --reason 'another matter'",
        TICKET_FIELDS " changes hints next"},
    {"link", "ID TICKET [--kind KIND] [--reason TEXT]", "KIND: related, duplicate, cause, effect",
        CTL_HANDLER, "letters, mail and more",
        "madoctl link 42 43\nmadoctl link 42 43 --kind cause --reason 'the same password'",
        "ticket other kind next"},
    {"link drop", "ID TICKET [--reason TEXT]", "they have nothing to do with each other",
        CTL_HANDLER, "letters, mail and more",
        "madoctl link drop 42 43\nmadoctl link drop 42 43 --reason 'a mistake'",
        "ticket other kind next"},
    {"artifact", "[list] ID", "the files that came with a ticket, and where else", CTL_VIEWER,
        "letters, mail and more", "madoctl artifact 42\nmadoctl artifact list 42 --json",
        "n mail name type size sha256 elsewhere"},
    {"artifact save", "ID[/N|/HASH] [--to FILE.zip]", "one of them, in a zip; password: infected",
        CTL_VIEWER, "letters, mail and more",
        "madoctl artifact save 42/1\nmadoctl artifact save 42/9f86d081 --to sample.zip",
        "n mail name type size sha256 ticket file member"},
    {"outbox", "[list] [STATE] [--all]", "the latest letters of ours; --all: all", CTL_VIEWER,
        "letters, mail and more", "madoctl outbox\nmadoctl outbox list failed", LETTER_FIELDS},
    {"outbox show", "ID", "one letter: its headers, and what became of it", CTL_VIEWER,
        "letters, mail and more", "madoctl outbox show 17\nmadoctl outbox show 17 --json",
        LETTER_FIELDS " from message_id changed to_do signed_with sealed_to dropped_by dropped_at "
                      "dropped_why size "
                      "headers deliveries files"},
    {"outbox retry", "ID", "send a letter again, now", CTL_HANDLER, "letters, mail and more",
        "madoctl outbox retry 17\nmadoctl outbox retry 17 --json", LETTER_FIELDS " warning"},
    {"outbox drop", "ID... --reason TEXT", "never send some letters any more", CTL_HANDLER,
        "letters, mail and more",
        "madoctl outbox drop 17 --reason 'told by telephone'\n"
        "madoctl outbox drop 12 15-30 --reason 'forged addresses'",
        LETTER_FIELDS " warning"},
    {"retry", "[ID]", "open mail that stayed closed; no ID: all of it", CTL_HANDLER,
        "letters, mail and more", "madoctl retry\nmadoctl retry 42", "mail ticket closed"},
    {"inbox", "[list]", "mail that a person sorts, and why", CTL_VIEWER, "letters, mail and more",
        "madoctl inbox\nmadoctl inbox list --json", SORTED_FIELDS},
    {"inbox show", "ID", "one mail, and how it was sorted", CTL_VIEWER, "letters, mail and more",
        "madoctl inbox show 17\nmadoctl inbox show mail:17 --json", WHOLE_FIELDS " why sorted"},
    {"inbox accept", "ID", "it is a report: it opens a ticket", CTL_NIGHT, "letters, mail and more",
        "madoctl inbox accept 17\nmadoctl inbox accept mail:17 --json", SORTED_FIELDS},
    {"inbox attach", "ID TICKET [--ack]", "it belongs to a ticket; --ack: tell its sender",
        CTL_NIGHT, "letters, mail and more",
        "madoctl inbox attach 17 42\nmadoctl inbox attach 17 2026-0042-K7 --ack", SORTED_FIELDS},
    {"inbox feed", "ID", "it is one of many reports that a machine sends", CTL_NIGHT,
        "letters, mail and more", "madoctl inbox feed 17\nmadoctl inbox feed mail:17 --json",
        SORTED_FIELDS},
    {"inbox spam", "ID", "it is spam", CTL_NIGHT, "letters, mail and more",
        "madoctl inbox spam 17\nmadoctl inbox spam mail:17 --json", SORTED_FIELDS},
    {"inbox reject", "ID [--reason TEXT]", "it is no incident; its sender is told so", CTL_HANDLER,
        "letters, mail and more",
        "madoctl inbox reject 17\nmadoctl inbox reject 17 --reason 'asks for a job'",
        SORTED_FIELDS},
    {"hold", "[list]", "letters that wait: for a person, a key, a minute", CTL_VIEWER,
        "letters, mail and more", "madoctl hold\nmadoctl hold list --json",
        LETTER_FIELDS " purpose writer label approved_by approvals_missing"},
    {"hold undo", "ID", "take back a letter within its minute", CTL_HANDLER,
        "letters, mail and more", "madoctl hold undo 17\nmadoctl hold undo 17 --json",
        LETTER_FIELDS " purpose text"},
    {"hold show", "ID", "why one letter is held, and what would let it go", CTL_VIEWER,
        "letters, mail and more", "madoctl hold show 17\nmadoctl hold show 17 --json",
        LETTER_FIELDS " from message_id changed to_do signed_with sealed_to dropped_by dropped_at "
                      "dropped_why gate "
                      "gate_rule gate_why size headers deliveries files"},
    {"hold release", "ID... --reason TEXT", "let some go, sealed, if a key is there now",
        CTL_HANDLER, "letters, mail and more",
        "madoctl hold release 17 --reason 'new key pinned'\n"
        "madoctl hold release 12 15-30 --reason 'gpg works again'",
        LETTER_FIELDS " warning"},
    {"hold drop", "ID... --reason TEXT", "never send some of them", CTL_HANDLER,
        "letters, mail and more",
        "madoctl hold drop 17 --reason 'told by telephone'\n"
        "madoctl hold drop 12 15-30 --reason 'out of date'",
        LETTER_FIELDS " warning"},
    {"log phone", "[ID] [FIELD=VALUE...|-] [--reason TEXT]",
        "a call: nine questions, and a number to read out", CTL_NIGHT, "people and keys",
        "madoctl log phone\n"
        "madoctl log phone caller='Tanaka, Example Inc.' what='a fake shop'",
        TICKET_FIELDS " changes hints told read_out next"},
    {"log visit", "[ID] [FIELD=VALUE...|-] [--reason TEXT]", "the same for somebody who came by",
        CTL_NIGHT, "people and keys", "madoctl log visit\nmadoctl log visit 42 - < answers.txt",
        TICKET_FIELDS " changes hints told read_out next"},
    {"log web", "[ID] [FIELD=VALUE...|-] [--reason TEXT]",
        "the same for what a form on the web has brought", CTL_NIGHT, "people and keys",
        "madoctl log web\nmadoctl log web what='a fake shop' severity=high --json",
        TICKET_FIELDS " changes hints told read_out next"},
    {"duty", "[now]", "who is on duty, until when, and who comes next", CTL_VIEWER,
        "people and keys", "madoctl duty\nmadoctl duty now --json",
        "on_duty on_duty_name since told_at shift shift_ends planned planned_name deputy "
        "deputy_name "
        "next next_name next_from handover handover_to"},
    {"duty week", "[DAY]", "who has which shift, for seven days", CTL_VIEWER, "people and keys",
        "madoctl duty week\nmadoctl duty week 2026-12-28", SHIFT_FIELDS},
    {"duty set", "DAY[..DAY][:SHIFT]|now USER", "somebody has a shift; now: is on duty at once",
        CTL_HANDLER, "people and keys",
        "madoctl duty set 2026-12-28..2027-01-03:holiday sato\nmadoctl duty set now sato",
        SHIFT_FIELDS},
    {"duty swap", "DAY[:SHIFT] DAY[:SHIFT]", "two shifts change places", CTL_HANDLER,
        "people and keys",
        "madoctl duty swap 2026-11-24 2026-12-01\n"
        "madoctl duty swap 2026-11-24:night 2026-11-25:night",
        SHIFT_FIELDS},
    {"duty handover", "[--to USER] [--text FILE|-] [--dry-run]", "hand over to the next",
        CTL_VIEWER, "people and keys",
        "madoctl duty handover\nmadoctl duty handover --to sato --text - < words.txt",
        HANDOVER_FIELDS},
    {"duty accept", "[NUMBER]", "I am on duty now", CTL_VIEWER, "people and keys",
        "madoctl duty accept H-2026-0231\nmadoctl duty accept", HANDOVER_FIELDS},
    {"duty show", "[NUMBER]", "a hand-over, with all that it tells", CTL_VIEWER, "people and keys",
        "madoctl duty show\nmadoctl duty show H-2026-0231 --json", HANDOVER_FIELDS},
    {"contact", "[list] [QUERY] [--print]", "whom we know; QUERY: a part of it; --print: paper",
        CTL_VIEWER, "people and keys",
        "madoctl contact\nmadoctl contact list jpcert\nmadoctl contact list --print | lpr",
        CONTACT_FIELDS},
    {"contact show", "NAME|ADDRESS|ID", "one contact, with its keys", CTL_VIEWER, "people and keys",
        "madoctl contact show Peer\nmadoctl contact show csirt@peer.example",
        CONTACT_FIELDS " keys"},
    {"contact add",
        "NAME [--address A]... [--kind KIND] [--organisation O] [--language ja|en] [--seal always] "
        "[--note TEXT] [--member NAME]... [FIELD=VALUE...]",
        "write down whom we know", CTL_HANDLER, "people and keys",
        "madoctl contact add Peer --kind peer --address csirt@peer.example\n"
        "madoctl contact add 'Web owners' --kind group --member Tanaka\n"
        "madoctl contact add Provider relation=provider clearance=amber",
        CONTACT_FIELDS " result change"},
    {"contact edit", "NAME|ADDRESS|ID FIELD=VALUE...",
        "change it; address+=A adds one, -= takes away", CTL_HANDLER, "people and keys",
        "madoctl contact edit Peer language=en address+=soc@peer.example\n"
        "madoctl contact edit Peer verified='by telephone'",
        CONTACT_FIELDS " result change"},
    {"contact verify", "NAME|ADDRESS|ID --how TEXT", "I have made sure of who they are",
        CTL_HANDLER, "people and keys",
        "madoctl contact verify Peer --how 'number of their site'\n"
        "madoctl contact verify csirt@peer.example --how 'we met'",
        CONTACT_FIELDS},
    {"contact review", "[QUERY]", "how old is what we hold of them, and what they say", CTL_VIEWER,
        "people and keys", "madoctl contact review\nmadoctl contact review peer",
        "contact name relation known_since known_age review next"},
    {"contact ask", "NAME|ADDRESS|ID", "ask them now whether it is right", CTL_HANDLER,
        "people and keys", "madoctl contact ask Peer\nmadoctl contact ask csirt@peer.example",
        "contact name relation known_since known_age review next"},
    {"named", "[list] ID", "who may be told of a ticket whatever its label is", CTL_VIEWER,
        "people and keys", "madoctl named 42\nmadoctl named list 42 --json", NAMED_FIELDS},
    {"named add", "ID CONTACT --reason TEXT", "this contact may be told of it", CTL_HANDLER,
        "people and keys",
        "madoctl named add 42 Peer --reason 'the source agreed'\n"
        "madoctl named add 42 csirt@peer.example --reason 'agreed'",
        NAMED_FIELDS},
    {"named remove", "ID CONTACT --reason TEXT", "and now no longer", CTL_HANDLER,
        "people and keys",
        "madoctl named remove 42 Peer --reason 'it was the wrong team'\n"
        "madoctl named remove 42 Peer --reason 'the source asked for that'",
        NAMED_FIELDS},
    {"contact import", "FILE.csv [--dry-run]", "many at once, all of them or none", CTL_HANDLER,
        "people and keys",
        "madoctl contact import contacts.csv --dry-run\nmadoctl contact import contacts.csv",
        CONTACT_FIELDS " result change line"},
    {"key", "[list] [QUERY]", "the keys that we know, and how they are", CTL_VIEWER,
        "people and keys", "madoctl key\nmadoctl key list pinned", KEY_FIELDS},
    {"key show", "FINGERPRINT|CONTACT", "all that is known of a key", CTL_VIEWER, "people and keys",
        "madoctl key show Peer\nmadoctl key show 9F00", KEY_FIELDS},
    {"key import", "FILE [--own [--keep]] [--contact NAME]", "keys of others; --own: a key of ours",
        CTL_HANDLER, "people and keys",
        "madoctl key import peer.asc\nmadoctl key import our-secret.asc --own",
        KEY_FIELDS " result"},
    {"key pin", "FINGERPRINT --contact NAME --how TEXT",
        "this key is that contact's, I have checked", CTL_HANDLER, "people and keys",
        "madoctl key pin " FINGERPRINT " \\\n"
        "    --contact Peer --how 'read out by telephone'",
        KEY_FIELDS " result"},
    {"key unpin", "FINGERPRINT --reason TEXT", "a key is trusted no longer", CTL_HANDLER,
        "people and keys",
        "madoctl key unpin " FINGERPRINT " \\\n"
        "    --reason 'their laptop was stolen'",
        KEY_FIELDS},
    {"key export", "FINGERPRINT|--own [FILE]", "the public part of one key, as text", CTL_VIEWER,
        "people and keys", "madoctl key export --own our-key.asc\nmadoctl key export --own",
        KEY_FIELDS " bytes"},
    {"key check", "", "are all keys well? (exits as doctor)", CTL_VIEWER, "people and keys",
        "madoctl key check\nmadoctl key check --json", "check result text do"},
    {"key init", "[--name N] [--address A] [--days N|--until DATE] [--replace [--keep]]",
        "make a key of ours; --replace: in place of it", CTL_ADMIN, "people and keys",
        "madoctl key init\nmadoctl key init --replace --days 365", KEY_FIELDS " result"},
    {"key extend", "[FINGERPRINT] [--days N|--until DATE]", "a key of ours lives longer", CTL_ADMIN,
        "people and keys", "madoctl key extend\nmadoctl key extend --until 2029-12-31",
        KEY_FIELDS " result"},
    {"key publish", "DIR", "our key as files for the web and for mail", CTL_VIEWER,
        "people and keys", "madoctl key publish ./published\nmadoctl key publish /srv/www",
        "file what"},
    {"taint check", "ID [FILE|-]", "what of a text came sealed? (exits with 1)", CTL_VIEWER,
        "people and keys",
        "madoctl taint check 42 answer.txt\nmadoctl taint check 42 - < answer.txt",
        "ticket run runs"},
    {"taint release", "ID TEXT... --reason TEXT", "let single facts of it go", CTL_HANDLER,
        "people and keys",
        "madoctl taint release 42 192.0.2.17 --reason 'they have to know'\n"
        "madoctl taint release 42 '04:11 UTC' 192.0.2.17 --reason agreed",
        "ticket fact by reason"},
    {"restrict", "ID [--member USER]...", "only members and commanders see a ticket", CTL_HANDLER,
        "people and keys", "madoctl restrict 42\nmadoctl restrict 42 --member tanaka --member sato",
        "ticket restricted members"},
    {"unrestrict", "ID --reason TEXT", "a ticket is seen as its label allows", CTL_COMMANDER,
        "people and keys",
        "madoctl unrestrict 42 --reason 'published'\nmadoctl unrestrict 42 --reason over",
        "ticket restricted members"},
    {"export", "ID|--all [DIR] [--language ja|en]",
        "a ticket as mbox, JSON and HTML; --all: as tables", CTL_HANDLER, "house-keeping",
        "madoctl export 42\nmadoctl export --all ./mado-tables",
        "folder files mails letters events rows"},
    {"stats",
        "[PERIOD] [--by WHAT] [--format text|csv|html|json] [--language ja|en] [--output FILE]",
        "figures; --by category, severity, hour, ...", CTL_VIEWER, "house-keeping",
        "madoctl stats --by category\nmadoctl stats FY2026-Q2 --by handler --format csv",
        FIGURE_FIELDS "; " DRAWN_FIELDS},
    {"report",
        "weekly|monthly|quarterly|half|yearly [PERIOD] | authority ID [--audience "
        "team|departments|company|public] [--format text|csv|html|json] [--language ja|en] "
        "[--label LABEL] [--output FILE]",
        "figures of a period, for those who read them", CTL_VIEWER, "house-keeping",
        "madoctl report monthly\nmadoctl report yearly FY2026 --audience public --output year.html",
        FIGURE_FIELDS "; " DRAWN_FIELDS},
    {"damage", "ID [FIELD=VALUE...]", "what a leak may cost, by a public formula", CTL_VIEWER,
        "house-keeping", "madoctl damage 42\nmadoctl damage 42 persons=1200 distress=2 loss=1",
        "ticket damage"},
    {"goal", "[list]", "what we want to reach, and how far that is", CTL_VIEWER, "house-keeping",
        "madoctl goal\nmadoctl goal list --json", GOAL_FIELDS},
    {"goal set", "NAME FIELD=VALUE...", "a goal: so many at most, or so often in time",
        CTL_COMMANDER, "house-keeping",
        "madoctl goal set serious severity=high at-most=0\n"
        "madoctl goal set quick measure=triage at-least=95 period=quarterly",
        GOAL_FIELDS},
    {"goal drop", "NAME", "it is no goal any more", CTL_COMMANDER, "house-keeping",
        "madoctl goal drop serious\nmadoctl goal drop serious --json", "goal result"},
    {"history", "ID", "what happened to one ticket, and who did it", CTL_VIEWER, "house-keeping",
        "madoctl history 42\nmadoctl history 42 --json", "id at actor kind ticket mail text"},
    {"import", "[FILE.csv] [--dry-run] [--mapping FILE] [--yes] | --undo N",
        "years kept in a spreadsheet become tickets", CTL_ADMIN, "house-keeping",
        "madoctl import ledger.csv --dry-run\nmadoctl import ledger.csv",
        "line result ticket old state category severity handler tlp received closed subject why "
        "not_understood; import result file by at incidents undone"},
    {"similar", "ID", "other tickets that share something with one", CTL_VIEWER, "house-keeping",
        "madoctl similar 42\nmadoctl similar 42 --json", TICKET_FIELDS " shared same_subject"},
    {"view", "[list]", "queries with a name: madoctl list @NAME", CTL_VIEWER, "house-keeping",
        "madoctl view\nmadoctl list @night", "name query by at next"},
    {"view set", "NAME QUERY... [--replace]", "name a query for all; --replace: a colleague's",
        CTL_HANDLER, "house-keeping",
        "madoctl view set night 'sev:>=high' handler:-\nmadoctl view set mine handler:me",
        "name query by at next"},
    {"view drop", "NAME", "forget it", CTL_HANDLER, "house-keeping",
        "madoctl view drop night\nmadoctl view drop mine --json", "name query by at next"},
    {"ledger", "[PLACE]", "where all mail has ended, and is the sum right?", CTL_VIEWER,
        "house-keeping", "madoctl ledger\nmadoctl ledger pending",
        "arrived repeats mails places waiting sum balanced told; mail ticket ledger arrived "
        "age_seconds "
        "source "
        "size sha256 claims from subject date language machine problems"},
    {"alarms", "[--all]", "what is wrong here now; --all: and what was", CTL_VIEWER,
        "house-keeping", "madoctl alarms\nmadoctl alarms --all",
        "id condition text since age_seconds over told told_at times letter_waits "
        "letter_lost"},
    {"watch", "", "the dashboard that follows; q ends it", CTL_VIEWER, "house-keeping",
        "madoctl watch\nmadoctl watch --json", "id at actor kind ticket mail text"},
    {"explain", "FILE... [--now TIME] [--keys DIR]", "what would be done with a mail, and why",
        CTL_ROLE_NONE, "house-keeping",
        "madoctl explain report.eml\nmadoctl explain sealed.eml --keys ./keys --json",
        "file sha256 ledger message indicators tlp pap crypto machine bounce report feedback_type "
        "history "
        "rules actions"},
    {"doctor", "", "is everything in order? (exits with 0 to 3)", CTL_VIEWER, "house-keeping",
        "madoctl doctor\nmadoctl doctor --json", "check result text do"},
    {"check-config", "[FILE]", "all problems of the configuration in one run", CTL_ROLE_NONE,
        "house-keeping", "madoctl check-config\nmadoctl check-config ./mado.conf",
        "file line column code warning text"},
    {"rules test", "[NAME] [--last N]", "which of your rules hit past mail", CTL_VIEWER,
        "house-keeping", "madoctl rules test\nmadoctl rules test bank-phishing --last 5000",
        "rule hits examples looked_at"},
    {"config show", "[--changed]", "values in effect; --changed: not the default", CTL_VIEWER,
        "house-keeping", "madoctl config show\nmadoctl config show --changed", "text"},
    {"audit verify", "[FILE]", "has anybody changed the journal? (exits with 1)", CTL_VIEWER,
        "house-keeping", "madoctl audit verify\nmadoctl audit verify journal.jsonl",
        "checked intact why compared"},
    {"audit export", "[FILE]", "the journal, a row a line, for who checks it", CTL_COMMANDER,
        "house-keeping", "madoctl audit export journal.jsonl\nmadoctl audit export | wc -l",
        "id at actor kind incident mail text text_sha256 hash; file rows"},
    {"backup", "[FILE]", "a copy of the store, sealed to our own key", CTL_ADMIN, "house-keeping",
        "madoctl backup\nmadoctl backup /media/usb/mado.tar", "file size"},
    {"purge", "[--dry-run] [--yes --count N]", "what is older than retention says is gone",
        CTL_ADMIN, "house-keeping", "madoctl purge --dry-run\nmadoctl purge",
        "rule count bytes before; purged"},
    {"try", "", "a test letter goes out and should come in", CTL_ADMIN, "house-keeping",
        "madoctl try\nmadoctl try --json", "check result text do"},
    {"init", "", "six questions, then there is a configuration", CTL_ROLE_NONE, "house-keeping",
        "madoctl init\nmadoctl init --config ./mado.conf", ""},
    {"completion", "bash|zsh|fish", "completion for a shell", CTL_ROLE_NONE, "house-keeping",
        "madoctl completion bash > /etc/bash_completion.d/madoctl\n"
        "madoctl completion fish > ~/.config/fish/completions/madoctl.fish",
        ""},
    {"help", "[TOPIC]", "about a command, a topic or a setting", CTL_ROLE_NONE, "house-keeping",
        "madoctl help list\nmadoctl help team.name", ""},
    {"version", "", "the version of this program", CTL_ROLE_NONE, "house-keeping",
        "madoctl version\nmadoctl version --json", "version"},
    {"consult", "", "what explain asks about a mail", CTL_VIEWER, NULL, "", "history"},
    {"draft", "", "what a letter would say", CTL_NIGHT, NULL, "", DRAFT_FIELDS "hint"},
    {"recipients", "", "to whom letters would go", CTL_NIGHT, NULL, "", "name to relation"},
    {"enclose", "", "a file for a letter", CTL_HANDLER, NULL, "", "name wraps sha256 size whole"},
    {"weigh", "", "what would become of a letter", CTL_NIGHT, NULL, "", ""},
    {"send", "", "a letter that was weighed goes", CTL_NIGHT, NULL, "", ""},
    {"step", "", "the clock of --now moves on", CTL_ADMIN, NULL, "", "now done next"},
    {NULL},
};

static const char *const role_names[] = {
    [CTL_ROLE_NONE] = "nobody",
    [CTL_VIEWER] = "viewer",
    [CTL_NIGHT] = "night",
    [CTL_HANDLER] = "handler",
    [CTL_COMMANDER] = "commander",
    [CTL_ADMIN] = "admin",
};

const struct ctl_command *ctl_find(const char *name)
{
    for (const struct ctl_command *command = ctl_commands; command->name; command++)
        if (g_str_equal(command->name, name))
            return command;
    return NULL;
}

/* Edits from one word to the other, where two characters that changed places count as one. */
static guint edits(const char *from, const char *to)
{
    gsize width = strlen(to) + 1;
    gsize height = strlen(from) + 1;
    g_autofree guint *grid = g_new0(guint, width * height);

    for (gsize y = 0; y < height; y++)
        for (gsize x = 0; x < width; x++) {
            guint *cell = &grid[y * width + x];
            if (x == 0 || y == 0) {
                *cell = (guint)(x + y);
                continue;
            }
            *cell = MIN(cell[-1], *(cell - width)) + 1;
            *cell = MIN(*cell, *(cell - width - 1) + (from[y - 1] != to[x - 1]));
            if (x > 1 && y > 1 && from[y - 1] == to[x - 2] && from[y - 2] == to[x - 1])
                *cell = MIN(*cell, *(cell - 2 * width - 2) + 1);
        }
    return grid[width * height - 1];
}

const char *ctl_nearest(const char *word, const char *const *names)
{
    const char *nearest = NULL;
    guint least = 3;

    if (strlen(word) > 64)
        return NULL;
    for (; *names; names++) {
        guint distance = edits(word, *names);
        /* Half of a short word may not be another. */
        if (distance < least && distance * 2 <= strlen(*names)) {
            nearest = *names;
            least = distance;
        }
    }
    return nearest;
}

const char *ctl_guess(const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (const struct ctl_command *command = ctl_commands; command->name; command++)
        if (command->group)
            g_ptr_array_add(names, (gpointer)command->name);
    g_ptr_array_add(names, NULL);
    return ctl_nearest(name, (const char *const *)names->pdata);
}

enum ctl_role ctl_role_from_name(const char *name)
{
    for (int role = CTL_VIEWER; role <= CTL_ADMIN; role++)
        if (g_str_equal(role_names[role], name))
            return role;
    return CTL_ROLE_NONE;
}

const char *ctl_role_name(enum ctl_role role)
{
    return role_names[role];
}
