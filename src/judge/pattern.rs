//! Patterns that select cases by their ids.

use std::{fmt, str::FromStr};

use globset::{GlobBuilder, GlobMatcher};

use crate::vectors::CaseId;

/// An id, or a glob in which `*` stops at a slash and `**` does not.
#[derive(Clone, Debug)]
pub struct Pattern(GlobMatcher);

impl Pattern {
    /// Whether an id matches.
    pub fn matches(&self, id: &CaseId) -> bool {
        self.0.is_match(id.as_str())
    }

    /// Whether it names an id: matches it with no wildcard in the place of any part of it.
    pub fn names(&self, id: &CaseId) -> bool {
        // No id has a star or a question mark.
        let spelled = self.0.glob().glob().replace('*', "[*]").replace('?', "[?]");
        spelled.parse::<Self>().is_ok_and(|spelled| spelled.matches(id))
    }
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        GlobBuilder::new(text)
            .literal_separator(true)
            .build()
            .map(|glob| Self(glob.compile_matcher()))
            .map_err(|error| format!("{text:?} is not a pattern of case ids: {}", error.kind()))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.glob().glob())
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn one_star_stops_at_a_slash() {
        for (pattern, id, expected) in [
            ("footer/v64", "footer/v64", true),
            ("footer/*", "footer/v64", true),
            ("*", "footer/v64", false),
            ("**", "footer/v64", true),
            ("**64", "footer/v64", false),
            ("*/v64", "footer/v64", true),
            ("footer/v6", "footer/v64", false),
            ("footer/{v40,v64}", "footer/v64", true),
        ] {
            let matches = pattern.parse::<Pattern>().unwrap().matches(&id.parse().unwrap());
            assert_eq!(matches, expected, "{pattern} {id}");
        }
        assert!("footer/[".parse::<Pattern>().is_err());
    }

    #[test]
    fn a_wildcard_names_nothing() {
        for (pattern, expected) in [
            ("footer/v64", true),
            ("footer/{v40,v64}", true),
            ("footer/{v40,v*}", false),
            ("footer/{v40*,v64}", true),
            ("footer/v?4", false),
            ("**", false),
            ("footer/v6", false),
        ] {
            let names = pattern
                .parse::<Pattern>()
                .unwrap()
                .names(&"footer/v64".parse().unwrap());
            assert_eq!(names, expected, "{pattern}");
        }
    }
}
