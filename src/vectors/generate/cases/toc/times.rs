//! Times: the calendar, and what RFC 3339 does not allow.

use super::{BASE, Bench, Broken, Choice, Decimal, EditInPlace, EntryTypeOutput, G5, Rule, Tag, entry, output, toc};

/// Times with another offset than that of UTC, and the same in UTC.
const CALENDAR: &[(&str, &str)] = &[
    ("0000-02-29T23:59:59-00:01", "0000-03-01T00:00:59Z"),
    ("0001-01-01T00:00:01+00:00", "0001-01-01T00:00:01Z"),
    ("0004-03-01T00:00:00+00:01", "0004-02-29T23:59:00Z"),
    ("0100-03-01T00:00:00+00:01", "0100-02-28T23:59:00Z"),
    ("1582-10-15T00:00:00+12:00", "1582-10-14T12:00:00Z"),
    ("1600-12-31T23:00:00-01:00", "1601-01-01T00:00:00Z"),
    ("1900-02-28T23:30:00-00:30", "1900-03-01T00:00:00Z"),
    ("1969-12-31T22:30:00.25-01:29", "1969-12-31T23:59:00.25Z"),
    ("1970-02-01T00:00:00+00:01", "1970-01-31T23:59:00Z"),
    ("1999-12-31T10:00:00-14:00", "2000-01-01T00:00:00Z"),
    ("2000-03-01T23:58:00+23:59", "2000-02-29T23:59:00Z"),
    ("2000-12-31T00:00:00-23:59", "2000-12-31T23:59:00Z"),
    ("2001-02-28T23:59:59-00:01", "2001-03-01T00:00:59Z"),
    ("2003-03-31T23:00:00-01:00", "2003-04-01T00:00:00Z"),
    ("2003-04-30T23:00:00-01:00", "2003-05-01T00:00:00Z"),
    ("2003-05-31T23:00:00-01:00", "2003-06-01T00:00:00Z"),
    ("2003-06-30T23:00:00-01:00", "2003-07-01T00:00:00Z"),
    ("2003-07-31T23:00:00-01:00", "2003-08-01T00:00:00Z"),
    ("2003-08-31T23:00:00-01:00", "2003-09-01T00:00:00Z"),
    ("2003-09-30T23:00:00-01:00", "2003-10-01T00:00:00Z"),
    ("2003-10-31T23:00:00-01:00", "2003-11-01T00:00:00Z"),
    ("2003-11-30T23:00:00-01:00", "2003-12-01T00:00:00Z"),
    ("2004-02-28T23:30:00-00:30", "2004-02-29T00:00:00Z"),
    ("2004-12-31T23:59:59-00:00", "2004-12-31T23:59:59Z"),
    ("2005-01-01T00:00:00+01:00", "2004-12-31T23:00:00Z"),
    ("2038-01-19T03:14:08+00:00", "2038-01-19T03:14:08Z"),
    ("2100-02-28T22:00:00-02:00", "2100-03-01T00:00:00Z"),
    ("2399-12-31T23:00:00-01:00", "2400-01-01T00:00:00Z"),
    ("2400-02-29T12:00:00+12:00", "2400-02-29T00:00:00Z"),
    ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"),
];

impl Bench<'_> {
    pub(super) fn times(&mut self) {
        self.calendar();
        self.first_and_last();
        self.letters_and_leap_seconds();
        self.no_times();
    }

    fn calendar(&mut self) {
        let entries: Vec<String> = CALENDAR
            .iter()
            .enumerate()
            .map(|(index, (written, _))| {
                format!(r#"{{"type":"dir","name":"d{index}","mode":493,"modtime":"{written}"}}"#)
            })
            .collect();
        let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
        let read = CALENDAR.iter().enumerate().map(|(index, (_, utc))| {
            entry(EntryTypeOutput::Dir, &format!("d{index}")).edit(|entry| {
                entry.mode = Decimal(493);
                entry.modtime = Some((*utc).to_owned());
            })
        });
        let input = self.input(G5, toc(&entries).as_bytes());
        self.cases
            .valid(
                "time-calendar",
                "times at the ends of months, years and centuries, with offsets",
                "The calendar is a few lines of everyone's own, wrong by a day at the end of a month, in one year of four, \
                 of a hundred or of four hundred.",
                input,
                output(read.collect()),
            )
            .rules(&[Rule::EntryTime])
            .dialects(&[G5])
            .tags(&[Tag::Boundary]);
    }

    fn first_and_last(&mut self) {
        let times = [
            ("0000-01-01T23:59:00+23:59", "0000-01-01T00:00:00Z"),
            ("9999-12-31T00:00:59.5-23:59", "9999-12-31T23:59:59.5Z"),
        ];
        let json =
            times.map(|(written, _)| format!(r#"{{"type":"dir","name":"{}","modtime":"{written}"}}"#, &written[..4]));
        let input = self.input(G5, toc(&json.each_ref().map(String::as_str)).as_bytes());
        let read = times.map(|(written, utc)| {
            entry(EntryTypeOutput::Dir, &written[..4]).edit(|entry| entry.modtime = Some(utc.to_owned()))
        });
        self.cases
            .valid(
                "time-first-and-last",
                "the first and the last time of the years 0 to 9999, with offsets",
                "The offset is applied to a year at the end of the calendar, and the time is refused or another one.",
                input,
                output(read.to_vec()),
            )
            .rules(&[Rule::EntryTime])
            .dialects(&[G5])
            .tags(&[Tag::Boundary]);
    }

    /// What RFC 3339 allows and Go does not read.
    fn letters_and_leap_seconds(&mut self) {
        for (slug, title, written) in [
            (
                "time-lower-case-t",
                "a time with `t` in lower case",
                "2023-11-14t22:13:20.5Z",
            ),
            (
                "time-lower-case-z",
                "a time with `z` in lower case",
                "2023-11-14T22:13:20.5z",
            ),
        ] {
            self.either(
                slug,
                title,
                "RFC 3339 allows it and asks writers for upper case; Go, in which all writers are written, neither writes nor reads it.",
                (Choice::LowerCaseTimes, Rule::EntryTime),
                &BASE.replace("2023-11-14T22:13:20.5Z", written),
                |_| {},
            );
        }
        for (slug, title, written) in [
            (
                "time-leap-second",
                "the leap second at the end of 2016",
                "2016-12-31T23:59:60Z",
            ),
            (
                "time-leap-second-in-zone",
                "the leap second at the end of 2016 in another zone",
                "2017-01-01T05:29:60+05:30",
            ),
        ] {
            self.either(
                slug,
                title,
                "RFC 3339 has leap seconds, Unix time has none: Go refuses them, and who reads one takes it for the second after it.",
                (Choice::LeapSeconds, Rule::EntryTime),
                &BASE.replace("2023-11-14T22:13:20.5Z", written),
                |toc| toc.entries[1].modtime = Some("2017-01-01T00:00:00Z".into()),
            );
        }
    }

    fn no_times(&mut self) {
        let time = &[Rule::EntryTime][..];
        let from = "2023-11-14T22:13:20.5Z";
        let rows = [
            ("time-day-0", "day 0", "2023-11-00T22:13:20Z"),
            ("time-day-31-november", "31 November", "2023-11-31T22:13:20Z"),
            ("time-day-32", "day 32", "2023-12-32T22:13:20Z"),
            (
                "time-leap-day-of-century",
                "29 February of a century that is no leap year",
                "1900-02-29T22:13:20Z",
            ),
            ("time-month-0", "month 0", "2023-00-14T22:13:20Z"),
            ("time-minute-60", "minute 60", "2023-11-14T22:60:20Z"),
            (
                "time-second-60",
                "second 60 of a minute that has no leap second",
                "2023-11-14T22:13:60Z",
            ),
            ("time-second-61", "second 61", "2023-11-14T22:13:61Z"),
            (
                "time-zone-hour-24",
                "an offset of 24 hours",
                "2023-11-14T22:13:20+24:00",
            ),
            (
                "time-zone-minute-60",
                "an offset with minute 60",
                "2023-11-14T22:13:20-00:60",
            ),
            ("time-zone-cut", "an offset without minutes", "2023-11-14T22:13:20+01"),
            ("time-hour-one-digit", "an hour of one digit", "2023-11-14T2:13:20Z"),
            (
                "time-fraction-comma",
                "a fraction behind a comma",
                "2023-11-14T22:13:20,5Z",
            ),
            (
                "time-before-year-0",
                "a time that is before the year 0 in UTC",
                "0000-01-01T00:00:00.5+00:01",
            ),
            (
                "time-after-year-9999",
                "a time that is after the year 9999 in UTC",
                "9999-12-31T23:59:59.5-00:01",
            ),
            (
                "time-sign-in-number",
                "a sign in place of a digit of the day",
                "2023-11-+4T22:13:20Z",
            ),
        ]
        .map(|(slug, change, to)| Broken::new(slug, change, time, from, to));
        self.broken(
            "A time that cannot be read counts as none or as another one, and differs from that of the tar.",
            &rows,
        );
    }
}
