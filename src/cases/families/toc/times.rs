//! Times: the calendar, and what RFC 3339 does not allow.

use super::{Builder, Decimal, EditInPlace, EntryTypeOutput, G5, Rule, Tag, entry, output, toc};

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

impl Builder<'_> {
    pub(super) fn times(&mut self) {
        self.calendar();
        self.first_and_last();
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
            .tags(&[Tag("boundary")]);
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
            .tags(&[Tag("boundary")]);
    }
}
