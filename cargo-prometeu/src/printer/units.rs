//! Sizes and times for people. Programs get exact numbers.

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
}
