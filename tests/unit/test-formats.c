/* The formats in which machines report: what is read of each, and what is called damaged. */
#include "report-case.h"
#include "report-parts.h"
#include <time.h>

#define TOP(header) "From: a@a.example\nSubject: a\n" header
#define ARF(fields)                                                                                \
    TOP("Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\n\na\n"    \
        "--x\nContent-Type: message/feedback-report\n\n" fields                                    \
        "\n--x\nContent-Type: text/rfc822-headers\n\nReceived: from b ([192.0.2.99])\n\n--x--\n")
#define XARF(header, yaml)                                                                         \
    TOP(header                                                                                     \
        "Content-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x\nContent-Type: text/plain; "   \
        "name=report.txt\n\n" yaml "\n--x--\n")
#define YAML                                                                                       \
    "---\nReported-From: a@a.example\nCategory: abuse\nReport-Type: login-attack\nReport-ID: 7\n"  \
    "Date: Fri, 06 Mar 2026 07:19:02 +0900\nSource: 192.0.2.7\nSource-Type: ip-address\n"

#define FILE(type, name, text)                                                                     \
    TOP("Content-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x\nContent-Type: " type          \
        "; name=\"" name "\"\n\n" text "\n--x--\n")
#define JSON(text) FILE("application/json", "a.json", text)
#define UUID "550e8400-e29b-41d4-a716-446655440000"
#define WHO "{\"org\":\"A\",\"contact\":\"a@a.example\",\"domain\":\"a.example\"}"
#define XARF_4(more)                                                                               \
    "{\"xarf_version\":\"4.2.0\",\"report_id\":\"" UUID                                            \
    "\",\"timestamp\":\"2026-03-06T08:00:00Z\",\"reporter\":" WHO ",\"sender\":" WHO               \
    ",\"source_identifier\":\"192.0.2.4\"," more "}"
#define LOGIN                                                                                      \
    "\"category\":\"connection\",\"type\":\"login_attack\",\"protocol\":\"tcp\",\"first_seen\":"   \
    "\"2026-03-06T07:00:00Z\",\"destination_ip\":\"192.0.2.5\",\"destination_port\":22"
#define XARF_3(source)                                                                             \
    "{\"Version\":\"3\",\"ReporterInfo\":{\"ReporterOrg\":\"A\",\"ReporterOrgEmail\":"             \
    "\"a@a.example\"},\"Report\":{\"ReportClass\":\"Activity\",\"ReportType\":\"Spam\",\"Date\":"  \
    "\"2026-03-06T08:00:00+09:00\"" source "}}"
#define STIX(objects) "{\"type\":\"bundle\",\"id\":\"bundle--" UUID "\",\"objects\":[" objects "]}"
#define INDICATOR(pattern)                                                                         \
    "{\"type\":\"indicator\",\"id\":\"indicator--" UUID                                            \
    "\",\"pattern_type\":\"stix\",\"pattern\":\"" pattern "\"}"
#define MISP(attributes, more)                                                                     \
    "{\"Event\":{\"uuid\":\"" UUID "\",\"info\":\"a\",\"Attribute\":[" attributes "]" more "}}"
#define IODEF(version, attributes, inside)                                                         \
    "<?xml version=\"1.0\"?>\n<IODEF-Document xmlns=\"urn:ietf:params:xml:ns:iodef-" version       \
    "\"><Incident " attributes                                                                     \
    "><IncidentID name=\"b.example\">77</IncidentID><GenerationTime>2026-03-06T08:00:00+09:00"     \
    "</GenerationTime><Contact role=\"creator\"/>" inside "</Incident></IODEF-Document>"
#define FLOW                                                                                       \
    "<EventData><StartTime>2026-03-06T07:00:00+09:00</StartTime><Flow><System category="           \
    "\"source\"><Node><Address category=\"ipv4-addr\">192.0.2.6</Address></Node><Service "         \
    "ip-protocol=\"6\"><Port>4444</Port></Service></System><System category=\"target\"><Node>"     \
    "<NodeName>www.b.example</NodeName></Node><Service><Port>80</Port></Service></System></Flow>"  \
    "</EventData>"
#define TEXT(text) TOP("\n" text)

static const struct row {
    const char *name, *mail;
    const char *formats, *damaged, *category, *sightings, *indicators, *markings;
} rows[] = {
    {"a complaint",
        ARF("Feedback-Type: abuse\nUser-Agent: a\nVersion: 1\nSource-IP: 192.0.2.1\n"
            "Source-Port: 2525\nArrival-Date: Fri, 6 Mar 2026 08:58:04 -0700 (PDT)\n"
            "Reported-Domain: b.example\nReported-URI: http://B.example/\n C\n"
            "Reported-URI: mailto:x\n"),
        "arf", "", "abusive-content/spam", "abuse|2026-03-06T08:58:04-07:00|192.0.2.1:2525>:||\n",
        "domain b.example, ipv4 192.0.2.1"},
    {"one that says fraud, without an address",
        ARF("Feedback-Type: fraud\nUser-Agent: a\nVersion: 1\nReported-Domain: b.example\n"), "arf",
        "", "fraud/phishing", "fraud||b.example:>:||\n", "domain b.example"},
    {"one that does not say what it is", ARF("User-Agent: a\nVersion: 1\nSource-IP: 192.0.2.1\n"),
        "", "arf message/feedback-report: no feedback-type", "", "", "ipv4 192.0.2.1"},
    {"X-ARF 0.1", XARF("X-ARF: YES\n", YAML "Port: 22\nService: ssh\n...\nSource: 192.0.2.8\n"),
        "xarf-0.1", "", "intrusion-attempts/brute-force",
        "login-attack|2026-03-06T07:19:02+09:00|192.0.2.7:>:22|ssh|\n", "ipv4 192.0.2.7"},
    {"X-ARF 0.2", XARF("X-XARF: PLAIN\n", YAML "# a\nEvidence: 'a: b'\n"), "xarf-0.2", "",
        "intrusion-attempts/brute-force",
        "login-attack|2026-03-06T07:19:02+09:00|192.0.2.7:>:||a: b\n", "ipv4 192.0.2.7"},
    {"one that was forwarded", XARF("", YAML), "xarf-0.1", "", "intrusion-attempts/brute-force",
        "login-attack|2026-03-06T07:19:02+09:00|192.0.2.7:>:||\n", "ipv4 192.0.2.7"},
    {"one of 0.2 that was forwarded", XARF("", YAML "Version: 0.2\n"), "xarf-0.2", "",
        "intrusion-attempts/brute-force", "login-attack|2026-03-06T07:19:02+09:00|192.0.2.7:>:||\n",
        "ipv4 192.0.2.7"},
    {"one that is sealed",
        TOP("X-XARF: SECURE\nContent-Type: multipart/encrypted; "
            "protocol=\"application/pgp-encrypted\"; boundary=x\n\n--x\nContent-Type: "
            "application/pgp-encrypted\n\nVersion: 1\n\n--x\nContent-Type: "
            "application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n\nhF4\n"
            "-----END PGP MESSAGE-----\n\n--x--\n"),
        "", "", "", "", ""},
    {"a report.txt of something else", XARF("", "Source: 192.0.2.7\n"), "", "", "",
        "||192.0.2.7:>:||\n", "ipv4 192.0.2.7"},
    {"an anchor", XARF("X-ARF: YES\n", YAML "Evidence: &a b\n"), "",
        "xarf-0.1 report.txt: a value that is more than text", "", "",
        "mail a@a.example, ipv4 192.0.2.7"},
    {"a tag", XARF("X-ARF: YES\n", YAML "Evidence: !!python/object b\n"), "",
        "xarf-0.1 report.txt: a value that is more than text", "", "",
        "mail a@a.example, ipv4 192.0.2.7"},
    {"a list", XARF("X-ARF: YES\n", YAML "Evidence:\n- b\n"), "", "xarf-0.1 report.txt: a list", "",
        "", "mail a@a.example, ipv4 192.0.2.7"},
    {"something below something", XARF("X-ARF: YES\n", YAML "Evidence:\n  b: c\n"), "",
        "xarf-0.1 report.txt: a line that is indented", "", "", "mail a@a.example, ipv4 192.0.2.7"},
    {"no source", XARF("X-ARF: YES\n", "Reported-From: a\nCategory: b\nReport-Type: c\n"), "",
        "xarf-0.1 report.txt: no report-id", "", "", ""},
    {"a header without its report", TOP("X-XARF: PLAIN\n\na\n"), "", "xarf-0.2 text: no report.txt",
        "", "", ""},
    {"XARF 4", JSON(XARF_4(LOGIN ",\"tags\":[\"tlp:amber\",\"a:b\"]")), "xarf-4", "",
        "intrusion-attempts/brute-force",
        "login_attack|2026-03-06T08:00:00+00:00|192.0.2.4:>192.0.2.5:22|tcp|\n", "ipv4 192.0.2.4",
        "TLP:AMBER"},
    {"XARF 4 of a web site",
        JSON(XARF_4("\"category\":\"content\",\"type\":\"phishing\",\"source_port\":443,\"url\":"
                    "\"http://b.example/\"")),
        "xarf-4", "", "fraud/phishing", "phishing|2026-03-06T08:00:00+00:00|192.0.2.4:443>:||\n",
        "ipv4 192.0.2.4, url http://b.example/"},
    {"XARF 4 without what its type demands",
        JSON(XARF_4("\"category\":\"content\",\"type\":\"phishing\"")), "", "xarf-4 a.json: no url",
        "", "", "mail a@a.example, domain a.example, ipv4 192.0.2.4"},
    {"XARF 4 of a type of another category",
        JSON(XARF_4("\"category\":\"content\",\"type\":\"ddos\"")), "",
        "xarf-4 a.json: its category has no such type", "", "",
        "mail a@a.example, domain a.example, ipv4 192.0.2.4"},
    {"XARF 4 with a port that is text", JSON(XARF_4(LOGIN ",\"source_port\":\"22\"")), "",
        "xarf-4 a.json: source_port is no port", "", "",
        "mail a@a.example, domain a.example, ipv4 192.0.2.4, ipv4 192.0.2.5"},
    {"XARF 4 with evidence that is none", JSON(XARF_4(LOGIN ",\"evidence\":[{}]")), "",
        "xarf-4 a.json: evidence is no list of evidence", "", "",
        "mail a@a.example, domain a.example, ipv4 192.0.2.4, ipv4 192.0.2.5"},
    {"XARF 4, cut", JSON("{\"xarf_version\":\"4.2.0\",\"report_id\":\"" UUID), "",
        "xarf-4 a.json: is no JSON", "", "", ""},
    {"XARF 4 with a name twice", JSON(XARF_4(LOGIN ",\"type\":\"ddos\"")), "",
        "xarf-4 a.json: is no JSON", "", "",
        "mail a@a.example, domain a.example, ipv4 192.0.2.4, ipv4 192.0.2.5"},
    {"XARF 3", JSON(XARF_3(",\"SourceIp\":\"2001:DB8::1\",\"SourcePort\":25")), "xarf-3", "",
        "abusive-content/spam", "Spam|2026-03-06T08:00:00+09:00|2001:db8::1:25>:||\n",
        "ipv6 2001:db8::1"},
    {"XARF 3 without a source", JSON(XARF_3("")), "", "xarf-3 a.json: no source", "", "",
        "mail a@a.example"},
    {"JSON of something else", JSON("{\"a\":[1,2]}"), "", "", "", "", ""},
    {"STIX",
        JSON(STIX(INDICATOR("[ipv4-addr:value = '192.0.2.1' OR url:value = "
                            "'http://b.example/\\\\'']") ",{\"type\":\"file\",\"id\":\"file--" UUID
                                                         "\",\"hashes\":{\"MD5\":"
                                                         "\"d41d8cd98f00b204e9800998ecf8427e\"},"
                                                         "\"object_marking_refs\":["
                                                         "\"marking-definition--939a9414-2ddd-4d32-"
                                                         "a0cd-375ea402b003\","
                                                         "\"marking-definition--5e57c739-391a-4eb3-"
                                                         "b6be-7d15ca92d5ed\"]}")),
        "stix-2.1", "", "", "",
        "ipv4 192.0.2.1, url http://b.example/', md5 d41d8cd98f00b204e9800998ecf8427e",
        "TLP:AMBER+STRICT, TLP:RED"},
    {"STIX, a pattern that says not", JSON(STIX(INDICATOR("[NOT ipv4-addr:value = '192.0.2.1']"))),
        "stix-2.1", "", "", "", ""},
    {"STIX, other comparisons",
        JSON(
            STIX(INDICATOR("[ipv4-addr:value != '192.0.2.1' AND url:value LIKE 'http://b.example/' "
                           "AND file:name IN ('b.example')]"))),
        "stix-2.1", "", "", "", ""},
    {"STIX, names of files and users",
        JSON(STIX(INDICATOR("[file:name = 'invoice.sh' OR user-account:user_id='a.example' OR "
                            "file:hashes.'MD5'='d41d8cd98f00b204e9800998ecf8427e']"))),
        "stix-2.1", "", "", "", "md5 d41d8cd98f00b204e9800998ecf8427e"},
    {"STIX, what was seen",
        JSON(STIX("{\"type\":\"network-traffic\",\"id\":\"network-traffic--" UUID
                  "\",\"src_ref\":\"ipv4-addr--" UUID "\",\"dst_port\":22,\"protocols\":[\"tcp\"],"
                  "\"start\":\"2026-03-06T08:00:00.5Z\"},{\"type\":\"ipv4-addr\",\"id\":\"ipv4-"
                  "addr--" UUID "\",\"value\":\"192.0.2.9\"}")),
        "stix-2.1", "", "", "network-traffic|2026-03-06T08:00:00+00:00|192.0.2.9:>:22|tcp|\n",
        "ipv4 192.0.2.9"},
    {"STIX, observed data",
        JSON(STIX(
            "{\"type\":\"observed-data\",\"id\":\"observed-data--" UUID
            "\",\"first_observed\":\"2026-03-06T08:00:00Z\",\"last_observed\":\"2026-03-06T09:00:"
            "00Z\","
            "\"number_observed\":3,\"object_refs\":[\"ipv4-addr--" UUID
            "\",\"network-traffic--" UUID "\",\"domain-name--" UUID
            "\"]},{\"type\":\"network-traffic\",\"id\":\"network-traffic--" UUID
            "\",\"src_ref\":\"ipv4-addr--" UUID "\",\"dst_port\":22,\"protocols\":[\"tcp\"]},"
            "{\"type\":\"ipv4-addr\",\"id\":\"ipv4-addr--" UUID "\",\"value\":\"192.0.2.9\"},"
            "{\"type\":\"domain-name\",\"id\":\"domain-name--" UUID "\",\"value\":\"B.example\"}")),
        "stix-2.1", "", "",
        "network-traffic|2026-03-06T08:00:00+00:00|192.0.2.9:>:22|tcp|3 times, until "
        "2026-03-06T09:00:00Z\n"
        "observed-data|2026-03-06T08:00:00+00:00|b.example:>:||3 times, until "
        "2026-03-06T09:00:00Z\n",
        "ipv4 192.0.2.9, domain b.example"},
    {"STIX, observed data of 2.0",
        JSON(
            STIX("{\"type\":\"observed-data\",\"id\":\"observed-data--" UUID
                 "\",\"first_observed\":\"2026-03-06T08:00:00Z\",\"number_observed\":1,"
                 "\"objects\":{\"0\":{\"type\":\"ipv4-addr\",\"value\":\"192.0.2.9\"},\"1\":{"
                 "\"type\":\"network-traffic\",\"dst_ref\":\"0\",\"protocols\":[\"udp\"]},\"2\":{"
                 "\"type\":\"file\",\"hashes\":{\"MD5\":\"d41d8cd98f00b204e9800998ecf8427e\"}}}}")),
        "stix-2.1", "", "",
        "network-traffic|2026-03-06T08:00:00+00:00|:>192.0.2.9:|udp|\n"
        "observed-data|2026-03-06T08:00:00+00:00|d41d8cd98f00b204e9800998ecf8427e:>:||\n",
        "ipv4 192.0.2.9, md5 d41d8cd98f00b204e9800998ecf8427e"},
    {"STIX, a sighting of an indicator",
        JSON(STIX(
            "{\"type\":\"sighting\",\"id\":\"sighting--" UUID
            "\",\"first_seen\":\"2026-03-06T08:00:00Z\",\"last_seen\":\"2026-03-06T09:00:00Z\","
            "\"count\":50,\"sighting_of_ref\":\"indicator--" UUID
            "\"},{\"type\":\"sighting\",\"id\":\"sighting--" UUID
            "\",\"last_seen\":\"2026-03-07T08:00:00Z\",\"sighting_of_ref\":\"malware--" UUID
            "\"}," INDICATOR(
                "[url:value = 'http://b.example/' OR ipv4-addr:value = '192.0.2.1']"))),
        "stix-2.1", "", "",
        "sighting|2026-03-06T08:00:00+00:00|http://b.example/:>:||50 times, until "
        "2026-03-06T09:00:00Z\n"
        "sighting|2026-03-06T08:00:00+00:00|192.0.2.1:>:||50 times, until 2026-03-06T09:00:00Z\n",
        "url http://b.example/, ipv4 192.0.2.1"},
    {"STIX, an object without an id", JSON(STIX("{\"type\":\"file\"}")), "",
        "stix-2.1 a.json: an object without type and id", "", "", ""},
    {"MISP",
        JSON(MISP(
            "{\"type\":\"ip-dst|port\",\"value\":\"192.0.2.1|80\"},"
            "{\"type\":\"filename|sha1\",\"value\":\"a|da39a3ee5e6b4b0d3255bfef95601890afd80709\"},"
            "{\"type\":\"link\",\"value\":\"http://c.example/\"}",
            ",\"Tag\":[{\"name\":\"tlp:green\"},{\"name\":\"rsit:fraud=\\\"phishing\\\"\"},{"
            "\"name\":\"PAP:RED\"}]")),
        "misp", "", "fraud/phishing", "",
        "ipv4 192.0.2.1, sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709", "TLP:GREEN, PAP:RED"},
    {"MISP, a network by one of its hosts",
        JSON(MISP("{\"type\":\"ip-src\",\"value\":\"192.0.2.7/24\"},"
                  "{\"type\":\"ip-dst\",\"value\":\"2001:DB8::7/32\"}",
            "")),
        "misp", "", "", "", "cidr 192.0.2.0/24, cidr 2001:db8::/32"},
    {"MISP, attributes that were seen",
        JSON(MISP(
            "{\"type\":\"ip-src\",\"value\":\"192.0.2.7\",\"category\":\"Network activity\","
            "\"timestamp\":\"1772784000\",\"first_seen\":\"2026-03-06T07:00:00.000000+00:00\"},"
            "{\"type\":\"ip-dst|port\",\"value\":\"192.0.2.8|80\",\"Sighting\":[{\"type\":\"0\","
            "\"date_sighting\":\"1772784000\"},{\"type\":\"1\",\"date_sighting\":\"1772784000\"}]},"
            "{\"type\":\"md5\",\"value\":\"d41d8cd98f00b204e9800998ecf8427e\",\"timestamp\":"
            "\"1772784000\"}",
            "")),
        "misp", "", "",
        "Network activity|2026-03-06T07:00:00+00:00|192.0.2.7:>:||\n"
        "|2026-03-06T08:00:00+00:00|:>192.0.2.8:||\n",
        "ipv4 192.0.2.7, ipv4 192.0.2.8, md5 d41d8cd98f00b204e9800998ecf8427e"},
    {"MISP, objects",
        JSON(MISP("",
            ",\"Object\":[{\"name\":\"network-connection\",\"first_seen\":\"2026-03-06T07:00:00Z\","
            "\"Attribute\":[{\"type\":\"ip-src\",\"object_relation\":\"ip-src\",\"value\":\"192.0."
            "2.7\"},"
            "{\"type\":\"port\",\"object_relation\":\"dst-port\",\"value\":\"22\"},{\"type\":\"ip-"
            "dst\","
            "\"object_relation\":\"ip-dst\",\"value\":\"192.0.2.8\"},{\"type\":\"text\","
            "\"object_relation\":\"layer4-protocol\",\"value\":\"TCP\"}]},{\"name\":\"file\","
            "\"Attribute\":"
            "[{\"type\":\"filename|md5\",\"object_relation\":\"x\",\"first_seen\":\"2026-03-06T07:"
            "00:00Z\","
            "\"value\":\"a.exe|d41d8cd98f00b204e9800998ecf8427e\"}]}]")),
        "misp", "", "",
        "network-connection|2026-03-06T07:00:00+00:00|192.0.2.7:>192.0.2.8:22|TCP|\n"
        "|2026-03-06T07:00:00+00:00|d41d8cd98f00b204e9800998ecf8427e:>:||\n",
        "ipv4 192.0.2.7, ipv4 192.0.2.8, md5 d41d8cd98f00b204e9800998ecf8427e"},
    {"MISP, an attribute without a value", JSON(MISP("{\"type\":\"url\"}", "")), "",
        "misp a.json: an attribute without type and value", "", "", ""},
    {"IODEF 2",
        FILE("application/xml", "a.xml",
            IODEF("2.0", "purpose='reporting' restriction='amber'", FLOW)),
        "iodef-2", "", "", "|2026-03-06T07:00:00+09:00|192.0.2.6:4444>www.b.example:80|tcp|\n",
        "ipv4 192.0.2.6", "TLP:AMBER"},
    {"IODEF 1",
        FILE("text/xml", "a.xml",
            IODEF("1.0", "purpose='traceback'",
                FLOW "<Assessment><Impact type='dos'/></Assessment>")),
        "iodef-1", "", "availability/dos",
        "|2026-03-06T07:00:00+09:00|192.0.2.6:4444>www.b.example:80|tcp|\n", "ipv4 192.0.2.6"},
    {"IODEF, hashes of files, and many at once",
        FILE("application/xml", "a.xml",
            IODEF("2.0", "purpose='reporting'",
                "<EventData><Record><RecordData><FileData><File><HashData "
                "scope='file-contents'><Hash>"
                "<DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/><DigestValue>"
                "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</DigestValue></Hash></HashData></"
                "File>"
                "</FileData></RecordData></Record></"
                "EventData><IndicatorData><Indicator><Observable>"
                "<FileData><File><HashData><ds:Hash xmlns:ds='urn:x'><ds:DigestValue>"
                "d41d8cd98f00b204e9800998ecf8427e</ds:DigestValue></ds:Hash></HashData></File></"
                "FileData>"
                "</Observable></Indicator><Indicator><Observable><BulkObservable type='ipv4-addr'>"
                "<BulkObservableList>192.0.2.1\n192.0.2.2</BulkObservableList></BulkObservable>"
                "</Observable></Indicator></IndicatorData>")),
        "iodef-2", "", "", "",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, md5 "
        "d41d8cd98f00b204e9800998ecf8427e, ipv4 192.0.2.1, ipv4 192.0.2.2"},
    {"IODEF without a purpose", FILE("text/xml", "a.xml", IODEF("2.0", "", FLOW)), "",
        "iodef-2 a.xml: no purpose", "", "",
        "domain b.example, ipv4 192.0.2.6, domain www.b.example"},
    {"IODEF with a document type",
        FILE("text/xml", "a.xml",
            "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>" IODEF(
                "2.0", "purpose='other'", "&b;")),
        "", "iodef-2 a.xml: has a document type declaration", "", "", "domain b.example"},
    {"IODEF, cut",
        FILE("text/xml", "a.xml", "<IODEF-Document xmlns='urn:ietf:params:xml:ns:iodef-2.0'>"), "",
        "iodef-2 a.xml: is no XML", "", "", ""},
    {"IODEF in JSON",
        JSON(
            "{\"version\":\"2.0\",\"Incident\":[{\"purpose\":\"reporting\",\"restriction\":\"red\","
            "\"IncidentID\":{\"id\":\"77\",\"name\":\"b.example\"},\"GenerationTime\":"
            "\"2026-03-06T08:00:00Z\",\"Contact\":[{}],\"EventData\":[{\"DetectTime\":"
            "\"2026-03-06T07:00:00Z\",\"Flow\":[{\"System\":[{\"category\":\"source\",\"Node\":"
            "{\"Address\":[{\"value\":\"192.0.2.6\",\"category\":\"ipv4-addr\"}]},\"Service\":"
            "[{\"ip-protocol\":17,\"Port\":53}]}]}]}]}]}"),
        "iodef-json", "", "", "|2026-03-06T07:00:00+00:00|192.0.2.6:53>:|udp|\n", "ipv4 192.0.2.6",
        "TLP:RED"},
    {"a table in a file",
        FILE("text/csv", "a.csv",
            "\"timestamp\",ip,port,asn,infection\n\"2026-03-06 07:00:00\",192.0.2.1,1,2,\"a, "
            "\"\"b\"\"\"\n"
            "2026-03-06 07:00:01,192.0.2.2,2\nno address,x\n"),
        "csv", "", "",
        "a, \"b\"|2026-03-06 07:00:00|192.0.2.1:1>:||\n|2026-03-06 07:00:01|192.0.2.2:2>:||\n",
        "ipv4 192.0.2.1, ipv4 192.0.2.2"},
    {"a table that does not end", FILE("text/csv", "a.csv", "ip,port\n192.0.2.1,\"2\n"), "",
        "csv a.csv: has a quotation mark without its partner", "", "", "ipv4 192.0.2.1"},
    {"a table of something else", FILE("text/csv", "a.csv", "name,price\na,2\n"), "", "", "", "",
        ""},
    {"a block in a notice",
        TEXT("Hello,\n\nIP,timestamp(UTC+0),source_port,destination_port\n"
             "192.0.2.1,2026-03-06 07:00:00,1234,22\n192.0.2.2,2026-03-06 07:00:01,1235,22\n\nBye, "
             "all\n"),
        "csv", "", "",
        "|2026-03-06T07:00:00+00:00|192.0.2.1:1234>:22||\n"
        "|2026-03-06T07:00:01+00:00|192.0.2.2:1235>:22||\n",
        "ipv4 192.0.2.1, ipv4 192.0.2.2"},
    {"day, time and zone in columns",
        FILE("text/csv", "a.csv",
            "event_date;event_time;time_zone;src_ip;dst_ip;dst_port;protocol\n2026-03-06;07:00:00;"
            "JST;192.0.2.1;192.0.2.2;80;tcp\n"),
        "csv", "", "", "|2026-03-06T07:00:00+09:00|192.0.2.1:>192.0.2.2:80|tcp|\n",
        "ipv4 192.0.2.1, ipv4 192.0.2.2"},
    {"a table that is drawn",
        TEXT("+----\n|date                 |ip         |Url|\n+-----\n"
             "|2026-03-06 07:00:00 CEST |192.0.2.1 |http://b.example/\n+----\n"),
        "csv", "", "", "|2026-03-06T07:00:00+02:00|192.0.2.1:>:||\n",
        "url http://b.example/, ipv4 192.0.2.1"},
    {"a notice with blocks",
        TEXT("This is JPCERT/CC from Japan.\n\nfraudulent web site:\n    "
             "https[:]//b[.]example/path\n"
             "    (192.0.2.1)\n\nlegitimate web site:\n    https[:]//c[.]example/\n\nThanks: "
             "all.\n"),
        "", "", "fraud/phishing", "phishing||192.0.2.1:>:||\n",
        "url https://b.example/path, ipv4 192.0.2.1, url https://c.example/"},
    {"a table that is the whole mail",
        TOP("Content-Type: text/csv; name=a.csv\n\ntimestamp,ip\n2026-03-06 07:00:00 "
            "UTC,192.0.2.1\n"),
        "csv", "", "", "|2026-03-06T07:00:00+00:00|192.0.2.1:>:||\n", "ipv4 192.0.2.1"},
    {"X-ARF that is the whole mail",
        TOP("X-ARF: YES\nContent-Type: text/plain; name=report.txt\n\n" YAML), "xarf-0.1", "",
        "intrusion-attempts/brute-force", "login-attack|2026-03-06T07:19:02+09:00|192.0.2.7:>:||\n",
        "ipv4 192.0.2.7"},
    {"X-ARF that is something else",
        TOP("X-ARF: YES\nContent-Type: text/plain; name=a.txt\n\nTLP:RED JPCERT#12345678\n"
            "Source IP: 192.0.2.1\n"),
        "", "xarf-0.1 text: no report.txt", "", "", "ipv4 192.0.2.1", "TLP:RED"},
    {"a web page that is the whole mail",
        TOP("Content-Type: text/html; name=a.html\n\n<p>Source IP: 192.0.2.1<br>Port: 22</p>"), "",
        "", "", "||192.0.2.1:22>:||\n", "ipv4 192.0.2.1"},
    {"a notice with labels",
        TEXT(
            "< Log Information (timezone: UTC+0000) >\n\nSource IP : 192.0.2.1\nSource Port: 4444\n"
            "Time: 2026-03-06 07:00:00\n\nSource IP : 192.0.2.2\n\nSource: a newspaper\nURL: see "
            "below\n"),
        "", "", "", "|2026-03-06T07:00:00+00:00|192.0.2.1:4444>:||\n||192.0.2.2:>:||\n",
        "ipv4 192.0.2.1, ipv4 192.0.2.2"},
};

static void test_row(gconstpointer data)
{
    const struct row *row = data;
    g_autoptr(mado_facts) facts = report_of(row->mail);
    const struct report *report = facts->message->report;
    g_autofree char *formats = g_strjoinv(" ", report->formats);
    g_autofree char *damaged = g_strjoinv("; ", report->damaged);
    g_autofree char *sightings = report_sightings(report);
    g_autofree char *indicators = report_indicators(report);
    g_autofree char *markings = report_markings(report);

    g_assert_cmpstr(formats, ==, row->formats);
    g_assert_cmpstr(damaged, ==, row->damaged);
    g_assert_cmpstr(report->category, ==, row->category);
    g_assert_cmpstr(sightings, ==, row->sightings);
    g_assert_cmpstr(indicators, ==, row->indicators);
    g_assert_cmpstr(markings, ==, row->markings ? row->markings : "");
}

/* -- values: as they would be found in a text, and as formats name them -- */

static const struct {
    const char *written, *named; /* "kind value", or NULL */
    gboolean told;               /* even if nothing names it */
} values[] = {
    {"192.0.2.7", "ipv4 192.0.2.7", TRUE},
    {" 192[.]0[.]2[.]7 ", "ipv4 192.0.2.7", TRUE},
    {"192.0.2.7/24", "cidr 192.0.2.0/24", TRUE},
    {"2001:DB8::7/32", "cidr 2001:db8::/32", TRUE},
    {"[2001:DB8:0::7]", "ipv6 2001:db8::7", TRUE},
    {"192.0.2.7/33", "url 192.0.2.7/33", TRUE}, /* a page */
    {"192.0.2.7, 192.0.2.8", NULL, FALSE},
    {"WWW.B.example.", "domain www.b.example", TRUE},
    {"host.internal", "domain host.internal", FALSE},
    {"dc_1.corp.local", "domain dc_1.corp.local", FALSE},
    {"localhost", NULL, FALSE},
    {"1.2.3", NULL, FALSE},
    {"-a.local", NULL, FALSE},
    {"a b.local", NULL, FALSE},
    {"日本語.jp", "domain xn--wgv71a119e.jp", TRUE},
    {"hxxps[:]//B[.]example:443/C", "url https://b.example/C", TRUE},
    {"http://Intranet/a", "url http://intranet/a", FALSE},
    {"http://B.example/a.", "url http://b.example/a", TRUE},
    {"http://b.example/a b", NULL, FALSE},
    {"gopher://b.example/", NULL, FALSE},
    {"http://fd00:1::2:8080/a", NULL, FALSE},
    {"A[at]b.example", "mail a@b.example", TRUE},
    {"root@mail.corp", "mail root@mail.corp", FALSE},
    {"sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", TRUE},
    {"D41d8cd98f00b204e9800998ecf8427e", "md5 d41d8cd98f00b204e9800998ecf8427e", FALSE},
    {"cve-2026-1234", "cve CVE-2026-1234", TRUE},
    {"AS64496", "asn AS64496", TRUE},
    {"64496", NULL, FALSE},
    {"jvnvu#12345678", "jvn JVNVU#12345678", TRUE},
    {"", NULL, FALSE},
};

static void test_values(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autoptr(mado_report) report = report_new();
        g_autofree char *canonical = value_canonical(values[i].written);
        g_autofree char *found = NULL;
        gboolean added = value_add(report, values[i].written, "a");
        found = report_indicators(report);
        g_test_message("%s", values[i].written);
        g_assert_cmpstr(added ? found : NULL, ==, values[i].named);
        g_assert_cmpstr(canonical, ==, added ? strchr(found, ' ') + 1 : NULL);
        g_assert_cmpint(value_is_told(values[i].written), ==, values[i].told);
    }
}

/* What a format says the kind of needs less, and is of that kind or none. */
static void test_values_of_a_kind(void)
{
    static const struct {
        enum indicator_kind kind;
        const char *written, *found;
    } of_a_kind[] = {
        {INDICATOR_ASN, "64496", "asn AS64496"},
        {INDICATOR_ASN, "as4", "asn AS4"},
        {INDICATOR_ASN, "4294967296", ""},
        {INDICATOR_ASN, "192.0.2.1", ""},
        {INDICATOR_DOMAIN, "192.0.2.1", ""},
        {INDICATOR_DOMAIN, "evil.zip", "domain evil.zip"},
        {INDICATOR_MD5, "da39a3ee5e6b4b0d3255bfef95601890afd80709", ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(of_a_kind); i++) {
        g_autoptr(mado_report) report = report_new();
        g_autofree char *found = NULL;
        g_assert_cmpint(value_add_as(report, of_a_kind[i].kind, of_a_kind[i].written, "a"), ==,
            *of_a_kind[i].found != '\0');
        found = report_indicators(report);
        g_assert_cmpstr(found, ==, of_a_kind[i].found);
    }
}

/* Trackers write their numbers in subjects; ids of mails are made by programs. */
static void test_ids_of_mails_are_no_numbers(void)
{
    g_autoptr(mado_facts) facts =
        report_of("From: a@a.example\nSubject: [CERT.at #1234567] a\nReferences: "
                  "<JPCERT#12345678@a.example>\nIn-Reply-To: <INC000012345678@a.example>\n\nb\n");
    const GPtrArray *tickets = facts->message->report->tickets;

    g_assert_cmpuint(tickets->len, ==, 1);
    g_assert_cmpstr(((const struct ticket_ref *)tickets->pdata[0])->id, ==, "CERT.at #1234567");
}

/* -- what it costs: ten megabytes of anything are read in a few seconds, sanitizers included -- */

static const struct {
    const char *name, *type, *head, *again;
} floods[] = {
    {"a.json", "application/json", "{\"xarf_version\":", "["},
    {"a.json", "application/json", "{\"report_id\":1,\"xarf_version\":[", "{},"},
    {"a.json", "application/json", "{\"a\":\"", "\\\\"},
    {"a.xml", "text/xml", "<IODEF-Document>", "<a>"},
    {"a.xml", "text/xml", "<IODEF-Document ", "a=\"\" "},
    {"a.xml", "text/xml", "<IODEF-Document>", "&amp;"},
    {"a.csv", "text/csv", "ip,time\n", "192.0.2.1,2026-03-06 07:00:00\n"},
    {"a.csv", "text/csv", "ip,time\n", ","},
    {"a.csv", "text/csv", "ip,time\n", "\"\n"},
    {"a.txt", "text/plain", "", "a,b\n"},
    {"a.txt", "text/plain", "", "ip,port\n"},
    {"a.txt", "text/plain", "", "ip: 192.0.2.1\n"},
    {"a.txt", "text/plain", "phishing site:\n", "[.]"},
    {"a.txt", "text/plain", "phishing site:\n", "hxxp[.]\n"},
    {"report.txt", "text/plain", "\nReport-Type: a\n", "a: b\n"},
    {"report.txt", "text/plain", "\nReport-Type: a\n", "-"},
    {"a", "message/feedback-report", "a: b\n", " c\n"},
    {"a", "message/feedback-report", "", "a: b\n"},
};

/* Seconds of the processor: other programs run here, too. */
static double cost_of(const struct place *place, struct report *report)
{
    static void (*const finders[])(struct report *, const struct place *) = {
        arf_find, xarf_find, json_find, xml_find, csv_find, notice_find};
    clock_t begin = clock();

    for (gsize i = 0; i < G_N_ELEMENTS(finders); i++)
        finders[i](report, place);
    return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

static void test_flood(gconstpointer data)
{
    enum { MUCH = LIMIT_PART_BYTES - 1024, MOST_SECONDS = 5 };
    gsize number = GPOINTER_TO_SIZE(data);
    GString *text = g_string_new(floods[number].head);
    struct facts *facts = facts_new();
    double cost;

    while (text->len < MUCH)
        g_string_append(text, floods[number].again);
    cost = cost_of(
        &(struct place){text->str, floods[number].name, floods[number].type, FALSE, facts, NULL},
        facts->message->report);
    g_test_message("%.3f s", cost);
    g_assert_cmpfloat(cost, <, MOST_SECONDS);
    g_assert_cmpuint(facts->message->report->sightings->len, <=, LIMIT_SIGHTINGS);
    g_string_free(text, TRUE);
    facts_free(facts);
}

/* -- limits: what is within is read, one more is not -- */

static GString *repeated(const char *before, const char *again, guint times, const char *behind)
{
    GString *out = g_string_new(before);

    for (guint i = 0; i < times; i++)
        g_string_append(out, again);
    g_string_append(out, behind);
    return out;
}

/* What is damaged of a file with that text. */
static char *damage_of(const char *name, const char *type, GString *text)
{
    struct facts *facts = facts_new();
    char *damage;

    g_ptr_array_add(facts->parts, part_file_new(name, type, text->str));
    report_find(facts);
    damage = g_strjoinv("; ", facts->message->report->damaged);
    g_string_free(text, TRUE);
    facts_free(facts);
    return damage;
}

#define LONG(before, times, behind)                                                                \
    damage_of("a.json", "application/json", repeated(before, "[", times, behind))

static void test_limits(void)
{
    const char *begun = "{\"xarf_version\":1,\"report_id\":[0";
    /* The object is the first level, the colons and the brackets before count as values. */
    g_autofree char *deep = LONG("{\"xarf_version\":1,\"report_id\":", LIMIT_REPORT_DEPTH - 1, "");
    g_autofree char *deeper = LONG("{\"xarf_version\":1,\"report_id\":", LIMIT_REPORT_DEPTH, "");
    g_autofree char *many = damage_of(
        "a.json", "application/json", repeated(begun, ",0", LIMIT_REPORT_VALUES - 5, "]}"));
    g_autofree char *more = damage_of(
        "a.json", "application/json", repeated(begun, ",0", LIMIT_REPORT_VALUES - 4, "]}"));
    g_autofree char *lines = damage_of("report.txt", "text/plain",
        repeated("---\nReport-Type: a\n", "a: b\n", LIMIT_REPORT_LINES - 2, ""));
    g_autofree char *one_more = damage_of("report.txt", "text/plain",
        repeated("---\nReport-Type: a\n", "a: b\n", LIMIT_REPORT_LINES - 1, ""));

    g_assert_cmpstr(deep, ==, "xarf-4 a.json: is no JSON");
    g_assert_cmpstr(deeper, ==, "xarf-4 a.json: has too many values");
    g_assert_cmpstr(many, ==, "xarf-4 a.json: no xarf_version");
    g_assert_cmpstr(more, ==, "xarf-4 a.json: has too many values");
    g_assert_cmpstr(lines, ==, "xarf-0.1 report.txt: no reported-from");
    g_assert_cmpstr(one_more, ==, "xarf-0.1 report.txt: too many lines");
}

/* A table of more rows than are taken says so. */
static void test_rows(void)
{
    for (guint more = 0; more < 2; more++) {
        struct facts *facts = facts_new();
        GString *text = repeated("ip,port\n", "192.0.2.1,1\n", LIMIT_SIGHTINGS + more, "");
        g_ptr_array_add(facts->parts, part_file_new("a.csv", "text/csv", text->str));
        report_find(facts);
        g_assert_cmpuint(facts->message->report->sightings->len, ==, LIMIT_SIGHTINGS);
        g_assert_cmpint(facts->message->report->more, ==, more != 0);
        g_string_free(text, TRUE);
        facts_free(facts);
    }
}

/* -- moments -- */

static const struct {
    const char *text, *zone, *told; /* NULL: it is none */
} moments[] = {
    {"2026-03-06T08:00:00Z", NULL, "2026-03-06T08:00:00+00:00 1772784000"},
    {"2026-03-06t08:00:00.123+09:00", "UTC", "2026-03-06T08:00:00+09:00 1772751600"},
    {"2026-03-06 08:00 JST", NULL, "2026-03-06T08:00:00+09:00 1772751600"},
    {"2026/3/6 8:00:00 (UTC+9)", NULL, "2026-03-06T08:00:00+09:00 1772751600"},
    {"20260306T080000", "UTC", NULL},
    {"Fri, 6 Mar 2026 08:00:00 -0700 (MST)", NULL, "2026-03-06T08:00:00-07:00 1772809200"},
    {"06 Mar 2026 08:00:00 GMT", NULL, "2026-03-06T08:00:00+00:00 1772784000"},
    {"[06/Mar/2026:08:00:00 +0900]", NULL, "2026-03-06T08:00:00+09:00 1772751600"},
    {"2026-03-06 08:00:00", "UTC+0000", "2026-03-06T08:00:00+00:00 1772784000"},
    {"2026-03-06 08:00:00", "+0530", "2026-03-06T08:00:00+05:30 1772764200"},
    {"2026-03-06 08:00:00", NULL, NULL},
    {"2026-03-06 08:00:00", "here", NULL},
    {"2026-03-06", "UTC", NULL},
    {"2026-02-29 08:00:00", "UTC", NULL},
    {"2026-03-06 24:00:00", "UTC", NULL},
    {"2026-03-06 08:00:00+15:00", NULL, NULL},
    {"2026-03-06 08:00:00Z or so", NULL, NULL},
    {"", "UTC", NULL},
};

static void test_moments(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(moments); i++) {
        g_autofree char *moment = NULL;
        g_autofree char *told = NULL;
        gint64 at;
        if (time_read(moments[i].text, moments[i].zone, &moment, &at))
            told = g_strdup_printf("%s %" G_GINT64_FORMAT, moment, at);
        g_test_message("%s", moments[i].text);
        g_assert_cmpstr(told, ==, moments[i].told);
    }
}

/* The same word is of one class, whichever format says it; and each type of XARF 4 has one. */
static void test_classes_of_rsit(void)
{
    static const char *const others[][2] = {{"fraud", "fraud/phishing"},
        {"content fraud", "fraud/masquerade"}, {"blocklist", "other/undetermined"},
        {"Blocklist", "other/undetermined"}, {"DNSBL-listing", "abusive-content/spam"},
        {"nothing", NULL}};
    static const char *const types[] = {"spam", "bulk_messaging", "phishing", "malware", "fraud",
        "brand_infringement", "exposed_data", "remote_compromise", "suspicious_registration",
        "copyright", "p2p", "cyberlocker", "link_site", "ugc_platform", "usenet", "ddos",
        "infected_host", "login_attack", "port_scan", "reconnaissance", "scraping", "sql_injection",
        "vulnerability_scan", "cve", "open_service", "misconfiguration", "botnet",
        "compromised_server", "blocklist", "threat_intelligence"};

    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        g_assert_nonnull(category_of(types[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_cmpstr(category_of(others[i][0]), ==, others[i][1]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    read_warm(FALSE);
    report_warm();
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = g_strconcat("/formats/", rows[i].name, NULL);
        g_test_add_data_func(name, &rows[i], test_row);
    }
    g_test_add_func("/formats/classes of rsit", test_classes_of_rsit);
    g_test_add_func("/formats/values", test_values);
    g_test_add_func("/formats/values of a kind", test_values_of_a_kind);
    g_test_add_func("/formats/ids of mails are no numbers", test_ids_of_mails_are_no_numbers);
    g_test_add_func("/formats/moments", test_moments);
    g_test_add_func("/formats/limits", test_limits);
    g_test_add_func("/formats/rows of a table", test_rows);
    for (gsize i = 0; i < G_N_ELEMENTS(floods); i++) {
        g_autofree char *name = g_strdup_printf("/formats/flood %" G_GSIZE_FORMAT, i + 1);
        g_test_add_data_func(name, GSIZE_TO_POINTER(i), test_flood);
    }
    return g_test_run();
}
