//! Times of a TOC entry.
//!
//! A TOC writes times as RFC 3339 with any number of digits after the second and any zone, and every generation of
//! writers does so a little differently; what is compared is the instant. Go's zero time, which is the start of year 1,
//! and second 0 of Unix time both stand for "no time".
//!
//! Reading is as strict as RFC 3339 where Go is lax: an hour has two digits, a fraction begins with a point, a zone is
//! less than a day away, and the instant is in the years 0 to 9999 of UTC, so that it can be written in UTC again. It is as
//! strict as Go where RFC 3339 is lax: `T` and `Z` are in upper case, and there is no leap second. As in Go, digits of a
//! fraction beyond the ninth are dropped and not rounded: Go's tar reader drops those of a PAX record in the same way, so
//! that TOC and tar still agree.

use std::{fmt, str::FromStr};

const SECONDS_PER_DAY: i64 = 86_400;

/// Second 0 of year 1, in seconds since second 0 of Unix time.
const YEAR_ONE: i64 = -62_135_596_800;

/// The seconds of the years 0 to 9999, which RFC 3339 can write in UTC.
const WRITABLE: std::ops::RangeInclusive<i64> = -62_167_219_200..=253_402_300_799;

/// An instant, to the nanosecond.
///
/// ```
/// use chunkproof::format::time::Timestamp;
///
/// let time: Timestamp = "2024-02-29T23:30:00.250-01:00".parse().unwrap();
/// assert_eq!(time.to_string(), "2024-03-01T00:30:00.25Z");
/// assert!("2023-02-29T00:00:00Z".parse::<Timestamp>().is_err());
/// assert!("9999-12-31T23:59:59-00:01".parse::<Timestamp>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp {
    seconds: i64,
    nanos: u32,
}

impl Timestamp {
    /// The instant so many whole seconds after second 0 of Unix time, and so many nanoseconds later; none if those make
    /// a second or more.
    pub const fn from_unix(seconds: i64, nanos: u32) -> Option<Self> {
        if nanos < 1_000_000_000 {
            Some(Self { seconds, nanos })
        } else {
            None
        }
    }

    /// Whole seconds since second 0 of Unix time, rounded down.
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds since the start of the second, less than 10^9.
    pub const fn nanos(self) -> u32 {
        self.nanos
    }

    /// The nearest whole second, the later one of two, as Go's `Time.Round` gives it.
    pub const fn rounded(self) -> Self {
        Self {
            seconds: if self.nanos >= 500_000_000 {
                self.seconds.saturating_add(1)
            } else {
                self.seconds
            },
            nanos: 0,
        }
    }

    /// Whether a writer means "no time" by it.
    pub const fn is_unset(self) -> bool {
        self.nanos == 0 && (self.seconds == 0 || self.seconds == YEAR_ONE)
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        parse(text.as_bytes()).ok_or(InvalidTime)
    }
}

/// RFC 3339 in UTC, without trailing zeros after the second. A year that RFC 3339 has not gets a sign or more digits.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = Date::from_days(self.seconds.div_euclid(SECONDS_PER_DAY));
        let second = self.seconds.rem_euclid(SECONDS_PER_DAY);
        let (minute, second) = (second.div_euclid(60), second.rem_euclid(60));
        let (hour, minute) = (minute.div_euclid(60), minute.rem_euclid(60));
        write!(f, "{date}T{hour:02}:{minute:02}:{second:02}")?;
        if self.nanos != 0 {
            let digits = format!("{:09}", self.nanos);
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not a time of RFC 3339 (TOC-18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTime;

impl fmt::Display for InvalidTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a time of RFC 3339")
    }
}

impl std::error::Error for InvalidTime {}

fn parse(text: &[u8]) -> Option<Timestamp> {
    let mut rest = Fields(text);
    let year = rest.number(4, 0..=9999)?;
    rest.literal(b'-')?;
    let month = rest.number(2, 1..=12)?;
    rest.literal(b'-')?;
    let day = rest.number(2, 1..=days_in_month(year, month))?;
    rest.literal(b'T')?;
    let hour = rest.number(2, 0..=23)?;
    rest.literal(b':')?;
    let minute = rest.number(2, 0..=59)?;
    rest.literal(b':')?;
    let second = rest.number(2, 0..=59)?;
    let nanos = rest.fraction()?;
    let zone = rest.zone()?;
    if !rest.0.is_empty() {
        return None;
    }
    let days = Date { year, month, day }.days();
    let seconds = days
        .checked_mul(SECONDS_PER_DAY)?
        .checked_add(seconds_of(hour, minute))?
        .checked_add(second)?
        .checked_sub(zone)?;
    if !WRITABLE.contains(&seconds) {
        return None;
    }
    Timestamp::from_unix(seconds, nanos)
}

/// What is left of a time's text.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn literal(&mut self, expected: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[expected])?;
        Some(())
    }

    fn number(&mut self, digits: usize, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        if !number.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let number = std::str::from_utf8(number).ok()?.parse().ok()?;
        range.contains(&number).then_some(number)
    }

    /// The digits after the second, in nanoseconds.
    fn fraction(&mut self) -> Option<u32> {
        let Some(digits) = self.0.strip_prefix(b".") else {
            return Some(0);
        };
        let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            return None;
        }
        let (digits, rest) = digits.split_at_checked(length)?;
        self.0 = rest;
        let padded = digits.iter().copied().chain(std::iter::repeat(b'0'));
        let nine: String = padded.take(9).map(char::from).collect();
        nine.parse().ok()
    }

    /// Seconds that the zone is ahead of UTC.
    fn zone(&mut self) -> Option<i64> {
        let sign = match self.0.split_first()? {
            (b'Z', rest) => {
                self.0 = rest;
                return Some(0);
            }
            (b'+', rest) => (1i64, rest),
            (b'-', rest) => (-1, rest),
            _ => return None,
        };
        self.0 = sign.1;
        let hour = self.number(2, 0..=23)?;
        self.literal(b':')?;
        let minute = self.number(2, 0..=59)?;
        sign.0.checked_mul(seconds_of(hour, minute))
    }
}

const fn seconds_of(hour: i64, minute: i64) -> i64 {
    hour.saturating_mul(60).saturating_add(minute).saturating_mul(60)
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

const fn is_leap(year: i64) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

/// A day of the Gregorian calendar, which is extended to all years.
struct Date {
    year: i64,
    month: i64,
    day: i64,
}

/// Days in 400 years, after which the calendar repeats.
const DAYS_PER_ERA: i64 = 146_097;

/// Days from 1 March of year 0 to 1 January 1970.
const MARCH_ZERO: i64 = 719_468;

/// Years are counted from March here, so that the leap day is the last of its year, and the months before a month have
/// `(153 * months + 2) / 5` days together.
impl Date {
    /// Days since 1 January 1970.
    #[expect(clippy::arithmetic_side_effects, reason = "the year has at most 4 digits")]
    const fn days(&self) -> i64 {
        let years = if self.month <= 2 { self.year - 1 } else { self.year };
        let months = (self.month + 9).rem_euclid(12);
        let leap_days = years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
        let day_of_year = (153 * months + 2).div_euclid(5) + self.day - 1;
        365 * years + leap_days + day_of_year - MARCH_ZERO
    }

    /// The date so many days after 1 January 1970.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "seconds of 64 bits are less than 2^47 days"
    )]
    const fn from_days(days: i64) -> Self {
        let days = days + MARCH_ZERO;
        let era = days.div_euclid(DAYS_PER_ERA);
        let day = days.rem_euclid(DAYS_PER_ERA);
        // Leap days fall every 1460 days, but not every 36524, but again on the last day of the era.
        let regular = day - day.div_euclid(1460) + day.div_euclid(36_524) - day.div_euclid(DAYS_PER_ERA - 1);
        let years = regular.div_euclid(365);
        let day_of_year = day - (365 * years + years.div_euclid(4) - years.div_euclid(100));
        let months = (5 * day_of_year + 2).div_euclid(153);
        let month = (months + 2).rem_euclid(12) + 1;
        let january_or_february = if month <= 2 { 1 } else { 0 };
        Self {
            year: era * 400 + years + january_or_february,
            month,
            day: day_of_year - (153 * months + 2).div_euclid(5) + 1,
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.year < 0 { "-" } else { "" };
        let year = self.year.unsigned_abs();
        write!(f, "{sign}{year:04}-{:02}-{:02}", self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::{Date, InvalidTime, Timestamp};

    #[test]
    fn instants() {
        for (text, seconds, nanos, canonical) in [
            ("1970-01-01T00:00:00Z", 0, 0, "1970-01-01T00:00:00Z"),
            ("2023-11-14T22:13:20Z", 1_700_000_000, 0, "2023-11-14T22:13:20Z"),
            ("2023-11-14T23:43:20+01:30", 1_700_000_000, 0, "2023-11-14T22:13:20Z"),
            ("2023-11-13T22:14:20-23:59", 1_700_000_000, 0, "2023-11-14T22:13:20Z"),
            ("2023-11-14T22:13:20-00:00", 1_700_000_000, 0, "2023-11-14T22:13:20Z"),
            ("1969-12-31T23:59:59.5Z", -1, 500_000_000, "1969-12-31T23:59:59.5Z"),
            (
                "2000-02-29T00:00:00.000000001Z",
                951_782_400,
                1,
                "2000-02-29T00:00:00.000000001Z",
            ),
            (
                "2000-02-29T00:00:00.0000000019Z",
                951_782_400,
                1,
                "2000-02-29T00:00:00.000000001Z",
            ),
            (
                "2000-02-29T00:00:00.120Z",
                951_782_400,
                120_000_000,
                "2000-02-29T00:00:00.12Z",
            ),
            ("0001-01-01T00:00:00Z", -62_135_596_800, 0, "0001-01-01T00:00:00Z"),
            ("0000-01-01T23:59:00+23:59", -62_167_219_200, 0, "0000-01-01T00:00:00Z"),
            ("9999-12-31T00:00:59-23:59", 253_402_300_799, 0, "9999-12-31T23:59:59Z"),
            (
                "9999-12-31T23:59:59.999999999Z",
                253_402_300_799,
                999_999_999,
                "9999-12-31T23:59:59.999999999Z",
            ),
        ] {
            let time = Timestamp::from_unix(seconds, nanos).unwrap();
            assert_eq!(text.parse(), Ok(time), "{text}");
            assert_eq!(time.to_string(), canonical, "{text}");
        }
    }

    #[test]
    fn refused() {
        for text in [
            "",
            "Z",
            "2020-01-01",
            "2020-01-01T00:00:00",
            "2020-01-01 00:00:00Z",
            "2020-01-01t00:00:00Z",
            "2020-01-01T00:00:00z",
            "2020-1-01T00:00:00Z",
            "20200-01-01T00:00:00Z",
            "+020-01-01T00:00:00Z",
            "2020-00-01T00:00:00Z",
            "2020-13-01T00:00:00Z",
            "2020-01-00T00:00:00Z",
            "2020-04-31T00:00:00Z",
            "2020-02-30T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2020-01-01T24:00:00Z",
            "2020-01-01T00:60:00Z",
            "2020-01-01T00:00:60Z",
            "2020-01-01T0:00:00Z",
            "2020-01-01T00:00:00.Z",
            "2020-01-01T00:00:00,5Z",
            "2020-01-01T00:00:00.-5Z",
            "2020-01-01T00:00:00+24:00",
            "2020-01-01T00:00:00+00:60",
            "2020-01-01T00:00:00+0000",
            "2020-01-01T00:00:00+00",
            "2020-01-01T00:00:00ZZ",
            "2020-01-01T00:00:00Z ",
            "0000-01-01T23:58:59+23:59",
            "0000-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(InvalidTime), "{text:?}");
        }
    }

    #[test]
    fn every_day_has_one_date() {
        for days in -1_000_000..=3_000_000 {
            let date = Date::from_days(days);
            assert_eq!(date.days(), days, "{date}");
            assert!(
                (1..=super::days_in_month(date.year, date.month)).contains(&date.day),
                "{date}"
            );
        }
    }

    /// What is read can be written, and is then read as the same.
    #[test]
    fn what_is_read_is_written_in_four_digits_of_a_year() {
        let days = (1..=31).flat_map(|day| [("0000-01", day), ("0001-01", day), ("9999-12", day)]);
        let (mut read, mut refused) = (0, 0);
        for ((month, day), zone) in days.flat_map(|day| ["Z", "+23:59", "-23:59"].map(|zone| (day, zone))) {
            let Ok(time) = format!("{month}-{day:02}T12:30:00.5{zone}").parse::<Timestamp>() else {
                refused += 1;
                continue;
            };
            let written = time.to_string();
            assert_eq!(
                (written.len(), written.parse()),
                ("0000-01-01T12:30:00.5Z".len(), Ok(time))
            );
            read += 1;
        }
        assert_eq!((read, refused), (277, 2));
    }

    #[test]
    fn the_ends_of_time_can_be_printed() {
        for seconds in [i64::MIN, i64::MAX] {
            let time = Timestamp::from_unix(seconds, 999_999_999).unwrap();
            assert!(time.to_string().ends_with(".999999999Z"));
        }
    }

    #[test]
    fn unset_times_count_as_absent() {
        for (text, unset) in [
            ("0001-01-01T00:00:00Z", true),
            ("1970-01-01T01:00:00+01:00", true),
            ("1970-01-01T00:00:00.1Z", false),
            ("1970-01-01T00:00:01Z", false),
        ] {
            assert_eq!(text.parse().map(Timestamp::is_unset), Ok(unset), "{text}");
        }
    }
}
