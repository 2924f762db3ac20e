//! Paths in URIs.

/// A path with `/` in the spelling of RFC 3986.
pub(super) fn of_path(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte.into());
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_uri_has_no_place_for_is_percent_encoded() {
        let check = |path: &str, expected: &str| assert_eq!(of_path(path), expected);
        check("assets/ui/atlas/asset.json", "assets/ui/atlas/asset.json");
        check("my games/50%/é:#?.png", "my%20games/50%25/%C3%A9%3A%23%3F.png");
    }
}
