//! Values of the types that a caller expects (JSN-07 to JSN-09).
//!
//! Each method takes the next value whatever it is. A value of another type has been reported and skipped when the
//! method returns none.

use std::borrow::Cow;

use super::{Broken, Kind, Reader};
use crate::{outside::Outside, rules::Rule};

/// Most bytes of a number in a message.
const SHOWN: usize = 40;

impl<'a> Reader<'a, '_> {
    /// Enters an object; false if the value is none.
    ///
    /// # Errors
    ///
    /// JSN-01, JSN-05.
    pub fn begin_object(&mut self) -> Result<bool, Broken> {
        self.begin(Kind::Object)
    }

    /// Enters an array; false if the value is none.
    ///
    /// # Errors
    ///
    /// JSN-01, JSN-05.
    pub fn begin_array(&mut self) -> Result<bool, Broken> {
        self.begin(Kind::Array)
    }

    /// Reads a string, with its escapes decoded.
    ///
    /// # Errors
    ///
    /// JSN-01, JSN-05.
    pub fn string(&mut self) -> Result<Option<Cow<'a, str>>, Broken> {
        if self.expect(Kind::String)? {
            self.text().map(Some)
        } else {
            Ok(None)
        }
    }

    /// Reads an integer that is written without fraction and exponent (JSN-07). `-0` is 0.
    ///
    /// # Errors
    ///
    /// JSN-01, JSN-05.
    pub fn integer(&mut self) -> Result<Option<i64>, Broken> {
        if !self.expect(Kind::Number)? {
            return Ok(None);
        }
        let at = self.offset();
        let number = self.number()?;
        // What JSON calls a number is for this parser an integer in range, or an error.
        let integer = number.parse().ok();
        if integer.is_none() {
            let found = Outside::new(number.as_bytes(), SHOWN);
            let detail = format!("{} is {found}, expected an integer of 64 bits", self.subject());
            self.report(Rule::JsonInteger, at, detail);
        }
        Ok(integer)
    }

    /// Reads `null`, where it is allowed; false, with nothing read, if the value is another.
    ///
    /// # Errors
    ///
    /// JSN-01.
    pub fn null(&mut self) -> Result<bool, Broken> {
        if self.peek()? != Kind::Null {
            return Ok(false);
        }
        self.step_over()?;
        Ok(true)
    }

    fn begin(&mut self, kind: Kind) -> Result<bool, Broken> {
        let expected = self.expect(kind)?;
        if expected {
            self.enter(kind)?;
        }
        Ok(expected)
    }

    /// Whether the next value is of this kind; if not, it is reported and skipped.
    fn expect(&mut self, expected: Kind) -> Result<bool, Broken> {
        let found = self.peek()?;
        if found == expected {
            return Ok(true);
        }
        let at = self.offset();
        self.skip()?;
        let in_object = self.open.last().is_some_and(|container| container.kind == Kind::Object);
        let rule = match found {
            Kind::Null if in_object => Rule::JsonNull,
            _ => Rule::JsonType,
        };
        let subject = self.subject();
        let detail = format!("{subject} is {}, expected {}", found.name(), expected.name());
        self.report(rule, at, detail);
        Ok(false)
    }

    /// What the next value is, for messages.
    fn subject(&self) -> String {
        let field = self.field;
        match self.open.last().map(|container| container.kind) {
            Some(Kind::Array) => format!("an element of `{field}`"),
            Some(_) => format!("`{field}`"),
            None => field.to_owned(),
        }
    }
}
