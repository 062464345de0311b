//! Patterns of ids.

/// Whether the id matches a pattern in which `*` stops at a slash and `**` does not.
pub(crate) fn matches(pattern: &str, id: &str) -> bool {
    let Some(at) = pattern.find('*') else {
        return pattern == id;
    };
    let (before, stars) = pattern.split_at(at);
    let Some(rest) = id.strip_prefix(before) else {
        return false;
    };
    let (crosses, after) = match stars.strip_prefix("**") {
        Some(after) => (true, after),
        None => (false, &stars[1..]),
    };
    let end = if crosses {
        rest.len()
    } else {
        rest.find('/').unwrap_or(rest.len())
    };
    (0..=end).any(|taken| rest.is_char_boundary(taken) && matches(after, &rest[taken..]))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_stop_at_a_slash() {
        for (pattern, id, expected) in [
            ("a/*", "a/b", true),
            ("a/*c", "a/bcc", true),
            ("*", "a/b", false),
            ("**", "a/b", true),
            ("a/b", "a/bc", false),
            ("a/b.", "a/bc", false),
        ] {
            assert_eq!(matches(pattern, id), expected, "{pattern} {id}");
        }
    }
}
