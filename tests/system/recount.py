"""The figures of a year, counted again from the rows of the store, and by nothing that mado has for it: other tables
where there are others, another calendar, another library."""

import collections
import datetime
import re

NAMES = {"phishing": "phishing site", "scan": "scan", "infected-system": "infected system", "infection": "infected system",
         "dos": "denial of service", "ddos": "denial of service", "other": "other"}
MINUTE, DAY = 60, 86400
QUICK = [60, 300, 900, 1800, 3600, 4 * 3600, DAY]
SLOW = [3600, 4 * 3600, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY]


class Recount:
    def __init__(self, store, zone, year):
        self.store, self.zone, self.year = store, zone, year
        self.begins = int(datetime.datetime(year, 1, 1, tzinfo=zone).timestamp())
        self.ends = int(datetime.datetime(year + 1, 1, 1, tzinfo=zone).timestamp())

    def rows(self, sql, *values):
        return self.store.execute(sql, values).fetchall()

    def local(self, at):
        return datetime.datetime.fromtimestamp(at, self.zone)

    def within(self, at):
        return self.begins <= at < self.ends

    def opened(self):
        """When each incident was opened, as the journal says."""
        return {incident: at for incident, at in self.rows("SELECT incident, at FROM journal WHERE kind = 'opened'") if self.within(at)}

    def months(self):
        count = collections.Counter(self.local(at).strftime("%Y-%m") for at in self.opened().values())
        return {f"{self.year}-{month:02}": count[f"{self.year}-{month:02}"] for month in range(1, 13)}

    def hours(self):
        count = collections.Counter(self.local(at).hour for at in self.opened().values())
        return [count[hour] for hour in range(24)]

    def weekdays(self):
        count = collections.Counter(self.local(at).weekday() for at in self.opened().values())
        return [count[day] for day in range(7)]

    def by(self, column):
        opened = self.opened()
        return dict(collections.Counter(value for incident, value in self.rows(f"SELECT id, {column} FROM incident") if incident in opened))

    def coordinations(self):
        """As the letters say that asked for something, the first of each."""
        firsts = self.rows("SELECT min(outbox.created_at) FROM writing JOIN outbox ON outbox.id = writing.letter"
                           " WHERE writing.coordination <> 0 GROUP BY writing.coordination")
        count = collections.Counter(self.local(at).strftime("%Y-%m") for at, in firsts if self.within(at))
        return [count[f"{self.year}-{month:02}"] for month in range(1, 13)]

    # -- how long -----------------------------------------------------------------------------

    def acknowledged(self):
        """When the first acknowledgement of each had gone."""
        return dict(self.rows("SELECT incident, min(changed_at) FROM outbox WHERE kind = 'ack' AND state = 'sent' GROUP BY incident"))

    def triaged(self):
        """When a person did something with it for the first time."""
        return dict(self.rows("SELECT incident, min(at) FROM journal WHERE actor <> 'mado' AND incident <> 0 GROUP BY incident"))

    def spans(self, moments):
        opened = dict(self.rows("SELECT incident, at FROM journal WHERE kind = 'opened'"))
        return sorted(max(at - opened[incident], 0) for incident, at in moments.items() if self.within(at))

    def histogram(self, spans, bins):
        return [sum(1 for span in spans if low < span <= high or (low == 0 and span == 0))
                for low, high in zip([0, *bins], [*bins, 10 ** 12])]

    def middle(self, spans, hundredth):
        return spans[max(-(-len(spans) * hundredth // 100), 1) - 1]

    # -- business time, minute by minute ------------------------------------------------------

    def is_open(self, at, calendar):
        local = self.local(at)
        return (local.weekday() < 5 and calendar["from"] <= local.hour < calendar["to"] and local.strftime("%Y-%m-%d") not in calendar["holidays"]
                and local.strftime("%m-%d") not in calendar["closed"])

    def due(self, at, span, calendar):
        """When so much of it is over: each minute is looked at, one after the other."""
        always = span.startswith("24x7 ")
        number, unit = int(re.search(r"\d+", span.removeprefix("24x7 "))[0]), span[-1]
        length = (calendar["to"] - calendar["from"]) * 60 if unit == "d" and not always else 1440
        minutes = number * {"m": 1, "h": 60, "d": length}[unit]
        if always:
            return at + minutes * MINUTE
        while minutes:
            if self.is_open(at, calendar):
                minutes -= 1
            at += MINUTE
        return at
