//! Sizes and times for people. Programs get exact numbers.

use std::time::{SystemTime, UNIX_EPOCH};

/// `1.2 MB`: decimal units, one digit behind the point, as file managers and shops write them.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    // A number that would be rounded to 1000.0 of a unit is 1.0 of the next.
    let unit = UNITS.iter().find(|(unit, _)| bytes.saturating_add(unit / 20_000) >= *unit);
    match unit {
        None => format!("{bytes} B"),
        Some((unit, name)) => {
            let tenths = (u128::from(bytes) * 10 + u128::from(*unit) / 2) / u128::from(*unit);
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
    }
}

/// `0.08s`, as cargo writes it.
pub(crate) fn millis(millis: u64) -> String {
    format!("{}.{:02}s", millis / 1000, millis % 1000 / 10)
}

/// `2026-01-05 13:37 UTC`, from milliseconds since 1970.
pub(crate) fn utc(millis: u64) -> String {
    let minutes = millis / 60_000;
    let (days, minutes) = (minutes / 1440, minutes % 1440);
    // In years that begin in March, leap days come last; the calendar repeats every 400 of them,
    // which are 146097 days. The first of them here began in the year 0.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", minutes / 60, minutes % 60)
}

/// Milliseconds since 1970.
pub(crate) fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}

/// `2 hours ago`, of two moments in milliseconds since 1970; the day after a month, and for a moment that
/// is still to come.
pub(crate) fn ago(then: u64, now: u64) -> String {
    const MINUTE: u64 = 60_000;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    // Clocks of two machines differ a little.
    if then > now.saturating_add(MINUTE) {
        return utc(then);
    }
    let passed = now.saturating_sub(then);
    let (count, unit) = match passed {
        _ if passed < MINUTE => return "just now".to_owned(),
        _ if passed < HOUR => (passed / MINUTE, "minute"),
        _ if passed < DAY => (passed / HOUR, "hour"),
        _ if passed < 30 * DAY => (passed / DAY, "day"),
        _ => {
            let moment = utc(then);
            return moment.split(' ').next().unwrap_or_default().to_owned();
        }
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_one_digit_behind_the_point() {
        let sizes = [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (34_816, "34.8 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (1_234_567, "1.2 MB"),
            (999_950_000, "1.0 GB"),
            (4_294_967_295, "4.3 GB"),
        ];
        for (size, shown) in sizes {
            assert_eq!(bytes(size), shown, "{size}");
        }
        assert_eq!(bytes(u64::MAX), "18446744.1 TB");
    }

    #[test]
    fn times_are_in_seconds() {
        assert_eq!([millis(0), millis(83), millis(61_230)], ["0.00s", "0.08s", "61.23s"]);
    }

    #[test]
    fn how_long_ago_something_was_is_said_in_the_largest_unit_that_fits() {
        const NOW: u64 = 1_767_225_600_000;
        for (seconds, shown) in [
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (3_599, "59 minutes ago"),
            (7_200, "2 hours ago"),
            (86_400, "1 day ago"),
            (29 * 86_400, "29 days ago"),
            (30 * 86_400, "2025-12-02"),
        ] {
            assert_eq!(ago(NOW - seconds * 1000, NOW), shown, "{seconds}");
        }
        assert_eq!(ago(NOW + 30_000, NOW), "just now");
        assert_eq!(ago(NOW + 3_600_000, NOW), "2026-01-01 01:00 UTC");
    }

    #[test]
    fn moments_are_shown_as_in_a_calendar() {
        for (seconds, shown) in [
            (0, "1970-01-01 00:00 UTC"),
            (951_782_399, "2000-02-28 23:59 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (951_868_800, "2000-03-01 00:00 UTC"),
            (1_767_225_599, "2025-12-31 23:59 UTC"),
            (1_767_225_600, "2026-01-01 00:00 UTC"),
            (4_107_542_400, "2100-03-01 00:00 UTC"),
        ] {
            assert_eq!(utc(seconds * 1000), shown, "{seconds}");
        }
        assert!(utc(u64::MAX).ends_with(" UTC"), "whatever a file system says");
    }
}
